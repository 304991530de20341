"""A description of how a search is planned, for engineers; it reads estimates, but no row."""

from collections.abc import Iterator

from services import texts
from services.formats import integer
from services.messages.search import page_planner, planner
from services.messages.search.estimates import Estimates
from services.messages.search.index_tokens import IndexQuery
from services.messages.search.plan import GroupsPlan, PagePlan
from services.messages.search.query_shape import BoundQuery

EXPLAINED_PAGE_SIZE = 20
"""Rows of the page for which the plan is made."""


def explain(bound_query: BoundQuery, number: int) -> list[str]:
    """Describe the conditions, the plans of a page, the plan of the totals, and the estimates they needed."""
    rows_estimates, totals_estimates = Estimates(bound_query), Estimates(bound_query)
    row_lines = list(map(str, _plan_rows(rows_estimates, number))) or [texts.PLAN_REASON_NO_WORD]
    totals_line = str(planner.plan_totals(totals_estimates))
    estimate_lines = dict.fromkeys((*_describe_estimates(rows_estimates), *_describe_estimates(totals_estimates)))
    lines = [texts.EXPLAIN_CONDITION.format(condition=bound_query.query.describe(), engine=bound_query.engine)]
    lines += [texts.EXPLAIN_ESTIMATES, *(estimate_lines or [texts.EXPLAIN_NO_ESTIMATES])]
    lines += [texts.EXPLAIN_ROWS, *(texts.EXPLAIN_STEP.format(step=line) for line in row_lines)]
    lines += [texts.EXPLAIN_TOTALS, texts.EXPLAIN_STEP.format(step=totals_line)]
    return lines


def _plan_rows(estimates: Estimates, number: int) -> Iterator[PagePlan | GroupsPlan]:
    """Yield each plan that is tried in turn for the rows of a page."""
    if estimates.bound_query.query.order is None:
        yield from page_planner.plan_page(estimates, number, EXPLAINED_PAGE_SIZE, None)
    elif sorted_plan := page_planner.plan_sorted_page(estimates, number, EXPLAINED_PAGE_SIZE, None):
        yield sorted_plan


def _describe_estimates(estimates: Estimates) -> Iterator[str]:
    """Describe the estimates that planning has read; none is read for the description."""
    known = vars(estimates)
    if 'index_query' in known:
        yield texts.EXPLAIN_STEP.format(step=_describe_index_query(estimates.index_query))
    if 'filtered_totals' in known:
        yield texts.EXPLAIN_FILTERED.format(count=integer(estimates.filtered_count))
    if 'period_count' in known:
        yield texts.EXPLAIN_PERIOD.format(count=integer(estimates.period_count))
    if 'message_count' in known:
        yield texts.EXPLAIN_MESSAGES.format(count=integer(estimates.message_count))
    if estimates.__dict__.get('counted_words'):
        yield texts.EXPLAIN_WORDS.format(count=integer(len(estimates.counted_words)))


def _describe_index_query(index_query: IndexQuery | None) -> str:
    if index_query is None:
        return texts.EXPLAIN_NO_INDEX
    share = f'{index_query.estimated_share:.4%}'.replace('.', ',')
    exactness = texts.EXPLAIN_EXACT if index_query.is_exact else texts.EXPLAIN_INEXACT
    return texts.EXPLAIN_INDEX.format(
        share=share,
        alternatives=integer(len(index_query.alternatives)),
        tokens=integer(index_query.token_count),
        exactness=exactness,
    )
