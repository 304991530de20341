"""Statistics for SQLite's query planner, collected only from tables that have reached their order of magnitude.

SQLite uses the counts of ANALYZE until the next ANALYZE, however much a table grows meanwhile: with the statistics of a
few rows it scans a table of millions. A table without statistics is planned as one of a million rows, which suits every
table that is still growing.

Virtual tables and their shadow tables never get statistics. The full-text index reads and deletes its own rows by
ranges of keys. With the statistics of two rows, each of these statements scans the whole index, and so does every merge
of segments.
"""

from sqlalchemy import Connection

SMALLEST = 100_000
"""Tables with fewer rows get no statistics: below this a lookup of a thousand ids is planned as a scan of the table."""

ORDINARY_TABLES = """
    SELECT name FROM sqlite_master AS one
    WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND rootpage > 0 AND NOT EXISTS (
        SELECT 1 FROM sqlite_master AS virtual
        WHERE virtual.type = 'table' AND virtual.rootpage = 0
            AND substr(one.name, 1, length(virtual.name) + 1) = virtual.name || '_'
    )
"""
"""All but virtual tables, which have no root page, and shadow tables, whose names begin with the virtual table's."""


def analyze(connection: Connection) -> None:
    """Replace the planner's statistics of an SQLite database, in the connection's transaction.

    The schema version changes with it, so that every other open connection, of any process, loads the new ones.
    """
    # ANALYZE creates these tables again. Without the drop, rows of tables that are no longer analysed would remain.
    for table in ('sqlite_stat1', 'sqlite_stat4'):
        connection.exec_driver_sql(f'DROP TABLE IF EXISTS {table}')
    for name in connection.exec_driver_sql(ORDINARY_TABLES).scalars().all():
        rows = f'SELECT count(*) FROM (SELECT 1 FROM "{name}" LIMIT {SMALLEST})'
        if connection.exec_driver_sql(rows).scalar_one() == SMALLEST:
            connection.exec_driver_sql(f'ANALYZE "{name}"')
    # This connection would continue to use the row counts that it has loaded; only reloading the schema removes them.
    connection.exec_driver_sql('PRAGMA writable_schema = RESET')
