"""The webhooks, and what could not be sent to them, on the page `/error-codes`."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from nicegui import ui

from journal_ui.components.html_element import TextTag
from journal_ui.components.record_table import draw_cells, record_table
from services import texts
from services.formats import date_and_minute, integer
from services.webhooks.webhooks import GivenUpDelivery, WebhookInfo


def draw_webhooks(webhooks: Sequence[WebhookInfo], given_up: Sequence[GivenUpDelivery], zone: ZoneInfo) -> None:
    """Draw the table of webhooks, and that of the deliveries that were given up, if there are any."""
    TextTag('h2', texts.WEBHOOKS_TITLE)
    TextTag('p', texts.WEBHOOKS_ABOUT)
    with record_table(texts.WEBHOOK_COLUMNS):
        for webhook in webhooks:
            with ui.element('tr'):
                organization = webhook.organization or texts.TOKEN_ALL_ORGANIZATIONS
                values = (webhook.name, organization, _state(webhook, zone), integer(webhook.given_up))
                draw_cells(texts.WEBHOOK_COLUMNS, values)
    if not given_up:
        return
    TextTag('h2', texts.GIVEN_UP_TITLE)
    with record_table(texts.GIVEN_UP_COLUMNS):
        for delivery in given_up:
            with ui.element('tr'):
                queued_at, attempts = date_and_minute(delivery.queued_at, zone), integer(delivery.attempts)
                draw_cells(
                    texts.GIVEN_UP_COLUMNS,
                    (delivery.webhook, delivery.event_id, queued_at, attempts, delivery.failure),
                )


def _state(webhook: WebhookInfo, zone: ZoneInfo) -> str:
    if not webhook.failure:
        return texts.WEBHOOK_STATE_OK
    at = date_and_minute(webhook.next_attempt_at, zone)
    return texts.WEBHOOK_STATE_FAILING.format(failure=webhook.failure, at=at)
