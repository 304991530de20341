"""The call list: its recipients and their order, and claims, of which one at a time succeeds."""

import asyncio
import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models import AuditEvent, CallOutcome, MessageKind, MessageStatus
from services.audit.audit_query import AuditQuery
from services.audit.audit_records import AuditRecords
from services.audit.hash_chain import Actor
from services.balance.ledger_balance import LedgerBalanceSource
from services.call_list.call_entries import Claim
from services.call_list.call_list_service import MAX_NOTE_LENGTH, CallListService
from services.call_list.call_queries import CLAIM_DURATION
from services.call_list.earlier_calls import EarlierCall
from services.database.engine import Database
from services.database.tables import MESSAGE_KIND_TABLE, OPERATOR_ERROR_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_editor import DictionaryEditor
from services.errors import DatabaseUnavailableError
from services.ingest.ingest_queue import IngestQueue
from services.ingest.message_ingest import Receipt
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.lists.message_kinds import MessageKinds
from services.lists.organizations import OrganizationName, Organizations
from services.lists.query_protocol import Period
from services.live_updates import LiveUpdates
from services.messages.delivery import DeliveryTimeouts
from services.messages.message_service import MessageService
from tests.helpers.call_lists import (
    ANNA,
    BORIS,
    CODES,
    SettableClock,
    add_messages,
    failed,
    names,
    only_call,
    pending_calls,
)
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

REACHED = CallOutcome.REACHED
TIMEOUT_SECONDS = 2
"""Seconds within which every page has to be notified."""


async def test_future_appointments_come_first(database: Database, calls: CallListService) -> None:
    add_messages(
        database,
        failed('Прошёл Давно', appointment=-timedelta(days=3)),
        failed('Без Записи', appointment=None),
        failed('Через Неделю', appointment=timedelta(days=7)),
        failed('Сегодня', appointment=timedelta(hours=1)),
        failed('Старый Отказ', queued_at=NOON - timedelta(days=9), attempted_at=None),
        incoming_message(recipient_name='Дошло'),
        incoming_message(recipient_name='Ждёт', status=MessageStatus.WAITING),
    )
    assert await names(calls) == ['Сегодня', 'Через Неделю', 'Без Записи', 'Прошёл Давно']
    assert [calls.is_past(call.messages[0].appointment_at) for call in await pending_calls(calls)] == [False] * 3 + [
        True
    ]
    few = await calls.pending_calls(calls.default_query(), 2)
    assert ([call.name for call in few.calls], few.total) == (['Сегодня', 'Через Неделю'], 4)


async def test_a_recipient_is_listed_once_with_all_messages(database: Database, calls: CallListService) -> None:
    add_messages(
        database,
        failed('Королёв Иван', appointment=timedelta(days=5), text='Второе'),
        failed('КОРОЛЕВ  ИВАН', appointment=timedelta(days=1), text='Первое'),
        failed('Королёв Иван', appointment=-timedelta(days=1), text='Прошло'),
        failed('Королёва Анна', text='Тот же телефон'),
        failed('Королёв Иван', phone='+79990000000', text='Другой телефон'),
    )
    listed = [[message.text for message in call.messages] for call in await pending_calls(calls)]
    assert sorted(listed) == [['Другой телефон'], ['Первое', 'Второе', 'Прошло'], ['Тот же телефон']]


async def test_each_message_has_its_error_and_advice(database: Database, calls: CallListService) -> None:
    add_messages(database, failed(), failed('Неизвестная Ошибка', error_name='Что-то своё', phone='+79990000000'))
    known, unknown = sorted(await pending_calls(calls), key=lambda call: call.name)
    (message,) = known.messages
    assert (message.error_name, message.organization) == (
        'Абонент не существует',
        'ГБУЗ МО «Химкинская областная больница»',
    )
    assert message.advice
    assert 'уточните телефон' in message.advice
    assert unknown.messages[0].advice is None


