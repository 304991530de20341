"""Restores the content of a copy of a PostgreSQL database, which costs less than another copy."""

from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier

MAX_PAGES = 9
"""Pages of a table that may be emptied: until a table is analysed, the planner assumes that it has ten or more."""
FIRST_USER_OBJECT = 16384
END_OTHER_CONNECTIONS = """
    SELECT pg_terminate_backend(pg_stat_get_backend_pid(number), 10000) FROM pg_stat_get_backend_idset() number
    WHERE pg_stat_get_backend_dbid(number) = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND pg_stat_get_backend_pid(number) <> pg_backend_pid()
"""
# A connection that ends has counted what it wrote.
WRITTEN_TABLES = f"""
    SELECT relname, oid >= {FIRST_USER_OBJECT} FROM pg_class WHERE relkind = 'r' AND NOT relisshared AND
        pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid) + pg_stat_get_tuples_deleted(oid) > 0
"""
"""Reads the tables that were written to, and whether they are no tables of the catalog."""
OWN_SETTINGS = """
    SELECT count(*) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
PAGES = "SELECT max(pg_table_size(name::regclass) / current_setting('block_size')::int) FROM unnest(%s::text[]) name"
SEQUENCES = 'SELECT seqrelid::regclass::text, pg_sequence_last_value(seqrelid) FROM pg_sequence'
WITHOUT_TRIGGERS = "SET session_replication_role = 'replica'"


class DatabaseReset:
    """The content of a database that no test has used; other copies of its template are restored to it."""

    def __init__(self, connection: Connection) -> None:
        """Read the content by a connection to a copy that no test has used."""
        tables = connection.execute(f"SELECT relname FROM pg_class WHERE relkind = 'r' AND oid >= {FIRST_USER_OBJECT}")
        self._rows = {name: _read_rows(connection, name) for (name,) in tables.fetchall()}
        self._sequences = _read_sequences(connection)

    def restore(self, connection: Connection) -> bool:
        """Restore the database of a connection, and end the other connections to it.

        Returns:
            Whether it is now as it was before its use. It is not if something was written to the catalog, which has the
            schema and the statistics for the planner, or if a table has grown so much that the planner could notice it.
        """
        connection.execute(END_OTHER_CONNECTIONS)
        written: dict[str, bool] = dict(connection.execute(WRITTEN_TABLES).fetchall())
        [(own_settings,)] = connection.execute(OWN_SETTINGS).fetchall()
        if own_settings or not all(written.values()):
            return False
        [(pages,)] = connection.execute(PAGES, ([*written],)).fetchall()
        if (pages or 0) > MAX_PAGES:
            return False
        connection.execute(WITHOUT_TRIGGERS)
        for name in written:
            _replace_rows(connection, name, self._rows[name])
        for name, value in _read_sequences(connection).items():
            if value != (before := self._sequences[name]):
                connection.execute('SELECT setval(%s::regclass, %s, %s)', (name, before or 1, before is not None))
        # The deletions just made are counted when this connection ends, unless they are counted before.
        connection.execute('SELECT pg_stat_force_next_flush()')
        connection.execute('SELECT pg_stat_reset()')
        return True


def _read_sequences(connection: Connection) -> dict[str, int | None]:
    return dict(connection.execute(SEQUENCES).fetchall())


def _read_rows(connection: Connection, table: str) -> bytes:
    with connection.cursor().copy(_on_table('COPY {} TO STDOUT', table)) as rows:
        return b''.join(map(bytes, rows))


def _replace_rows(connection: Connection, table: str, rows: bytes) -> None:
    connection.execute(_on_table('DELETE FROM {}', table))
    if rows:
        with connection.cursor().copy(_on_table('COPY {} FROM STDIN', table)) as target:
            target.write(rows)


def _on_table(statement: str, table: str) -> Composed:
    return SQL(statement).format(Identifier(table))
