"""One page of the journal of messages."""

from dataclasses import replace
from datetime import timedelta

from models.column_types import roubles
from services.lists.query_protocol import PAGE_SIZES, Page, Period, Totals
from services.messages.message_query import MessageRow
from services.messages.search import grouped_pages, planner, statements
from services.messages.search.planner import Reached
from services.messages.search.query_shape import Asked
from services.messages.search.seek import seek
from services.messages.search.text_condition import Way
from services.messages.totals import aggregates, message_totals

AT_HAND = 200
"""Rows that are skipped sooner than the totals are asked where to begin."""


def read(asked: Asked, *, number: int, size: int, count: int | None) -> Page[MessageRow]:
    """Read a page; one past the end gives the last. `count`, where known, is how many rows the query finds.

    A first page that is not full has all of them, and their totals.

    Raises:
        ValueError: the size is not one of PAGE_SIZES (spec S12).
    """
    if size not in PAGE_SIZES:
        raise ValueError(f'a page of {size} rows')
    found = _page(asked, max(number, 1), size, count)
    if found.number > 1 or len(found.rows) == size:
        return found
    return replace(found, totals=Totals(len(found.rows), sum((row.cost for row in found.rows), roubles(0))))


def _page(asked: Asked, number: int, size: int, count: int | None) -> Page[MessageRow]:
    if asked.query.order is None and asked.kept:
        return _reach(asked, number, size)
    found = _rows(asked, number, size, count)
    if not found and number > 1:
        count = message_totals.read(asked).count if count is None else count
        number = max(-(-count // size), 1)
        found = _rows(asked, number, size, count)
    return Page(number, found)


def _reach(asked: Asked, number: int, size: int) -> Page[MessageRow]:
    """Read a page of a query without a name and a phone: the totals say where it begins."""
    skip = (number - 1) * size
    if skip <= AT_HAND and not asked.query.scattered:
        found = _lines(asked, _all(asked), skip, size)
        if found or number == 1:
            return Page(number, found)
    if number == 1 and asked.query.period.until and (found := _last_days(asked, size)):
        return Page(1, found)
    place = seek(asked, number=number, size=size)
    left = place.found - (place.number - 1) * size
    if not left:
        return Page(place.number, [])
    if left <= size and not asked.query.scattered:
        # As near to the end of the list as the first page is to its beginning.
        return Page(place.number, _lines(asked, _all(asked, backwards=True), 0, left))
    nearer = asked.about(replace(asked.query, period=place.period))
    return Page(place.number, _lines(nearer, _all(nearer), place.skip, size))


def _last_days(asked: Asked, size: int) -> list[MessageRow]:
    """Read a first page from the last two days of the period alone; nothing when they have not enough rows.

    Two, for early in the morning the last one, which is today, has next to nothing.
    """
    since, until = asked.query.period.since, asked.query.period.until
    assert until is not None
    begin = until - timedelta(days=1)
    last = asked.about(replace(asked.query, period=Period(max(since, begin) if since else begin, until)))
    found = _lines(last, _all(last), 0, size)
    return found if len(found) == size else []


def _all(asked: Asked, *, backwards: bool = False) -> Reached:
    return Reached(asked.shape, Way(backwards=backwards), asked.values)


def _rows(asked: Asked, number: int, size: int, count: int | None) -> list[MessageRow]:
    skip = (number - 1) * size
    if asked.query.order is not None:
        return _sorted(asked, skip, size, count)
    left = None if count is None else count - skip
    if number > 1 and left is not None and 0 < left <= size:
        # The last page: as near to the end of the list as the first one is to its beginning.
        skip, size = 0, left
    else:
        left = None
        if nearer := planner.far(asked, skip, size):
            reached, skip = nearer
            return _lines(asked, reached, skip, size)
    found: list[MessageRow] = []
    for reached in planner.newest(asked, skip + size, backwards=left is not None):
        found = _lines(asked, reached, skip, size)
        if len(found) == size:
            break
    return found


def _sorted(asked: Asked, skip: int, size: int, count: int | None) -> list[MessageRow]:
    """Read `size` rows after `skip` others of a list sorted by a column, from whichever end of it is nearer."""
    if asked.kept:
        count = aggregates.add_up(asked).count
        if (found := grouped_pages.rows(asked, count, skip, size, _reach)) is not None:
            return found
    backwards = False
    if count is not None and 2 * skip > count:
        backwards, size = True, min(size, count - skip)
        skip = count - skip - size
        if size <= 0:
            return []
    index = planner.along(asked, count, skip + size) if asked.kept and count else None
    reached = index or planner.whole(asked)
    if reached is None:
        return []
    return _lines(asked, replace(reached, way=replace(reached.way, backwards=backwards)), skip, size)


def _lines(asked: Asked, reached: Reached, skip: int, size: int) -> list[MessageRow]:
    statement = statements.page(asked.engine, reached.shape, reached.way)
    found = asked.connection.execute(statement, {**reached.values, 'skip': skip, 'size': size})
    return [MessageRow._make(row) for row in found.all()]