async def test_the_error_of_an_operator_has_the_advice_of_the_administrator(
    database: Database, calls: CallListService
) -> None:
    message = failed()
    add_messages(database, message)
    event = StatusEvent(
        NOON,
        'kannel',
        MessageStatus.FAILED,
        final=True,
        provider='kannel',
        code='2',
        error_code='00b',
        error_name='Доставить невозможно',
    )
    await IngestQueue(database, MOSCOW).add_receipts([Receipt('kannel', str(message.id), event)])
    (unknown,) = await pending_calls(calls)
    assert 'спросите в поддержке Kannel' in (unknown.messages[0].advice or '')
    described = OPERATOR_ERROR_TABLE.insert().values(operator='', code='00B', name='Нет абонента', advice='Уточните.')
    database.write_sync(lambda session: session.execute(described))
    (known,) = await pending_calls(calls)
    assert known.messages[0].advice == 'Нет абонента. Уточните.'


async def test_the_list_follows_its_filters(database: Database, calls: CallListService) -> None:
    add_messages(database, failed('Здесь'), failed('Там', organization='Другая больница'))
    there = next(each for each in await Organizations(database).all() if each.name == 'Другая больница')
    query = calls.default_query()
    narrowed = type(query)(period=query.period, organizations=frozenset({there}))
    assert [call.name for call in (await calls.pending_calls(narrowed, 20)).calls] == ['Там']
    long_ago = type(query)(period=Period(until=NOON.date() - timedelta(days=30)))
    assert (await calls.pending_calls(long_ago, 20)).total == 0


async def test_the_list_follows_merged_organisations_and_kinds(database: Database, calls: CallListService) -> None:
    add_messages(database, failed('Здесь', organization='Больница'), failed('Там', organization='Клиника'))
    organizations = DictionaryEditor(database, ORGANIZATION_TABLE, '')
    ids = {entry.name: entry.id for entry in await organizations.entries()}
    await organizations.merge(None, ids['Клиника'], ids['Больница'])
    await DictionaryEditor(database, MESSAGE_KIND_TABLE, '').rename(None, MessageKind.REMINDER, 'Памятка')
    kind = next(kind for kind in await MessageKinds(database).all() if kind.name == 'Памятка')
    for id in ids.values():
        query = replace(
            calls.default_query(),
            organizations=frozenset({OrganizationName(id, '')}),
            kinds=frozenset({kind} if kind else ()),
        )
        pending = (await calls.pending_calls(query, 20)).calls
        assert sorted(call.name for call in pending) == ['Здесь', 'Там']
        assert {(each.organization, each.kind) for call in pending for each in call.messages} == {
            ('Больница', 'Памятка')
        }


async def test_a_claimed_recipient_cannot_be_claimed_by_others_until_released(
    database: Database, calls: CallListService
) -> None:
    add_messages(database, failed())
    call = await only_call(calls)
    assert await calls.claim(call, ANNA)
    assert not await calls.claim(call, BORIS)
    assert await calls.claim(call, ANNA)
    assert (await only_call(calls)).claim == Claim(ANNA.name, NOON)
    assert not await calls.complete(call, BORIS, REACHED, '')
    await calls.release(call, BORIS)
    assert (await only_call(calls)).claim == Claim(ANNA.name, NOON)
    await calls.release(call, ANNA)
    assert (await only_call(calls)).claim is None
    assert await calls.claim(call, BORIS)


async def test_a_claim_expires_after_fifteen_minutes(
    database: Database, calls: CallListService, clock: SettableClock
) -> None:
    add_messages(database, failed())
    call = await only_call(calls)
    assert await calls.claim(call, ANNA)
    clock.now += CLAIM_DURATION - timedelta(seconds=1)
    assert not await calls.claim(call, BORIS)
    assert (await only_call(calls)).claim
    clock.now += timedelta(seconds=1)
    assert (await only_call(calls)).claim is None
    assert await calls.claim(call, BORIS)
    assert not await calls.complete(call, ANNA, REACHED, 'поздно')
    assert await calls.complete(call, BORIS, REACHED, '')


async def test_an_expired_claim_can_be_completed_if_nobody_else_claimed(
    database: Database, calls: CallListService, clock: SettableClock
) -> None:
    add_messages(database, failed())
    call = await only_call(calls)
    assert await calls.claim(call, ANNA)
    clock.now += 2 * CLAIM_DURATION
    assert await calls.complete(call, ANNA, REACHED, '')
    assert await pending_calls(calls) == []


