"""The plan of a page: which days are read, from which end of the list, and how many of their rows are skipped.

OFFSET finds the thousandth page by reading the 999 pages before it. The aggregates have the count of each month and
each day for any query without a name or a phone, and the word totals for some queries with a name, so that only rows of
a few days are skipped.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

from models.total import Granularity
from services import days, texts
from services.lists.query_protocol import Period
from services.messages.search import grouped_pages, planner
from services.messages.search.estimates import Estimates
from services.messages.search.plan import GroupsPlan, PagePlan
from services.messages.search.query_shape import BoundQuery
from services.messages.totals import aggregates


@dataclass(frozen=True)
class SeekPosition:
    """Where reading a page begins."""

    row_count: int
    """The number of rows that the query finds."""
    number: int
    """The page; the last one if the requested page is past the end."""
    period: Period
    """The query's period up to the day of the page's first row; for a last page it may be the whole period."""
    skip: int
    """The number of rows of the period that come before the page, newest first."""


def plan_page(estimates: Estimates, number: int, size: int, count: int | None) -> Iterator[PagePlan]:
    """Yield the plans to try in turn for a page in the journal's own order, until one finds enough rows.

    The last plan finds the page if there is one. No plan is yielded if it is known that the query finds nothing.

    Args:
        estimates: those of the query.
        number: the page, from 1.
        size: rows per page.
        count: how many rows the query finds, where that is known.
    """
    if estimates.bound_query.has_aggregates:
        yield from _plan_by_aggregates(estimates.bound_query, number, size)
        return
    skip = (number - 1) * size
    is_last_page = number > 1 and count is not None and 0 < count - skip <= size
    if is_last_page:
        # Read from the end: the last page is as near to it as the first page is to the beginning.
        assert count is not None
        skip, size = 0, count - skip
    elif deep_plan := _plan_by_word_totals(estimates, number, size):
        yield deep_plan
        return
    for rows in planner.plan_first_rows(estimates, skip + size, reverse=is_last_page):
        yield PagePlan(number, rows, skip, size, min_rows=size)


def plan_sorted_page(estimates: Estimates, number: int, size: int, count: int | None) -> PagePlan | GroupsPlan | None:
    """Plan a page of a list that is sorted by a column; None if it has no rows.

    The arguments are those of `plan_page`.
    """
    skip, reverse = (number - 1) * size, False
    if estimates.bound_query.has_aggregates:
        count = estimates.filtered_count
        if groups_plan := grouped_pages.plan_groups(estimates, skip):
            return groups_plan
    if count is not None and 2 * skip > count:
        # Read from the end of the list, because it is nearer.
        reverse, size = True, min(size, count - skip)
        skip = count - skip - size
        if size <= 0:
            return None
    rows = planner.plan_sorted_rows(estimates, count, skip + size)
    return PagePlan(number, rows.reversed(reverse=reverse), skip, size) if rows else None


def _plan_by_aggregates(bound_query: BoundQuery, number: int, size: int) -> Iterator[PagePlan]:
    """Yield the plans for a query without a name and a phone: the aggregates tell on which day a page begins."""
    query, skip = bound_query.query, (number - 1) * size
    if skip <= bound_query.settings.max_direct_skip and not query.is_sparse:
        yield PagePlan(number, planner.plan_scan(bound_query, texts.PLAN_REASON_NEAR), skip, size, min_rows=1)
        if number == 1:
            return
    if number == 1 and query.period.until:
        yield _plan_last_days(bound_query, size)
    position = find_seek_position(bound_query, number=number, size=size)
    rows_left = position.row_count - (position.number - 1) * size
    if not rows_left:
        return
    if rows_left <= size and not query.is_sparse:
        # Read from the end: the last page is as near to it as the first page is to the beginning.
        rows = planner.plan_scan(bound_query, texts.PLAN_REASON_LAST_PAGE, reverse=True)
        yield PagePlan(position.number, rows, 0, rows_left)
        return
    narrowed = bound_query.with_query(replace(query, period=position.period))
    rows = planner.plan_scan(narrowed, texts.PLAN_REASON_SEEK)
    yield PagePlan(position.number, rows, position.skip, size, period=position.period)


def _plan_last_days(bound_query: BoundQuery, size: int) -> PagePlan:
    """Plan the first page by the last two days of the period: the aggregates would only tell that it begins there.

    Two days, because early in the morning the last one, which is today, has almost no messages.
    """
    since, until = bound_query.query.period.since, bound_query.query.period.until
    assert until is not None
    first_day = until - timedelta(days=1)
    period = Period(max(since, first_day) if since else first_day, until)
    narrowed = bound_query.with_query(replace(bound_query.query, period=period))
    rows = planner.plan_scan(narrowed, texts.PLAN_REASON_LAST_DAYS)
    all_rows = planner.plan_scan(bound_query, texts.PLAN_REASON_NEAR)
    return PagePlan(1, rows, 0, size, min_rows=1, if_partial=all_rows, period=period)


def _plan_by_word_totals(estimates: Estimates, number: int, size: int) -> PagePlan | None:
    """Plan a page far from the beginning by reading only the days in which its rows are.

    None where that is not quicker: SQLite's index is in the order of the list, so that it skips rows quickly; and the
    counts by day are not known for every query.
    """
    bound_query, skip = estimates.bound_query, (number - 1) * size
    if bound_query.engine != 'postgresql' or skip < bound_query.settings.min_deep_skip:
        return None
    counts = estimates.counts_by_day
    if counts is None:
        return None
    running_counts = list(accumulate(count for _, count in counts))
    newest_index = bisect_right(running_counts, skip)
    oldest_index = min(bisect_left(running_counts, skip + size), len(running_counts) - 1)
    if newest_index >= len(running_counts):
        return None
    period = Period(days.from_number(counts[oldest_index][0]), days.from_number(counts[newest_index][0]))
    narrowed = estimates.with_query(replace(bound_query.query, period=period))
    if oldest_index - newest_index > bound_query.settings.max_scanned_days:
        rows = planner.plan_all_rows(narrowed)
    else:
        rows = planner.plan_scan(narrowed.bound_query, texts.PLAN_REASON_FEW_DAYS)
    if rows is None:
        return None
    skipped_before = running_counts[newest_index - 1] if newest_index else 0
    return PagePlan(number, rows, skip - skipped_before, size, period=period)


def find_seek_position(bound_query: BoundQuery, *, number: int, size: int) -> SeekPosition:
    """Find the day of a page's first row, for a query without name and phone in the journal's own order."""
    offset = (number - 1) * size
    counts = aggregates.count_by_period(bound_query, bound_query.query.period)
    row_count = sum(count for _, _, count in counts)
    if offset >= row_count:
        number = max(-(-row_count // size), 1)
        offset = (number - 1) * size
    if offset + size >= row_count and not bound_query.query.is_sparse:
        return SeekPosition(row_count, number, bound_query.query.period, offset)
    granularity, period, skip = _find_period(counts, offset)
    if granularity == Granularity.MONTH:
        granularity, period, skip = _find_period(aggregates.count_by_period(bound_query, _month(period)), skip)
    until = days.from_number(period) if period else bound_query.query.period.until
    return SeekPosition(row_count, number, replace(bound_query.query.period, until=until), skip)


def _find_period(counts: Iterable[tuple[Granularity, int, int]], offset: int) -> tuple[Granularity, int, int]:
    """Find the day or month of the row after `offset` others; return it with the offset inside it."""
    for granularity, period, count in counts:
        if offset < count:
            return granularity, period, offset
        offset -= count
    return Granularity.DAY, 0, 0


def _month(number: int) -> Period:
    first = date(number // 10000, number // 100 % 100, 1)
    return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
