"""One page of the journal of messages."""

from dataclasses import replace
from datetime import timedelta

from models.column_types import kopecks_to_roubles
from services import texts
from services.lists.query_protocol import PAGE_SIZES, Page, Period, Totals
from services.messages.message_query import MessageRow
from services.messages.search import grouped_pages, planner, statements
from services.messages.search.estimates import Estimates
from services.messages.search.page_planner import find_seek_position
from services.messages.search.plan import PlannedQuery
from services.messages.search.query_shape import BoundQuery
from services.messages.totals import message_totals


def read_page(estimates: Estimates, *, number: int, size: int, count: int | None) -> Page[MessageRow]:
    """Read a page; a number past the end returns the last page.

    A first page that is not full has all rows, and so their totals too.

    Args:
        estimates: those of the query.
        number: the page, from 1.
        size: rows per page.
        count: how many rows the query finds, where that is known.

    Raises:
        ValueError: the size is not one of PAGE_SIZES (S12).
    """
    if size not in PAGE_SIZES:
        raise ValueError(f'a page of {size} rows')
    page = _read_page(estimates, max(number, 1), size, count)
    if page.number > 1 or len(page.rows) == size:
        return page
    return replace(page, totals=Totals(len(page.rows), sum((row.cost for row in page.rows), kopecks_to_roubles(0))))


def _read_page(estimates: Estimates, number: int, size: int, count: int | None) -> Page[MessageRow]:
    if estimates.bound_query.query.order is None and estimates.bound_query.has_aggregates:
        return _read_using_aggregates(estimates, number, size)
    rows = _read_rows(estimates, number, size, count)
    if not rows and number > 1:
        count = message_totals.compute_totals(estimates).count if count is None else count
        number = max(-(-count // size), 1)
        rows = _read_rows(estimates, number, size, count)
    return Page(number, rows)


def _read_using_aggregates(estimates: Estimates, number: int, size: int) -> Page[MessageRow]:
    """Read a page of a query without a name and a phone: the aggregates tell on which day it begins."""
    bound_query, skip = estimates.bound_query, (number - 1) * size
    if skip <= bound_query.settings.max_direct_skip and not bound_query.query.is_sparse:
        rows = _read_in_order(bound_query, skip, size)
        if rows or number == 1:
            return Page(number, rows)
    if number == 1 and bound_query.query.period.until and (rows := _read_from_last_days(bound_query, size)):
        # The aggregates would only tell that the page begins on one of these days.
        return Page(1, rows if len(rows) == size else _read_in_order(bound_query, 0, size))
    position = find_seek_position(bound_query, number=number, size=size)
    rows_left = position.row_count - (position.number - 1) * size
    if not rows_left:
        return Page(position.number, [])
    if rows_left <= size and not bound_query.query.is_sparse:
        # Read from the end: the last page is as near to it as the first page is to the beginning.
        return Page(position.number, _read_in_order(bound_query, 0, rows_left, reverse=True))
    narrowed = bound_query.with_query(replace(bound_query.query, period=position.period))
    return Page(position.number, _read_in_order(narrowed, position.skip, size))


def _read_from_last_days(bound_query: BoundQuery, size: int) -> list[MessageRow]:
    """Read the rows of a first page that are of the last two days of the period.

    Two days, because early in the morning the last one, which is today, has almost no messages.
    """
    since, until = bound_query.query.period.since, bound_query.query.period.until
    assert until is not None
    first_day = until - timedelta(days=1)
    period = Period(max(since, first_day) if since else first_day, until)
    narrowed = bound_query.with_query(replace(bound_query.query, period=period))
    return _read_in_order(narrowed, 0, size)


def _read_in_order(bound_query: BoundQuery, skip: int, size: int, *, reverse: bool = False) -> list[MessageRow]:
    plan = planner.plan_scan(bound_query, texts.PLAN_REASON_SEEK, reverse=reverse)
    return _execute(bound_query, plan, skip, size)


def _read_rows(estimates: Estimates, number: int, size: int, count: int | None) -> list[MessageRow]:
    skip = (number - 1) * size
    if estimates.bound_query.query.order is not None:
        return _read_sorted_rows(estimates, skip, size, count)
    is_last_page = number > 1 and count is not None and 0 < count - skip <= size
    if is_last_page:
        # Read from the end: the last page is as near to it as the first page is to the beginning.
        assert count is not None
        skip, size = 0, count - skip
    elif deep_plan := planner.plan_deep_page(estimates, skip, size):
        plan, skip = deep_plan
        return _execute(estimates.bound_query, plan, skip, size)
    rows: list[MessageRow] = []
    for plan in planner.plan_first_rows(estimates, skip + size, reverse=is_last_page):
        rows = _execute(estimates.bound_query, plan, skip, size)
        if len(rows) == size:
            break
    return rows


def _read_sorted_rows(estimates: Estimates, skip: int, size: int, count: int | None) -> list[MessageRow]:
    """Read `size` rows after `skip` others of a list sorted by a column, from the nearer end of the list."""
    if estimates.bound_query.has_aggregates:
        count = estimates.filtered_count
        groups_plan = grouped_pages.plan_groups(estimates, skip)
        if groups_plan:
            return grouped_pages.read_groups(estimates, groups_plan, skip, size, _read_using_aggregates)
    reverse = False
    if count is not None and 2 * skip > count:
        reverse, size = True, min(size, count - skip)
        skip = count - skip - size
        if size <= 0:
            return []
    plan = planner.plan_sorted_rows(estimates, count, skip + size)
    return _execute(estimates.bound_query, plan.reversed(reverse=reverse), skip, size) if plan else []


def _execute(bound_query: BoundQuery, plan: PlannedQuery, skip: int, size: int) -> list[MessageRow]:
    statement = statements.page_statement(bound_query.engine, plan.shape, plan.path)
    result = bound_query.connection.execute(statement, {**plan.params, 'skip': skip, 'size': size})
    return [MessageRow(*row) for row in result.all()]
