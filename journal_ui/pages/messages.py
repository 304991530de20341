"""The page «Журнал отправленных сообщений»: its columns, filters, details and footer (docs/manual.md S4 to S16)."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from journal_ui.filters.basic_filters import CheckboxGroupFilter, SelectFilter, TextFilter
from journal_ui.filters.chip_filter import ChipFilter
from journal_ui.filters.date_range_filter import DateRangeFilter
from journal_ui.filters.dictionary_updates import DictionaryUpdates
from journal_ui.filters.phone_filter import PhoneFilter
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.list_page.export_button import ExportDefinition
from journal_ui.list_page.grid.data_grid import DetailField, TimelineEntry
from journal_ui.list_page.grid.grid_cell_scripts import ORIGIN
from journal_ui.list_page.list_definition import ListDefinition
from journal_ui.list_page.list_page import ListPage
from journal_ui.pages.calls.call_fields import call_fields
from journal_ui.pages.journal_footer import draw_journal_footer
from journal_ui.pages.message_choices import error_filter, kind_filter, organization_filter
from journal_ui.pages.message_columns import STATUS_CLASSES, message_columns
from journal_ui.pages.message_link import link_path, person_path
from journal_ui.root_path import public_path
from models import MessageStatus
from models.column_types import kopecks_to_roubles
from models.message import effective_time, is_cost_known
from services import texts
from services.composition import Services
from services.formats import date_and_minute, day_and_month, integer, money, plural, surname_and_initials
from services.ingest.ingest_batch import FILE_SOURCE
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.messages import query_params, typed_conditions
from services.messages.delivery import DeliveryCondition
from services.messages.message_codes import MIN_PREFIX_LENGTH
from services.messages.message_details import MessageDetails
from services.messages.message_query import MessageQuery, MessageRow, describe_code, describe_waiting
from services.messages.ticket_text import ticket_text
from services.receipts.delivery_report import STATUS_LIST
from services.receipts.provider_codes import ProviderCodes

M = TypeVar('M', bound=MessageQuery)

DELIVERY_LABELS = {condition: texts.DELIVERY_CONDITIONS[condition] for condition in DeliveryCondition}


def page(services: Services) -> Callable[[Viewer], None]:
    """Return the function that draws the page."""
    definition = message_list_definition(services)

    def draw(viewer: Viewer) -> None:
        with page_layout(
            texts.JOURNAL_TITLE, viewer, path='/messages', draw_footer=partial(draw_journal_footer, services)
        ):
            ListPage(definition, viewer.preferences, viewer.audit_recorder(services.audit_log, texts.JOURNAL_TITLE))

    return draw


def message_list_definition(services: Services) -> ListDefinition[MessageQuery, MessageRow]:
    """Return the definition of the list of messages."""

    async def details(row: MessageRow) -> Sequence[DetailField] | None:
        message_details = await services.messages.details(row.code)
        if message_details is None:
            return None
        codes = services.provider_codes.with_operator_codes(await services.operator_codes.list_all())
        message = message_details.message
        error_kind = 'wrong' if message.status is MessageStatus.FAILED else 'none'
        return (
            DetailField(texts.TEXT, message.text, 'message'),
            *([DetailField(texts.PHONE_NOTE, message.phone_note)] if message.phone_note else ()),
            *([DetailField(texts.SENDER, message.sender, 'note')] if message.sender else ()),
            *([DetailField(texts.CHANNEL, texts.CHANNELS[message.channel], 'note')] if message.channel else ()),
            *([] if is_cost_known(message.cost_source) else [DetailField(texts.COST, texts.COST_UNKNOWN, 'none')]),
            *([DetailField(texts.VOLUME, volume, 'note')] if (volume := format_volume(message)) else ()),
            DetailField(
                texts.ERROR_CODE, message.error_code or texts.NO_ERROR, error_kind if message.error_code else 'none'
            ),
            DetailField(
                texts.ERROR_NAME, message.error_name or texts.NO_ERROR, error_kind if message.error_name else 'none'
            ),
            *([DetailField(texts.ADVICE, advice)] if (advice := _advice(codes, message_details)) else ()),
            *await _same_error_field(services, row),
            *_delivery_fields(services, message_details),
            *call_fields(await services.call_list.calls_about(message.id), message.status, services.messages.zone),
            DetailField(
                texts.HISTORY,
                timeline=[
                    _timeline_entry(services, event, _describe_part(event, message_details))
                    for event in message_details.events
                ],
            ),
            *([DetailField(texts.PERSON_STORY, texts.PERSON_LINK, url=person_path(message.id))] if row.phone else ()),
            *_copied_fields(services, message_details),
        )

    return ListDefinition(
        name=texts.JOURNAL_TITLE,
        source=services.messages,
        default_query=services.messages.default_query,
        filters=(
            TextFilter('name', texts.RECIPIENT),
            PhoneFilter('phone', texts.PHONE),
            kind_filter(services),
            DateRangeFilter('period', texts.PERIOD, services.messages.today),
            DateRangeFilter('appointment', texts.APPOINTMENT_FILTER, services.messages.today),
            organization_filter(services, css_flex='1.8 1 180px'),
            CheckboxGroupFilter('statuses', texts.STATUS, texts.STATUSES),
            SelectFilter('delivery', texts.DELIVERY, DELIVERY_LABELS, css_flex='0 1 140px'),
            error_filter(services),
            ChipFilter('surname_only', lambda _: texts.CONDITION_SURNAME, empty_value=False),
            ChipFilter('older_than', describe_waiting),
            ChipFilter('code', lambda code: describe_code(code[:MIN_PREFIX_LENGTH])),
        ),
        columns=message_columns(services),
        load_details=details,
        expand_labels=(texts.SHOW_MESSAGE, texts.HIDE_MESSAGE),
        describe_row=partial(describe_row, services),
        drafts=services.drafts,
        links=services.share_links,
        saved_searches=services.saved_searches,
        export=ExportDefinition(services.export_jobs),
        suggestions=services.message_suggestions,
        interpreter=typed_conditions,
        dictionary_updates=dictionary_updates(services),
        subscribe_availability=services.live_updates.subscribe_availability,
        subscribe_changes=services.live_updates.subscribe_rows,
    )


def describe_row(services: Services, row: MessageRow) -> str:
    """Describe a row in a few words: «Иванова М. И., 28.11», with the day by which it is listed."""
    name = surname_and_initials(row.recipient_name) if row.phone else row.recipient_name  # without one: anonymized
    moment = effective_time(sent_at=row.sent_at, attempted_at=row.attempted_at, queued_at=row.queued_at)
    return texts.ROW_LABEL.format(name=name, day=day_and_month(moment, services.messages.zone))


def _copied_fields(services: Services, message_details: MessageDetails) -> Iterator[DetailField]:
    """Yield what a click copies: the message for a ticket, and the permanent link to it."""
    link = f'{ORIGIN}{public_path(link_path(message_details.message.id))}'
    delivery = services.messages.describe_delivery(message_details.message)
    text = ticket_text(message_details, delivery, link, services.messages.zone, services.provider_codes)
    yield DetailField(texts.COPY_FOR_TICKET, text, is_copied=True)
    yield DetailField(texts.COPY_LINK, link, is_copied=True)


def format_volume(message: IncomingMessage) -> str | None:
    """Format the number of SMS parts and the cost of each; None if that number is not known.

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


