"""Reading, writing, cancelling and closing on both engines."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import pytest
from sqlalchemy import text
from sqlmodel import Session

from services.database.engine import MAX_READERS, Database
from services.errors import DatabaseUnavailableError, QueryTimeoutError

ENDLESS = {
    'sqlite': 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n',
    'postgresql': 'SELECT count(*) FROM generate_series(1, 1000000000000)',
}
DROP_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
TIMEOUT_SECONDS = 5
"""Seconds within which a cancelled query must end; without cancellation it would run for hours."""


def _run_endless_query(session: Session) -> None:
    session.execute(text(ENDLESS[session.get_bind().dialect.name]))


async def test_a_cancelled_task_cancels_its_query_in_the_database(database: Database) -> None:
    tasks = [asyncio.ensure_future(database.read(_run_endless_query)) for _ in range(MAX_READERS * 2)]
    await asyncio.sleep(0.2)
    for task in tasks:
        task.cancel()
    started = time.monotonic()
    # Every reader was busy, so this query runs only after the others have really ended.
    assert await database.read(lambda session: session.execute(text('SELECT 1')).scalar_one()) == 1
    assert time.monotonic() - started < TIMEOUT_SECONDS
    assert all(
        isinstance(result, asyncio.CancelledError) for result in await asyncio.gather(*tasks, return_exceptions=True)
    )


async def test_a_cancellation_between_two_statements_is_not_lost(database: Database) -> None:
    between, go_on = Event(), Event()

    def work(session: Session) -> None:
        session.execute(text('SELECT 1'))
        between.set()
        go_on.wait(TIMEOUT_SECONDS)
        _run_endless_query(session)

    task = asyncio.ensure_future(database.read(work))
    await asyncio.to_thread(between.wait, TIMEOUT_SECONDS)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.2)
    go_on.set()
    started = time.monotonic()
    await asyncio.to_thread(database.close)
    assert time.monotonic() - started < TIMEOUT_SECONDS


async def test_a_long_query_does_not_block_the_event_loop(database: Database) -> None:
    task = asyncio.ensure_future(database.read(_run_endless_query))
    for _ in range(20):
        started = time.monotonic()
        await asyncio.sleep(0.01)
        assert time.monotonic() - started < 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    def fail(session: Session) -> None:
        session.execute(text("INSERT INTO organization (name, name_key) VALUES ('a', 'a')"))
        raise LookupError

    with pytest.raises(LookupError):
        database.write_sync(fail)
    assert database.read_sync(lambda session: session.execute(text('SELECT count(*) FROM organization')).scalar()) == 0


def test_writers_take_turns(database: Database) -> None:
    def count_up(session: Session) -> None:
        lock = '' if database.dialect == 'sqlite' else ' FOR UPDATE'
        number = session.execute(text(f'SELECT next_arrival FROM journal_state{lock}')).scalar_one()
        session.execute(text('UPDATE journal_state SET next_arrival = :next'), {'next': number + 1})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: database.write_sync(count_up), range(40)))
    assert (
        database.read_sync(lambda session: session.execute(text('SELECT next_arrival FROM journal_state')).scalar())
        == 41
    )


def test_a_reader_cannot_write_to_the_embedded_database(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with pytest.raises(DatabaseUnavailableError, match='readonly'):
        database.read_sync(lambda session: session.execute(text('DELETE FROM organization')))
    database.close()


@pytest.mark.parametrize('url', ['sqlite:////nowhere/at/all.db', 'postgresql+psycopg://nobody@127.0.0.1:9/none'])
def test_a_database_that_does_not_exist_is_unavailable(url: str) -> None:
    database = Database(url)
    with pytest.raises(DatabaseUnavailableError):
        database.read_sync(lambda session: session.execute(text('SELECT 1')))
    database.close()


async def test_a_read_is_repeated_after_the_server_has_closed_its_connections(postgresql_url: str) -> None:
    with closing(Database(postgresql_url)) as database, closing(Database(postgresql_url)) as other:
        assert await database.read(lambda session: session.execute(text('SELECT 1')).scalar_one()) == 1
        other.write_sync(lambda session: session.execute(text(DROP_OTHERS)))
        assert await database.read(lambda session: session.execute(text('SELECT 1')).scalar_one()) == 1


async def test_waiting_too_long_for_another_writer_raises_unavailable(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Database(sqlite_url)) as database:
        monkeypatch.setattr(database._writer.pool, '_timeout', 0.1)
        begun, go_on = Event(), Event()

        def hold(_: Session) -> None:
            begun.set()
            go_on.wait(TIMEOUT_SECONDS)

        first = asyncio.create_task(database.write(hold))
        await asyncio.to_thread(begun.wait, TIMEOUT_SECONDS)
        with pytest.raises(DatabaseUnavailableError):
            await database.write_priority(lambda _: None)
        go_on.set()
        await first


async def test_closing_cancels_running_reads(database: Database) -> None:
    reading = [asyncio.create_task(database.read(_run_endless_query)) for _ in range(MAX_READERS * 2)]
    await asyncio.sleep(0.2)
    started = time.monotonic()
    database.close()
    assert time.monotonic() - started < TIMEOUT_SECONDS
    for task in reading:
        task.cancel()
    results = await asyncio.gather(*reading, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)


async def test_closing_waits_for_a_running_write(database: Database, database_url: str) -> None:
    begun = Event()

    def write(session: Session) -> None:
        begun.set()
        time.sleep(0.3)
        session.execute(text("INSERT INTO organization (name, name_key) VALUES ('a', 'a')"))

    writing = asyncio.create_task(database.write(write))
    await asyncio.to_thread(begun.wait, TIMEOUT_SECONDS)
    database.close()
    await writing
    with closing(Database(database_url)) as other:
        count = other.read_sync(lambda session: session.execute(text('SELECT count(*) FROM organization')).scalar_one())
    assert count == 1


async def test_closing_cancels_a_write_that_does_not_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('services.database.engine.WRITE_ENDS_WITHIN', 0.2)
    writing = asyncio.create_task(database.write(_run_endless_query))
    await asyncio.sleep(0.2)
    started = time.monotonic()
    database.close()
    assert time.monotonic() - started < TIMEOUT_SECONDS
    with pytest.raises(QueryTimeoutError):
        await writing
