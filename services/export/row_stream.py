"""Stream the rows of an export from the database."""

from collections.abc import Iterator
from typing import Final

from services.ingest.message_parsing import IncomingMessage
from services.ingest.row_mapping import message_from_row
from services.messages.search import planner, statements
from services.messages.search.estimates import Estimates
from services.messages.search.query_shape import BoundQuery

FETCH_SIZE: Final = 200
"""Rows fetched from the database at a time."""


def stream_messages(bound_query: BoundQuery) -> Iterator[IncomingMessage]:
    """Yield all messages of a query in its order; the session must read one snapshot (Database.read_snapshot)."""
    planned_query = planner.plan_all_rows(Estimates(bound_query))
    if planned_query is None:
        return
    statement = statements.export_statement(bound_query.engine, planned_query.shape, planned_query.path)
    options = {'stream_results': True, 'yield_per': FETCH_SIZE}
    with bound_query.connection.execute(statement, planned_query.params, execution_options=options) as result:
        yield from map(message_from_row, result)
