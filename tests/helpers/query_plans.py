"""The plan by which an engine runs a statement."""

from typing import Any

from sqlalchemy import Select
from sqlmodel import Session

from services.database.engine import Database


def query_plan(database: Database, statement: Select[Any, Any], values: dict[str, Any], *settings: str) -> str:
    """Return the query plan of a statement, with some settings of PostgreSQL."""

    def plan(session: Session) -> str:
        for setting in settings if database.dialect == 'postgresql' else ():
            session.connection().exec_driver_sql(setting)
        compiled = statement.compile(session.connection())
        explain = 'EXPLAIN QUERY PLAN' if database.dialect == 'sqlite' else 'EXPLAIN'
        named = compiled.construct_params(values)
        positions = compiled.positiontup
        params = named if positions is None else tuple(named[name] for name in positions)
        return str(session.connection().exec_driver_sql(f'{explain} {compiled}', params).all())

    return database.read_sync(plan)
