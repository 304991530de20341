"""The page «Журнал доступа»: who read what; reading it is recorded too."""

from collections.abc import Callable, Sequence
from datetime import UTC
from functools import partial

from journal_ui.filters.basic_filters import SelectFilter, TextFilter
from journal_ui.filters.date_range_filter import DateRangeFilter
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.list_page.grid.data_grid import DetailField
from journal_ui.list_page.grid.grid_columns import Column, ColumnKind
from journal_ui.list_page.list_definition import ListDefinition
from journal_ui.list_page.list_page import ListPage
from models import AuditEvent
from services import texts
from services.audit.audit_query import AuditQuery, AuditRow
from services.audit.audit_records import AuditRecordDetails
from services.audit.shown_rows import DIGEST_PREFIX
from services.composition import Services
from services.formats import date_and_minute, integer

REFUSED_EVENTS = {AuditEvent.SIGN_IN_FAILED, AuditEvent.PAGE_FORBIDDEN}
EVENT_OPTIONS = {act: words for act, words in texts.AUDIT_EVENTS.items() if act is not AuditEvent.RESULT_COUNT}
"""The number of results is displayed in the row of its search."""
MAX_LISTED_KEYS = 20


def page(services: Services) -> Callable[[Viewer], None]:
    """Return the function that draws the page."""
    definition = audit_list_definition(services)

    def draw(viewer: Viewer) -> None:
        with page_layout(texts.ACCESS_TITLE, viewer, path='/access'):
            ListPage(definition, viewer.preferences, viewer.audit_recorder(services.audit_log, texts.ACCESS_TITLE))

    return draw


def audit_list_definition(services: Services) -> ListDefinition[AuditQuery, AuditRow]:
    """Return the definition of the audit log."""
    source = services.audit_records
    format_time = partial(date_and_minute, zone=source.zone)

    async def details(row: AuditRow) -> Sequence[DetailField] | None:
        record = await source.details(row.number)
        if record is None:
            return None
        continued = texts.ACCESS_IN_RECORD.format(number=integer(record.count_record)) if record.count_record else None
        return (
            *([DetailField(texts.ACCESS_DETAILS, record.row.what, 'message')] if record.row.what else ()),
            *([DetailField(texts.ACCESS_SUBJECT, subject)] if (subject := format_keys(record)) else ()),
            *([DetailField(texts.ACCESS_RESULT_RECORD, continued)] if continued else ()),
            DetailField(texts.ACCESS_UTC, f'{date_and_minute(record.row.at, UTC)}:{record.row.at:%S}'),
            DetailField(texts.ACCESS_NUMBER, integer(record.row.number)),
            DetailField(texts.ACCESS_HASH, record.hash),
            DetailField(texts.ACCESS_PREVIOUS, record.previous),
        )

    return ListDefinition(
        name=texts.ACCESS_TITLE,
        source=source,
        default_query=source.default_query,
        filters=(
            TextFilter('name', texts.ACCESS_USER_NAME),
            SelectFilter('act', texts.ACCESS_EVENT, EVENT_OPTIONS),
            DateRangeFilter('period', texts.ACCESS_PERIOD, services.messages.today),
            TextFilter('address', texts.ACCESS_CLIENT_ADDRESS, '0.5 1 140px'),
            TextFilter('words', texts.ACCESS_SEARCH_TEXT),
            TextFilter('seen', texts.ACCESS_SEEN),
        ),
        columns=(
            Column(
                'at', texts.ACCESS_AT, lambda row: format_time(row.at), 150, kind=ColumnKind.TABULAR, phone_width=104
            ),
            Column('name', texts.ACCESS_USER_NAME, lambda row: row.name, 166, phone_width=92),
            Column('address', texts.ACCESS_CLIENT_ADDRESS, lambda row: row.address, 126, kind=ColumnKind.TABULAR),
            Column(
                'act',
                texts.ACCESS_EVENT,
                lambda row: texts.AUDIT_EVENTS[row.act],
                216,
                kind=ColumnKind.STATUS,
                get_status_class=lambda row: 'failed' if row.act in REFUSED_EVENTS else '',
                phone_width=116,
            ),
            Column('section', texts.ACCESS_SECTION, lambda row: row.section, 200),
            Column('what', texts.ACCESS_DETAILS, format_subject, 240, flex=1),
            Column('found', texts.ACCESS_RESULT_COUNT, format_row_count, 92, kind=ColumnKind.MONEY),
        ),
        load_details=details,
        expand_labels=(texts.SHOW_RECORD, texts.HIDE_RECORD),
        describe_row=lambda row: texts.RECORD_LABEL.format(number=integer(row.number), name=row.name),
        drafts=services.drafts,
        subscribe_availability=services.live_updates.subscribe_availability,
    )


def format_subject(row: AuditRow) -> str:
    """Format the subject and the description of an event."""
    if row.continues:
        return texts.ACCESS_OF_SEARCH.format(number=integer(row.continues))
    about = row.about if row.about and not row.about.startswith(DIGEST_PREFIX) else None
    return ': '.join(part for part in (about, row.what) if part)


def format_keys(record: AuditRecordDetails) -> str:
    """Format the subject of a record: the codes of its rows, the first ones of many."""
    if not record.keys:
        return record.row.about or ''
    codes = [str(key) for key in record.keys[:MAX_LISTED_KEYS]]
    more = len(record.keys) - len(codes)
    return '\n'.join([*codes, texts.ACCESS_MORE_ROWS.format(count=integer(more))] if more else codes)


def format_row_count(row: AuditRow) -> str:
    """Format the number of rows found; empty where nothing was counted."""
    return '' if row.found is None else integer(row.found)
