"""The choice of the access path by which the rows of a search, and its totals, are reached soonest.

The engine's own planner cannot choose between the text index and a scan: it guesses how many messages contain a word.
Where it guesses too many, it reads the newest messages one by one, and for a rare name that is the whole journal.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from models.message import ARRIVAL_BITS
from services import texts
from services.messages.search import statements
from services.messages.search.access_path import AccessPath, LeadingCondition
from services.messages.search.dialects import postgresql_dialect
from services.messages.search.dialects.dialect import dialect_module
from services.messages.search.estimates import Estimates
from services.messages.search.index_tokens import IndexQuery
from services.messages.search.plan import PlannedQuery, TotalsPlan, TotalsSource
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import SAMPLE_SIZE


def plan_totals(estimates: Estimates) -> TotalsPlan:
    """Choose where the count and the cost come from."""
    if estimates.bound_query.has_aggregates:
        return TotalsPlan(TotalsSource.AGGREGATES, texts.PLAN_REASON_AGGREGATES)
    if estimates.counted_words:
        return TotalsPlan(TotalsSource.WORD_TOTALS, texts.PLAN_REASON_WORD_TOTALS)
    rows = plan_all_rows(estimates)
    if rows is None:
        return TotalsPlan(TotalsSource.NOTHING, texts.PLAN_REASON_NO_WORD)
    return TotalsPlan(TotalsSource.MESSAGES, rows.reason, rows)


def plan_all_rows(estimates: Estimates) -> PlannedQuery | None:
    """Choose the access path to all rows of a query at once; None if no message has the text."""
    bound_query = estimates.bound_query
    if scan_reason := _scan_reason(estimates):
        return _plan_whole_scan(estimates, scan_reason)
    index_query = estimates.index_query
    assert index_query is not None
    if not index_query.alternatives:
        return None
    return _limit_to_period(bound_query, _plan_text_index(estimates, index_query))


def _plan_whole_scan(estimates: Estimates, reason: str) -> PlannedQuery:
    """Plan to scan all rows.

    SQLite reads all appointments of the messages of a period. If those that fit are of earlier messages, the plan is to
    read the end of the period, which is empty.
    """
    plan = plan_scan(estimates.bound_query, reason, lead=estimates.lead)
    if estimates.bound_query.engine == 'sqlite' and 'since' in plan.params:
        limited = _plan_first_scan(estimates, reason, reverse=False)
        if limited.shape.until and limited.params['until'] < limited.params['since']:
            return limited
    return plan


def plan_scan(
    bound_query: BoundQuery, reason: str, *, reverse: bool = False, lead: LeadingCondition = ''
) -> PlannedQuery:
    """Plan to scan the messages, or the index of a condition, in the order of the list or from its end."""
    path = AccessPath(lead=lead, reverse=reverse, uses_code_index=bound_query.shape.has_code)
    return PlannedQuery(bound_query.shape, path, bound_query.params, reason)


def plan_sorted_rows(estimates: Estimates, count: int | None, row_limit: int) -> PlannedQuery | None:
    """Choose the access path to the first `row_limit` rows of a sorted list; None if no message has the text.

    Args:
        estimates: those of a query that has an order.
        count: how many rows the query finds, where that is known.
        row_limit: how many rows are read.
    """
    if estimates.bound_query.has_aggregates and count and _sort_index_is_cheaper(estimates, count, row_limit):
        bound_query, path = estimates.bound_query, AccessPath(uses_sort_index=True)
        return PlannedQuery(bound_query.shape, path, bound_query.params, texts.PLAN_REASON_SORT_INDEX)
    return plan_all_rows(estimates)


def plan_first_rows(estimates: Estimates, row_limit: int, *, reverse: bool) -> Iterator[PlannedQuery]:
    """Yield the plans to try in turn for the first `row_limit` rows of the list, or for its last ones.

    A page of a common name is likely among the newest messages, so these are scanned first; then some days of the text
    index are read. The last plan reaches all rows. No plan is yielded if no message has the text.
    """
    bound_query = estimates.bound_query
    if scan_reason := _scan_reason(estimates):
        yield _plan_first_scan(estimates, scan_reason, reverse=reverse)
        return
    index_query, limits = estimates.index_query, bound_query.settings
    assert index_query is not None
    if not index_query.alternatives:
        return
    is_unordered = bound_query.engine == 'postgresql'
    page_is_near = index_query.estimated_share * limits.newest_scan_rows >= row_limit
    if page_is_near and (is_unordered or index_query.token_count > limits.max_ordered_tokens):
        newest_rows = _plan_first_scan(estimates, texts.PLAN_REASON_NEWEST_ROWS, reverse=reverse)
        boundary = _boundary_key(bound_query, newest_rows, limits.newest_scan_rows)
        if boundary is None:
            yield replace(newest_rows, reason=texts.PLAN_REASON_SMALL_JOURNAL)
            return
        yield _limit_to_boundary(newest_rows, boundary)
    index_plan = _plan_text_index(estimates, index_query).reversed(reverse=reverse)
    if is_unordered and index_query.estimated_share * SAMPLE_SIZE >= 1:
        yield from _plan_first_window(estimates, index_plan)
    yield _limit_to_period(bound_query, index_plan)


def _plan_first_scan(estimates: Estimates, reason: str, *, reverse: bool) -> PlannedQuery:
    """Plan to scan the first rows of the list, or the last ones.

    The appointments of many days are not read day by day: the list is scanned, from the first message that has one.
    """
    bound_query, lead = estimates.bound_query, estimates.lead
    if lead != 'appointment' or bound_query.shape.appointment_days:
        return plan_scan(bound_query, reason, reverse=reverse, lead=lead)
    plan = plan_scan(bound_query, reason, reverse=reverse)
    boundary = estimates.appointment_boundary(reverse=reverse)
    if boundary is None:
        return plan
    return _limit_to_boundary(plan.reversed(reverse=not reverse), boundary).reversed(reverse=reverse)


def _scan_reason(estimates: Estimates) -> str | None:
    """Return why the messages are scanned; None if the text index is used."""
    text_condition = estimates.bound_query.text_condition
    if estimates.bound_query.shape.has_code:
        return texts.PLAN_REASON_CODE
    if not text_condition:
        return texts.PLAN_REASON_SURNAME if estimates.bound_query.shape.surnames else texts.PLAN_REASON_NO_TEXT
    if text_condition.has_full_phone:
        return texts.PLAN_REASON_FULL_PHONE
    if estimates.index_query is None:
        return texts.PLAN_REASON_COMMON_TEXT
    if _filters_are_more_selective(estimates, estimates.index_query):
        return texts.PLAN_REASON_FILTERS
    return None


def _filters_are_more_selective(estimates: Estimates, index_query: IndexQuery) -> bool:
    """Check whether the other conditions leave fewer messages than the text: the smaller set drives the query."""
    bound_query = estimates.bound_query
    if not bound_query.query.has_filters or estimates.smallest_filter_count > bound_query.settings.max_scanned_rows:
        return False
    # SQLite compares the matches of an exact index with the filters by `message_facts`, without reading the messages.
    is_covered = index_query.is_exact and bound_query.engine == 'sqlite'
    cost_ratio = bound_query.settings.full_row_cost_ratio if is_covered else 1
    return estimates.smallest_filter_count * cost_ratio <= index_query.estimated_share * estimates.period_count


def _sort_index_is_cheaper(estimates: Estimates, count: int, row_limit: int) -> bool:
    """Check whether the sort column has an index that yields the rows sooner than sorting all `count` of them."""
    order = estimates.bound_query.query.order
    if order is None or order.column not in statements.SORT_INDEX_COLUMNS:
        return False
    # One of `message_count / count` steps along the index reaches a message that fits.
    step_cost_ratio = estimates.bound_query.settings.sort_index_step_cost_ratio
    return row_limit * estimates.message_count * step_cost_ratio < count * count


def _plan_text_index(estimates: Estimates, index_query: IndexQuery) -> PlannedQuery:
    bound_query = estimates.bound_query
    # SQLite would compute the surname of each match from its whole row; a look-up in its index is quicker.
    looks_up_surnames = bound_query.engine == 'sqlite' and bool(bound_query.shape.surnames)
    path = AccessPath(
        uses_text_index=True,
        token_set_counts=tuple(map(len, index_query.alternatives)),
        is_exact=index_query.is_exact,
        lead='surnames' if looks_up_surnames else '',
        hides_organizations=_text_is_much_rarer(estimates, index_query),
    )
    index_params = dialect_module(bound_query.engine).index_params(index_query.alternatives)
    params = {**bound_query.params, **index_params}
    return PlannedQuery(bound_query.shape, path, params, texts.PLAN_REASON_TEXT_INDEX)


def _text_is_much_rarer(estimates: Estimates, index_query: IndexQuery) -> bool:
    """Check whether PostgreSQL should not combine the text index with the entries of the organizations.

    SQLite never does.
    """
    bound_query = estimates.bound_query
    if bound_query.engine != 'postgresql' or not bound_query.shape.organizations:
        return False
    match_count = index_query.estimated_share * estimates.period_count
    return match_count * bound_query.settings.matched_row_cost_ratio < estimates.smallest_filter_count


def _boundary_key(bound_query: BoundQuery, scan: PlannedQuery, skip: int) -> int | None:
    """Read the sort key that comes after `skip` rows of a scan; None if there are not so many."""
    statement = statements.boundary_key_statement(bound_query.engine, scan.shape, scan.path)
    params = {**scan.params, 'skip': skip, 'size': 1}
    sort_key: int | None = bound_query.connection.execute(statement, params).scalar()
    return sort_key


def _plan_first_window(estimates: Estimates, index_plan: PlannedQuery) -> Iterator[PlannedQuery]:
    """Limit the text index to some days at that end of the list where reading begins."""
    bound_query, reverse = estimates.bound_query, index_plan.path.reverse
    limits = bound_query.settings
    scan = _plan_first_scan(estimates, texts.PLAN_REASON_FIRST_WINDOW, reverse=reverse)
    # Of any organization, because the newest message of each would have to be looked up.
    first_key = _boundary_key(bound_query, replace(scan, shape=replace(scan.shape, organizations=0)), 0)
    if first_key is None:
        return
    window = int(limits.first_index_window.total_seconds()) << ARRIVAL_BITS
    boundary = first_key + window if reverse else first_key - window
    since, until = sorted((_local_day(bound_query, boundary), _local_day(bound_query, first_key)))
    blocks = postgresql_dialect.ten_day_blocks(since, until, limits.max_ten_day_blocks)
    if blocks:
        path, params = replace(index_plan.path, limits_days=True), {**index_plan.params, 'tens': blocks}
        window_plan = replace(index_plan, path=path, params=params, reason=texts.PLAN_REASON_FIRST_WINDOW)
        yield _limit_to_boundary(window_plan, boundary)


def _limit_to_boundary(plan: PlannedQuery, boundary: int) -> PlannedQuery:
    """Stop reading at a sort key."""
    if plan.path.reverse:
        until = min(boundary, plan.params.get('until', boundary))
        return replace(plan, shape=replace(plan.shape, until=True), params={**plan.params, 'until': until})
    since = max(boundary, plan.params.get('since', boundary))
    return replace(plan, shape=replace(plan.shape, since=True), params={**plan.params, 'since': since})


def _limit_to_period(bound_query: BoundQuery, index_plan: PlannedQuery) -> PlannedQuery:
    """Limit the index of PostgreSQL to the days of the period, if they are not too many."""
    if not bound_query.ten_day_blocks:
        return index_plan
    params = {**index_plan.params, 'tens': bound_query.ten_day_blocks}
    return replace(index_plan, path=replace(index_plan.path, limits_days=True), params=params)


def _local_day(bound_query: BoundQuery, sort_key: int) -> date:
    return datetime.fromtimestamp(sort_key >> ARRIVAL_BITS, UTC).astimezone(bound_query.zone).date()
