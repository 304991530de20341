"""The page «Журнал доступа»: who looked at what; looking at it is on record itself."""

from collections.abc import Callable, Sequence
from datetime import UTC
from functools import partial

from journal_ui.filters.basic_filters import ChoiceFilter, TextFilter
from journal_ui.filters.date_range_filter import PeriodFilter
from journal_ui.layout.page_layout import Viewer, frame
from journal_ui.list_page.grid.data_grid import Detail
from journal_ui.list_page.grid.grid_columns import Column, Kind
from journal_ui.list_page.list_definition import Declaration
from journal_ui.list_page.list_page import Journal
from models import Act
from services import texts
from services.audit.audit_query import AccessQuery, AccessRow
from services.composition import Services
from services.formats import minute, whole

REFUSED = {Act.SIGN_IN_REFUSED, Act.PAGE_REFUSED}
CHOICES = {act: words for act, words in texts.ACTS.items() if act is not Act.FOUND}
"""What a search found stands in the row of the search."""


def page(services: Services) -> Callable[[Viewer], None]:
    """Give what draws the page."""
    declared = journal(services)

    def draw(viewer: Viewer) -> None:
        with frame(texts.ACCESS_TITLE, viewer, path='/access'):
            Journal(declared, viewer.preferences, viewer.witness(services.access, texts.ACCESS_TITLE))

    return draw


def journal(services: Services) -> Declaration[AccessQuery, AccessRow]:
    """Say what makes a journal the journal of access."""
    source = services.access_journal
    time = partial(minute, zone=source.zone)

    async def details(row: AccessRow) -> Sequence[Detail] | None:
        record = await source.details(row.number)
        if record is None:
            return None
        continued = texts.ACCESS_IN_RECORD.format(number=whole(record.continued)) if record.continued else None
        return (
            *([Detail(texts.ACCESS_WHAT, record.row.what, 'message')] if record.row.what else ()),
            *([Detail(texts.ACCESS_ABOUT, record.row.about)] if record.row.about else ()),
            *([Detail(texts.ACCESS_CONTINUED, continued)] if continued else ()),
            Detail(texts.ACCESS_UTC, f'{minute(record.row.at, UTC)}:{record.row.at:%S}'),
            Detail(texts.ACCESS_NUMBER, whole(record.row.number)),
            Detail(texts.ACCESS_HASH, record.hash),
            Detail(texts.ACCESS_PREVIOUS, record.previous),
        )

    return Declaration(
        name=texts.ACCESS_TITLE,
        source=source,
        query=source.query,
        filters=(
            TextFilter('name', texts.ACCESS_WHO),
            ChoiceFilter('act', texts.ACCESS_ACT, CHOICES),
            PeriodFilter('period', texts.ACCESS_PERIOD),
            TextFilter('address', texts.ACCESS_ADDRESS, '0.5 1 140px'),
            TextFilter('words', texts.ACCESS_WORDS),
        ),
        columns=(
            Column('at', texts.ACCESS_AT, lambda row: time(row.at), 150, kind=Kind.FIGURES, narrow=104),
            Column('name', texts.ACCESS_WHO, lambda row: row.name, 166, narrow=92),
            Column('address', texts.ACCESS_ADDRESS, lambda row: row.address, 126, kind=Kind.FIGURES),
            Column(
                'act',
                texts.ACCESS_ACT,
                lambda row: texts.ACTS[row.act],
                216,
                kind=Kind.STATUS,
                tone=lambda row: 'failed' if row.act in REFUSED else '',
                narrow=116,
            ),
            Column('section', texts.ACCESS_SECTION, lambda row: row.section, 200),
            Column('what', texts.ACCESS_WHAT, subject, 240, grow=1),
            Column('found', texts.ACCESS_FOUND, found, 92, kind=Kind.MONEY),
        ),
        details=details,
        opener=(texts.SHOW_RECORD, texts.HIDE_RECORD),
        drafts=services.drafts,
        watch=services.live.watch,
    )


def subject(row: AccessRow) -> str:
    """Write what an act was about, and what it was."""
    return ': '.join(part for part in (row.about, row.what) if part)


def found(row: AccessRow) -> str:
    """Write how many rows were found; nothing where nothing was counted."""
    return '' if row.found is None else whole(row.found)
