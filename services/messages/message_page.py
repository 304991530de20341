"""One page of the journal of messages."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Select

from models.column_types import kopecks_to_roubles
from services.call_list.row_calls import MAY_HAVE_CALLS
from services.lists.query_protocol import PAGE_SIZES, Page, Totals
from services.messages.message_query import MessageRow
from services.messages.search import grouped_pages, page_planner, statements
from services.messages.search.access_path import AccessPath
from services.messages.search.estimates import Estimates
from services.messages.search.plan import GroupsPlan, PagePlan, PlannedQuery
from services.messages.search.query_shape import BoundQuery, QueryShape
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
    is_sorted = estimates.bound_query.query.order is not None
    read = _read_sorted_page if is_sorted else _read_unsorted_page
    page = read(estimates, number, size, count)
    if page.rows or page.number == 1:
        return page
    count = message_totals.compute_totals(estimates).count if count is None else count
    return read(estimates, max(-(-count // size), 1), size, count)


def _read_unsorted_page(estimates: Estimates, number: int, size: int, count: int | None = None) -> Page[MessageRow]:
    """Read a page in the journal's own order."""
    page: Page[MessageRow] = Page(1, [])
    for plan in page_planner.plan_page(estimates, number, size, count):
        page = Page(plan.number, _execute(estimates.bound_query, plan))
        if len(page.rows) >= plan.min_rows:
            break
    return page


def _read_sorted_page(estimates: Estimates, number: int, size: int, count: int | None) -> Page[MessageRow]:
    """Read a page of a list that is sorted by a column."""
    plan = page_planner.plan_sorted_page(estimates, number, size, count)
    if isinstance(plan, GroupsPlan):
        skip = (number - 1) * size
        return Page(number, grouped_pages.read_groups(estimates, plan, skip, size, _read_unsorted_page))
    return Page(number, _execute(estimates.bound_query, plan) if plan else [])


def _execute(bound_query: BoundQuery, plan: PagePlan) -> list[MessageRow]:
    rows = _read_rows(bound_query, plan.rows, plan)
    if plan.if_partial and 0 < len(rows) < plan.size:
        return _read_rows(bound_query, plan.if_partial, plan)
    return rows


def _read_rows(bound_query: BoundQuery, query: PlannedQuery, page: PagePlan) -> list[MessageRow]:
    statement = _page_statement(bound_query.engine, query.shape, query.path)
    result = bound_query.connection.execute(statement, {**query.params, 'skip': page.skip, 'size': page.size})
    return [MessageRow(*row) for row in result.all()]


@lru_cache(statements.STATEMENT_CACHE_SIZE)
def _page_statement(engine: str, shape: QueryShape, path: AccessPath) -> Select[Any]:
    """Build the statement of a page with the column of the messages whose calls are read then."""
    return statements.page_statement(engine, shape, path).add_columns(MAY_HAVE_CALLS)
