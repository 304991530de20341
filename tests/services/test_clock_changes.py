"""A clock that is set back or ahead: what is measured goes on as if nothing was, and what is dated stays dated."""

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
from services.live_updates import Footer, LiveUpdates
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.providers.smsru import SmsRuAccount
from services.retention import Retention, months_before
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
    """Set the clock of the wall by some seconds; the one that counts seconds goes on."""
    real = time.time
    return lambda seconds: monkeypatch.setattr(time, 'time', lambda: real() + seconds)


@pytest.mark.parametrize('jump', [-DAY, DAY])
def test_nobody_may_ask_more_or_less_often_for_it(set_clock: ShiftWallClock, jump: int) -> None:
    rate = RateLimiter(6)
    rate.consume('mailer')
    set_clock(jump)
    with pytest.raises(ProblemError) as refused:
        rate.consume('mailer')
    assert refused.value.headers is not None
    assert 1 <= int(refused.value.headers['Retry-After']) <= 10
    RateLimiter(60).consume('mailer')


@pytest.mark.parametrize('jump', [-DAY, DAY])
async def test_open_pages_follow_all_the_same(database: Database, set_clock: ShiftWallClock, jump: int) -> None:
    live = LiveUpdates(database, LedgerBalanceSource(database), MessageService(database, MOSCOW))
    await live.start()
    heard: asyncio.Queue[Footer] = asyncio.Queue()
    live.subscribe_footer(heard.put_nowait)
    set_clock(jump)
    LedgerBalanceSource(database).set_balance(Decimal(7))
    assert (await asyncio.wait_for(heard.get(), TIMEOUT_SECONDS)).balance.amount == 7
    await live.stop()


@pytest.mark.parametrize('jump', [-DAY, DAY])
async def test_the_balance_is_asked_for_again(database: Database, jump: int) -> None:
    told, now = iter(('1.00', '2.00')), [NOON]

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=json.dumps({'status': 'OK', 'status_code': 100, 'balance': float(next(told))}))

    asked = ProviderBalanceSource(
        SmsRuAccount('key'), database, now=lambda: now[0], transport=httpx.MockTransport(answer)
    )
    assert (await asked.get_balance()).amount == 1
    now[0] += timedelta(seconds=jump)
    async with asyncio.timeout(BALANCE_TIMEOUT):  # what was told first may still be on its way into the database
        while (await asked.get_balance()).amount == 1:
            await asyncio.sleep(0.02)
    assert await asked.get_balance() == Balance(Decimal(2), now[0], available=True)
    await asked.close()


async def test_a_balance_of_the_future_is_as_good_as_new(sqlite_url: str) -> None:
    with closing(Database(sqlite_url)) as database:
        services = compose(Settings(database_url=sqlite_url), database)
        services.live_updates.footer = Footer(
            Decimal(0), Balance(Decimal(1), datetime.now(UTC) + timedelta(days=1), True)
        )
        scope: Scope = {'type': 'http', 'method': 'GET', 'path': '/metrics', 'client': ('127.0.0.1', 1), 'headers': []}
        answer = await HealthEndpoints(services).respond(scope)
    assert answer is not None
    assert b'journal_balance_age_seconds 0.0\n' in bytes(answer.body)


async def test_a_message_queued_in_the_future_is_one_message_and_comes_back(database: Database) -> None:
    ahead = incoming_message(queued_at=NOON + timedelta(days=400), status=MessageStatus.WAITING)
    handed = [(ahead, MAILER_SENDER), (incoming_message(), MAILER_SENDER)]
    database.write_sync(lambda session: ingest_messages(session, handed, zone=MOSCOW, now=NOON))
    assert Retention(database, MOSCOW).count_expired(months_before(NOON.date(), 1)).messages == 0
    messages = MessageService(database, MOSCOW, now=lambda: NOON)
    assert (await messages.totals(MessageQuery())).count == 2
    assert (await messages.totals(messages.default_query())).count == 1
    assert not [found for found in verify(database, MOSCOW) if found.count]
    later = NOON + timedelta(days=401)
    sent = [StatusUpdate(ahead.id, StatusEvent(later, 'mailer', MessageStatus.SENT), MAILER_SENDER)]
    database.write_sync(lambda session: apply_status_updates(session, sent, zone=MOSCOW, now=NOON))
    found = await messages.page(MessageQuery(period=Period(later.date(), None)), number=1, size=5)
    assert [row.code for row in found.rows] == [ahead.id]
    assert not [found for found in verify(database, MOSCOW) if found.count]