def test_of_simultaneous_claims_one_succeeds(database: Database, database_url: str) -> None:
    add_messages(database, failed())
    rivals = [Database(database_url) for _ in range(4)]
    lists = [CallListService(each, MOSCOW, CODES, lambda: NOON) for each in rivals]
    call = asyncio.run(only_call(lists[0]))
    together = threading.Barrier(len(rivals))
    for _ in range(5):
        won: list[int] = []

        def race(number: int, won: list[int] = won) -> None:
            together.wait()
            if asyncio.run(lists[number].claim(call, Actor(number, f'operator {number}', ''))):
                won.append(number)

        racing = [threading.Thread(target=race, args=(number,)) for number in range(len(rivals))]
        for thread in racing:
            thread.start()
        for thread in racing:
            thread.join()
        assert len(won) == 1
        assert asyncio.run(only_call(lists[0])).claim == Claim(f'operator {won[0]}', NOON)
        asyncio.run(lists[0].release(call, Actor(won[0], f'operator {won[0]}', '')))
    for each in rivals:
        each.close()


async def test_a_completed_call_leaves_the_list_and_can_be_reopened(
    database: Database, calls: CallListService, clock: SettableClock
) -> None:
    add_messages(database, failed(), failed(), failed('Другой', phone='+79990000000'))
    both = next(call for call in await pending_calls(calls) if call.name == 'Королёв Иван')
    assert await calls.claim(both, ANNA)
    clock.now += timedelta(minutes=3)
    assert await calls.complete(both, ANNA, CallOutcome.WRONG_NUMBER, ' ответила соседка ')
    assert await names(calls) == ['Другой']
    assert not await calls.claim(both, BORIS)
    (made,) = await calls.completed_calls(calls.default_query(), 20)
    assert (made.name, made.called_by, made.called_at) == ('Королёв Иван', ANNA.name, NOON + timedelta(minutes=3))
    assert (made.outcome, made.note) == (CallOutcome.WRONG_NUMBER, 'ответила соседка')
    assert set(made.message_ids) == {message.id for message in both.messages}
    clock.now += timedelta(minutes=1)
    await calls.reopen(made, BORIS)
    assert await calls.completed_calls(calls.default_query(), 20) == []
    assert sorted(await names(calls)) == ['Другой', 'Королёв Иван']
    again = next(call for call in await pending_calls(calls) if call.name == 'Королёв Иван')
    assert again.history == [
        EarlierCall(
            ANNA.name,
            NOON + timedelta(minutes=3),
            CallOutcome.WRONG_NUMBER,
            'ответила соседка',
            BORIS.name,
            NOON + timedelta(minutes=4),
        )
    ]
    assert await calls.claim(both, BORIS)
    assert await calls.complete(both, BORIS, REACHED, '')
    (made,) = await calls.completed_calls(calls.default_query(), 20)
    assert (made.outcome, made.history) == (REACHED, again.history)


async def test_every_action_on_a_call_is_on_record_with_its_messages(
    database: Database, calls: CallListService, clock: SettableClock
) -> None:
    message = failed()
    add_messages(database, message)
    call = await only_call(calls)
    assert await calls.claim(call, ANNA)
    assert not await calls.claim(call, BORIS)
    await calls.release(call, BORIS)
    await calls.release(call, ANNA)
    assert await calls.claim(call, BORIS)
    assert await calls.complete(call, BORIS, REACHED, 'придёт')
    (made,) = await calls.completed_calls(calls.default_query(), 20)
    await asyncio.gather(calls.reopen(made, ANNA), calls.reopen(made, BORIS))
    records = AuditRecords(database, MOSCOW, clock)
    for seen in (str(message.id), message.phone):
        rows = (await records.page(AuditQuery(seen=seen), number=1, size=20)).rows
        assert [(row.act, row.section, row.what) for row in reversed(rows)] == [
            (AuditEvent.CALL_CLAIMED, 'Список обзвона', 'сообщений: 1'),
            (AuditEvent.CALL_RELEASED, 'Список обзвона', 'сообщений: 1'),
            (AuditEvent.CALL_CLAIMED, 'Список обзвона', 'сообщений: 1'),
            (AuditEvent.CALL_COMPLETED, 'Список обзвона', 'сообщений: 1, итог «Дозвонились», с заметкой'),
            (AuditEvent.CALL_REOPENED, 'Список обзвона', 'сообщений: 1, было: «Дозвонились», boris'),
        ]
        assert [(row.name, row.address) for row in rows[1:]] == [
            (BORIS.name, BORIS.address),
            (BORIS.name, BORIS.address),
            (ANNA.name, ANNA.address),
            (ANNA.name, ANNA.address),
        ]
    assert len((await only_call(calls)).history) == 1


