"""What the database derives from its messages by itself: indexes, totals, and what finds a name or a phone.

All of it is made here and nowhere else, from nothing or over the messages that are there already; its triggers keep it
from then on. A bulk load puts it aside and builds it anew, which is many times quicker than keeping it row by row; so
does a program that wants it otherwise than the one before. The database notes what it has, so that a load which was
killed half-way is mended by the next start.
"""

import zlib
from collections.abc import Callable

from sqlalchemy import Connection, select, text, update
from sqlmodel import SQLModel

from services.database.indexes import planner_statistics, postgresql_indexes, sqlite_indexes

STATE_TABLE = SQLModel.metadata.tables['journal_state']

ProgressCallback = Callable[[int, int], None]
"""Called with steps done and steps in all."""


def ensure_indexes(connection: Connection, report_progress: ProgressCallback) -> None:
    """Build what is derived unless it is there as this program wants it; in the connection's transaction."""
    if connection.execute(select(STATE_TABLE.c.derived)).scalar_one() != _definition_checksum(connection):
        drop_indexes(connection)
        build_indexes(connection, report_progress)
        # The planner needs statistics of the new tables; a bulk load collects them itself (Database.freshen).
        if connection.dialect.name == 'sqlite':
            planner_statistics.analyze(connection)
        else:
            connection.execute(text('ANALYZE'))


def drop_indexes(connection: Connection) -> None:
    """Remove all that is derived; until it is built again the journal can be loaded but not read."""
    for statement in _index_set(connection).DROP_STATEMENTS:
        connection.execute(text(statement))
    connection.execute(update(STATE_TABLE).values(derived=None))


def build_indexes(connection: Connection, report_progress: ProgressCallback) -> None:
    """Make what is derived over all the messages there are, in the connection's transaction."""
    steps = _index_set(connection).build_steps(connection)
    for done, statements in enumerate(steps):
        report_progress(done, len(steps))
        for statement in statements:
            connection.exec_driver_sql(statement)
    connection.execute(update(STATE_TABLE).values(derived=_definition_checksum(connection)))
    report_progress(len(steps), len(steps))


def word_totals_query(connection: Connection) -> str:
    """Give the statement that counts the messages of each word, day by day, as `word_total` has them."""
    return _index_set(connection).WORD_TOTALS_QUERY


def _index_set(
    connection: Connection,
) -> 'type[sqlite_indexes.SqliteIndexes] | type[postgresql_indexes.PostgresqlIndexes]':
    return (
        postgresql_indexes.PostgresqlIndexes
        if connection.dialect.name == 'postgresql'
        else sqlite_indexes.SqliteIndexes
    )


def _definition_checksum(connection: Connection) -> int:
    """Tell one way of deriving from another."""
    return zlib.crc32(repr(_index_set(connection).DEFINITION).encode())
