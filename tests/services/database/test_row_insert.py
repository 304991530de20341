"""Insert of many rows by the means of each driver: they are those that SQLAlchemy would insert."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import insert, select
from sqlmodel import Session

from models import MessageStatus
from services.database import row_insert
from services.database.engine import Database
from services.database.tables import CHANGE_TABLE, MESSAGE_FACT_TABLE
from services.errors import DatabaseUnavailableError

AT = datetime(2026, 11, 29, 12, 30, 15, 999_999, UTC)
FULL = {
    'message_id': UUID(int=7), 'at': AT, 'told_at': AT, 'told_by': 'МИС\t\\N\n', 'status': MessageStatus.FAILED,
    'final': True, 'provider': 'smsru', 'code': '', 'error_code': '012', 'error_name': 'Ёж «"\'»', 'provider_id': 'a-1',
    'account': 'b', 'claimed_at': AT, 'part': 255,
}  # fmt: skip
EMPTY = dict.fromkeys(FULL) | {name: FULL[name] for name in ('message_id', 'at', 'told_at', 'told_by')}
EVENTS = [FULL, EMPTY | {'final': False}, FULL]


def test_rows_are_those_that_sqlalchemy_inserts(database: Database) -> None:
    def insert_both_ways(session: Session) -> None:
        row_insert.insert_rows(session, MESSAGE_FACT_TABLE, EVENTS)
        session.execute(insert(MESSAGE_FACT_TABLE), EVENTS)

    database.write_sync(insert_both_ways)
    stored = select(MESSAGE_FACT_TABLE).order_by(MESSAGE_FACT_TABLE.c.number)
    numbered = database.read_sync(lambda session: [tuple(row) for row in session.execute(stored)])
    numbers, rows = [row[0] for row in numbered], [row[1:] for row in numbered]
    assert numbers == sorted(set(numbers))
    assert rows[: len(EVENTS)] == rows[len(EVENTS) :]
    assert len(rows) == 2 * len(EVENTS)


def test_no_rows_are_no_statement(database: Database) -> None:
    database.write_sync(lambda session: row_insert.insert_rows(session, CHANGE_TABLE, []))
    count = database.read_sync(lambda session: len(session.execute(select(CHANGE_TABLE)).all()))
    assert count == 0


def test_a_database_that_refuses_the_rows_is_unavailable(database: Database) -> None:
    def insert_unless_read_only(session: Session) -> None:
        pragma = 'SET TRANSACTION READ ONLY' if database.dialect == 'postgresql' else 'PRAGMA query_only = 1'
        session.connection().exec_driver_sql(pragma)
        row_insert.insert_rows(session, MESSAGE_FACT_TABLE, EVENTS)

    with pytest.raises(DatabaseUnavailableError, match=r'read-?only'):
        database.write_sync(insert_unless_read_only)
