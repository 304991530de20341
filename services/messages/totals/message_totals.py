"""How many messages a query finds, and what they cost."""

from models.column_types import roubles
from services.lists.query_protocol import Totals
from services.messages.search import planner, statements
from services.messages.search.query_shape import Asked
from services.messages.totals import aggregates, word_totals


def read(asked: Asked) -> Totals:
    """Take the totals that the database keeps ready, of days or of words; count message by message where neither do."""
    if asked.kept:
        return aggregates.add_up(asked)
    if (found := word_totals.add_up(asked)) is not None:
        return found
    reached = planner.whole(asked)
    if reached is None:
        return Totals(0, roubles(0))
    statement = statements.sums(asked.engine, reached.shape, reached.way)
    count, kopecks = asked.connection.execute(statement, reached.values).one()
    return Totals(count, roubles(int(kopecks or 0)))
