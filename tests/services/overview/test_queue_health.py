"""The queue: how many messages wait, since when, when the last one was sent, and when this needs attention."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, bindparam, func, select

from models import MessageStatus
from services.database.engine import Database
from services.database.indexes import condition_indexes
from services.ingest.message_ingest import ingest_imported_messages
from services.ingest.message_parsing import IncomingMessage
from services.messages.message_service import MessageService
from services.messages.message_tables import message
from services.messages.totals.aggregates import outermost_period
from services.overview import queue_health
from services.overview.queue_health import (
    LONG_WAITING_QUERY,
    WAITING_QUERY,
    QueueHealth,
    QueueLevel,
    QueueReport,
    QueueThresholds,
    read_queue,
    report_queue,
)
from tests.helpers.factories import incoming_message
from tests.helpers.query_plans import query_plan
from tests.helpers.reference_messages import MOSCOW, NOON, random_messages

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ORDINARY_SEARCH = (
    select(message.c.place)
    .where(
        message.c.status == MessageStatus.WAITING,
        message.c.queued_at <= bindparam('queued', type_=message.c.queued_at.type),
    )
    .order_by(message.c.queued_at)
)
THRESHOLDS = QueueThresholds(warning=HOUR, alarm=timedelta(hours=24), silence=2 * HOUR)


def add(database: Database, *messages: IncomingMessage) -> None:
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))


def waiting(queued_at: datetime, attempted_at: datetime | None = None) -> IncomingMessage:
    return incoming_message(status=MessageStatus.WAITING, queued_at=queued_at, attempted_at=attempted_at)


def sent(sent_at: datetime) -> IncomingMessage:
    return incoming_message(queued_at=sent_at, sent_at=sent_at)


def read(database: Database, now: datetime = NOON) -> QueueHealth:
    return database.read_sync(lambda session: read_queue(session, MOSCOW, now))


def report(health: QueueHealth) -> QueueReport:
    return report_queue(health, THRESHOLDS, MOSCOW, NOON)


def test_an_empty_journal_has_an_empty_queue_and_never_sent_anything(database: Database) -> None:
    assert read(database) == QueueHealth(count=0, oldest=None, long_waiting=0, last_sent=None)
    assert report(read(database)).text == 'Очередь пуста, ещё ничего не отправлено'
    assert report(read(database)).level is QueueLevel.CALM


def test_the_queue_equals_a_recount_of_all_messages(database: Database) -> None:
    messages: Sequence[IncomingMessage] = random_messages(400, seed=3)
    add(database, *messages)
    queued = [each.queued_at for each in messages if each.status is MessageStatus.WAITING and each.queued_at]
    assert read(database) == QueueHealth(
        count=len(queued),
        oldest=min(queued),
        long_waiting=sum(each <= NOON - HOUR for each in queued),
        last_sent=max(each.sent_at for each in messages if each.sent_at and each.sent_at <= NOON),
    )


def test_the_oldest_message_is_the_one_queued_first_however_often_it_was_attempted(database: Database) -> None:
    add(database, waiting(NOON - 9 * HOUR, attempted_at=NOON - MINUTE), waiting(NOON - 5 * HOUR), sent(NOON - HOUR))
    assert report(read(database)).text == 'Очередь: 2, старшее ждёт 9\xa0ч, последнее отправлено 1\xa0ч назад'


def test_a_message_that_was_sent_or_failed_leaves_the_queue(database: Database) -> None:
    stored = waiting(NOON - HOUR)
    add(database, stored)
    add(database, IncomingMessage(**{**vars(stored), 'status': MessageStatus.SENT, 'sent_at': NOON - 3 * MINUTE}))
    health = read(database)
    assert (health.count, health.oldest, health.long_waiting) == (0, None, 0)
    assert report(health).text == 'Очередь пуста, последнее отправлено 3\xa0мин назад'


def test_a_message_dated_in_the_future_is_not_the_last_one_sent(database: Database) -> None:
    add(database, sent(NOON + 400 * HOUR), sent(NOON + HOUR), sent(NOON - HOUR))
    assert read(database).last_sent == NOON - HOUR


def test_only_the_day_is_known_if_too_many_newer_messages_wait(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_health, 'SCANNED_MESSAGES', (2, 3))
    add(database, sent(NOON - 3 * HOUR), waiting(NOON - 2 * HOUR), waiting(NOON - HOUR))
    assert read(database).last_sent == NOON - 3 * HOUR, 'the second scan reads more'
    add(database, waiting(NOON - HOUR / 2))
    health = read(database)
    assert health.last_sent == date(2026, 11, 22)
    assert report(health).text.endswith('последнее отправлено сегодня')
    assert not report(health).is_stuck, 'since when is not known'
    later = report_queue(health, THRESHOLDS, MOSCOW, NOON + 24 * HOUR)
    assert later.text.endswith('последнее отправлено 22.11.2026')
    assert later.is_stuck


def test_more_long_waiting_messages_than_the_limit_are_not_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(database, *(waiting(NOON - 2 * HOUR) for _ in range(4)))
    monkeypatch.setattr(queue_health, 'MAX_COUNTED', 2)
    assert read(database).long_waiting == 3


@pytest.mark.parametrize(
    ('oldest', 'last_sent', 'level', 'is_stuck'),
    [
        (NOON - 59 * MINUTE, NOON - 9 * HOUR, QueueLevel.CALM, False),
        (NOON + HOUR, NOON - 9 * HOUR, QueueLevel.CALM, False),
        (NOON - HOUR, NOON - 119 * MINUTE, QueueLevel.WARNING, False),
        (NOON - HOUR, NOON - 2 * HOUR, QueueLevel.ALARM, True),
        (NOON - HOUR, None, QueueLevel.ALARM, True),
        (NOON - HOUR, date(2026, 11, 21), QueueLevel.ALARM, True),
        (NOON - 24 * HOUR, NOON - MINUTE, QueueLevel.ALARM, False),
    ],
)
def test_the_thresholds_decide_how_much_attention_the_queue_needs(
    oldest: datetime, last_sent: datetime | date | None, level: QueueLevel, is_stuck: bool
) -> None:
    described = report(QueueHealth(364, oldest, 12, last_sent))
    assert (described.level, described.is_stuck) == (level, is_stuck)
    assert described.text.startswith('Очередь стоит: 364' if is_stuck else 'Очередь: 364')


async def test_the_links_lead_to_the_messages_that_were_counted_the_oldest_first(database: Database) -> None:
    add(database, *random_messages(200, seed=4))
    service = MessageService(database, MOSCOW, now=lambda: NOON)
    health = read(database)
    for query, count in ((WAITING_QUERY, health.count), (LONG_WAITING_QUERY, health.long_waiting)):
        page = await service.page(query, number=1, size=20)
        assert (await service.totals(query)).count == count
        assert page.rows[0].queued_at == health.oldest
    sent_that_day = await service.page(report(health).last_sent_query, number=1, size=5)
    assert sent_that_day.rows[0].sent_at == health.last_sent


def test_the_queue_is_read_from_its_own_index_and_the_ends_of_others(database: Database) -> None:
    add(database, *random_messages(50, seed=5))
    settings = [f'SET enable_{each} = off' for each in ('seqscan', 'bitmapscan', 'sort')]
    cases: tuple[tuple[Select[Any], dict[str, Any]], ...] = (
        (queue_health.OLDEST_WAITING, {}),
        (queue_health.LONG_WAITING, {'deadline': NOON, 'limit': 3}),
    )
    for statement, params in cases:
        plan = query_plan(database, statement, params, *settings)
        assert condition_indexes.WAITING_INDEX in plan
        assert 'SORT' not in plan.upper()
        assert 'TEMP B-TREE' not in plan
    last_sent_day: Select[Any] = outermost_period(queue_health.LAST_SENT_DAY, None, func.max)
    plan = query_plan(database, last_sent_day, {'today': 20261122}, *settings)
    assert 'SCAN' not in plan if database.dialect == 'sqlite' else 'Seq Scan' not in plan
    assert 'TEMP B-TREE' not in plan


def test_other_searches_do_not_use_the_index_of_the_queue(database: Database) -> None:
    add(database, *random_messages(50, seed=6))
    plan = query_plan(database, ORDINARY_SEARCH, {'queued': NOON}, 'SET enable_seqscan = off')
    assert condition_indexes.WAITING_INDEX not in plan
