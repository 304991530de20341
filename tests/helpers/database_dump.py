"""Everything that a database stores, as text, for tests that something is stored nowhere.

The statistics of the planner of PostgreSQL are included, because they contain the most common values of columns.
"""

from typing import Any

from sqlalchemy import inspect, text
from sqlmodel import Session

from services.database.engine import Database


def dump(database: Database) -> str:
    """Return every value of every table: one line for each row, after the name of its table."""

    def read(session: Session) -> str:
        names = [f'"{name}"' for name in inspect(session.connection()).get_table_names()]
        # The text index of SQLite has no rows of its own: its words are in the tables behind it.
        tables = set(names) - {'"message_search"'}
        if database.dialect == 'postgresql':
            tables.add("pg_stats WHERE schemaname = 'public'")
        return '\n'.join(
            ' '.join([name.strip('"'), *map(_to_text, row)])
            for name in sorted(tables)
            for row in session.execute(text(f'SELECT * FROM {name}'))
        )

    return database.read_sync(read)


def _to_text(value: Any) -> str:
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else str(value)