def dictionary_updates(services: Services) -> DictionaryUpdates[M]:
    """Return how pages of messages follow the dictionaries of organisations and kinds."""
    return DictionaryUpdates(services.dictionaries.subscribe, services.dictionaries.renew_query)


def _advice(codes: ProviderCodes, message_details: MessageDetails) -> str | None:
    """Return the advice for a message that was not sent."""
    if message_details.message.status is not MessageStatus.FAILED:
        return None
    return codes.advice(message_details.message.error_name, message_details.decisive_event)


async def _same_error_field(services: Services, row: MessageRow) -> Sequence[DetailField]:
    """Return how many other messages have failed by the same error in a week, with a link to them."""
    same_error = await services.messages.same_error(row)
    if same_error is None or not same_error[0]:
        return ()
    count, query = same_error
    text = texts.SAME_ERROR_COUNT.format(count=integer(count))
    return (DetailField(texts.SAME_ERROR, text, url=query_params.to_complete_url(query)),)


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


def _describe_billing(status_event: StatusEvent) -> Iterator[str]:
    """Yield the number of parts and the cost that a receipt reports."""
    if status_event.parts is not None:
        yield plural(status_event.parts, texts.PART_FORMS)
    if status_event.cost is not None:
        yield money(status_event.cost)


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
        else services.provider_codes.unknown_status_text(status_event)
    )
    if status_event.error_name and status_event.error_name != text:
        text = f'{text}: {status_event.error_name}'
    if part:
        text = texts.STATUS_EVENT_OF_PART.format(event=text, part=part)
    if billing := ', '.join(_describe_billing(status_event)):
        text = texts.STATUS_EVENT_BILLED.format(event=text, billing=billing)
    if status_event.claimed_at:
        claimed_time = date_and_minute(status_event.claimed_at, services.messages.zone)
        text = texts.STATUS_EVENT_CLAIMED.format(event=text, time=claimed_time)
    is_from_file = status_event.told_by == FILE_SOURCE
    source_name = '' if is_from_file else services.provider_codes.provider_name(status_event.told_by)
    return TimelineEntry(
        date_and_minute(status_event.at, services.messages.zone),
        f'{text} · {source_name}' if source_name else text,
        STATUS_CLASSES[status_event.status] if status_event.status else '',
    )
