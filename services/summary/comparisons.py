"""The totals of a query's period beside those of the period before, and of the same one a year ago."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from sqlalchemy import Integer, bindparam, func, select

from models.total import Granularity
from services import days
from services.lists.query_protocol import Period
from services.messages.message_tables import total
from services.messages.search.query_shape import BoundQuery
from services.messages.totals.aggregates import outermost_period, owner_condition, period_bounds
from services.summary import compared_periods
from services.summary.breakdowns import sum_by_status
from services.summary.summary_data import Comparison, ComparisonKind, Comparisons

FIRST_DAY: Final = (
    select(total.c.period)
    .where(total.c.scale == Granularity.DAY, total.c.messages > 0)
    .order_by(total.c.period)
    .limit(1)
)

ANY_MESSAGE: Final = (
    select(total.c.period)
    .where(
        total.c.scale == Granularity.DAY,
        total.c.period.between(bindparam('first', type_=Integer), bindparam('last', type_=Integer)),
        total.c.messages > 0,
    )
    .limit(1)
)
"""Returns a row if any day of a period has a message."""


def compare_periods(bound_query: BoundQuery, today: date, first_day: date | None) -> Comparisons | None:
    """Return what the period of a query is compared with; None if it has no start, or has not begun.

    Args:
        bound_query: the query.
        today: the current day.
        first_day: see read_first_day.
    """
    period = compared_periods.passed_part(bound_query.query.period, today)
    if period is None:
        return None
    return Comparisons(
        period=period,
        by_dates=compared_periods.is_compared_by_dates(period),
        is_today_included=period.until == today,
        first_day=first_day,
        comparisons=list(_compare(bound_query, period, first_day)),
    )


def read_first_day(bound_query: BoundQuery) -> date | None:
    """Return the first day with a message in the whole journal, as far as the scope has it; None if there is none."""
    statement = outermost_period(FIRST_DAY, bound_query.scope_rows, func.min)
    number = bound_query.connection.execute(statement).scalar()
    return days.from_number(number) if number else None


def _compare(bound_query: BoundQuery, period: Period, first_day: date | None) -> Iterator[Comparison]:
    for kind, earlier in (
        (ComparisonKind.PREVIOUS, compared_periods.previous_period(period)),
        (ComparisonKind.LAST_YEAR, compared_periods.year_before(period)),
    ):
        assert earlier.since is not None
        is_known = first_day is not None and first_day <= earlier.since and _has_messages(bound_query, earlier)
        earlier_query = bound_query.with_query(replace(bound_query.query, period=earlier))
        yield Comparison(kind, earlier, sum_by_status(earlier_query) if is_known else None)


def _has_messages(bound_query: BoundQuery, period: Period) -> bool:
    """Return whether the journal has any message of a period, of whatever organisation, kind or status."""
    first, last = period_bounds(period)
    any_message = ANY_MESSAGE.where(owner_condition(bound_query.scope_rows))
    return bound_query.connection.execute(any_message, {'first': first, 'last': last}).first() is not None
