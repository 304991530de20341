"""One page of the journal of messages, and one message opened."""

from dataclasses import replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, select
from sqlmodel import Session, SQLModel

from services.messages import totals
from services.messages.fitting import Fitting, fitting, message
from services.messages.gather import newest_first
from services.messages.query import MessageDetails, MessageQuery, MessageRow
from services.messages.search import TextSearch
from services.messages.seek import seek
from services.query import PAGE_SIZES, Order, Page

organization = SQLModel.metadata.tables['organization']

COLUMNS: dict[str, ColumnElement[Any]] = {
    'code': message.c.id,
    'recipient_name': message.c.name_key,
    'phone': message.c.phone,
    'appointment_at': message.c.appointment_at,
    'organization': organization.c.name_key,
    'kind': message.c.kind,
    'sent_at': message.c.sent_at,
    'status': message.c.status,
    'cost': message.c.cost,
}
"""What each column of the list sorts by (spec S13); all compare alike on both engines."""

WHOLE_ROWS = (
    select(
        message.c.place,
        message.c.id,
        message.c.recipient_name,
        message.c.phone,
        message.c.appointment_at,
        organization.c.name.label('organization'),
        message.c.kind,
        message.c.sent_at,
        message.c.status,
        message.c.cost,
    )
    .join(organization, organization.c.id == message.c.organization_id)
    .where(message.c.place.in_(bindparam('places', expanding=True)))
)
"""The lines at some places. Built once: putting a statement together takes longer than carrying this one out."""


def read(
    session: Session, query: MessageQuery, zone: ZoneInfo, *, number: int, size: int, count: int | None
) -> Page[MessageRow]:
    """Read a page; one past the end gives the last. `count`, where known, is how many rows the query finds.

    Raises:
        ValueError: the size is not one of PAGE_SIZES (spec S12).
    """
    if size not in PAGE_SIZES:
        raise ValueError(f'a page of {size} rows')
    number = max(number, 1)
    if query.order is None and (number > 1 or query.chooses) and not TextSearch.of(query.name, query.phone):
        reached = seek(session, query, number=number, size=size)
        nearer = replace(query, period=reached.period)
        return Page(reached.number, _rows(session, nearer, zone, reached.skip, size) if reached.found else [])
    rows = _rows(session, query, zone, (number - 1) * size, size)
    if not rows and number > 1:
        found = totals.read(session, query, zone).count if count is None else count
        number = max(-(-found // size), 1)
        rows = _rows(session, query, zone, (number - 1) * size, size)
    return Page(number, rows)


def _rows(session: Session, query: MessageQuery, zone: ZoneInfo, offset: int, size: int) -> list[MessageRow]:
    fit = fitting(session, query, zone)
    if query.order is None:
        chosen = newest_first(session, fit, offset=offset, size=size)
    else:
        chosen = _sorted(session, fit, query.order, offset, size)
    if not chosen:
        return []
    found = {row.place: row for row in session.execute(WHOLE_ROWS, {'places': chosen})}
    return [
        MessageRow(
            code=row.id,
            recipient_name=row.recipient_name,
            phone=row.phone,
            appointment_at=row.appointment_at,
            organization=row.organization,
            kind=row.kind,
            sent_at=row.sent_at,
            status=row.status,
            cost=row.cost,
        )
        for row in (found[place] for place in chosen)
    ]


def _sorted(session: Session, fit: Fitting, order: Order, offset: int, size: int) -> list[int]:
    """Give the places of a page sorted by a column; ties by place, newest first."""
    source = fit.source
    if order.column == 'organization':
        source = source.join(organization, organization.c.id == message.c.organization_id)
    column = COLUMNS[order.column]
    by = (column.desc() if order.descending else column.asc()).nulls_last()
    found = select(fit.place).select_from(source).where(*fit.conditions)
    return list(session.execute(found.order_by(by, fit.place.desc()).offset(offset).limit(size)).scalars())


def details(session: Session, code: UUID) -> MessageDetails | None:
    """Read what opens under a message."""
    statement = select(message.c.text, message.c.error_code, message.c.error_name).where(message.c.id == code)
    row = session.execute(statement).one_or_none()
    return MessageDetails(row.text, row.error_code, row.error_name) if row else None
