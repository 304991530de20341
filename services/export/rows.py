"""The rows of an export, as one picture of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection

from services.feed.incoming import Incoming
from services.feed.rows import as_told
from services.messages import statements, ways
from services.messages.shape import Asked

ROWS: Final = 1000
"""Rows that are taken from the database at a time."""


def stream(asked: Asked) -> Iterator[Incoming]:
    """Read all messages that a query finds, in its order, as they stand at the first of them."""
    with _picture(asked.connection):
        reached = ways.whole(asked)
        if reached is None:
            return
        statement = statements.every(asked.engine, reached.shape, reached.way)
        options = {'stream_results': True, 'yield_per': ROWS}
        with asked.connection.execute(statement, reached.values, execution_options=options) as found:
            yield from map(as_told, found)


@contextmanager
def _picture(connection: Connection) -> Iterator[None]:
    """Hold one picture for all statements; on SQLite a reading connection has that by itself."""
    if connection.dialect.name != 'postgresql':
        yield
        return
    # In words, for the connections that read are in no transaction otherwise (see services.database).
    connection.exec_driver_sql('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    try:
        yield
    finally:
        connection.exec_driver_sql('ROLLBACK')
