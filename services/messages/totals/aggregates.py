"""Totals that the database keeps ready, and which of them add up to a query without a name and a phone."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Integer, Select, bindparam, func, select, union_all

from models.column_types import roubles
from models.total import Scale
from services import days
from services.lists.query_protocol import Period, Totals
from services.messages.message_tables import total
from services.messages.search.query_shape import Asked, Shape
from services.messages.search.statements import SHAPES, chosen_statuses

NEVER, ALWAYS = 0, 99999999
"""Days before and after all others, as numbers."""
PARTS = ((Scale.DAY, 'head'), (Scale.MONTH, 'months'), (Scale.DAY, 'tail'))
"""A period is whole months, with days at its ends."""


def add_up(asked: Asked) -> Totals:
    """Count what fits the period and the choices of a query, and add up its cost; a name or a phone does not count."""
    statement = _sums(choices(asked.shape))
    count, kopecks = asked.connection.execute(statement, values(asked, spans(asked.query.period))).one()
    return Totals(int(count or 0), roubles(int(kopecks or 0)))


def counts(asked: Asked, period: Period) -> Sequence[tuple[Scale, int, int]]:
    """Give the scale, the number and the count of each day or whole month of a period, newest first."""
    found = asked.connection.execute(_counts(choices(asked.shape)), values(asked, spans(period)))
    return sorted(((scale, number, int(count)) for scale, number, count in found), key=itemgetter(1), reverse=True)


Choices = tuple[bool, tuple[Any, ...]]
"""Whether a kind is asked for, and which statuses."""
Span = tuple[int, int]
"""The first and the last of some days or months, as numbers."""
Spans = tuple[Span, Span, Span]
"""What of PARTS makes up a period."""
NOTHING: Span = (ALWAYS, NEVER)
ASKED: ColumnElement[int] = bindparam('organization', type_=Integer)
"""The organisation of the query, or 0 for all of them together."""


def choices(shape: Shape) -> Choices:
    """Say what a query chooses apart from its period and its organisation."""
    return shape.kind, shape.statuses


@lru_cache(SHAPES)
def _sums(choices: Choices) -> Select[Any]:
    found = union_all(
        *parts(choices, func.sum(total.c.messages).label('messages'), func.sum(total.c.kopecks).label('kopecks'))
    ).subquery()
    return select(func.sum(found.c.messages), func.sum(found.c.kopecks))


@lru_cache(SHAPES)
def _counts(choices: Choices) -> CompoundSelect[Any]:
    found = parts(choices, total.c.scale, total.c.period, func.sum(total.c.messages))
    return union_all(*(part.group_by(total.c.scale, total.c.period) for part in found))


def parts(choices: Choices, *columns: ColumnElement[Any], owner: ColumnElement[int] = ASKED) -> Iterator[Select[Any]]:
    """Read the totals of an owner that add up to a query without name and phone; `values` has what is left open.

    One range of the key each: SQLite finds several ranges at once only by reading all that is between them.
    """
    kind, statuses = choices
    for scale, part in PARTS:
        found = select(*columns).where(
            total.c.organization_id == owner,
            total.c.scale == scale,
            total.c.period.between(bindparam(f'{part}_first'), bindparam(f'{part}_last')),
        )
        if kind:
            found = found.where(total.c.kind == bindparam('kind'))
        if statuses:
            found = found.where(chosen_statuses(total.c.status, statuses))
        yield found


def values(asked: Asked, spans: Spans) -> Mapping[str, object]:
    """Give what stands in the places that `parts` leave open."""
    query = asked.query
    found: dict[str, object] = {'organization': query.organization.id if query.organization else 0, 'kind': query.kind}
    for (_, part), (first, last) in zip(PARTS, spans, strict=True):
        found |= {f'{part}_first': first, f'{part}_last': last}
    return found


def by_day(period: Period) -> Spans:
    """Cover a period with its days alone."""
    return ends(period), NOTHING, NOTHING


def spans(period: Period) -> Spans:
    """Cover a period with the days of its first month, whole months and the days of its last one."""
    first, last = ends(period)
    first_month, last_month = first // 100, last // 100
    if first_month == last_month:
        return (first, last), NOTHING, NOTHING
    head = tail = NOTHING
    if first % 100 > 1:
        head = first, first_month * 100 + 31
        first_month += 1
    if last % 100 < 31:
        # A month of thirty days costs a sum over its days here, which is right all the same.
        tail = last_month * 100 + 1, last
        last_month -= 1
    return head, (first_month * 100, last_month * 100), tail


def ends(period: Period) -> Span:
    """Give the first and the last day of a period; of an open side, one before or after all others."""
    return (
        days.number(period.since) if period.since else NEVER,
        days.number(period.until) if period.until else ALWAYS,
    )
