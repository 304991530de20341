"""SQL statements of «Журнал ИЭМК», which use indexes by time, by organisation and by СНИЛС.

A part of a name or of a СНИЛС is compared with every row of the period, which takes about a second for a million rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlmodel import Session

from services import days, names
from services.access_scope.organization_scope import OrganizationScope, scope_conditions
from services.database.tables import DOCUMENT_KIND_TABLE, DOCUMENT_STEP_TABLE, DOCUMENT_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_tables import CURRENT_ORGANIZATION, load_groups
from services.documents import snils
from services.documents.document_query import DocumentQuery, DocumentRow
from services.lists.query_protocol import PAGE_SIZES, Order, Page, Totals

IS_ITS_ORGANIZATION = CURRENT_ORGANIZATION.c.id == DOCUMENT_TABLE.c.organization_id
"""The condition that joins the current entry of a document's organisation."""

SORT_EXPRESSIONS: dict[str, ColumnElement[Any]] = {
    'at': DOCUMENT_TABLE.c.at,
    'organization': CURRENT_ORGANIZATION.c.sort_name,
    'patient_name': DOCUMENT_TABLE.c.name_key,
    'snils': func.substr(DOCUMENT_TABLE.c.snils, snils.LENGTH - snils.VISIBLE_DIGITS + 1),
    'kind': DOCUMENT_KIND_TABLE.c.name_key,
    'operation': DOCUMENT_TABLE.c.operation,
    'status': DOCUMENT_TABLE.c.status,
    'id': DOCUMENT_TABLE.c.id,
}
"""Sort expression of each column; a СНИЛС sorts by its visible digits. Both engines sort them in the same order."""
ROW_COLUMNS = (
    DOCUMENT_TABLE.c.id,
    DOCUMENT_TABLE.c.at,
    CURRENT_ORGANIZATION.c.name,
    DOCUMENT_TABLE.c.patient_name,
    DOCUMENT_TABLE.c.snils,
    DOCUMENT_KIND_TABLE.c.name,
    DOCUMENT_TABLE.c.operation,
    DOCUMENT_TABLE.c.status,
)

DEEP_PAGE_OFFSET = 10_000
"""Offset above which all rows are counted first, so that a page near the end is read from the end."""
STORED_DOCUMENTS = (
    select(DOCUMENT_TABLE, CURRENT_ORGANIZATION.c.name.label('organization'), DOCUMENT_KIND_TABLE.c.name.label('kind'))
    .join(CURRENT_ORGANIZATION, IS_ITS_ORGANIZATION)
    .join(DOCUMENT_KIND_TABLE)
)
"""Documents with the names of their organisations and kinds."""


@dataclass(frozen=True)
class BoundDocumentQuery:
    """A query with what is needed to run it."""

    query: DocumentQuery
    zone: ZoneInfo
    """The time zone of its days."""
    scope: OrganizationScope | None
    """The only organisations whose documents fit; None for all."""


def read_page(session: Session, bound_query: BoundDocumentQuery, *, number: int, size: int) -> Page[DocumentRow]:
    """Read a page, or the last page if `number` is past the end.

    Raises:
        ValueError: the size is not one of PAGE_SIZES.
    """
    if size not in PAGE_SIZES:
        raise ValueError(f'a page of {size} rows')
    number = max(number, 1)
    if (number - 1) * size > DEEP_PAGE_OFFSET:
        return _read_deep_page(session, bound_query, number, size)
    rows = _read_rows(session, bound_query, (number - 1) * size, size)
    if number == 1 and len(rows) < size:
        return Page(1, rows, Totals(len(rows)))
    return Page(number, rows) if rows else _read_deep_page(session, bound_query, number, size)


def count_documents(session: Session, bound_query: BoundDocumentQuery) -> Totals:
    """Count the documents that match a query."""
    statement = select(func.count()).select_from(DOCUMENT_TABLE).where(*_conditions(session, bound_query))
    return Totals(session.execute(statement).scalar_one())


def load_document(session: Session, id: UUID, scope: OrganizationScope | None) -> tuple[Any, Any] | None:
    """Load a document of a scope with its names and its status events, oldest first; None if there is none."""
    is_own = scope_conditions(session, scope, DOCUMENT_TABLE)
    row = session.execute(STORED_DOCUMENTS.where(DOCUMENT_TABLE.c.id == id, *is_own)).one_or_none()
    if row is None:
        return None
    steps = (
        select(DOCUMENT_STEP_TABLE)
        .where(DOCUMENT_STEP_TABLE.c.document_id == id)
        .order_by(DOCUMENT_STEP_TABLE.c.at, DOCUMENT_STEP_TABLE.c.status, DOCUMENT_STEP_TABLE.c.number)
    )
    return row, session.execute(steps).all()


