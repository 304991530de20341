"""The columns of the list of messages (docs/manual.md S13), and those that users may add."""

from collections.abc import Iterator
from functools import partial

from journal_ui.list_page.grid.grid_columns import Column, ColumnKind, RowLink
from journal_ui.pages.message_link import person_path
from journal_ui.pages.organization_column import organization_column
from models import MessageStatus
from models.message import is_cost_known
from services import texts
from services.call_list.call_words import describe_latest_call
from services.composition import Services
from services.formats import amount, date_and_minute, phone
from services.messages.delivery import describe_error
from services.messages.message_query import MessageRow

STATUS_CLASSES = {MessageStatus.WAITING: 'waiting', MessageStatus.SENT: 'sent', MessageStatus.FAILED: 'failed'}


def message_columns(services: Services) -> tuple[Column[MessageRow], ...]:
    """Return the columns in their order."""
    format_time = partial(date_and_minute, zone=services.messages.zone)
    return (
        Column('code', texts.CODE, lambda row: row.key, 80, kind=ColumnKind.UUID),
        Column(
            'recipient_name',
            texts.RECIPIENT,
            lambda row: row.recipient_name,
            200,
            flex=1,
            get_note=partial(call_note, services),
            get_link=person_link,
            phone_width=110,
        ),
        Column('phone', texts.PHONE, lambda row: phone(row.phone), 140, kind=ColumnKind.PHONE),
        Column(
            'appointment_at',
            texts.APPOINTMENT,
            lambda row: format_time(row.appointment_at),
            128,
            kind=ColumnKind.TABULAR,
        ),
        organization_column(MessageRow),
        Column('kind', texts.KIND, lambda row: row.kind, 162),
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
            170,
            kind=ColumnKind.STATUS,
            get_status_class=lambda row: STATUS_CLASSES[row.status],
            get_note=services.messages.status_note,
            phone_width=112,
        ),
        Column('cost', texts.COST, cost_text, 92, kind=ColumnKind.MONEY),
        *_optional_columns(services),
    )


def person_link(row: MessageRow) -> RowLink | None:
    """Return the link to all messages to the recipient; None if the recipient is anonymized."""
    if not row.phone:
        return None
    return RowLink(person_path(row.code), texts.PERSON_LINK_LABEL.format(name=row.recipient_name))


def cost_text(row: MessageRow) -> str:
    """Return the cost of a message; no number if it is not known yet."""
    return amount(row.cost) if is_cost_known(row.cost_source) else texts.NO_COST_YET


def call_note(services: Services, row: MessageRow) -> str:
    """Describe the latest call about a message; empty if nobody has called."""
    return describe_latest_call(row.call, services.messages.zone, services.messages.today()) if row.call else ''


def _optional_columns(services: Services) -> Iterator[Column[MessageRow]]:
    """Yield the columns that users add by the menu «Столбцы»."""
    format_time, waiting_time = partial(date_and_minute, zone=services.messages.zone), services.messages.waiting_time
    optional = partial(Column[MessageRow], is_optional=True)
    times = partial(optional, kind=ColumnKind.TABULAR)
    yield times('queued_at', texts.QUEUED_SINCE, lambda row: format_time(row.queued_at), 128)
    yield times('attempted_at', texts.ATTEMPT, lambda row: format_time(row.attempted_at), 128)
    yield times('waiting', texts.WAITING_TIME, waiting_time, 84, sortable=False)
    yield optional('error', texts.ERROR_NAME, error_text, 180, sortable=False)


def error_text(row: MessageRow) -> str:
    """Return the error of a message, whatever its status."""
    return describe_error(row.error_code, row.error_name)
