"""One page of the journal of messages."""

from dataclasses import replace
from datetime import timedelta

from models.column_types import kopecks_to_roubles
from services.lists.query_protocol import PAGE_SIZES, Page, Period, Totals
from services.messages.message_query import MessageRow
from services.messages.search import grouped_pages, planner, statements
from services.messages.search.planner import PlannedQuery
from services.messages.search.query_shape import BoundQuery
from services.messages.search.seek import find_seek_position
from services.messages.search.text_condition import AccessPath
from services.messages.totals import aggregates, message_totals


def read_page(bound_query: BoundQuery, *, number: int, size: int, count: int | None) -> Page[MessageRow]:
    """Read a page; one past the end gives the last. `count`, where known, is how many rows the query finds.

    A first page that is not full has all of them, and their totals.

    Raises:
        ValueError: the size is not one of PAGE_SIZES (spec S12).
    """
    if size not in PAGE_SIZES:
        raise ValueError(f'a page of {size} rows')
    page = _read_page(bound_query, max(number, 1), size, count)
    if page.number > 1 or len(page.rows) == size:
        return page
    return replace(page, totals=Totals(len(page.rows), sum((row.cost for row in page.rows), kopecks_to_roubles(0))))


def _read_page(bound_query: BoundQuery, number: int, size: int, count: int | None) -> Page[MessageRow]:
    if bound_query.query.order is None and bound_query.has_aggregates:
        return _read_using_aggregates(bound_query, number, size)
    rows = _read_rows(bound_query, number, size, count)
    if not rows and number > 1:
        count = message_totals.compute_totals(bound_query).count if count is None else count
        number = max(-(-count // size), 1)
        rows = _read_rows(bound_query, number, size, count)
    return Page(number, rows)


def _read_using_aggregates(bound_query: BoundQuery, number: int, size: int) -> Page[MessageRow]:
    """Read a page of a query without a name and a phone: the totals say where it begins."""
    skip = (number - 1) * size
    if skip <= bound_query.settings.max_direct_skip and not bound_query.query.is_sparse:
        rows = _execute(bound_query, _plan_in_order(bound_query), skip, size)
        if rows or number == 1:
            return Page(number, rows)
    if number == 1 and bound_query.query.period.until and (rows := _read_from_last_days(bound_query, size)):
        return Page(1, rows)
    position = find_seek_position(bound_query, number=number, size=size)
    rows_left = position.row_count - (position.number - 1) * size
    if not rows_left:
        return Page(position.number, [])
    if rows_left <= size and not bound_query.query.is_sparse:
        # As near to the end of the list as the first page is to its beginning.
        return Page(position.number, _execute(bound_query, _plan_in_order(bound_query, reverse=True), 0, rows_left))
    narrowed = bound_query.with_query(replace(bound_query.query, period=position.period))
    return Page(position.number, _execute(narrowed, _plan_in_order(narrowed), position.skip, size))


def _read_from_last_days(bound_query: BoundQuery, size: int) -> list[MessageRow]:
    """Read a first page from the last two days of the period alone; nothing when they have not enough rows.

    Two, for early in the morning the last one, which is today, has next to nothing.
    """
    since, until = bound_query.query.period.since, bound_query.query.period.until
    assert until is not None
    first_day = until - timedelta(days=1)
    narrowed = bound_query.with_query(
        replace(bound_query.query, period=Period(max(since, first_day) if since else first_day, until))
    )
    rows = _execute(narrowed, _plan_in_order(narrowed), 0, size)
    return rows if len(rows) == size else []


def _plan_in_order(bound_query: BoundQuery, *, reverse: bool = False) -> PlannedQuery:
    return PlannedQuery(bound_query.shape, AccessPath(reverse=reverse), bound_query.params)


def _read_rows(bound_query: BoundQuery, number: int, size: int, count: int | None) -> list[MessageRow]:
    skip = (number - 1) * size
    if bound_query.query.order is not None:
        return _read_sorted_rows(bound_query, skip, size, count)
    rows_left = None if count is None else count - skip
    if number > 1 and rows_left is not None and 0 < rows_left <= size:
        # The last page: as near to the end of the list as the first one is to its beginning.
        skip, size = 0, rows_left
    else:
        rows_left = None
        if deep_plan := planner.plan_deep_page(bound_query, skip, size):
            plan, skip = deep_plan
            return _execute(bound_query, plan, skip, size)
    rows: list[MessageRow] = []
    for plan in planner.plan_first_rows(bound_query, skip + size, reverse=rows_left is not None):
        rows = _execute(bound_query, plan, skip, size)
        if len(rows) == size:
            break
    return rows


def _read_sorted_rows(bound_query: BoundQuery, skip: int, size: int, count: int | None) -> list[MessageRow]:
    """Read `size` rows after `skip` others of a list sorted by a column, from whichever end of it is nearer."""
    if bound_query.has_aggregates:
        count = aggregates.sum_aggregates(bound_query).count
        if (
            rows := grouped_pages.read_grouped_rows(bound_query, count, skip, size, _read_using_aggregates)
        ) is not None:
            return rows
    reverse = False
    if count is not None and 2 * skip > count:
        reverse, size = True, min(size, count - skip)
        skip = count - skip - size
        if size <= 0:
            return []
    index_plan = (
        planner.plan_sort_index(bound_query, count, skip + size) if bound_query.has_aggregates and count else None
    )
    plan = index_plan or planner.plan_all_rows(bound_query)
    if plan is None:
        return []
    return _execute(bound_query, replace(plan, path=replace(plan.path, reverse=reverse)), skip, size)


def _execute(bound_query: BoundQuery, plan: PlannedQuery, skip: int, size: int) -> list[MessageRow]:
    statement = statements.page_statement(bound_query.engine, plan.shape, plan.path)
    result = bound_query.connection.execute(statement, {**plan.params, 'skip': skip, 'size': size})
    return [MessageRow._make(row) for row in result.all()]
