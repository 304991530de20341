"""How many messages a query finds, and what they cost."""

from models.columns import roubles
from services.messages import kept, statements, ways, worded
from services.messages.shape import Asked
from services.query import Totals


def read(asked: Asked) -> Totals:
    """Take the totals that the database keeps ready, of days or of words; count message by message where neither do."""
    if asked.kept:
        return kept.add_up(asked)
    if (found := worded.add_up(asked)) is not None:
        return found
    reached = ways.whole(asked)
    if reached is None:
        return Totals(0, roubles(0))
    statement = statements.sums(asked.engine, reached.shape, reached.way)
    count, kopecks = asked.connection.execute(statement, reached.values).one()
    return Totals(count, roubles(int(kopecks or 0)))
