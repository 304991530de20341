"""Readiness and metrics: one query for many requests, short waits, correct counts of searches and receipts."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest

from models import MessageStatus
from services.database.engine import Database
from services.errors import DatabaseUnavailableError, QueryTimeoutError
from services.ingest.message_ingest import Receipt, Sender
from services.ingest.status_history import StatusEvent
from services.lists.query_protocol import InvalidQueryError, Period
from services.messages.message_query import MessageQuery
from services.monitoring.health import CACHE_SECONDS, TIMEOUT_SECONDS, HealthCheck
from services.monitoring.metrics import MeasuredIngestQueue, MeasuredMessageService, Metrics
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON


@pytest.fixture
def unresponsive_url() -> Iterator[str]:
    """The URL of a PostgreSQL server that accepts connections and never answers."""
    with socket.socket() as listening:
        listening.bind(('127.0.0.1', 0))
        listening.listen()
        yield f'postgresql+psycopg://nobody@127.0.0.1:{listening.getsockname()[1]}/none'


async def test_many_requests_cause_one_query(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, checked_at = [100.0], []
    health = HealthCheck(database, now=lambda: clock[0])
    original_check = HealthCheck._check

    async def counted(self: HealthCheck) -> str | None:
        checked_at.append(clock[0])
        return await original_check(self)

    monkeypatch.setattr(HealthCheck, '_check', counted)
    assert set(await asyncio.gather(*(health.problem() for _ in range(50)))) == {None}
    assert await health.problem() is None
    assert checked_at == [100.0]
    clock[0] += CACHE_SECONDS
    assert await health.problem() is None
    assert checked_at == [100.0, 100.0 + CACHE_SECONDS]


async def test_one_who_goes_away_does_not_take_the_answer_from_others(database: Database) -> None:
    health = HealthCheck(database)
    first, second = asyncio.ensure_future(health.problem()), asyncio.ensure_future(health.problem())
    await asyncio.sleep(0)
    first.cancel()
    assert await second is None


async def test_a_database_that_never_answers_causes_a_timeout(unresponsive_url: str) -> None:
    began = time.monotonic()
    assert await HealthCheck(Database(unresponsive_url)).problem() == 'База данных не отвечает.'
    assert time.monotonic() - began < TIMEOUT_SECONDS + 2


@pytest.mark.parametrize('url', ['sqlite:////nowhere/at/all.db', 'postgresql+psycopg://nobody@127.0.0.1:9/none'])
async def test_an_unreachable_database_is_reported(url: str) -> None:
    health = HealthCheck(Database(url))
    assert await health.problem() == 'База данных не отвечает.'
    assert await health.count_by_status() is None


async def test_messages_are_counted_by_status(database: Database) -> None:
    health = HealthCheck(database)
    assert await health.count_by_status() == {}
    messages = [incoming_message(), incoming_message(), incoming_message(status=MessageStatus.WAITING)]
    await MeasuredIngestQueue(Metrics(), database, MOSCOW).add_messages(messages, Sender('mailer'))
    assert await health.count_by_status() == {'sent': 2, 'waiting': 1}


def metric_value(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, labels) or 0.0


async def test_searches_are_measured_by_outcome(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = Metrics()
    messages = MeasuredMessageService(metrics, database, MOSCOW)
    await messages.page(MessageQuery(name='Иванов'), number=1, size=5)
    await messages.totals(MessageQuery())
    with pytest.raises(InvalidQueryError):
        await messages.totals(MessageQuery(period=Period(NOON.date(), NOON.date().replace(year=2025))))
    for error, outcome in (
        (QueryTimeoutError(), 'busy'),
        (DatabaseUnavailableError(), 'unavailable'),
        (asyncio.CancelledError(), 'cancelled'),
        (ZeroDivisionError(), 'failed'),
    ):

        async def fail(work: object, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr(database, 'read', fail)
        with pytest.raises(type(error)):
            await messages.totals(MessageQuery(phone='916'))
        assert metric_value(metrics, 'journal_search_seconds_count', part='totals', by_text='yes', outcome=outcome) == 1
    assert metric_value(metrics, 'journal_search_seconds_count', part='page', by_text='yes', outcome='ok') == 1
    assert metric_value(metrics, 'journal_search_seconds_count', part='totals', by_text='no', outcome='ok') == 1
    assert metric_value(metrics, 'journal_search_seconds_count', part='totals', by_text='no', outcome='refused') == 1
    assert metric_value(metrics, 'journal_database_errors_total', kind='busy') == 1
    assert metric_value(metrics, 'journal_database_errors_total', kind='unavailable') == 1
    assert b'\xd0' not in metrics.render(), 'the metrics contain the text of a search'


async def test_receipts_are_counted_by_provider_and_outcome(database: Database) -> None:
    metrics = Metrics()
    ingest = MeasuredIngestQueue(metrics, database, MOSCOW)
    known = incoming_message(status=MessageStatus.WAITING)
    await ingest.add_messages([known], Sender('mailer'))
    event = StatusEvent(NOON, 'smsru', MessageStatus.SENT, provider='smsru', code='103')
    await ingest.add_receipts([Receipt('smsru', str(known.id), event), Receipt('smsru', 'other', event)])
    assert metric_value(metrics, 'journal_receipts_total', provider='smsru', outcome='updated') == 1
    assert metric_value(metrics, 'journal_receipts_total', provider='smsru', outcome='unknown') == 1


async def test_two_programs_in_one_process_have_separate_metrics(database: Database) -> None:
    first, second = Metrics(), Metrics()
    await MeasuredMessageService(first, database, MOSCOW).totals(MessageQuery())
    assert metric_value(second, 'journal_search_seconds_count', part='totals', by_text='no', outcome='ok') == 0
