"""Building and dropping of everything derived from the messages: indexes, totals and the search tables.

All of it is created here and nowhere else, from an empty table or from existing messages, and maintained by triggers
afterwards; only the small index of messages without an answer comes from its migration (0016). A bulk load drops it and
rebuilds it at the end, which is many times faster than maintaining it row by row. The checksum of the installed
definition is stored in the database, so that the next start completes a load that was killed, and a program version
with another definition rebuilds everything.
"""

import zlib
from collections.abc import Callable

from sqlalchemy import Connection, select, text, update

from services.database.indexes import planner_statistics
from services.database.indexes.postgresql_indexes import PostgresqlIndexes
from services.database.indexes.sqlite_indexes import SqliteIndexes
from services.database.tables import STATE_TABLE

ProgressCallback = Callable[[int, int], None]
"""A function that is called with the number of completed steps and the number of all steps."""


def ensure_indexes(connection: Connection, report_progress: ProgressCallback) -> None:
    """Rebuild the indexes, in the transaction of the connection, unless the current definition is installed."""
    if connection.execute(select(STATE_TABLE.c.derived)).scalar_one() == _definition_checksum(connection):
        return
    drop_indexes(connection)
    build_indexes(connection, report_progress)
    # The planner needs statistics of the new tables. A bulk load collects them itself (Database.update_statistics).
    if connection.dialect.name == 'sqlite':
        planner_statistics.analyze(connection)
    else:
        connection.execute(text('ANALYZE'))


def drop_indexes(connection: Connection) -> None:
    """Drop all indexes and totals; until they are rebuilt, messages can be loaded but not searched."""
    for statement in _index_set(connection).DROP_STATEMENTS:
        connection.execute(text(statement))
    connection.execute(update(STATE_TABLE).values(derived=None))


def build_indexes(connection: Connection, report_progress: ProgressCallback) -> None:
    """Build all indexes and totals from the existing messages, in the transaction of the connection."""
    steps = _index_set(connection).build_steps(connection)
    for done, statements in enumerate(steps):
        report_progress(done, len(steps))
        for statement in statements:
            connection.exec_driver_sql(statement)
    connection.execute(update(STATE_TABLE).values(derived=_definition_checksum(connection)))
    report_progress(len(steps), len(steps))


def word_totals_query(connection: Connection) -> str:
    """Return the query that counts the messages of each word by day, with the columns of `word_total`."""
    return _index_set(connection).WORD_TOTALS_QUERY


def _index_set(connection: Connection) -> type[SqliteIndexes] | type[PostgresqlIndexes]:
    return PostgresqlIndexes if connection.dialect.name == 'postgresql' else SqliteIndexes


def _definition_checksum(connection: Connection) -> int:
    """Compute the checksum that identifies the definition of the indexes."""
    return zlib.crc32(repr(_index_set(connection).DEFINITION).encode())
