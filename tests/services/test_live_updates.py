"""The footer follows the database, whichever process writes to it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import text

from services.balance.ledger_balance import LedgerBalanceSource
from services.database.change_listener import RECONNECT_INTERVAL
from services.database.engine import MAX_READERS, Database
from services.errors import DatabaseUnavailableError
from services.ingest.message_ingest import ingest_imported_messages
from services.live_updates import LiveUpdates
from services.messages.message_service import MessageService
from services.overview.footer import Footer, read_sent_cost
from services.upgrade.migrations import migrate
from tests.helpers import reference_messages
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.reference_messages import MOSCOW, NOON

TIMEOUT_SECONDS = 2
"""Seconds within which every page must be updated (S16)."""


@pytest.fixture
async def live(database: Database) -> AsyncIterator[LiveUpdates]:
    """Running live updates of an empty database."""
    live_updates = LiveUpdates(database, LedgerBalanceSource(database), MessageService(database, MOSCOW))
    await live_updates.start()
    yield live_updates
    await live_updates.stop()


async def test_the_footer_of_an_empty_database(live: LiveUpdates) -> None:
    assert live.footer is not None
    assert live.footer.sent_cost == 0
    assert live.footer.balance.amount is None


async def test_a_change_by_another_process_reaches_every_subscriber(live: LiveUpdates, database_url: str) -> None:
    received: list[asyncio.Queue[Footer]] = [asyncio.Queue(), asyncio.Queue()]
    for queue in received:
        live.subscribe_footer(queue.put_nowait)
    other = Database(database_url)
    messages = reference_messages.random_messages(50, seed=1)
    other.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))
    sent = [message.cost for message in messages if message.sent_at]
    for queue in received:
        assert (await asyncio.wait_for(queue.get(), TIMEOUT_SECONDS)).sent_cost == sum(sent)
    LedgerBalanceSource(other).set_balance(Decimal('1234.56'))
    for queue in received:
        assert (await asyncio.wait_for(queue.get(), TIMEOUT_SECONDS)).balance.amount == Decimal('1234.56')
    other.close()


async def test_an_unsubscribed_callback_is_not_called_and_a_failing_one_does_not_affect_others(
    live: LiveUpdates, database: Database
) -> None:
    received: asyncio.Queue[Footer] = asyncio.Queue()
    unsubscribe = live.subscribe_footer(lambda _: pytest.fail('called after unsubscribing'))
    unsubscribe()
    live.subscribe_footer(_fail)
    live.subscribe_footer(received.put_nowait)
    LedgerBalanceSource(database).set_balance(Decimal(1))
    assert (await asyncio.wait_for(received.get(), TIMEOUT_SECONDS)).balance.amount == 1


async def test_a_faulty_reader_ends_neither_its_own_updates_nor_those_of_others(
    live: LiveUpdates, database: Database
) -> None:
    polled: asyncio.Queue[str] = asyncio.Queue()

    async def fail() -> None:
        polled.put_nowait('faulty')
        raise ValueError('a fault')

    async def succeed() -> None:
        polled.put_nowait('other')

    live.add_poller(fail)
    live.add_poller(succeed)
    for amount in (1, 2):
        LedgerBalanceSource(database).set_balance(Decimal(amount))
        for reader in ('faulty', 'other'):
            assert await asyncio.wait_for(polled.get(), TIMEOUT_SECONDS) == reader


async def test_live_updates_continue_after_a_restart_of_the_database() -> None:
    with PostgresServer() as server:
        url = server.create('journal')
        migrate(url)
        with closing(Database(url)) as database:
            live_updates = LiveUpdates(database, LedgerBalanceSource(database), MessageService(database, MOSCOW))
            received: asyncio.Queue[Footer] = asyncio.Queue()
            await live_updates.start()
            live_updates.subscribe_footer(received.put_nowait)
            availability: asyncio.Queue[bool] = asyncio.Queue()
            live_updates.subscribe_availability(availability.put_nowait)
            server.stop(keep_data=True)
            with pytest.raises(DatabaseUnavailableError):
                await database.read(read_sent_cost)
            assert await asyncio.wait_for(availability.get(), TIMEOUT_SECONDS) is False
            await live_updates.refresh()
            assert availability.empty(), 'the same state was reported twice'
            server.start()
            assert await asyncio.wait_for(availability.get(), TIMEOUT_SECONDS + RECONNECT_INTERVAL) is True
            LedgerBalanceSource(database).set_balance(Decimal(7))
            assert (await asyncio.wait_for(received.get(), TIMEOUT_SECONDS + RECONNECT_INTERVAL)).balance.amount == 7
            LedgerBalanceSource(database).set_balance(Decimal(8))
            assert (await asyncio.wait_for(received.get(), TIMEOUT_SECONDS)).balance.amount == 8
            await live_updates.stop()


@contextmanager
def locked_table(url: str, table: str) -> Iterator[None]:
    """Lock a table while the block runs, so that even reading it waits."""
    with psycopg.connect(url.replace('+psycopg', '')) as connection:
        connection.execute(SQL('LOCK TABLE {} IN ACCESS EXCLUSIVE MODE').format(Identifier(table)))
        yield


async def test_the_footer_waits_neither_for_searches_nor_for_locked_tables(postgresql_url: str) -> None:
    with closing(Database(postgresql_url)) as database, closing(Database(postgresql_url)) as other:
        live_updates = LiveUpdates(database, LedgerBalanceSource(database), MessageService(database, MOSCOW))
        received: asyncio.Queue[Footer] = asyncio.Queue()
        await live_updates.start()
        live_updates.subscribe_footer(received.put_nowait)
        live_updates.subscribe_availability(lambda _: pytest.fail('the database was reported as unavailable'))
        with locked_table(postgresql_url, 'message'), locked_table(postgresql_url, 'change'):
            count = text('SELECT count(*) FROM message')
            searches = [
                asyncio.ensure_future(database.read(lambda session: session.execute(count))) for _ in range(MAX_READERS)
            ]
            for amount in (Decimal(5), Decimal(6)):
                LedgerBalanceSource(other).set_balance(amount)
                assert (await asyncio.wait_for(received.get(), TIMEOUT_SECONDS)).balance.amount == amount
            assert not any(search.done() for search in searches)
        await asyncio.gather(*searches)
        await live_updates.stop()


async def test_a_database_that_does_not_respond_is_reported_as_unavailable(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Database(postgresql_url)) as database, closing(Database(postgresql_url)) as other:
        live_updates = LiveUpdates(database, LedgerBalanceSource(database), MessageService(database, MOSCOW))
        availability: asyncio.Queue[bool] = asyncio.Queue()
        await live_updates.start()
        live_updates.subscribe_availability(availability.put_nowait)
        # The short limit holds only for the lock: on a busy machine an ordinary read may take longer.
        with monkeypatch.context() as limit, locked_table(postgresql_url, 'total'):
            limit.setattr('services.live_updates.DATABASE_TIMEOUT', 0.2)
            LedgerBalanceSource(other).set_balance(Decimal(5))
            assert await asyncio.wait_for(availability.get(), TIMEOUT_SECONDS) is False
        LedgerBalanceSource(other).set_balance(Decimal(6))
        assert await asyncio.wait_for(availability.get(), TIMEOUT_SECONDS) is True
        await live_updates.stop()


def _fail(_: Footer) -> None:
    raise LookupError
