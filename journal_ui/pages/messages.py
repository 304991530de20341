"""The page «Журнал отправленных сообщений»: its columns, filters, details and footer (docs/manual.md S4 to S16)."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from nicegui import ui

from journal_ui.components.html_element import HtmlElement, text_divs
from journal_ui.filters.autocomplete_filter import AutocompleteFilter
from journal_ui.filters.basic_filters import CheckboxGroupFilter, SelectFilter, TextFilter
from journal_ui.filters.chip_filter import ChipFilter
from journal_ui.filters.date_range_filter import DateRangeFilter
from journal_ui.filters.phone_filter import PhoneFilter
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.list_page.export_button import ExportDefinition
from journal_ui.list_page.grid.data_grid import DetailField, TimelineEntry
from journal_ui.list_page.grid.grid_columns import Column, ColumnKind
from journal_ui.list_page.list_definition import ListDefinition
from journal_ui.list_page.list_page import ListPage
from models import MessageStatus
from models.column_types import kopecks_to_roubles
from services import texts
from services.composition import Services
from services.formats import amount, date_and_minute, money, phone, plural
from services.ingest.ingest_batch import FILE_SOURCE
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.live_updates import Footer
from services.messages.delivery import DeliveryCondition
from services.messages.message_details import MessageDetails
from services.messages.message_query import MessageQuery, MessageRow, describe_waiting
from services.receipts.provider_codes import PROVIDER_NAMES, STATUS_LIST, ProviderCodes

STATUS_CLASSES = {MessageStatus.WAITING: 'waiting', MessageStatus.SENT: 'sent', MessageStatus.FAILED: 'failed'}

DELIVERY_LABELS = {condition: texts.DELIVERY_CONDITIONS[condition] for condition in DeliveryCondition}


def page(services: Services) -> Callable[[Viewer], None]:
    """Return the function that draws the page."""
    definition = message_list_definition(services)

    def draw(viewer: Viewer) -> None:
        with page_layout(
            texts.JOURNAL_TITLE, viewer, path='/messages', draw_footer=partial(draw_balance_footer, services)
        ):
            ListPage(definition, viewer.preferences, viewer.audit_recorder(services.audit_log, texts.JOURNAL_TITLE))

    return draw


def message_list_definition(services: Services) -> ListDefinition[MessageQuery, MessageRow]:
    """Return the definition of the list of messages."""
    format_time = partial(date_and_minute, zone=services.messages.zone)

    async def details(row: MessageRow) -> Sequence[DetailField] | None:
        message_details = await services.messages.details(row.code)
        if message_details is None:
            return None
        message = message_details.message
        error_kind = 'wrong' if message.status is MessageStatus.FAILED else 'none'
        return (
            DetailField(texts.TEXT, message.text, 'message'),
            *([DetailField(texts.PHONE_NOTE, message.phone_note)] if message.phone_note else ()),
            *([DetailField(texts.VOLUME, volume, 'note')] if (volume := format_volume(message)) else ()),
            DetailField(
                texts.ERROR_CODE, message.error_code or texts.NO_ERROR, error_kind if message.error_code else 'none'
            ),
            DetailField(
                texts.ERROR_NAME, message.error_name or texts.NO_ERROR, error_kind if message.error_name else 'none'
            ),
            *_delivery_fields(services, message_details),
            *(
                [DetailField(texts.ADVICE, advice)]
                if (advice := _advice(services.provider_codes, message_details))
                else ()
            ),
            DetailField(
                texts.HISTORY,
                timeline=[
                    _timeline_entry(services, event, _describe_part(event, message_details))
                    for event in message_details.events
                ],
            ),
        )

    return ListDefinition(
        name=texts.JOURNAL_TITLE,
        source=services.messages,
        default_query=services.messages.default_query,
        filters=(
            TextFilter('name', texts.RECIPIENT),
            PhoneFilter('phone', texts.PHONE),
            SelectFilter('kind', texts.KIND, texts.KINDS),
            DateRangeFilter('period', texts.PERIOD),
            AutocompleteFilter('organization', texts.ORGANIZATION_FILTER, services.organizations.all),
            CheckboxGroupFilter('statuses', texts.STATUS, texts.STATUSES),
            SelectFilter('delivery', texts.DELIVERY, DELIVERY_LABELS, css_flex='0 1 200px'),
            ChipFilter('older_than', describe_waiting),
        ),
        columns=(
            Column('code', texts.CODE, lambda row: row.key, 80, kind=ColumnKind.UUID),
            Column('recipient_name', texts.RECIPIENT, lambda row: row.recipient_name, 200, flex=1, phone_width=110),
            Column('phone', texts.PHONE, lambda row: phone(row.phone), 140, kind=ColumnKind.PHONE),
            Column(
                'appointment_at',
                texts.APPOINTMENT,
                lambda row: format_time(row.appointment_at),
                128,
                kind=ColumnKind.TABULAR,
            ),
            Column('organization', texts.ORGANIZATION, lambda row: row.organization, 180, flex=1),
            Column('kind', texts.KIND, lambda row: texts.KINDS[row.kind], 166),
            Column(
                'sent_at',
                texts.SENT_AT,
                lambda row: format_time(row.sent_at),
                128,
                kind=ColumnKind.TABULAR,
                phone_width=92,
            ),
            Column(
                'status',
                texts.STATUS,
                lambda row: texts.STATUSES[row.status],
                154,
                kind=ColumnKind.STATUS,
                get_status_class=lambda row: STATUS_CLASSES[row.status],
                get_note=services.messages.delivery_note,
                phone_width=112,
            ),
            Column('cost', texts.COST, lambda row: amount(row.cost), 92, kind=ColumnKind.MONEY),
        ),
        load_details=details,
        expand_labels=(texts.SHOW_MESSAGE, texts.HIDE_MESSAGE),
        drafts=services.drafts,
        links=services.share_links,
        saved_searches=services.saved_searches,
        export=ExportDefinition(services.export_jobs),
        subscribe_availability=services.live_updates.subscribe_availability,
        subscribe_changes=services.live_updates.subscribe_rows,
    )


def format_volume(message: IncomingMessage) -> str | None:
    """Format the number of SMS parts and the cost of each; None if the text is not known.

    A cost that the parts do not divide to whole kopecks is only shown as the whole, because it is not known how the
    provider rounds. A message that is not billed yet, or free, has no cost to show.
    """
    count = message.part_count
    if count is None:
        return None
    parts = plural(count, texts.PART_FORMS)
    if count == 1 or not message.cost:
        return parts
    kopecks, remainder = divmod(int(message.cost * 100), count)
    if remainder:
        return texts.PARTS_TOTAL.format(parts=parts, cost=money(message.cost))
    return texts.PARTS_EQUAL.format(parts=parts, cost=money(kopecks_to_roubles(kopecks)))


def _advice(codes: ProviderCodes, message_details: MessageDetails) -> str | None:
    """Return the advice for a message that was not sent."""
    if message_details.message.status is not MessageStatus.FAILED:
        return None
    return codes.advice(message_details.message.error_name, message_details.decisive_event)


def _delivery_fields(services: Services, message_details: MessageDetails) -> Iterator[DetailField]:
    """Yield what is known about the delivery, and the messages that repeat this one or that it repeats."""
    if delivery := services.messages.describe_delivery(message_details.message):
        yield DetailField(texts.DELIVERY, delivery)
    related = message_details.related
    for title, messages in ((texts.RESENT_AS, related.resent_as), (texts.RESEND_OF, related.resend_of)):
        if messages:
            lines = (
                texts.RELATED_MESSAGE.format(code=each.id, status=texts.STATUSES[each.status].lower())
                for each in messages
            )
            yield DetailField(title, '\n'.join(lines))


def _describe_part(status_event: StatusEvent, message_details: MessageDetails) -> str | None:
    """Describe the SMS part that an event is about; None if it is about the whole message."""
    partial_delivery = message_details.partial_delivery
    parts = partial_delivery.part_count if partial_delivery else message_details.message.part_count or 1
    if status_event.part:
        return texts.PART_OF.format(part=status_event.part, parts=max(parts, status_event.part))
    is_of_part = partial_delivery and status_event in partial_delivery.receipts
    return texts.ONE_PART_OF.format(parts=parts) if is_of_part else None


def _timeline_entry(services: Services, status_event: StatusEvent, part: str | None) -> TimelineEntry:
    """Build a timeline entry from a status event: its time, the provider's wording, its part and its source."""
    code = (
        services.provider_codes.find(status_event.provider, STATUS_LIST, status_event.code)
        if status_event.provider and status_event.code
        else None
    )
    text = (
        code.name
        if code
        else texts.STATUS_EVENTS[status_event.status]
        if status_event.status
        else texts.STATUS_EVENT_UNKNOWN.format(code=status_event.code)
    )
    if status_event.error_name and status_event.error_name != text:
        text = f'{text}: {status_event.error_name}'
    if part:
        text = texts.STATUS_EVENT_OF_PART.format(event=text, part=part)
    if status_event.claimed_at:
        claimed_time = date_and_minute(status_event.claimed_at, services.messages.zone)
        text = texts.STATUS_EVENT_CLAIMED.format(event=text, time=claimed_time)
    source_name = PROVIDER_NAMES.get(
        status_event.told_by, '' if status_event.told_by == FILE_SOURCE else status_event.told_by
    )
    return TimelineEntry(
        date_and_minute(status_event.at, services.messages.zone),
        f'{text} · {source_name}' if source_name else text,
        STATUS_CLASSES[status_event.status] if status_event.status else '',
    )