async def test_without_its_record_no_action_on_a_call_happens(database: Database, calls: CallListService) -> None:
    add_messages(database, failed())
    call = await only_call(calls)
    assert await calls.claim(call, ANNA)
    rename = text('ALTER TABLE access_head RENAME TO access_head_away')
    database.write_sync(lambda session: session.execute(rename) and None)
    with pytest.raises((DBAPIError, DatabaseUnavailableError)):
        await calls.complete(call, ANNA, REACHED, '')
    with pytest.raises((DBAPIError, DatabaseUnavailableError)):
        await calls.release(call, ANNA)
    assert (await only_call(calls)).claim


async def test_another_failure_adds_the_recipient_again(database: Database, calls: CallListService) -> None:
    add_messages(database, failed(text='Первое'))
    call = await only_call(calls)
    assert await calls.claim(call, ANNA)
    add_messages(database, failed(text='Второе'))
    assert await calls.complete(call, ANNA, REACHED, '')
    assert [message.text for message in (await only_call(calls)).messages] == ['Второе']


async def test_a_message_that_was_sent_after_all_leaves_the_list(database: Database, calls: CallListService) -> None:
    message = failed()
    add_messages(database, message)
    call = await only_call(calls)
    add_messages(database, incoming_message(id=message.id, sent_at=NOON, queued_at=message.queued_at))
    assert await pending_calls(calls) == []
    assert not await calls.claim(call, ANNA)


async def test_a_note_has_a_maximum_length(database: Database, calls: CallListService) -> None:
    add_messages(database, failed())
    call = await only_call(calls)
    assert await calls.claim(call, ANNA)
    with pytest.raises(ValueError, match='201'):
        await calls.complete(call, ANNA, REACHED, 'н' * (MAX_NOTE_LENGTH + 1))
    assert await calls.complete(call, ANNA, REACHED, 'н' * MAX_NOTE_LENGTH)


def sent_again(message: IncomingMessage, **changes: object) -> IncomingMessage:
    """Build a message about the same appointment under a new id, queued after the first one failed."""
    fields: dict[str, object] = {
        'recipient_name': message.recipient_name,
        'phone': message.phone,
        'kind': message.kind,
        'appointment_at': message.appointment_at,
        'queued_at': NOON - timedelta(minutes=30),
        'sent_at': NOON - timedelta(minutes=20),
        **changes,
    }
    return incoming_message(**fields)  # type: ignore[arg-type]


async def test_a_message_that_was_sent_again_leaves_the_list(database: Database, calls: CallListService) -> None:
    first, other = failed(), failed('Другой', phone='+79990000000')
    add_messages(database, first, other)
    call = next(call for call in await pending_calls(calls) if call.name == 'Королёв Иван')
    add_messages(database, sent_again(first))
    assert await names(calls) == ['Другой']
    assert (await calls.pending_calls(calls.default_query(), 20)).total == 1
    assert not await calls.claim(call, ANNA)


@pytest.mark.parametrize('status', [MessageStatus.WAITING, MessageStatus.FAILED])
async def test_a_repeat_that_was_not_sent_changes_nothing(
    database: Database, calls: CallListService, status: MessageStatus
) -> None:
    first = failed()
    add_messages(database, first, sent_again(first, status=status, sent_at=None))
    assert await names(calls) == ['Королёв Иван']
    assert first.id in {message.id for message in (await only_call(calls)).messages}


async def test_another_failure_of_the_repeat_adds_the_recipient_again(
    database: Database, calls: CallListService
) -> None:
    first = failed()
    repeat = sent_again(first)
    add_messages(database, first, repeat)
    assert await names(calls) == []
    add_messages(database, sent_again(first, id=repeat.id, status=MessageStatus.FAILED, sent_at=None))
    assert {message.id for message in (await only_call(calls)).messages} == {first.id, repeat.id}