def _read_deep_page(session: Session, bound_query: BoundDocumentQuery, number: int, size: int) -> Page[DocumentRow]:
    """Read a page from the nearer end of the list, or the last page if `number` is past the end."""
    count = count_documents(session, bound_query).count
    number = min(number, max(-(-count // size), 1))
    before = (number - 1) * size
    length = min(size, count - before)
    after = count - before - length
    if before <= after:
        return Page(number, _read_rows(session, bound_query, before, length))
    return Page(number, _read_rows(session, bound_query, after, length, backwards=True)[::-1])


def _read_rows(
    session: Session, bound_query: BoundDocumentQuery, skip: int, size: int, *, backwards: bool = False
) -> list[DocumentRow]:
    query = bound_query.query
    # The page is selected by its keys only; whole rows are then read for these keys.
    keys: Select[Any] = select(DOCUMENT_TABLE.c.number).where(*_conditions(session, bound_query))
    if query.order and query.order.column == 'organization':
        keys = keys.join(CURRENT_ORGANIZATION, IS_ITS_ORGANIZATION)
    if query.order and query.order.column == 'kind':
        keys = keys.join(DOCUMENT_KIND_TABLE)
    order = _order_by(query.order, backwards)
    page_keys = keys.order_by(*order).limit(size).offset(skip).subquery('chosen')
    statement = (
        select(*ROW_COLUMNS)
        .join(page_keys, page_keys.c.number == DOCUMENT_TABLE.c.number)
        .join(CURRENT_ORGANIZATION, IS_ITS_ORGANIZATION)
        .join(DOCUMENT_KIND_TABLE)
    )
    rows = (DocumentRow._make(row) for row in session.execute(statement.order_by(*order)))
    return [row._replace(snils=snils.mask_snils(row.snils)) for row in rows]


def _order_by(order: Order | None, backwards: bool) -> list[ColumnElement[Any]]:
    """Return the order of the list, or its reverse; equal values are sorted newest first."""
    number, at = DOCUMENT_TABLE.c.number, DOCUMENT_TABLE.c.at
    newest: list[ColumnElement[Any]] = [at.asc(), number.asc()] if backwards else [at.desc(), number.desc()]
    if order is None:
        return newest
    column = SORT_EXPRESSIONS[order.column]
    ordered = column.desc() if order.descending != backwards else column.asc()
    if order.column == 'at':  # never NULL, so the index by time is usable in both directions
        return [ordered, newest[1]]
    return [ordered.nulls_first() if backwards else ordered.nulls_last(), *newest]


def _conditions(session: Session, bound_query: BoundDocumentQuery) -> Iterator[ColumnElement[bool]]:
    query, zone = bound_query.query, bound_query.zone
    yield from scope_conditions(session, bound_query.scope, DOCUMENT_TABLE)
    position = func.strpos if session.get_bind().dialect.name == 'postgresql' else func.instr
    if query.period.since:
        yield DOCUMENT_TABLE.c.at >= days.day_start(query.period.since, zone)
    if query.period.until:
        yield DOCUMENT_TABLE.c.at < days.day_end(query.period.until, zone)
    if query.organization:
        groups = load_groups(session.connection(), ORGANIZATION_TABLE)
        ids = groups.get(query.organization.id, (query.organization.id,))
        yield DOCUMENT_TABLE.c.organization_id.in_(ids)
    if query.kind:
        yield DOCUMENT_TABLE.c.kind_id == query.kind.id
    if query.statuses:
        yield DOCUMENT_TABLE.c.status.in_(sorted(query.statuses))
    digits = snils.extract_digits(query.snils)
    if len(digits) == snils.LENGTH:
        yield DOCUMENT_TABLE.c.snils == digits
    elif digits:
        yield position(DOCUMENT_TABLE.c.snils, digits) > 0
    if readings := names.parse_name(query.name):
        yield or_(*(_matches_reading(reading, position) for reading in readings))


def _matches_reading(reading: names.NamePattern, position: Any) -> ColumnElement[bool]:
    """Return the condition that a name matches a reading of the typed text; see services.names.matches."""
    parts: list[ColumnElement[bool]] = [
        position(DOCUMENT_TABLE.c.name_key, fragment) > 0 for fragment in reading.fragments
    ]
    # In spaces, so that only a whole word fits.
    spaced_name = literal(' ') + DOCUMENT_TABLE.c.name_key + literal(' ')
    parts += [position(spaced_name, f' {word} ') > 0 for word in reading.words]
    for index, letter in enumerate((reading.given_initial, reading.patronymic_initial), start=1):
        if letter:
            parts.append(func.substr(DOCUMENT_TABLE.c.initials, index, 1) == letter)
    return and_(*parts)
