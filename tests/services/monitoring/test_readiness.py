"""Readiness: each cause by a real database that has it, one log line for each change, and no secret in the answer."""

import asyncio
import logging
import os
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from services import texts
from services.database.connections import SQLITE_BUSY_TIMEOUT
from services.database.engine import Database
from services.monitoring.database_problems import DatabaseProblem, problem_of
from services.monitoring.health import CACHE_SECONDS, TIMEOUT_SECONDS, HealthCheck
from services.upgrade.migrations import migrate
from tests.helpers.postgres_server import PostgresServer

LONGEST_CHECK = 3 * TIMEOUT_SECONDS + 1
"""Seconds: a check asks three questions at most."""


@pytest.fixture(scope='module')
def primary() -> Iterator[PostgresServer]:
    """A server of its own, which may have standbys, and which a test may freeze."""
    with PostgresServer(wal_level='replica', max_wal_senders='2') as server:
        migrate(server.create('journal'))
        yield server


def execute(server: PostgresServer, statement: LiteralString, database: str = 'journal') -> None:
    with psycopg.connect(server.url('postgres').replace('+psycopg', ''), autocommit=True) as connection:
        connection.execute(SQL(statement).format(Identifier(database)))


def problem(database: Database) -> str | None:
    return asyncio.run(HealthCheck(database).problem())


async def timed_problem(health: HealthCheck) -> str | None:
    """Check anew, and make sure that the check ends in time."""
    health._cached = None
    began = time.monotonic()
    found = await health.problem()
    assert time.monotonic() - began < LONGEST_CHECK
    return found


async def test_a_healthy_database_is_ready_again_and_again_and_nothing_is_left_in_it(database: Database) -> None:
    changes = 'SELECT count(*) FROM sqlite_master' if database.dialect == 'sqlite' else 'SELECT count(*) FROM pg_class'
    before = database.read_sync(lambda session: session.connection().exec_driver_sql(changes).scalar_one())
    health = HealthCheck(database)
    assert [await timed_problem(health) for _ in range(3)] == [None] * 3
    assert before == database.read_sync(lambda session: session.connection().exec_driver_sql(changes).scalar_one())


async def test_a_check_of_sqlite_is_no_change_for_open_pages(sqlite_url: str) -> None:
    with closing(Database(sqlite_url)) as database, closing(sqlite3.connect(database.url.database or '')) as page:
        version = page.execute('PRAGMA data_version').fetchone()
        assert await HealthCheck(database).problem() is None
        assert page.execute('PRAGMA data_version').fetchone() == version


async def test_a_frozen_server_is_noticed_over_the_connections_of_the_pages(
    primary: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, 'services.monitoring')
    with closing(Database(primary.url('journal'))) as database:
        health = HealthCheck(database)
        assert await timed_problem(health) is None
        with primary.frozen():
            assert [await timed_problem(health) for _ in range(2)] == [texts.HEALTH_NO_DATABASE] * 2
        while await timed_problem(health):
            pass
    said = [record.message for record in caplog.records if record.name == 'services.monitoring.health']
    assert said == ['the database is not ready: away', 'the database is ready again']


def test_a_lost_synchronous_standby_is_named(primary: PostgresServer) -> None:
    execute(primary, 'ALTER DATABASE {} SET synchronous_commit = on')
    execute(primary, "ALTER SYSTEM SET synchronous_standby_names = 'lost'")
    execute(primary, 'SELECT pg_reload_conf()')
    try:
        with closing(Database(primary.url('journal'))) as database:
            wait_for(lambda: problem(database) == texts.HEALTH_NO_STANDBY)
    finally:
        execute(primary, 'ALTER SYSTEM RESET synchronous_standby_names')
        execute(primary, 'SELECT pg_reload_conf()')
        execute(primary, 'ALTER DATABASE {} RESET synchronous_commit')
    with closing(Database(primary.url('journal'))) as database:
        wait_for(lambda: problem(database) is None)


def test_a_standby_server_is_named(primary: PostgresServer) -> None:
    primary.stop(keep_data=True)
    standby_file = primary.data_folder / 'standby.signal'
    standby_file.touch()
    os.chown(standby_file, primary.data_folder.stat().st_uid, primary.data_folder.stat().st_gid)
    primary.start()
    try:
        with closing(Database(primary.url('journal'))) as database:
            assert problem(database) == texts.HEALTH_RECOVERY
    finally:
        primary.stop(keep_data=True)
        standby_file.unlink()
        primary.start()


