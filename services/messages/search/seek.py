"""How to reach any page of the journal at once: walk the kept totals to the day of its first row.

A database finds the thousandth page by reading the nine hundred and ninety-nine before it. The totals say how many
rows each month and each day has for any query without a name or a phone, so only rows of one day are ever skipped.
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
    """Where to begin reading."""

    row_count: int
    """How many rows the query has in all."""

    number: int
    """The page; the last one when a page past it was asked for."""
    period: Period
    """The query's period, cut off after the day of the page's first row; for a last page it may be whole."""
    skip: int
    """How many rows of the period come before the page, newest first."""


def find_seek_position(bound_query: BoundQuery, *, number: int, size: int) -> SeekPosition:
    """Find the day of the first row of a page of a query without name and phone, in the journal's own order."""
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
    """Walk until the row after `offset` others; give where it is and how many of them are there too."""
    for granularity, period, count in counts:
        if offset < count:
            return granularity, period, offset
        offset -= count
    return Granularity.DAY, 0, 0


def _month(number: int) -> Period:
    first = date(number // 10000, number // 100 % 100, 1)
    return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