def draw_balance_footer(services: Services, footer_element: HtmlElement) -> None:
    """Draw the sum spent and the balance, and update both while the page is open (docs/manual.md S16)."""

    def update(footer: Footer | None) -> None:
        sent = texts.SENT_SUM.format(sum=money(footer.sent_cost)) if footer else texts.SENT_SUM_UNKNOWN
        balance_text = format_balance(services, footer)
        is_low_balance = is_balance_low(services, footer)
        balance = texts.BALANCE_LOW.format(balance=balance_text) if is_low_balance else balance_text
        footer_element.set_html(text_divs(('', sent), ('low' if is_low_balance else '', balance)))

    update(services.live_updates.footer)
    ui.context.client.on_delete(services.live_updates.subscribe_footer(update))


def is_balance_low(services: Services, footer_totals: Footer | None) -> bool:
    """Return whether the last known balance is below the limit in the settings."""
    alert, amount = services.settings.balance_alert, footer_totals.balance.amount if footer_totals else None
    return alert is not None and amount is not None and amount < alert


def format_balance(services: Services, footer_totals: Footer | None) -> str:
    """Format the balance; if it is not available, the last known one with its time, never 0."""
    if footer_totals is None or footer_totals.balance.amount is None:
        return texts.BALANCE_UNKNOWN
    if footer_totals.balance.available:
        return texts.BALANCE.format(sum=money(footer_totals.balance.amount))
    zone = services.messages.zone
    time = date_and_minute(footer_totals.balance.as_of, zone)
    if footer_totals.balance.as_of and footer_totals.balance.as_of.astimezone(zone).date() == services.messages.today():
        time = time.split()[-1]
    return texts.BALANCE_OLD.format(sum=money(footer_totals.balance.amount), time=time)
