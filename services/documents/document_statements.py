"""The statements of «Журнал ИЭМК»: plain SQL over indexes by time, by organisation and by СНИЛС.

A part of a name or of a СНИЛС is compared row by row over the period: about a second for a million.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import Session, SQLModel

from services import days, names
from services.documents import snils
from services.documents.document_query import DocumentQuery, DocumentRow
from services.lists.query_protocol import PAGE_SIZES, Order, Page, Totals

DOCUMENT = SQLModel.metadata.tables['document']
KIND = SQLModel.metadata.tables['document_kind']
ORGANIZATION = SQLModel.metadata.tables['organization']
STEP = SQLModel.metadata.tables['document_step']

COLUMNS: dict[str, ColumnElement[Any]] = {
    'at': DOCUMENT.c.at,
    'organization': ORGANIZATION.c.name_key,
    'patient_name': DOCUMENT.c.name_key,
    'snils': func.substr(DOCUMENT.c.snils, snils.LENGTH - snils.SHOWN + 1),
    'kind': KIND.c.name_key,
    'operation': DOCUMENT.c.operation,
    'status': DOCUMENT.c.status,
    'id': DOCUMENT.c.id,
}
"""What each column sorts by; a СНИЛС by the digits that are shown. All compare alike on both engines."""
LINE = (
    DOCUMENT.c.id,
    DOCUMENT.c.at,
    ORGANIZATION.c.name,
    DOCUMENT.c.patient_name,
    DOCUMENT.c.snils,
    KIND.c.name,
    DOCUMENT.c.operation,
    DOCUMENT.c.status,
)

FAR = 10_000
"""Rows that are skipped sooner than all are counted, to see from which end a page is nearer."""
STORED = (
    select(DOCUMENT, ORGANIZATION.c.name.label('organization'), KIND.c.name.label('kind')).join(ORGANIZATION).join(KIND)
)
"""Documents with the names of their dictionaries."""


def page(session: Session, query: DocumentQuery, zone: ZoneInfo, *, number: int, size: int) -> Page[DocumentRow]:
    """Read a page; one past the end gives the last.

    Raises:
        ValueError: the size is not one of PAGE_SIZES.
    """
    if size not in PAGE_SIZES:
        raise ValueError(f'a page of {size} rows')
    number = max(number, 1)
    if (number - 1) * size > FAR:
        return _far(session, query, zone, number, size)
    rows = _lines(session, query, zone, (number - 1) * size, size)
    if number == 1 and len(rows) < size:
        return Page(1, rows, Totals(len(rows)))
    return Page(number, rows) if rows else _far(session, query, zone, number, size)


def totals(session: Session, query: DocumentQuery, zone: ZoneInfo) -> Totals:
    """Count all that a query finds."""
    statement = select(func.count()).select_from(DOCUMENT).where(*_conditions(session, query, zone))
    return Totals(session.execute(statement).scalar_one())


def opened(session: Session, id: UUID) -> tuple[Any, Any] | None:
    """Read a document with the names of its dictionaries, and its steps, the oldest first; None when it is no more."""
    row = session.execute(STORED.where(DOCUMENT.c.id == id)).one_or_none()
    if row is None:
        return None
    steps = select(STEP).where(STEP.c.document_id == id).order_by(STEP.c.at, STEP.c.status, STEP.c.number)
    return row, session.execute(steps).all()


def _far(session: Session, query: DocumentQuery, zone: ZoneInfo, number: int, size: int) -> Page[DocumentRow]:
    """Read a page from whichever end of the list is nearer to it; one past the end gives the last."""
    count = totals(session, query, zone).count
    number = min(number, max(-(-count // size), 1))
    before = (number - 1) * size
    length = min(size, count - before)
    after = count - before - length
    if before <= after:
        return Page(number, _lines(session, query, zone, before, length))
    return Page(number, _lines(session, query, zone, after, length, backwards=True)[::-1])


def _lines(
    session: Session, query: DocumentQuery, zone: ZoneInfo, skip: int, size: int, *, backwards: bool = False
) -> list[DocumentRow]:
    # The page is chosen by its keys alone; whole rows are read for those that are shown.
    keys: Select[Any] = select(DOCUMENT.c.number).where(*_conditions(session, query, zone))
    if query.order and query.order.column == 'organization':
        keys = keys.join(ORGANIZATION)
    if query.order and query.order.column == 'kind':
        keys = keys.join(KIND)
    order = _order(query.order, backwards)
    chosen = keys.order_by(*order).limit(size).offset(skip).subquery('chosen')
    lines = select(*LINE).join(chosen, chosen.c.number == DOCUMENT.c.number).join(ORGANIZATION).join(KIND)
    found = (DocumentRow._make(row) for row in session.execute(lines.order_by(*order)))
    return [row._replace(snils=snils.masked(row.snils)) for row in found]


def _order(order: Order | None, backwards: bool) -> list[ColumnElement[Any]]:
    """Say the order of the list, or the very opposite; ties fall newest first."""
    place, at = DOCUMENT.c.number, DOCUMENT.c.at
    newest: list[ColumnElement[Any]] = [at.asc(), place.asc()] if backwards else [at.desc(), place.desc()]
    if order is None:
        return newest
    column = COLUMNS[order.column]
    ordered = column.desc() if order.descending != backwards else column.asc()
    if order.column == 'at':  # never empty, so that the index by time serves both ways
        return [ordered, newest[1]]
    return [ordered.nulls_first() if backwards else ordered.nulls_last(), *newest]


def _conditions(session: Session, query: DocumentQuery, zone: ZoneInfo) -> Iterator[ColumnElement[bool]]:
    place = func.strpos if session.get_bind().dialect.name == 'postgresql' else func.instr
    if query.period.since:
        yield DOCUMENT.c.at >= days.start(query.period.since, zone)
    if query.period.until:
        yield DOCUMENT.c.at < days.end(query.period.until, zone)
    if query.organization:
        yield DOCUMENT.c.organization_id == query.organization.id
    if query.kind:
        yield DOCUMENT.c.kind_id == query.kind.id
    if query.statuses:
        yield DOCUMENT.c.status.in_(sorted(query.statuses))
    digits = snils.digits(query.snils)
    if len(digits) == snils.LENGTH:
        yield DOCUMENT.c.snils == digits
    elif digits:
        yield place(DOCUMENT.c.snils, digits) > 0
    if readings := names.readings(query.name):
        yield or_(*(_fits(reading, place) for reading in readings))


def _fits(reading: names.Reading, place: Any) -> ColumnElement[bool]:
    """Say that a name fits a reading of what was typed: as services.names.matches has it."""
    parts: list[ColumnElement[bool]] = [place(DOCUMENT.c.name_key, fragment) > 0 for fragment in reading.fragments]
    for at, letter in enumerate((reading.given, reading.patronymic), start=1):
        if letter:
            parts.append(func.substr(DOCUMENT.c.initials, at, 1) == letter)
    return and_(*parts)
