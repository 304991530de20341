"""A page of messages after the last message of the page before, by its sort key: as quick at the end as at the start.

A page number would count the messages before it anew, and repeat or skip messages while others arrive.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Select

from services.messages.message_query import MessageRow
from services.messages.message_tables import message
from services.messages.search import planner
from services.messages.search.access_path import AccessPath
from services.messages.search.estimates import Estimates
from services.messages.search.page_planner import find_seek_position
from services.messages.search.query_shape import BoundQuery, QueryShape
from services.messages.search.statements import STATEMENT_CACHE_SIZE, page_statement


@dataclass(frozen=True)
class KeysetPage:
    """Some messages of a query, the newest first."""

    rows: Sequence[MessageRow]
    last_key: int | None
    """The sort key before which the next page begins; None for the last page."""


def read_keyset_page(bound_query: BoundQuery, *, before: int | None, size: int) -> KeysetPage:
    """Read up to `size` messages of a query in the order of the list; one that has an order of its own is not allowed.

    Args:
        bound_query: the query.
        before: `last_key` of the page before; None for the first page.
        size: the largest number of messages.
    """
    if before is not None:
        bound_query = bound_query.starting_before(before)
    row_limit = size + 1  # one more tells whether there is a next page
    period = bound_query.query.period
    if period.since and period.until and period.until < period.since:
        return KeysetPage([], None)
    if bound_query.has_aggregates and bound_query.query.is_sparse:
        # The aggregates tell the first day with a message and how many there are at most, so that no more are scanned.
        position = find_seek_position(bound_query, number=1, size=size)
        row_limit = min(row_limit, position.row_count)
        bound_query = bound_query.with_query(replace(bound_query.query, period=position.period))
    rows = _read_rows(bound_query, row_limit) if row_limit else []
    return KeysetPage(
        [MessageRow(*columns) for *columns, _ in rows[:size]], rows[size - 1][-1] if len(rows) > size else None
    )


def _read_rows(bound_query: BoundQuery, row_limit: int) -> Sequence[Any]:
    """Read the first rows of a query, each with its sort key as the last column."""
    rows: Sequence[Any] = []
    for plan in planner.plan_first_rows(Estimates(bound_query), row_limit, reverse=False):
        statement = _keyset_statement(bound_query.engine, plan.shape, plan.path)
        params = {**plan.params, 'skip': 0, 'size': row_limit}
        rows = bound_query.connection.execute(statement, params).all()
        if len(rows) == row_limit:
            break
    return rows


@lru_cache(STATEMENT_CACHE_SIZE)
def _keyset_statement(engine: str, shape: QueryShape, path: AccessPath) -> Select[Any]:
    """Build the statement of a page with the sort key of each row, which may change after the statement."""
    return page_statement(engine, shape, path).add_columns(message.c.place)
