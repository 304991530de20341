"""Which way leads to the rows of a text search soonest.

An engine's planner cannot be trusted with the question: it guesses how many messages have a word, and where it guesses
too many it reads the newest messages one by one, for a rare name the whole journal. So the ways are tried in turn here:
the newest rows up to a bound, where a page of a common name is likely to be; then some days of the text index; then all
that the index has.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import accumulate
from typing import Any

from models.message import ARRIVAL_BITS
from services import days
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.messages.search import index_tokens, postgresql_dialect, statements
from services.messages.search.index_tokens import IndexQuery
from services.messages.search.query_shape import BoundQuery, QueryShape
from services.messages.search.selectivity import SAMPLE_SIZE
from services.messages.search.text_condition import AccessPath
from services.messages.totals import aggregates, word_totals


@dataclass(frozen=True)
class PlannedQuery:
    """A way, the shape of what is asked along it, and what stands in the places that its statement leaves open."""

    shape: QueryShape
    path: AccessPath
    params: dict[str, Any]


def plan_all_rows(bound_query: BoundQuery) -> PlannedQuery | None:
    """Choose the way to all rows of a query at once; None when there are none."""
    scan_plan = PlannedQuery(bound_query.shape, AccessPath(), bound_query.params)
    if not bound_query.text_condition or bound_query.text_condition.has_full_phone:
        return scan_plan
    index_query = index_tokens.build_index_query(bound_query)
    if index_query is None or _filters_are_more_selective(bound_query, index_query):
        return scan_plan
    return (
        _limit_to_period(bound_query, _plan_text_index(bound_query, index_query)) if index_query.alternatives else None
    )


def plan_sort_index(bound_query: BoundQuery, count: int, row_limit: int) -> PlannedQuery | None:
    """Choose the index of the column to sort by, where it comes to the first `wanted` rows sooner than all are sorted.

    None where the column has no index. The query is one of which totals are kept; `count` is how many rows it finds.
    """
    if bound_query.query.order is None or bound_query.query.order.column not in statements.SORT_INDEX_COLUMNS:
        return None
    message_count = aggregates.sum_aggregates(bound_query.with_query(MessageQuery())).count
    # One of `messages / count` steps along the index leads to a message that fits.
    is_cheaper = row_limit * message_count * bound_query.settings.sort_index_step_cost_ratio < count * count
    return PlannedQuery(bound_query.shape, AccessPath(uses_sort_index=True), bound_query.params) if is_cheaper else None


def plan_first_rows(bound_query: BoundQuery, row_limit: int, *, reverse: bool) -> Iterator[PlannedQuery]:
    """Give the ways to the first `wanted` rows of a text search, in turn, or to its last ones: the last way has all."""
    scan_plan = PlannedQuery(bound_query.shape, AccessPath(reverse=reverse), bound_query.params)
    index_query = (
        None
        if not bound_query.text_condition or bound_query.text_condition.has_full_phone
        else index_tokens.build_index_query(bound_query)
    )
    if index_query is None or _filters_are_more_selective(bound_query, index_query):
        yield scan_plan
        return
    if not index_query.alternatives:
        return
    is_unordered = bound_query.engine == 'postgresql'
    if index_query.estimated_share * bound_query.settings.newest_scan_rows >= row_limit and (
        is_unordered or index_query.token_count > bound_query.settings.max_ordered_tokens
    ):
        boundary = _boundary_key(bound_query, bound_query.settings.newest_scan_rows, reverse=reverse)
        if boundary is None:
            yield scan_plan
            return
        yield _limit_to_boundary(scan_plan, boundary)
    index_plan = _plan_text_index(bound_query, index_query, reverse=reverse)
    if is_unordered and index_query.estimated_share * SAMPLE_SIZE >= 1:
        yield from _plan_first_window(bound_query, index_plan)
    yield _limit_to_period(bound_query, index_plan)


def plan_deep_page(bound_query: BoundQuery, skip: int, size: int) -> tuple[PlannedQuery, int] | None:
    """Choose the way to the rows after `skip` others in those days alone in which they are; how many come before there.

    None where the index is in the order of the list and skips unseen, and where the days of what is asked are not kept.
    """
    if (
        bound_query.engine != 'postgresql'
        or skip < bound_query.settings.min_deep_skip
        or (counts := word_totals.count_by_day(bound_query)) is None
    ):
        return None
    running_counts = list(accumulate(count for _, count in counts))
    newest_index, oldest_index = (
        bisect_right(running_counts, skip),
        min(bisect_left(running_counts, skip + size), len(running_counts) - 1),
    )
    if newest_index >= len(running_counts):
        return None
    period = Period(days.from_number(counts[oldest_index][0]), days.from_number(counts[newest_index][0]))
    narrowed = bound_query.with_query(replace(bound_query.query, period=period))
    plan = (
        plan_all_rows(narrowed)
        if oldest_index - newest_index > bound_query.settings.max_scanned_days
        else PlannedQuery(narrowed.shape, AccessPath(), narrowed.params)
    )
    return (plan, skip - (running_counts[newest_index - 1] if newest_index else 0)) if plan else None


def _filters_are_more_selective(bound_query: BoundQuery, index_query: IndexQuery) -> bool:
    """Say whether what fits the other conditions is less than what fits the text: the smaller set drives."""
    if not bound_query.query.has_filters:
        return False
    filtered_count = aggregates.sum_aggregates(bound_query).count
    period_query = bound_query.with_query(MessageQuery(period=bound_query.query.period))
    # What an exact index gives is held against the choices by a small index of SQLite, without the messages themselves.
    cost_ratio = (
        bound_query.settings.full_row_cost_ratio if index_query.is_exact and bound_query.engine == 'sqlite' else 1
    )
    return (
        filtered_count <= bound_query.settings.max_scanned_rows
        and filtered_count * cost_ratio <= index_query.estimated_share * aggregates.sum_aggregates(period_query).count
    )


def _plan_text_index(bound_query: BoundQuery, index_query: IndexQuery, *, reverse: bool = False) -> PlannedQuery:
    """Ask the index."""
    path = AccessPath(
        uses_text_index=True,
        reverse=reverse,
        token_set_counts=tuple(map(len, index_query.alternatives)),
        is_exact=index_query.is_exact,
    )
    return PlannedQuery(
        bound_query.shape,
        path,
        {**bound_query.params, **statements.dialect_module(bound_query.engine).index_params(index_query.alternatives)},
    )


def _boundary_key(bound_query: BoundQuery, skip: int, *, reverse: bool) -> int | None:
    """Give the place that so many others come before; None when there are not so many."""
    statement = statements.boundary_key_statement(bound_query.engine, bound_query.shape, reverse=reverse)
    sort_key: int | None = bound_query.connection.execute(
        statement, {**bound_query.params, 'skip': skip, 'size': 1}
    ).scalar()
    return sort_key


def _plan_first_window(bound_query: BoundQuery, index_plan: PlannedQuery) -> Iterator[PlannedQuery]:
    """Ask the index for some days at the end where the list begins."""
    reverse = index_plan.path.reverse
    first_key = _boundary_key(bound_query, 0, reverse=reverse)
    if first_key is None:
        return
    boundary = first_key + (1 if reverse else -1) * (
        int(bound_query.settings.first_index_window.total_seconds()) << ARRIVAL_BITS
    )
    since, until = sorted((_local_day(bound_query, boundary), _local_day(bound_query, first_key)))
    if blocks := postgresql_dialect.ten_day_blocks(since, until, bound_query.settings.max_ten_day_blocks):
        path = replace(index_plan.path, limits_days=True)
        yield _limit_to_boundary(PlannedQuery(bound_query.shape, path, {**index_plan.params, 'tens': blocks}), boundary)


def _limit_to_boundary(plan: PlannedQuery, boundary: int) -> PlannedQuery:
    """Go a way no further than to a place."""
    if plan.path.reverse:
        until = min(boundary, plan.params.get('until', boundary))
        return replace(plan, shape=replace(plan.shape, until=True), params={**plan.params, 'until': until})
    since = max(boundary, plan.params.get('since', boundary))
    return replace(plan, shape=replace(plan.shape, since=True), params={**plan.params, 'since': since})


def _limit_to_period(bound_query: BoundQuery, index_plan: PlannedQuery) -> PlannedQuery:
    """Ask the index of PostgreSQL for the days of the period alone, where they are not too many."""
    path = replace(index_plan.path, limits_days=True)
    return (
        replace(index_plan, path=path, params={**index_plan.params, 'tens': bound_query.ten_day_blocks})
        if bound_query.ten_day_blocks
        else index_plan
    )


def _local_day(bound_query: BoundQuery, sort_key: int) -> date:
    return datetime.fromtimestamp(sort_key >> ARRIVAL_BITS, UTC).astimezone(bound_query.zone).date()
