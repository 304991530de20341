"""Totals that the database maintains, and which of them add up to a query without a name and a phone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, bindparam, func, select, union_all

from models.column_types import kopecks_to_roubles
from models.total import Granularity
from services import days
from services.database.tables import ORGANIZATION_TABLE
from services.lists.query_protocol import Period, Totals
from services.messages.message_tables import total
from services.messages.search.conditions import is_one_of, status_condition
from services.messages.search.query_shape import BoundQuery, QueryShape, numbered_params
from services.messages.search.statements import STATEMENT_CACHE_SIZE

FIRST_DAY, LAST_DAY = 0, 99999999
"""Numbers of days before and after all others."""
PERIOD_PARTS = ((Granularity.DAY, 'head'), (Granularity.MONTH, 'months'), (Granularity.DAY, 'tail'))
"""A period consists of whole months, and of days at its ends."""


def sum_aggregates(bound_query: BoundQuery) -> Totals:
    """Count the messages that fit the period and the filters of a query, and add up their cost; its text is ignored."""
    statement = _sums_statement(aggregate_filters(bound_query.shape))
    count, kopecks = bound_query.connection.execute(
        statement, aggregate_params(bound_query, split_period(bound_query.query.period))
    ).one()
    return Totals(int(count or 0), kopecks_to_roubles(int(kopecks or 0)))


def count_by_period(bound_query: BoundQuery, period: Period) -> Sequence[tuple[Granularity, int, int]]:
    """Return the granularity, the number and the count of each day or whole month of a period, newest first."""
    rows = bound_query.connection.execute(
        _counts_statement(aggregate_filters(bound_query.shape)), aggregate_params(bound_query, split_period(period))
    )
    return sorted(
        ((granularity, number, int(count)) for granularity, number, count in rows), key=itemgetter(1), reverse=True
    )


AggregateFilters = tuple[int, int, tuple[Any, ...]]
"""The numbers of rows of the organization and of the kind, and the statuses."""
NumberRange = tuple[int, int]
"""The numbers of the first and the last day or month."""
PeriodRanges = tuple[NumberRange, NumberRange, NumberRange]
"""The range of each of PERIOD_PARTS that covers a period."""
EMPTY_RANGE: NumberRange = (LAST_DAY, FIRST_DAY)
ALL_ORGANIZATIONS = 0
"""The organization of the totals of all of them together."""


def owner_condition(row_ids: Sequence[int] | None) -> ColumnElement[bool]:
    """Build the condition on the totals of all organisations together, or on those of each row of a scope."""
    owner = total.c.organization_id
    return owner == ALL_ORGANIZATIONS if row_ids is None else owner.in_(row_ids)


def outermost_period(
    periods: Select[Any], row_ids: Sequence[int] | None, outermost: Callable[[ColumnElement[int]], ColumnElement[int]]
) -> Select[Any]:
    """Build the statement that reads the first or the last period with certain totals.

    Args:
        periods: reads this period of any owner, by an order and a limit of one row.
        row_ids: the rows of a scope; None for all organisations together.
        outermost: func.min for the first period, func.max for the last one.
    """
    if row_ids is None:
        return periods.where(owner_condition(None))
    # Row by row, because the key of the totals begins with the organisation.
    of_row = periods.where(total.c.organization_id == ORGANIZATION_TABLE.c.id).correlate(ORGANIZATION_TABLE)
    rows = select(of_row.scalar_subquery().label('period')).where(ORGANIZATION_TABLE.c.id.in_(row_ids)).subquery()
    return select(outermost(rows.c.period))


def aggregate_filters(shape: QueryShape) -> AggregateFilters:
    """Return the filters of a query apart from its period."""
    return shape.organizations or 1, shape.kinds, shape.statuses


@lru_cache(STATEMENT_CACHE_SIZE)
def _sums_statement(filters: AggregateFilters) -> Select[Any]:
    part_sums = union_all(
        *aggregate_selects(
            filters, func.sum(total.c.messages).label('messages'), func.sum(total.c.kopecks).label('kopecks')
        )
    ).subquery()
    return select(func.sum(part_sums.c.messages), func.sum(part_sums.c.kopecks))


@lru_cache(STATEMENT_CACHE_SIZE)
def _counts_statement(filters: AggregateFilters) -> CompoundSelect[Any]:
    part_selects = aggregate_selects(filters, total.c.scale, total.c.period, func.sum(total.c.messages))
    return union_all(*(part.group_by(total.c.scale, total.c.period) for part in part_selects))


def aggregate_selects(
    filters: AggregateFilters, *columns: ColumnElement[Any], organization_id: ColumnElement[int] | None = None
) -> Iterator[Select[Any]]:
    """Build the selects of the totals that add up to a query without name and phone, for `aggregate_params`.

    Each reads one range of the key, because SQLite finds several ranges at once only by reading all between them.

    Args:
        filters: those of the query.
        columns: what is selected.
        organization_id: the organization whose totals are read, instead of the query's.
    """
    organizations, kinds, statuses = filters
    owner = (
        is_one_of(total.c.organization_id, 'organization', organizations)
        if organization_id is None
        else total.c.organization_id == organization_id
    )
    for granularity, part in PERIOD_PARTS:
        statement = select(*columns).where(
            owner,
            total.c.scale == granularity,
            total.c.period.between(bindparam(f'{part}_first'), bindparam(f'{part}_last')),
        )
        if kinds:
            statement = statement.where(is_one_of(total.c.kind, 'kind', kinds))
        if statuses:
            statement = statement.where(status_condition(total.c.status, statuses))
        yield statement


def aggregate_params(bound_query: BoundQuery, ranges: PeriodRanges) -> Mapping[str, object]:
    """Return the parameters of `aggregate_selects`."""
    params: dict[str, object] = {
        **numbered_params('organization', bound_query.organization_ids or (ALL_ORGANIZATIONS,)),
        **numbered_params('kind', bound_query.kind_ids),
    }
    for (_, part), (first, last) in zip(PERIOD_PARTS, ranges, strict=True):
        params |= {f'{part}_first': first, f'{part}_last': last}
    return params


def day_ranges(period: Period) -> PeriodRanges:
    """Cover a period with its days alone."""
    return period_bounds(period), EMPTY_RANGE, EMPTY_RANGE


def split_period(period: Period) -> PeriodRanges:
    """Cover a period with the days of its first month, whole months and the days of its last one."""
    first, last = period_bounds(period)
    first_month, last_month = first // 100, last // 100
    if first_month == last_month:
        return (first, last), EMPTY_RANGE, EMPTY_RANGE
    head = tail = EMPTY_RANGE
    if first % 100 > 1:
        head = first, first_month * 100 + 31
        first_month += 1
    if last % 100 < 31:
        # A period that ends with a month of thirty days is summed by days here, which is slower but right.
        tail = last_month * 100 + 1, last
        last_month -= 1
    return head, (first_month * 100, last_month * 100), tail


def period_bounds(period: Period) -> NumberRange:
    """Return the first and the last day of a period; for an open side, a day before or after all others."""
    return (
        days.to_number(period.since) if period.since else FIRST_DAY,
        days.to_number(period.until) if period.until else LAST_DAY,
    )
