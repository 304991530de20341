"""Pages of the journal far from its beginning: the aggregates lead to the day of the page's first row.

OFFSET finds the thousandth page by reading the 999 pages before it. The aggregates have the count of each month and
each day for any query without a name or a phone, so that only rows of one day are skipped.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from models.total import Granularity
from services import days
from services.lists.query_protocol import Period
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
