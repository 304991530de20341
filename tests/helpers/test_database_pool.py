"""A database that a test has used is as new, or it is not used again."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from services.database.engine import Database
from tests.helpers.database_dump import dump
from tests.helpers.database_pool import DatabasePool
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.sample_data import fill_journal, sample_messages


@pytest.fixture
def pool(postgres: PostgresServer, postgresql_template: str) -> Iterator[DatabasePool]:
    """A pool of the test's own."""
    with closing(DatabasePool(postgres, postgresql_template)) as pool:
        yield pool


def renewed_after(pool: DatabasePool, name: str) -> str:
    """Return the database that a pool has prepared in place of a database."""
    pool.release(name)
    return pool._ready[-1].result()


def content(postgres: PostgresServer, name: str) -> str:
    """Return every value of every table of a database."""
    with closing(Database(postgres.url(name))) as database:
        return dump(database)


def test_a_filled_journal_is_emptied(postgres: PostgresServer, pool: DatabasePool) -> None:
    name = pool.acquire()
    new = content(postgres, name)
    for _ in range(2):
        fill_journal(postgres.url(name), sample_messages()[:5])
        with postgres.connect(name) as connection:
            connection.execute("UPDATE journal_state SET timezone = 'Asia/Omsk'")
            connection.execute('UPDATE message_kind SET position = position + 1')
        filled = content(postgres, name)
        assert filled != new
        assert renewed_after(pool, name) == name
        assert content(postgres, name) == new
    # The numbers begin anew, too.
    fill_journal(postgres.url(name), sample_messages()[:5])
    with postgres.connect(name) as connection:
        assert connection.execute(
            'SELECT (SELECT min(number) FROM change), (SELECT min(id) FROM organization)'
        ).fetchone() == (1, 1)


@pytest.mark.parametrize(
    'statement',
    [
        'CREATE TABLE other (number int)',
        'CREATE INDEX ON message (phone)',
        'ALTER TABLE message DISABLE TRIGGER ALL',
        'ALTER TABLE message ALTER phone SET STATISTICS 1',
        'ANALYZE journal_state',
        'ALTER DATABASE {} SET enable_seqscan = off',
        'SET session_replication_role = replica;'
        "INSERT INTO preference SELECT number, 'size', '20' FROM generate_series(1, 5000) number",
    ],
)
def test_a_changed_schema_is_not_used_again(postgres: PostgresServer, pool: DatabasePool, statement: str) -> None:
    name = pool.acquire()
    with postgres.connect(name) as connection:
        connection.execute(statement.format(name).encode())
    assert renewed_after(pool, name) != name


def test_connections_end(postgres: PostgresServer, pool: DatabasePool) -> None:
    name = pool.acquire()
    with postgres.connect(name) as left_open:
        left_open.execute('BEGIN')
        left_open.execute("UPDATE journal_state SET timezone = 'Asia/Omsk'")
        assert renewed_after(pool, name) == name
        with pytest.raises(psycopg.OperationalError):
            left_open.execute('SELECT 1')