@pytest.mark.parametrize(
    ('queued', 'appointment', 'is_listed'),
    [
        (timedelta(hours=30), timedelta(hours=1), True),
        (timedelta(hours=24), timedelta(hours=48), True),
        (timedelta(hours=23), timedelta(hours=14), False),
        (timedelta(hours=23), timedelta(hours=1), True),
        (timedelta(hours=1), timedelta(hours=11), True),
        (timedelta(minutes=59), timedelta(hours=1), False),
        (timedelta(hours=30), timedelta(hours=49), False),
        (timedelta(hours=30), timedelta(0), False),
        (timedelta(hours=30), None, False),
    ],
)
async def test_a_message_that_waits_while_the_appointment_is_near_needs_a_call(
    database: Database, calls: CallListService, queued: timedelta, appointment: timedelta | None, is_listed: bool
) -> None:
    add_messages(
        database,
        failed(
            status=MessageStatus.WAITING,
            appointment=appointment,
            queued_at=NOON - queued,
            attempted_at=None,
            error_code=None,
            error_name=None,
        ),
    )
    assert await names(calls) == (['Королёв Иван'] if is_listed else [])


async def test_a_waiting_message_says_how_long_it_waits_until_it_is_sent_or_called(
    database: Database, calls: CallListService, clock: SettableClock
) -> None:
    waiting = failed(
        status=MessageStatus.WAITING,
        appointment=timedelta(hours=3),
        queued_at=NOON - timedelta(hours=30),
        attempted_at=None,
        error_code=None,
        error_name=None,
    )
    add_messages(database, waiting)
    call = await only_call(calls)
    (message,) = call.messages
    assert message.error_name == 'Сообщение не отправлено: ждёт 30\N{NO-BREAK SPACE}ч'
    assert message.advice
    assert await calls.claim(call, ANNA)
    assert await calls.complete(call, ANNA, REACHED, '')
    assert await names(calls) == []
    (completed,) = await calls.completed_calls(calls.default_query(), 20)
    assert completed.message_ids == [waiting.id]
    await calls.reopen(completed, ANNA)
    assert await names(calls) == ['Королёв Иван']
    clock.now += timedelta(hours=3)
    assert await names(calls) == []


async def test_the_waiting_time_is_a_setting(database: Database) -> None:
    impatient = CallListService(
        database, MOSCOW, CODES, lambda: NOON, timeouts=DeliveryTimeouts(waiting=timedelta(hours=1))
    )
    add_messages(
        database,
        failed(
            status=MessageStatus.WAITING,
            appointment=timedelta(days=1),
            attempted_at=None,
            error_code=None,
            error_name=None,
        ),
    )
    assert await names(impatient) == ['Королёв Иван']


class RecordingSubscriber:
    """A subscriber that records its notifications."""

    def __init__(self, displayed_ids: Collection[UUID]) -> None:
        self.displayed_ids = displayed_ids
        self.received: asyncio.Queue[Mapping[UUID, Claim | None]] = asyncio.Queue()

    def on_calls_changed(self, message_ids: Collection[UUID], still_waiting: Mapping[UUID, Claim | None]) -> None:
        assert message_ids == frozenset(self.displayed_ids)
        self.received.put_nowait(still_waiting)

    def on_calls_returned(self, message_ids: Collection[UUID]) -> None:
        """See CallListSubscriber."""

    async def wait_for(self, expected: Mapping[UUID, Claim | None]) -> None:
        """Wait for this notification."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while await self.received.get() != expected:
                pass


async def test_every_page_is_notified_of_the_actions_of_others(
    database: Database, database_url: str, calls: CallListService
) -> None:
    add_messages(database, failed(), failed('Другой', phone='+79990000000'))
    first, second = await pending_calls(calls)
    ids = [call.messages[0].id for call in (first, second)]
    one, two = RecordingSubscriber(ids), RecordingSubscriber(ids[:1])
    calls.subscribe(one)
    unsubscribe = calls.subscribe(two)
    watcher = LiveUpdates(database, LedgerBalanceSource(database), MessageService(database, MOSCOW))
    watcher.add_poller(calls.poll)
    await watcher.start()
    elsewhere = Database(database_url)
    other = CallListService(elsewhere, MOSCOW, CODES, lambda: NOON)
    assert await other.claim(first, BORIS)
    await one.wait_for({ids[0]: Claim(BORIS.name, NOON), ids[1]: None})
    await two.wait_for({ids[0]: Claim(BORIS.name, NOON)})
    unsubscribe()
    assert await other.complete(first, BORIS, REACHED, '')
    await one.wait_for({ids[1]: None})
    assert {} not in [two.received.get_nowait() for _ in range(two.received.qsize())]
    await watcher.stop()
    elsewhere.close()
