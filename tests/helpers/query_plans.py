"""The plan by which an engine runs a statement."""

from typing import Any

from sqlalchemy import CompoundSelect, Select, event
from sqlmodel import Session

from services.database.engine import Database


def query_plan(
    database: Database, statement: Select[Any, Any] | CompoundSelect[Any], values: dict[str, Any], *settings: str
) -> str:
    """Return the query plan of a statement, with some settings of PostgreSQL."""
    explain = 'EXPLAIN QUERY PLAN' if database.dialect == 'sqlite' else 'EXPLAIN'

    def add_explain(_: Any, cursor: Any, text: str, params: Any, *others: Any) -> tuple[str, Any]:
        return f'{explain} {text}', params

    def plan(session: Session) -> str:
        connection = session.connection()
        for setting in settings if database.dialect == 'postgresql' else ():
            connection.exec_driver_sql(setting)
        event.listen(connection, 'before_cursor_execute', add_explain, retval=True)
        # The cursor, because the columns of the result are those of the plan, and not of the statement.
        cursor = connection.execute(statement, values).cursor
        assert cursor is not None
        return str(cursor.fetchall())

    return database.read_sync(plan)
