"""Building and dropping of everything derived from the messages: indexes, totals and the search tables.

All of it is created here and nowhere else, from an empty table or from existing messages, and maintained by triggers
afterwards; only the small index of messages without an answer comes from its migration (0016), and a missing index of
services.database.indexes.condition_indexes is added without rebuilding the others. A bulk load drops it and
rebuilds it at the end, which is many times faster than maintaining it row by row. The checksum of the installed
definition is stored in the database, so that the next start completes a load that was killed, and a program version
with another definition rebuilds everything.
"""

import zlib
from collections.abc import Callable

from sqlalchemy import Connection, select, text, update

from services.database.indexes import condition_indexes, planner_statistics
from services.database.indexes.postgresql_indexes import PostgresqlIndexes
from services.database.indexes.sqlite_indexes import SqliteIndexes
from services.database.tables import STATE_TABLE

INSTALLED_INDEXES = {
    'sqlite': "SELECT name FROM sqlite_master WHERE type = 'index'",
    'postgresql': 'SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()',
}
ProgressCallback = Callable[[int, int], None]
"""A function that is called with the number of completed steps and the number of all steps."""


def ensure_indexes(connection: Connection, report_progress: ProgressCallback) -> None:
    """Rebuild the indexes, in the transaction of the connection, unless the current definition is installed."""
    if connection.execute(select(STATE_TABLE.c.derived)).scalar_one() == _definition_checksum(connection):
        _add_missing_indexes(connection, report_progress)
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
    for name in condition_indexes.create_statements(connection.dialect.name):
        connection.execute(text(f'DROP INDEX IF EXISTS {name}'))
    connection.execute(update(STATE_TABLE).values(derived=None))


def build_indexes(connection: Connection, report_progress: ProgressCallback) -> None:
    """Build all indexes and totals from the existing messages, in the transaction of the connection."""
    condition_steps = [[each] for each in condition_indexes.create_statements(connection.dialect.name).values()]
    # First, because the steps of an engine end with the settings that remain.
    first, *others = _index_set(connection).build_steps(connection)
    steps = [first, *condition_steps, *others]
    for done, statements in enumerate(steps):
        report_progress(done, len(steps))
        for statement in statements:
            connection.exec_driver_sql(statement)
    connection.execute(update(STATE_TABLE).values(derived=_definition_checksum(connection)))
    report_progress(len(steps), len(steps))


def _add_missing_indexes(connection: Connection, report_progress: ProgressCallback) -> None:
    engine = connection.dialect.name
    installed = set(connection.exec_driver_sql(INSTALLED_INDEXES[engine]).scalars())
    missing = {
        name: each for name, each in condition_indexes.create_statements(engine).items() if name not in installed
    }
    for done, statement in enumerate(missing.values()):
        report_progress(done, len(missing))
        connection.exec_driver_sql(statement)
    if missing:
        report_progress(len(missing), len(missing))
        if engine == 'postgresql':
            connection.exec_driver_sql('ANALYZE message')


def word_totals_query(connection: Connection) -> str:
    """Return the query that counts the messages of each word by day, with the columns of `word_total`."""
    return _index_set(connection).WORD_TOTALS_QUERY


def _index_set(connection: Connection) -> type[SqliteIndexes] | type[PostgresqlIndexes]:
    return PostgresqlIndexes if connection.dialect.name == 'postgresql' else SqliteIndexes


def _definition_checksum(connection: Connection) -> int:
    """Compute the checksum that identifies the definition of the indexes."""
    return zlib.crc32(repr(_index_set(connection).DEFINITION).encode())
