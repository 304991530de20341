"""Statistics of a nearly empty database never mislead the query planner of SQLite."""

import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel import Session

from services.database.engine import Database
from services.database.indexes import index_builder, planner_statistics
from services.demo import demo_data
from services.ingest.ingest_batch import STORED_MESSAGES
from services.upgrade.migrations import migrate
from tests.helpers.old_databases import create_old_database
from tests.helpers.reference_messages import MOSCOW, NOON

INDEX_ROWS_DELETED = 'DELETE FROM message_search_data WHERE id >= ? AND id <= ?'
"""The statement with which FTS5 deletes the pages of a merged segment."""
BY_KEY = 'SEARCH message_search_data USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)'
SCAN = 'SCAN message_search_data'
NUMBERS = count(1)


def connect(url: str) -> sqlite3.Connection:
    """Open the database of an SQLite URL with the driver only, like another process."""
    return sqlite3.connect(make_url(url).database or '', isolation_level=None)


def deletion_plan(connection: sqlite3.Connection) -> str:
    """Return how SQLite plans FTS5's deletion on a connection."""
    # EXPLAIN alone does not notice that the schema has changed, but a reading statement does. The text differs each
    # time, because the driver would reuse a cached statement with its old plan.
    connection.execute('SELECT 1 FROM message_search_data LIMIT 1').fetchall()
    [(*_, step)] = connection.execute(f'EXPLAIN QUERY PLAN {INDEX_ROWS_DELETED} -- {next(NUMBERS)}', (1, 2))
    return str(step)


def session_plan(session: Session) -> str:
    """Return how SQLite plans FTS5's deletion on the connection of a session."""
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return deletion_plan(driver)


def analyzed(connection: sqlite3.Connection) -> set[str]:
    """Return the tables that have statistics."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchall():
        return set()
    return {table for (table,) in connection.execute('SELECT tbl FROM sqlite_stat1')}


def test_an_empty_journal_deletes_from_the_text_index_by_key(sqlite_url: str) -> None:
    with closing(connect(sqlite_url)) as connection:
        assert deletion_plan(connection) == BY_KEY
        assert analyzed(connection) == set()


def test_new_statistics_replace_misleading_ones_on_every_open_connection(sqlite_url: str) -> None:
    with closing(connect(sqlite_url)) as other:
        other.execute('ANALYZE')
        with closing(Database(sqlite_url)) as database:
            plans = [database.read_sync(session_plan), database.write_sync(session_plan), deletion_plan(other)]
            assert plans == [SCAN] * 3
            database.update_statistics()
            plans = [database.read_sync(session_plan), database.write_sync(session_plan), deletion_plan(other)]
            assert plans == [BY_KEY] * 3


def test_a_small_journal_still_looks_up_each_message_by_its_id(sqlite_url: str) -> None:
    with closing(Database(sqlite_url)) as database:
        demo_data.fill_journal(database, MOSCOW, today=NOON.date(), count=400, seed=1)
        database.update_statistics()
    ids = [bytes([number % 256] * 16) for number in range(1000)]
    statement = f'EXPLAIN QUERY PLAN {STORED_MESSAGES} WHERE message.id IN ({", ".join("?" * len(ids))})'
    with closing(connect(sqlite_url)) as connection:
        (*_, first_step), *_ = connection.execute(statement, ids)
    assert first_step == 'SEARCH message USING INDEX message_id (id=?)'


def test_large_tables_are_analyzed_except_the_text_index(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner_statistics, 'SMALLEST', 200)
    with closing(Database(sqlite_url)) as database, closing(connect(sqlite_url)) as connection:
        demo_data.fill_journal(database, MOSCOW, today=NOON.date(), count=400, seed=1)
        assert {'message', 'word_total'} <= analyzed(connection)
        assert not {'organization', 'journal_state'} & analyzed(connection)
        assert not {table for table in analyzed(connection) if table.startswith('message_search')}
        database.write_sync(lambda session: session.execute(text('DELETE FROM message WHERE day % 4 > 0')))
        database.update_statistics()
        assert 'message' not in analyzed(connection)


def test_the_migration_repairs_a_database_of_the_previous_version(tmp_path: Path) -> None:
    url = f'sqlite:///{tmp_path}/old.db'
    create_old_database(url, '0013', lambda connection: index_builder.ensure_indexes(connection, lambda *_: None))
    with closing(connect(url)) as old:
        old.execute('ANALYZE')
        old.execute("INSERT INTO sqlite_stat1 VALUES ('message', 'message_phone', '250000 4')")
        old.execute("INSERT INTO sqlite_stat1 VALUES ('message', 'message_unsent', '40 1 1 1 1 1')")
        old.execute("INSERT INTO sqlite_stat1 VALUES ('change', NULL, '99999')")
    with closing(connect(url)) as running, closing(connect(url)) as connection:
        assert deletion_plan(running) == SCAN
        migrate(url)
        assert deletion_plan(running) == BY_KEY
        assert deletion_plan(connection) == BY_KEY
        assert connection.execute('SELECT tbl, idx FROM sqlite_stat1 ORDER BY idx').fetchall() == [
            ('message', 'message_phone'),
            ('message', 'message_unsent'),
        ]
