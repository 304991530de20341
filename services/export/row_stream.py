"""The rows of an export."""

from collections.abc import Iterator
from typing import Final

from services.ingest.message_parsing import Incoming
from services.ingest.row_mapping import as_told
from services.messages.search import planner, statements
from services.messages.search.query_shape import Asked

ROWS: Final = 200
"""Rows that are taken from the database at a time."""


def stream(asked: Asked) -> Iterator[Incoming]:
    """Read all messages that a query finds, in its order; the connection must see one moment (Database.read_still)."""
    reached = planner.whole(asked)
    if reached is None:
        return
    statement = statements.every(asked.engine, reached.shape, reached.way)
    options = {'stream_results': True, 'yield_per': ROWS}
    with asked.connection.execute(statement, reached.values, execution_options=options) as found:
        yield from map(as_told, found)
