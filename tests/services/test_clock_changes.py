"""Changes of the wall clock do not affect time limits and live updates, and do not corrupt stored times."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from starlette.types import Scope

from journal_ui.api.problem_details import ProblemError
from journal_ui.api.request_limits import RateLimiter
from journal_ui.monitoring.health_endpoints import HealthEndpoints
from models import MessageStatus
from services.balance.balance_source import Balance
from services.balance.ledger_balance import LedgerBalanceSource
from services.balance.provider_balance import ProviderBalanceSource
from services.composition import compose
from services.database.engine import Database
from services.ingest.message_ingest import Sender, StatusUpdate, apply_status_updates, ingest_messages
from services.ingest.status_history import StatusEvent
from services.lists.query_protocol import Period
from services.live_updates import LiveUpdates
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.overview.footer import Footer
from services.providers.built_in.smsru import SmsRuAccount
from services.retention.purge import Retention, months_before
from services.settings import Settings
from services.verification.check_runner import verify
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

TIMEOUT_SECONDS = 2
BALANCE_TIMEOUT = 10
DAY = 86_400
MAILER_SENDER = Sender('mailer')
ShiftWallClock = Callable[[float], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> ShiftWallClock:
    """A function that shifts the wall clock by some seconds; the monotonic clock is not affected."""
    real = time.time
    return lambda seconds: monkeypatch.setattr(time, 'time', lambda: real() + seconds)


@pytest.mark.parametrize('jump', [-DAY, DAY])
def test_a_clock_change_does_not_affect_the_rate_limit(set_clock: ShiftWallClock, jump: int) -> None:
    rate = RateLimiter(6)
    rate.consume('mailer')
    set_clock(jump)
    with pytest.raises(ProblemError) as raised:
        rate.consume('mailer')
    assert raised.value.headers is not None
    assert 1 <= int(raised.value.headers['Retry-After']) <= 10
    RateLimiter(60).consume('mailer')


@pytest.mark.parametrize('jump', [-DAY, DAY])
async def test_open_pages_still_receive_updates(database: Database, set_clock: ShiftWallClock, jump: int) -> None:
    live = LiveUpdates(database, LedgerBalanceSource(database), MessageService(database, MOSCOW))
    await live.start()
    received: asyncio.Queue[Footer] = asyncio.Queue()
    live.subscribe_footer(received.put_nowait)
    set_clock(jump)
    LedgerBalanceSource(database).set_balance(Decimal(7))
    assert (await asyncio.wait_for(received.get(), TIMEOUT_SECONDS)).balance.amount == 7
    await live.stop()


@pytest.mark.parametrize('jump', [-DAY, DAY])
async def test_the_balance_is_requested_again(database: Database, jump: int) -> None:
    amounts, now = iter(('1.00', '2.00')), [NOON]

    def respond(_: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, text=json.dumps({'status': 'OK', 'status_code': 100, 'balance': float(next(amounts))})
        )

    source = ProviderBalanceSource(
        SmsRuAccount('key'), database, now=lambda: now[0], transport=httpx.MockTransport(respond)
    )
    assert (await source.get_balance()).amount == 1
    now[0] += timedelta(seconds=jump)
    async with asyncio.timeout(BALANCE_TIMEOUT):  # the first balance may still be being written
        while (await source.get_balance()).amount == 1:
            await asyncio.sleep(0.02)
    assert await source.get_balance() == Balance(Decimal(2), now[0], available=True)
    await source.close()


async def test_a_balance_dated_in_the_future_has_age_zero(sqlite_url: str) -> None:
    with closing(Database(sqlite_url)) as database:
        services = compose(Settings(database_url=sqlite_url), database)
        services.live_updates.footer = Footer(
            Decimal(0), Balance(Decimal(1), datetime.now(UTC) + timedelta(days=1), True)
        )
        scope: Scope = {'type': 'http', 'method': 'GET', 'path': '/metrics', 'client': ('127.0.0.1', 1), 'headers': []}
        response = await HealthEndpoints(services).respond(scope)
    assert response is not None
    assert b'journal_balance_age_seconds 0.0\n' in bytes(response.body)


async def test_a_message_queued_in_the_future_is_stored_and_listed_once(database: Database) -> None:
    ahead = incoming_message(queued_at=NOON + timedelta(days=400), status=MessageStatus.WAITING)
    incoming = [(ahead, MAILER_SENDER), (incoming_message(), MAILER_SENDER)]
    database.write_sync(lambda session: ingest_messages(session, incoming, zone=MOSCOW, now=NOON))
    assert Retention(database, MOSCOW).count_expired(months_before(NOON.date(), 1)).counts.messages == 0
    messages = MessageService(database, MOSCOW, now=lambda: NOON)
    assert (await messages.totals(MessageQuery())).count == 2
    assert (await messages.totals(messages.default_query())).count == 1
    assert not [result for result in verify(database, MOSCOW) if result.count]
    later = NOON + timedelta(days=401)
    sent = [StatusUpdate(ahead.id, StatusEvent(later, 'mailer', MessageStatus.SENT), MAILER_SENDER)]
    database.write_sync(lambda session: apply_status_updates(session, sent, zone=MOSCOW, now=NOON))
    page = await messages.page(MessageQuery(period=Period(later.date(), None)), number=1, size=5)
    assert [row.code for row in page.rows] == [ahead.id]
    assert not [result for result in verify(database, MOSCOW) if result.count]
