"""Totals that the database keeps ready, and which of them add up to a query without a name and a phone."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session, SQLModel

from models.columns import roubles
from models.message import MessageStatus
from models.total import Scale
from services import days
from services.messages.query import MessageQuery
from services.query import Period, Totals

total = SQLModel.metadata.tables['total']


def add_up(session: Session, query: MessageQuery) -> Totals:
    """Count what fits the period and the choices of a query, and add up its cost; a name or a phone does not count."""
    statement = select(func.coalesce(func.sum(total.c.messages), 0), func.coalesce(func.sum(total.c.kopecks), 0))
    count, kopecks = session.execute(statement.where(fitting_totals(query, query.period))).one()
    return Totals(int(count), roubles(int(kopecks)))


def fitting_totals(query: MessageQuery, period: Period) -> ColumnElement[bool]:
    """Say which kept totals add up to a query without name and phone, over some period of its own."""
    conditions: list[ColumnElement[bool]] = [
        total.c.organization_id == (query.organization.id if query.organization else 0),
        or_(*_spans(period)),
    ]
    if query.kind:
        conditions.append(total.c.kind == query.kind)
    if query.statuses and len(query.statuses) < len(MessageStatus):
        conditions.append(total.c.status.in_(sorted(query.statuses)))
    return and_(*conditions)


def _spans(period: Period) -> Iterable[ColumnElement[bool]]:
    """Cover a period with whole months, and with days at its ends."""
    first = days.number(period.since) if period.since else 0
    last = days.number(period.until) if period.until else 99999999
    first_month, last_month = first // 100, last // 100
    if first_month == last_month:
        yield _span(Scale.DAY, first, last)
        return
    if first % 100 > 1:
        yield _span(Scale.DAY, first, first_month * 100 + 31)
        first_month += 1
    if last % 100 < 31:
        # A month of thirty days costs a sum over its days here, which is right all the same.
        yield _span(Scale.DAY, last_month * 100 + 1, last)
        last_month -= 1
    yield _span(Scale.MONTH, first_month * 100, last_month * 100)


def _span(scale: Scale, first: int, last: int) -> ColumnElement[bool]:
    return and_(total.c.scale == scale, total.c.period.between(first, last))
