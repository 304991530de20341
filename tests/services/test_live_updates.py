"""The foot follows the database, whoever writes to it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import text

from services.balance.ledger_balance import Ledger
from services.database.change_listener import AGAIN
from services.database.engine import READERS, Database
from services.database.migrations import migrate
from services.ingest.message_ingest import record
from services.lists.query_protocol import Unavailable
from services.live_updates import Foot, Live, sent
from services.messages.message_service import Messages
from tests.helpers import reference_messages
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.reference_messages import MOSCOW, NOON

SOON = 2
"""Seconds within which every page must know (spec S16)."""


@pytest.fixture
async def live(database: Database) -> AsyncIterator[Live]:
    """A watcher at work over an empty journal."""
    watcher = Live(database, Ledger(database), Messages(database, MOSCOW))
    await watcher.start()
    yield watcher
    await watcher.stop()


async def test_a_fresh_journal_has_sent_nothing_and_knows_no_balance(live: Live) -> None:
    assert live.foot is not None
    assert live.foot.sent == 0
    assert live.foot.balance.amount is None


async def test_a_change_by_another_process_reaches_every_listener(live: Live, database_url: str) -> None:
    heard: list[asyncio.Queue[Foot]] = [asyncio.Queue(), asyncio.Queue()]
    for queue in heard:
        live.subscribe(queue.put_nowait)
    other = Database(database_url)
    messages = reference_messages.some_messages(50, seed=1)
    other.write_now(lambda session: record(session, messages, zone=MOSCOW, now=NOON))
    sent = [message.cost for message in messages if message.sent_at]
    for queue in heard:
        assert (await asyncio.wait_for(queue.get(), SOON)).sent == sum(sent)
    Ledger(other).set(Decimal('1234.56'))
    for queue in heard:
        assert (await asyncio.wait_for(queue.get(), SOON)).balance.amount == Decimal('1234.56')
    other.close()


async def test_who_left_is_not_called_and_who_fails_does_not_silence_the_others(live: Live, database: Database) -> None:
    heard: asyncio.Queue[Foot] = asyncio.Queue()
    leave = live.subscribe(lambda _: pytest.fail('called after leaving'))
    leave()
    live.subscribe(_fail)
    live.subscribe(heard.put_nowait)
    Ledger(database).set(Decimal(1))
    assert (await asyncio.wait_for(heard.get(), SOON)).balance.amount == 1


async def test_the_watcher_survives_the_database() -> None:
    with PostgresServer() as server:
        url = server.create('journal')
        migrate(url)
        with closing(Database(url)) as database:
            watcher = Live(database, Ledger(database), Messages(database, MOSCOW))
            heard: asyncio.Queue[Foot] = asyncio.Queue()
            await watcher.start()
            watcher.subscribe(heard.put_nowait)
            told: asyncio.Queue[bool] = asyncio.Queue()
            watcher.watch(told.put_nowait)
            server.stop(keep=True)
            with pytest.raises(Unavailable):
                await database.read(sent)
            assert await asyncio.wait_for(told.get(), SOON) is False
            await watcher.look()
            assert told.empty(), 'the same was told twice'
            server.start()
            assert await asyncio.wait_for(told.get(), SOON + AGAIN) is True
            Ledger(database).set(Decimal(7))
            assert (await asyncio.wait_for(heard.get(), SOON + AGAIN)).balance.amount == 7
            Ledger(database).set(Decimal(8))
            assert (await asyncio.wait_for(heard.get(), SOON)).balance.amount == 8
            await watcher.stop()


@contextmanager
def locked(url: str, table: str) -> Iterator[None]:
    """Let nobody even read a table for a while: whoever asks for it waits."""
    with psycopg.connect(url.replace('+psycopg', '')) as connection:
        connection.execute(SQL('LOCK TABLE {} IN ACCESS EXCLUSIVE MODE').format(Identifier(table)))
        yield


async def test_the_foot_waits_neither_for_searches_nor_for_rows_that_are_locked(postgresql_url: str) -> None:
    with closing(Database(postgresql_url)) as database, closing(Database(postgresql_url)) as other:
        watcher = Live(database, Ledger(database), Messages(database, MOSCOW))
        heard: asyncio.Queue[Foot] = asyncio.Queue()
        await watcher.start()
        watcher.subscribe(heard.put_nowait)
        watcher.watch(lambda _: pytest.fail('the database was said not to answer'))
        with locked(postgresql_url, 'message'), locked(postgresql_url, 'change'):
            count = text('SELECT count(*) FROM message')
            searches = [
                asyncio.ensure_future(database.read(lambda session: session.execute(count))) for _ in range(READERS)
            ]
            for amount in (Decimal(5), Decimal(6)):
                Ledger(other).set(amount)
                assert (await asyncio.wait_for(heard.get(), SOON)).balance.amount == amount
            assert not any(search.done() for search in searches)
        await asyncio.gather(*searches)
        await watcher.stop()


async def test_a_database_that_keeps_silent_is_said_not_to_answer(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('services.live_updates.PATIENCE', 0.2)
    with closing(Database(postgresql_url)) as database, closing(Database(postgresql_url)) as other:
        watcher = Live(database, Ledger(database), Messages(database, MOSCOW))
        told: asyncio.Queue[bool] = asyncio.Queue()
        await watcher.start()
        watcher.watch(told.put_nowait)
        with locked(postgresql_url, 'total'):
            Ledger(other).set(Decimal(5))
            assert await asyncio.wait_for(told.get(), SOON) is False
        Ledger(other).set(Decimal(6))
        assert await asyncio.wait_for(told.get(), SOON) is True
        await watcher.stop()


def _fail(_: Foot) -> None:
    raise LookupError