def test_a_read_only_database_is_named(primary: PostgresServer) -> None:
    execute(primary, 'ALTER DATABASE {} SET default_transaction_read_only = on')
    try:
        with closing(Database(primary.url('journal'))) as database:
            assert problem(database) == texts.HEALTH_READ_ONLY
    finally:
        execute(primary, 'ALTER DATABASE {} RESET default_transaction_read_only')


def test_a_database_in_another_encoding_is_named(postgres: PostgresServer) -> None:
    url = postgres.url('latin')
    execute(postgres, "CREATE DATABASE {} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'", 'latin')
    try:
        with psycopg.connect(url.replace('+psycopg', ''), autocommit=True) as connection:
            connection.execute("CREATE TABLE alembic_version AS SELECT '1' AS version_num")
            connection.execute('CREATE TABLE journal_state AS SELECT 1 AS derived')
        with closing(Database(url)) as database:
            assert problem(database) == texts.HEALTH_ENCODING
    finally:
        postgres.drop('latin')


def test_an_empty_database_lacks_its_migrations(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / 'new').mkdir(exist_ok=True)
    with closing(Database(empty_url)) as database:
        assert problem(database) == texts.HEALTH_NO_MIGRATIONS


def test_a_read_only_file_is_named(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix('sqlite:///'))
    with path.open('rb+') as file:  # written by a future SQLite, which this one can only read
        file.seek(18)
        file.write(b'\x03')
    with closing(Database(sqlite_url)) as database:
        assert problem(database) == texts.HEALTH_READ_ONLY


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Limit the size of files of this process in bytes, as on a full disk."""
    old, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (old, hard))
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_is_named(sqlite_url: str) -> None:
    with closing(Database(sqlite_url)) as database:
        with largest_file(50_000):
            assert problem(database) == texts.HEALTH_DISK_FULL
        assert problem(database) is None


@pytest.mark.parametrize(
    ('error', 'cause'),
    [
        (psycopg.errors.DiskFull(), DatabaseProblem.DISK_FULL),
        (psycopg.errors.IoError(), DatabaseProblem.DISK_FULL),
        (psycopg.errors.ReadOnlySqlTransaction(), DatabaseProblem.READ_ONLY),
        (psycopg.errors.CannotConnectNow(), DatabaseProblem.AWAY),
        (psycopg.OperationalError('password authentication failed for user "journal"'), DatabaseProblem.AWAY),
        (psycopg.errors.InsufficientPrivilege(), DatabaseProblem.WRITES_FAIL),
    ],
)
def test_errors_of_postgresql(error: psycopg.Error, cause: DatabaseProblem) -> None:
    assert problem_of(error) is cause


async def test_a_writer_of_another_process_is_a_problem_only_if_it_never_ends(sqlite_url: str) -> None:
    clock = [0.0]
    with (
        closing(Database(sqlite_url)) as database,
        closing(sqlite3.connect(database.url.database or '', isolation_level=None)) as writer,
    ):
        health = HealthCheck(database, now=lambda: clock[0])
        writer.execute('BEGIN IMMEDIATE')
        assert await health.problem() is None
        clock[0] += SQLITE_BUSY_TIMEOUT + CACHE_SECONDS
        assert await health.problem() == texts.HEALTH_WRITES_FAIL
        writer.execute('ROLLBACK')
        clock[0] += CACHE_SECONDS
        assert await health.problem() is None


async def test_clocks_that_differ_are_logged_once(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, 'services.monitoring')
    with closing(Database(postgresql_url)) as database:
        health = HealthCheck(database)
        for ahead in (0.0, 60.0, 60.0, 0.0):
            real_time = time.time
            monkeypatch.setattr('services.monitoring.database_probes.time', FakeTime(real_time() + ahead))
            await timed_problem(health)
            assert health.clock_skew == pytest.approx(ahead, abs=1)
    assert len(caplog.messages) == 2
    assert 'differs from that of PostgreSQL by +60' in caplog.messages[0]


class FakeTime:
    """The module `time` on a machine whose clock shows another time."""

    def __init__(self, now: float) -> None:
        self._now = now

    def time(self) -> float:
        return self._now


def wait_for(is_met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_met():
        assert time.monotonic() < deadline
