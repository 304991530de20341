"""The count and the cost of the messages that a query finds."""

from models.column_types import kopecks_to_roubles
from services.lists.query_protocol import Totals
from services.messages.search import planner, statements
from services.messages.search.estimates import Estimates
from services.messages.search.plan import TotalsSource
from services.messages.totals import word_totals


def compute_totals(estimates: Estimates) -> Totals:
    """Count the result and add up its cost, from stored totals where they cover the query."""
    bound_query, plan = estimates.bound_query, planner.plan_totals(estimates)
    if plan.source is TotalsSource.AGGREGATES:
        return estimates.filtered_totals
    if plan.source is TotalsSource.WORD_TOTALS:
        return word_totals.sum_word_totals(bound_query, estimates.counted_words)
    if plan.rows is None:
        return Totals(0, kopecks_to_roubles(0))
    statement = statements.totals_statement(bound_query.engine, plan.rows.shape, plan.rows.path)
    count, kopecks = bound_query.connection.execute(statement, plan.rows.params).one()
    return Totals(count, kopecks_to_roubles(int(kopecks or 0)))
