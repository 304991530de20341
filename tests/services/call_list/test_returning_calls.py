"""Recipients who were not reached return to the call list at the chosen time, and a call can be undone."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from models import AuditEvent, CallOutcome, MessageStatus
from services.audit.audit_query import AuditQuery
from services.audit.audit_records import AuditRecords
from services.call_list.call_entries import Claim
from services.call_list.call_list_service import CallListService
from services.call_list.earlier_calls import EarlierCall
from services.call_list.return_times import ReturnTime, describe_return, return_time
from services.database.engine import Database
from tests.helpers.call_lists import ANNA, BORIS, SettableClock, add_messages, failed, names, only_call, pending_calls
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

REACHED, NOT_REACHED = CallOutcome.REACHED, CallOutcome.NOT_REACHED
MINUTE = timedelta(minutes=1)


async def call_in_vain(calls: CallListService, returning: ReturnTime | None = ReturnTime.HALF_AN_HOUR) -> None:
    """Call the only recipient in vain."""
    call = await only_call(calls)
    assert await calls.claim(call, ANNA)
    assert await calls.complete(call, ANNA, NOT_REACHED, 'занято', returning)


@pytest.mark.parametrize(
    ('returning', 'expected'),
    [
        (ReturnTime.HALF_AN_HOUR, datetime(2026, 11, 22, 21, 10, tzinfo=UTC)),
        (ReturnTime.TWO_HOURS, datetime(2026, 11, 22, 22, 40, tzinfo=UTC)),
        (ReturnTime.NEXT_MORNING, datetime(2026, 11, 23, 6, tzinfo=UTC)),
    ],
)
def test_the_next_morning_is_of_the_local_day(returning: ReturnTime, expected: datetime) -> None:
    before_midnight = datetime(2026, 11, 22, 20, 40, tzinfo=UTC)
    assert return_time(returning, before_midnight, MOSCOW) == expected


@pytest.mark.parametrize(
    ('day', 'returns_on', 'words'),
    [
        (19, 20, 'Завтра утром, в 09:00'),
        (20, 23, 'В понедельник утром, в 09:00'),
        (21, 23, 'В понедельник утром, в 09:00'),
        (22, 23, 'Завтра утром, в 09:00'),
    ],
)
def test_the_next_morning_is_that_of_a_working_day(day: int, returns_on: int, words: str) -> None:
    now = datetime(2026, 11, day, 15, tzinfo=MOSCOW)
    at = datetime(2026, 11, returns_on, 9, tzinfo=MOSCOW)
    assert return_time(ReturnTime.NEXT_MORNING, now, MOSCOW) == at
    assert describe_return(ReturnTime.NEXT_MORNING, now, MOSCOW) == words


def test_a_delay_is_described_with_its_local_time() -> None:
    before_midnight = datetime(2026, 11, 20, 20, 40, tzinfo=UTC)
    assert describe_return(ReturnTime.TWO_HOURS, before_midnight, MOSCOW) == 'Через 2 часа, в 01:40'


async def test_a_recipient_who_was_not_reached_returns_and_attempts_are_counted(
    database: Database, calls: CallListService, clock: SettableClock
) -> None:
    add_messages(database, failed(), failed())
    await call_in_vain(calls)
    listed = await calls.pending_calls(calls.default_query(), 20)
    assert (listed.calls, listed.postponed, listed.next_at) == ([], 1, NOON + 30 * MINUTE)
    assert await calls.count_pending(calls.default_query()) == 0
    (completed,) = await calls.completed_calls(calls.default_query(), 20)
    assert (completed.outcome, completed.again_at) == (NOT_REACHED, NOON + 30 * MINUTE)
    clock.now = NOON + 30 * MINUTE
    assert await calls.completed_calls(calls.default_query(), 20) == []
    call = await only_call(calls)
    assert (call.attempts, call.history) == (
        1,
        [EarlierCall(ANNA.name, NOON, NOT_REACHED, 'занято', '', NOON + 30 * MINUTE)],
    )
    assert await calls.count_pending(calls.default_query()) == 1
    await call_in_vain(calls, ReturnTime.TWO_HOURS)
    assert await names(calls) == []
    clock.now += timedelta(hours=2)
    call = await only_call(calls)
    assert call.attempts == 2
    assert [each.called_at for each in call.history] == [NOON + 30 * MINUTE, NOON]
    assert await calls.claim(call, BORIS)
    assert await calls.complete(call, BORIS, REACHED, '')
    (completed,) = await calls.completed_calls(calls.default_query(), 20)
    assert (completed.outcome, completed.again_at, completed.history) == (REACHED, None, call.history)
    clock.now += timedelta(days=2)
    assert await names(calls) == []


class OpenPage:
    """A page that displays recipients to call; `returned` has the messages of those who returned, by notification."""

    displayed_ids: Collection[UUID] = ()

    def __init__(self) -> None:
        self.returned: list[Collection[UUID]] = []

    def on_calls_changed(self, message_ids: Collection[UUID], still_waiting: Mapping[UUID, Claim | None]) -> None:
        """See CallListSubscriber."""

    def on_calls_returned(self, message_ids: Collection[UUID]) -> None:
        """See CallListSubscriber."""
        self.returned.append(message_ids)


async def test_open_pages_are_notified_once_of_who_returns(
    database: Database, calls: CallListService, clock: SettableClock
) -> None:
    first, second = failed(), failed()
    add_messages(database, first, second)
    page = OpenPage()
    unsubscribe = calls.subscribe(page)
    await calls.poll()
    await call_in_vain(calls)
    clock.now += 29 * MINUTE
    await calls.poll()
    assert page.returned == []
    clock.now += 5 * MINUTE
    await calls.poll()
    assert page.returned == [{first.id, second.id}]
    await calls.poll()
    assert len(page.returned) == 1
    await call_in_vain(calls)
    clock.now += 29 * MINUTE
    unsubscribe()
    await calls.poll()
    calls.subscribe(page)
    clock.now += MINUTE
    await calls.poll()
    assert len(page.returned) == 2, 'the first poll of a page begins where the last one ended'


async def test_a_final_call_does_not_return(database: Database, calls: CallListService, clock: SettableClock) -> None:
    add_messages(database, failed())
    await call_in_vain(calls, None)
    clock.now += timedelta(days=5)
    listed = await calls.pending_calls(calls.default_query(), 20)
    assert (listed.calls, listed.postponed, listed.next_at) == ([], 0, None)


async def test_who_was_sent_the_message_meanwhile_does_not_return(
    database: Database, calls: CallListService, clock: SettableClock
) -> None:
    message = failed()
    add_messages(database, message)
    await call_in_vain(calls)
    add_messages(database, incoming_message(id=message.id, sent_at=NOON, queued_at=message.queued_at))
    assert (await calls.pending_calls(calls.default_query(), 20)).postponed == 0
    clock.now += timedelta(hours=1)
    assert await names(calls) == []


async def test_a_call_can_be_undone_and_stays_in_the_history(
    database: Database, calls: CallListService, clock: SettableClock
) -> None:
    add_messages(database, failed())
    call = await only_call(calls)
    assert await calls.claim(call, ANNA)
    completed = await calls.complete(call, ANNA, NOT_REACHED, 'не тот итог', ReturnTime.TWO_HOURS)
    assert completed
    clock.now += MINUTE
    assert await calls.undo(call, completed, ANNA)
    again = await only_call(calls)
    assert again.claim == Claim(ANNA.name, clock.now)
    assert (again.attempts, again.history) == (
        0,
        [EarlierCall(ANNA.name, NOON, NOT_REACHED, 'не тот итог', ANNA.name, clock.now, is_undone=True)],
    )
    assert not await calls.undo(call, completed, ANNA)
    rows = (await AuditRecords(database, MOSCOW, clock).page(AuditQuery(seen=call.key.phone), number=1, size=20)).rows
    assert [(row.act, row.what) for row in reversed(rows)] == [
        (AuditEvent.CALL_CLAIMED, 'сообщений: 1'),
        (
            AuditEvent.CALL_COMPLETED,
            'сообщений: 1, итог «Не дозвонились», с заметкой, перезвонить 22.11.2026 14:00',
        ),
        (AuditEvent.CALL_UNDONE, 'сообщений: 1, было: «Не дозвонились», anna'),
        (AuditEvent.CALL_CLAIMED, 'сообщений: 1'),
    ]


async def test_an_undone_call_leaves_the_claim_of_another_operator(database: Database, calls: CallListService) -> None:
    add_messages(database, failed(text='Первое'))
    call = await only_call(calls)
    assert await calls.claim(call, ANNA)
    completed = await calls.complete(call, ANNA, REACHED, '')
    assert completed
    add_messages(database, failed(text='Второе'))
    assert await calls.claim(await only_call(calls), BORIS)
    assert not await calls.undo(call, completed, ANNA)
    again = await only_call(calls)
    assert (len(again.messages), again.claim) == (2, Claim(BORIS.name, NOON))


async def test_a_waiting_message_that_was_sent_again_needs_no_call(database: Database, calls: CallListService) -> None:
    waiting = failed(
        status=MessageStatus.WAITING, attempted_at=None, error_code=None, error_name=None, appointment=3 * 60 * MINUTE
    )
    add_messages(database, waiting)
    assert await names(calls) == ['Королёв Иван']
    repeat = incoming_message(
        recipient_name=waiting.recipient_name,
        kind=waiting.kind,
        appointment_at=waiting.appointment_at,
        queued_at=NOON - 30 * MINUTE,
        sent_at=NOON - 20 * MINUTE,
    )
    add_messages(database, repeat)
    assert await pending_calls(calls) == []
