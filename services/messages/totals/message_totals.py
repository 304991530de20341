"""How many messages a query finds, and what they cost."""

from models.column_types import kopecks_to_roubles
from services.lists.query_protocol import Totals
from services.messages.search import planner, statements
from services.messages.search.query_shape import BoundQuery
from services.messages.totals import aggregates, word_totals


def compute_totals(bound_query: BoundQuery) -> Totals:
    """Take the totals that the database keeps ready, of days or of words; count message by message where neither do."""
    if bound_query.has_aggregates:
        return aggregates.sum_aggregates(bound_query)
    if (word_totals_sum := word_totals.sum_word_totals(bound_query)) is not None:
        return word_totals_sum
    plan = planner.plan_all_rows(bound_query)
    if plan is None:
        return Totals(0, kopecks_to_roubles(0))
    statement = statements.totals_statement(bound_query.engine, plan.shape, plan.path)
    count, kopecks = bound_query.connection.execute(statement, plan.params).one()
    return Totals(count, kopecks_to_roubles(int(kopecks or 0)))
