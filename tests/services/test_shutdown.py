"""Every stop ends within a time limit, and the last drafts are written before it has ended."""

import asyncio
import logging
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from threading import Event, Thread

import psycopg
import pytest
from sqlmodel import Session

from services.accounts.accounts import Accounts
from services.balance.ledger_balance import LedgerBalanceSource
from services.database.change_listener import ChangeListener
from services.database.engine import Database
from services.lists.drafts import DraftKey, DraftStore
from services.live_updates import LiveUpdates
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.task_shutdown import cancel_and_wait
from tests.helpers.auth_services import AuthServices
from tests.helpers.reference_messages import MOSCOW

TIMEOUT_SECONDS = 3
"""Seconds within which a stop has to end."""
STOP_COUNT = 40


async def run_pending_callbacks() -> None:
    """Run the event loop until started tasks wait."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_cancellation_together_with_a_change_is_not_lost(database: Database) -> None:
    changes = ChangeListener(database.url)
    waiting = asyncio.create_task(changes.wait(60))
    await run_pending_callbacks()
    changes._changed.set()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_cancellation_together_with_the_end_of_a_session_is_not_lost(database: Database) -> None:
    sessions = AuthServices(database).sessions
    await sessions.watcher.start()
    await run_pending_callbacks()
    watching = sessions.watcher._task
    assert watching
    sessions.watcher.check_soon()
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching


@pytest.fixture
def draft_key(database: Database) -> DraftKey:
    """The key of a list page in a browser tab of an existing user."""
    return DraftKey(Accounts(database).add('clerk', 'WebAdmin', 'correct horse battery').id, 'a-tab', 'Журнал')


@contextmanager
def concurrent_writes(url: str) -> Iterator[None]:
    """Commit and notify continuously from other connections while the block runs."""
    stopped = Event()

    def commit() -> None:
        with closing(Database(url)) as other:
            amount = Decimal(0)
            while not stopped.wait(0.005):  # SQLite lets other writers in during the pause
                amount += 1
                LedgerBalanceSource(other).set_balance(amount)

    def notify() -> None:
        with psycopg.connect(url.replace('+psycopg', ''), autocommit=True) as connection:
            while not stopped.is_set():
                connection.execute('NOTIFY journal')

    threads = [Thread(target=commit)]
    if url.startswith('postgresql'):
        threads.append(Thread(target=notify))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


class IdleSubscriber:
    """A subscriber like an open page, which ignores the changes."""

    displayed_keys = ('1',)
    current_query = MessageQuery()

    async def record_rows(self, keys: Collection[str]) -> None:
        """See RowSubscriber."""

    def on_rows_changed(self, rows: object, new: int) -> None:
        """Ignore the changed rows."""


async def stop(live: LiveUpdates, drafts: DraftStore) -> None:
    """Stop in the same order as the program."""
    await live.stop()
    await drafts.stop()


async def test_forty_stops_with_an_open_page_and_concurrent_writes_end_soon(
    database: Database, database_url: str, draft_key: DraftKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('services.live_updates.MIN_POLL_INTERVAL', 0)
    monkeypatch.setattr('services.database.change_listener.POLL_INTERVAL', 0.001)
    with concurrent_writes(database_url):
        for number in range(STOP_COUNT):
            live, drafts = (
                LiveUpdates(database, LedgerBalanceSource(database), MessageService(database, MOSCOW)),
                DraftStore(database),
            )
            await live.start()
            await drafts.start()
            live.subscribe_footer(lambda foot: None)
            live.subscribe_rows(IdleSubscriber())
            await asyncio.sleep(number / 1000)
            typed = MessageQuery(name=f'иванов {number}')
            drafts.save(draft_key, None, typed)
            stopping = asyncio.ensure_future(stop(live, drafts))
            await asyncio.wait(
                {stopping}, timeout=TIMEOUT_SECONDS
            )  # not asyncio.timeout: a stop that hangs may swallow it
            assert stopping.done(), f'stop {number} does not end'
            await stopping
            assert await drafts.load(draft_key, MessageQuery) == (None, typed)


async def test_the_last_draft_is_written_if_the_stop_cancels_its_write(database: Database, draft_key: DraftKey) -> None:
    writing, go_on = Event(), Event()

    def busy(session: Session) -> None:
        writing.set()
        go_on.wait(TIMEOUT_SECONDS)

    drafts = DraftStore(database)
    other = asyncio.create_task(database.write(busy))
    await asyncio.to_thread(writing.wait, TIMEOUT_SECONDS)
    drafts.save(draft_key, None, MessageQuery(name='иванов'))
    await drafts.start()
    while drafts._unsaved:  # until the draft is submitted, behind the other write
        await asyncio.sleep(0)
    stopping = asyncio.create_task(drafts.stop())
    await run_pending_callbacks()
    go_on.set()
    await asyncio.gather(stopping, other)
    assert await drafts.load(draft_key, MessageQuery) == (None, MessageQuery(name='иванов'))


async def test_drafts_stop_although_the_database_does_not_respond(
    database: Database, draft_key: DraftKey, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr('services.lists.drafts.LAST_WRITE', 0.1)
    writing, go_on = Event(), Event()

    def busy(session: Session) -> None:
        writing.set()
        go_on.wait(TIMEOUT_SECONDS)

    drafts = DraftStore(database)
    other = asyncio.create_task(database.write(busy))
    await asyncio.to_thread(writing.wait, TIMEOUT_SECONDS)
    drafts.save(draft_key, None, MessageQuery(name='иванов'))
    async with asyncio.timeout(TIMEOUT_SECONDS):
        await drafts.stop()
    assert 'what was typed last is not kept' in caplog.text
    go_on.set()
    await other


async def test_a_failed_task_does_not_prevent_the_others_from_stopping(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise LookupError

    failed, running = asyncio.create_task(fail(), name='the failing task'), asyncio.create_task(asyncio.sleep(60))
    await run_pending_callbacks()
    await cancel_and_wait(failed, running)
    assert running.cancelled()
    assert 'the failing task had failed' in caplog.text


async def test_a_task_that_loses_its_cancellation_is_cancelled_again() -> None:
    async def lose_one() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(60)

    task = asyncio.create_task(lose_one())
    await run_pending_callbacks()
    async with asyncio.timeout(TIMEOUT_SECONDS):
        await cancel_and_wait(task)
    assert task.cancelled()


async def test_a_task_that_never_stops_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr('services.task_shutdown.STOP_WITHIN', 0.1)
    ended = asyncio.Event()

    async def go_on() -> None:
        while not ended.is_set():
            try:
                await ended.wait()
            except asyncio.CancelledError:
                continue

    task = asyncio.create_task(go_on(), name='the endless task')
    await run_pending_callbacks()
    await cancel_and_wait(task)
    assert caplog.record_tuples == [('services.task_shutdown', logging.ERROR, 'the endless task does not stop')]
    ended.set()
    await task
