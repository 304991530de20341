"""The footer of the journal: the sum spent, the queue and the balance (docs/manual.md S16)."""

from typing import Final

from markupsafe import Markup
from nicegui import ui

from journal_ui.components.html_element import HtmlElement, text_divs
from journal_ui.root_path import public_path
from services import texts
from services.balance.balance_source import Balance
from services.composition import Services
from services.formats import date_and_minute, money
from services.messages import query_params
from services.overview.footer import Footer
from services.overview.queue_health import WAITING_QUERY, QueueLevel, QueueReport

QUEUE_CLASSES: Final = {QueueLevel.CALM: '', QueueLevel.WARNING: 'late', QueueLevel.ALARM: 'low'}


def draw_journal_footer(services: Services, footer_element: HtmlElement) -> None:
    """Draw the sum spent, the queue and the balance, and update them while the page is open (docs/manual.md S16)."""

    def update() -> None:
        footer = services.live_updates.footer
        sent = texts.SENT_SUM.format(sum=money(footer.sent_cost)) if footer else texts.SENT_SUM_UNKNOWN
        balance_text = format_balance(services, footer)
        is_low_balance = footer is not None and footer.is_balance_below(services.settings.balance_alert)
        balance = texts.BALANCE_LOW.format(balance=balance_text) if is_low_balance else balance_text
        footer_element.set_html(
            text_divs(('', sent))
            + queue_html(services.overview.queue)
            + text_divs(('low' if is_low_balance else '', balance))
        )

    update()
    ui.context.client.on_delete(services.live_updates.subscribe_footer(lambda _: update()))
    ui.context.client.on_delete(services.overview.subscribe_queue(lambda _: update()))


def queue_html(queue: QueueReport | None) -> Markup:
    """Return the queue in words, as a link to the messages that wait, the oldest first."""
    if queue is None:
        return text_divs(('queue', texts.QUEUE_UNKNOWN))
    if not queue.health.count:
        return text_divs(('queue', queue.text))
    return Markup('<div class="queue {}"><a href="{}" title="{}">{}</a></div>').format(
        QUEUE_CLASSES[queue.level], public_path(query_params.to_url(WAITING_QUERY)), texts.QUEUE_LINK, queue.text
    )


def format_balance(services: Services, footer_totals: Footer | None) -> str:
    """Format the balance; if it is not available, the last known one with its time, never 0."""
    if footer_totals is None or footer_totals.balance.amount is None:
        return texts.BALANCE_UNKNOWN
    if footer_totals.balance.available:
        return texts.BALANCE.format(sum=money(footer_totals.balance.amount))
    time = describe_balance_age(services, footer_totals.balance)
    return texts.BALANCE_OLD.format(sum=money(footer_totals.balance.amount), time=time)


def describe_balance_age(services: Services, balance: Balance) -> str:
    """Return when the balance was known, without the date if it is today's."""
    zone = services.messages.zone
    time = date_and_minute(balance.as_of, zone)
    if balance.as_of and balance.as_of.astimezone(zone).date() == services.messages.today():
        time = time.split()[-1]
    return time
