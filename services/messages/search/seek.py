"""How to reach any page of the journal at once: walk the kept totals to the day of its first row.

A database finds the thousandth page by reading the nine hundred and ninety-nine before it. The totals say how many
rows each month and each day has for any query without a name or a phone, so only rows of one day are ever skipped.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from models.total import Scale
from services import days
from services.lists.query_protocol import Period
from services.messages.search.query_shape import Asked
from services.messages.totals import aggregates


@dataclass(frozen=True)
class Seek:
    """Where to begin reading."""

    found: int
    """How many rows the query has in all."""

    number: int
    """The page; the last one when a page past it was asked for."""
    period: Period
    """The query's period, cut off after the day of the page's first row; for a last page it may be whole."""
    skip: int
    """How many rows of the period come before the page, newest first."""


def seek(asked: Asked, *, number: int, size: int) -> Seek:
    """Find the day of the first row of a page of a query without name and phone, in the journal's own order."""
    offset = (number - 1) * size
    counts = aggregates.counts(asked, asked.query.period)
    found = sum(count for _, _, count in counts)
    if offset >= found:
        number = max(-(-found // size), 1)
        offset = (number - 1) * size
    if offset + size >= found and not asked.query.scattered:
        return Seek(found, number, asked.query.period, offset)
    scale, period, skip = _reach(counts, offset)
    if scale == Scale.MONTH:
        scale, period, skip = _reach(aggregates.counts(asked, _month(period)), skip)
    until = days.from_number(period) if period else asked.query.period.until
    return Seek(found, number, replace(asked.query.period, until=until), skip)


def _reach(counts: Iterable[tuple[Scale, int, int]], offset: int) -> tuple[Scale, int, int]:
    """Walk until the row after `offset` others; give where it is and how many of them are there too."""
    for scale, period, count in counts:
        if offset < count:
            return scale, period, offset
        offset -= count
    return Scale.DAY, 0, 0


def _month(number: int) -> Period:
    first = date(number // 10000, number // 100 % 100, 1)
    return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
