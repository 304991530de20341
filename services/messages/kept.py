"""Totals that the database keeps ready, and which of them add up to a query without a name and a phone."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, bindparam, func, select, union_all

from models.columns import roubles
from models.total import Scale
from services import days
from services.messages.shape import Asked, Shape
from services.messages.statements import SHAPES, chosen_statuses
from services.messages.tables import total
from services.query import Period, Totals

NEVER, ALWAYS = 0, 99999999
"""Days before and after all others, as numbers."""
PARTS = ((Scale.DAY, 'head'), (Scale.MONTH, 'months'), (Scale.DAY, 'tail'))
"""A period is whole months, with days at its ends."""


def add_up(asked: Asked) -> Totals:
    """Count what fits the period and the choices of a query, and add up its cost; a name or a phone does not count."""
    statement, values = _sums(_choices(asked.shape)), _values(asked, asked.query.period)
    count, kopecks = asked.connection.execute(statement, values).one()
    return Totals(int(count or 0), roubles(int(kopecks or 0)))


def counts(asked: Asked, period: Period) -> Sequence[tuple[Scale, int, int]]:
    """Give the scale, the number and the count of each day or whole month of a period, newest first."""
    found = asked.connection.execute(_counts(_choices(asked.shape)), _values(asked, period))
    return sorted(((scale, number, int(count)) for scale, number, count in found), key=itemgetter(1), reverse=True)


Choices = tuple[bool, tuple[Any, ...]]
"""Whether a kind is asked for, and which statuses."""


def _choices(shape: Shape) -> Choices:
    return shape.kind, shape.statuses


@lru_cache(SHAPES)
def _sums(choices: Choices) -> Select[Any]:
    parts = _parts(choices, func.sum(total.c.messages).label('messages'), func.sum(total.c.kopecks).label('kopecks'))
    found = union_all(*parts).subquery()
    return select(func.sum(found.c.messages), func.sum(found.c.kopecks))


@lru_cache(SHAPES)
def _counts(choices: Choices) -> CompoundSelect[Any]:
    parts = _parts(choices, total.c.scale, total.c.period, func.sum(total.c.messages))
    return union_all(*(part.group_by(total.c.scale, total.c.period) for part in parts))


def _parts(choices: Choices, *columns: ColumnElement[Any]) -> Iterator[Select[Any]]:
    """Read the totals that add up to a query without name and phone, over a period of its own.

    One range of the key each: SQLite finds several ranges at once only by reading all that is between them.
    """
    kind, statuses = choices
    for scale, part in PARTS:
        found = select(*columns).where(
            total.c.organization_id == bindparam('organization'),
            total.c.scale == scale,
            total.c.period.between(bindparam(f'{part}_first'), bindparam(f'{part}_last')),
        )
        if kind:
            found = found.where(total.c.kind == bindparam('kind'))
        if statuses:
            found = found.where(chosen_statuses(total.c.status, statuses))
        yield found


def _values(asked: Asked, period: Period) -> Mapping[str, object]:
    query = asked.query
    found: dict[str, object] = {'organization': query.organization.id if query.organization else 0, 'kind': query.kind}
    for (_, part), (first, last) in zip(PARTS, _spans(period), strict=True):
        found |= {f'{part}_first': first, f'{part}_last': last}
    return found


def _spans(period: Period) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Cover a period with the days of its first month, whole months and the days of its last one."""
    nothing = (ALWAYS, NEVER)
    first = days.number(period.since) if period.since else NEVER
    last = days.number(period.until) if period.until else ALWAYS
    first_month, last_month = first // 100, last // 100
    if first_month == last_month:
        return (first, last), nothing, nothing
    head = tail = nothing
    if first % 100 > 1:
        head = first, first_month * 100 + 31
        first_month += 1
    if last % 100 < 31:
        # A month of thirty days costs a sum over its days here, which is right all the same.
        tail = last_month * 100 + 1, last
        last_month -= 1
    return head, (first_month * 100, last_month * 100), tail
