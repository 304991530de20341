"""Deadlines: a PostgreSQL that is frozen, or at the end of a dead connection, blocks no thread for ever."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlmodel import Session

from services.database.connections import CONNECTION_LIMITS, create_postgresql_engine
from services.database.engine import MAX_READERS, Database
from services.database.write_batching import WriteBatcher
from services.errors import DatabaseTimeoutError, DatabaseUnavailableError
from services.upgrade.migrations import migrate
from tests.helpers.postgres_server import PostgresServer

LIMIT = 0.5
"""Seconds: the time limits of the program, shortened."""
FREED_WITHIN = 5
"""Seconds within which a thread is free again after its time limit, whatever the server does."""


@pytest.fixture(scope='module')
def primary() -> Iterator[PostgresServer]:
    """A server of its own, which a test may freeze."""
    with PostgresServer() as server:
        migrate(server.create('journal'))
        yield server


@pytest.fixture
def database(primary: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database with short time limits, to which every thread has connected."""
    monkeypatch.setattr('services.database.engine.READ_TIMEOUT', LIMIT)
    monkeypatch.setattr('services.database.engine.WRITE_TIMEOUTS', {'postgresql': LIMIT})
    monkeypatch.setattr('services.database.database_job.CANCEL_REQUEST_TIMEOUT', LIMIT)
    with closing(Database(primary.url('journal'))) as opened:
        yield opened


def select_one(session: Session) -> int:
    return int(session.execute(text('SELECT 1')).scalar_one())


async def wait_until(is_met: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_met():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def all_calls(database: Database) -> list[asyncio.Task[int]]:
    """Start a call in every thread."""
    calls = [database.read] * MAX_READERS + [database.read_priority, database.write, database.write_priority]
    return [asyncio.create_task(call(select_one)) for call in calls]


async def test_every_call_to_a_frozen_server_ends_and_frees_its_thread(
    primary: PostgresServer, database: Database
) -> None:
    assert set(await asyncio.gather(*all_calls(database))) == {1}
    with primary.frozen():
        began = time.monotonic()
        results = await asyncio.gather(*all_calls(database), return_exceptions=True)
        assert time.monotonic() - began < LIMIT + 1
        assert {type(result) for result in results} == {DatabaseTimeoutError}
        await wait_until(lambda: not database._running, FREED_WITHIN + len(results))
    assert set(await asyncio.gather(*all_calls(database))) == {1}


async def test_a_commit_to_a_frozen_server_ends(primary: PostgresServer, database: Database) -> None:
    written, go_on = Event(), Event()

    def work(session: Session) -> None:
        session.execute(text('UPDATE journal_state SET next_arrival = next_arrival'))
        written.set()
        go_on.wait(FREED_WITHIN)

    writing = asyncio.create_task(database.write(work))
    await asyncio.to_thread(written.wait, FREED_WITHIN)
    with primary.frozen():
        go_on.set()
        with pytest.raises(DatabaseTimeoutError):
            await writing
        await wait_until(lambda: not database._running, FREED_WITHIN)
    assert await database.write(select_one) == 1


async def test_requests_that_share_a_transaction_share_one_time_limit(
    primary: PostgresServer, database: Database
) -> None:
    batcher: WriteBatcher[int, int] = WriteBatcher(
        database, lambda session, items: [select_one(session) for _ in items]
    )
    assert await batcher.submit([1]) == [1]
    with primary.frozen():
        began = time.monotonic()
        submitted = (batcher.submit([number]) for number in range(20))
        results = await asyncio.gather(*submitted, return_exceptions=True)
        assert {type(result) for result in results} == {DatabaseTimeoutError}
        assert time.monotonic() - began < 2 * LIMIT + 1, 'the first one, and the others together'
    assert await batcher.submit([1]) == [1]


async def test_a_database_that_refuses_a_batch_is_not_asked_by_each_request(database: Database) -> None:
    transactions = []

    def refuse(session: Session, items: object) -> list[int]:
        transactions.append(items)
        raise DatabaseUnavailableError

    batcher: WriteBatcher[int, int] = WriteBatcher(database, refuse)
    results = await asyncio.gather(*(batcher.submit([number]) for number in range(20)), return_exceptions=True)
    assert {type(result) for result in results} == {DatabaseUnavailableError}
    assert len(transactions) <= 3


async def test_a_connection_whose_server_is_gone_is_cut(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The successor of a server takes the cancellation, and knows nothing of the query."""
    monkeypatch.setattr(psycopg.Connection, 'cancel_safe', lambda self, *, timeout: None)
    monkeypatch.setattr('services.database.database_job.CUT_AFTER', 0.1)
    with pytest.raises(DatabaseTimeoutError):
        await database.read(lambda session: session.execute(text('SELECT pg_sleep(60)')))
    await wait_until(lambda: not database._running, FREED_WITHIN)
    assert await database.read(select_one) == 1


async def test_a_frozen_server_does_not_delay_the_end_of_the_program(
    primary: PostgresServer, database: Database
) -> None:
    await asyncio.gather(*all_calls(database))
    with primary.frozen():
        calls = all_calls(database)
        await asyncio.sleep(0)
        began = time.monotonic()
        await asyncio.to_thread(database.close)
        assert time.monotonic() - began < FREED_WITHIN * 2
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)


def parameters(url: str) -> dict[str, Any]:
    engine = create_postgresql_engine(make_url(url), 1, read_only=False)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        found = driver.info.get_parameters()
        found['idle'] = connection.exec_driver_sql('SHOW idle_in_transaction_session_timeout').scalar_one()
    engine.dispose()
    return found


def test_a_connection_has_limits_of_its_own_unless_the_url_sets_them(primary: PostgresServer) -> None:
    usual = parameters(primary.url('journal'))
    assert {name: usual[name] for name in CONNECTION_LIMITS} == {
        name: str(value) for name, value in CONNECTION_LIMITS.items()
    }
    assert usual['idle'] == '2min'
    other = parameters(f'{primary.url("journal")}&tcp_user_timeout=5000&options=-c%20work_mem%3D1MB')
    assert other['tcp_user_timeout'] == '5000'
    assert other['options'].startswith('-c work_mem=1MB -c timezone=UTC')
