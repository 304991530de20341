"""The row of a message tells who has called its recipient, and follows what operators do while it is displayed."""

import asyncio
import re
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlmodel import Session

from models import CallOutcome, MessageStatus
from services.access_scope.organization_scope import OrganizationScope
from services.audit.hash_chain import Actor
from services.balance.ledger_balance import LedgerBalanceSource
from services.call_list.call_changes import RETURNED_MESSAGES
from services.call_list.call_list_service import CallListService
from services.call_list.call_queries import CLAIM_DURATION
from services.call_list.call_words import describe_latest_call
from services.call_list.latest_call import LatestCall
from services.call_list.message_calls import load_calls
from services.call_list.return_times import ReturnTime
from services.call_list.row_calls import MAY_HAVE_CALLS
from services.database.engine import Database
from services.ingest.message_parsing import IncomingMessage
from services.live_updates import LiveUpdates
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.message_service import MessageService
from services.messages.search.statements import SELECT_ROWS_BY_ID
from tests.helpers.call_lists import ANNA, BORIS, CODES, SettableClock, add_messages, failed, only_call, pending_calls
from tests.helpers.factories import incoming_message
from tests.helpers.query_plans import query_plan
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.scoped_journal import organization_ids

REACHED, NOT_REACHED, WRONG_NUMBER = CallOutcome.REACHED, CallOutcome.NOT_REACHED, CallOutcome.WRONG_NUMBER
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TIMEOUT_SECONDS = 2
"""Seconds within which every page must be updated (S16)."""


@pytest.fixture
def messages(database: Database, clock: SettableClock) -> MessageService:
    """The search of the journal of `calls`, at the same time."""
    return MessageService(database, MOSCOW, clock)


async def rows(messages: MessageService) -> Mapping[UUID, MessageRow]:
    """Return the rows of the journal; those that are read by their ids are equal."""
    found = {row.code: row for row in (await messages.page(MessageQuery(), number=1, size=20)).rows}
    assert await messages.rows_by_id(found) == {str(id): row for id, row in found.items()}
    return found


async def words(messages: MessageService, message: IncomingMessage) -> str:
    """Return what the row of a message says of the calls."""
    return call_words((await rows(messages))[message.id])


def call_words(row: MessageRow) -> str:
    return describe_latest_call(row.call, MOSCOW, NOON.date()) if row.call else ''


def test_a_call_of_another_year_has_the_year() -> None:
    call = LatestCall('anna', NOON, REACHED)
    assert describe_latest_call(call, MOSCOW, NOON.date()) == 'Дозвонились · anna, 22.11'
    assert describe_latest_call(call, MOSCOW, date(2027, 1, 9)) == 'Дозвонились · anna, 22.11.2026'


async def call(
    calls: CallListService, outcome: CallOutcome, returning: ReturnTime | None = None, actor: Actor = ANNA
) -> None:
    """Call the only recipient."""
    pending = await only_call(calls)
    assert await calls.claim(pending, actor)
    assert await calls.complete(pending, actor, outcome, 'заметка', returning)


async def test_the_row_tells_who_calls_and_what_came_of_it(
    database: Database, calls: CallListService, messages: MessageService, clock: SettableClock
) -> None:
    message, other = failed(), failed('Другой Пётр', phone='+79035554433')
    add_messages(database, message, other, incoming_message(recipient_name='Королёв Иван'))
    says = partial(words, messages, message)
    assert await says() == ''
    pending, _ = await pending_calls(calls)
    assert await calls.claim(pending, ANNA)
    assert {row.code: call_words(row) for row in (await rows(messages)).values() if row.call} == {
        message.id: 'Звонит anna'
    }, 'neither the other recipient nor the message that was sent'
    completed = await calls.complete(pending, ANNA, NOT_REACHED, 'занято', ReturnTime.TWO_HOURS)
    assert completed
    assert await says() == 'Не дозвонились · anna, 22.11 · перезвонить 22.11 14:00'
    assert await calls.undo(pending, completed, ANNA)
    assert await says() == 'Звонит anna'
    await calls.release(pending, ANNA)
    assert await says() == '', 'a call that was undone is none'

    assert await calls.claim(pending, ANNA)
    assert await calls.complete(pending, ANNA, NOT_REACHED, '', ReturnTime.TWO_HOURS)
    clock.now += 3 * HOUR
    assert await says() == 'Не дозвонились · anna, 22.11 · снова в списке'
    assert await calls.claim(pending, BORIS)
    assert await says() == 'Звонит boris'
    clock.now += CLAIM_DURATION
    assert await says() == 'Не дозвонились · anna, 22.11 · снова в списке', 'the claim has lapsed'
    clock.now += 18 * HOUR
    assert await calls.claim(pending, BORIS)
    assert await calls.complete(pending, BORIS, NOT_REACHED, '')
    assert await says() == 'Не дозвонились (2) · boris, 23.11'
    (completed, *_) = await calls.completed_calls(calls.default_query(), 20)
    await calls.reopen(completed, ANNA)
    assert await says() == 'Не дозвонились (2) · boris, 23.11 · снова в списке'
    assert await calls.claim(pending, BORIS)
    assert await calls.complete(pending, BORIS, WRONG_NUMBER, '')
    assert await says() == 'Номер неверный · boris, 23.11'

    def newest(session: Session) -> object:
        return load_calls(session, [message.id], now=clock.now)[message.id][0]

    shown = (await rows(messages))[message.id].call
    opened = database.read_sync(newest)
    assert shown
    assert vars(opened).items() >= {
        'called_by': shown.called_by, 'called_at': shown.called_at, 'outcome': shown.outcome
    }.items(), 'the opened row says the same'  # fmt: skip


@pytest.mark.parametrize('is_same_code', [True, False])
async def test_a_message_that_was_sent_after_all_promises_no_call(
    database: Database, calls: CallListService, messages: MessageService, clock: SettableClock, is_same_code: bool
) -> None:
    message = failed()
    add_messages(database, message)
    await call(calls, NOT_REACHED, ReturnTime.TWO_HOURS)
    assert await words(messages, message) == 'Не дозвонились · anna, 22.11 · перезвонить 22.11 14:00'
    sent_at = NOON + MINUTE
    repeat = replace(message, status=MessageStatus.SENT, sent_at=sent_at, error_code=None, error_name=None)
    if not is_same_code:
        repeat = replace(repeat, id=incoming_message().id, queued_at=NOON)
    add_messages(database, repeat)
    assert await words(messages, message) == 'Не дозвонились · anna, 22.11'
    clock.now += 3 * HOUR
    assert await words(messages, message) == 'Не дозвонились · anna, 22.11'


async def test_a_claim_is_told_only_of_the_messages_that_need_a_call(
    database: Database, calls: CallListService, messages: MessageService
) -> None:
    waiting = incoming_message(
        recipient_name='Королёв Иван', status=MessageStatus.WAITING, queued_at=NOON - MINUTE, appointment_at=None
    )
    called, later = failed(appointment=timedelta(days=2)), failed(appointment=timedelta(days=3))
    add_messages(database, called, waiting)
    await call(calls, REACHED)
    add_messages(database, later)
    pending = await only_call(calls)
    assert await calls.claim(pending, BORIS)
    assert {id: call_words(row) for id, row in (await rows(messages)).items()} == {
        called.id: 'Дозвонились · anna, 22.11', later.id: 'Звонит boris', waiting.id: '',
    }  # fmt: skip


async def test_within_a_scope_only_its_repeats_count(
    database: Database, calls: CallListService, messages: MessageService
) -> None:
    own = failed(organization='Своя больница')
    add_messages(database, own)
    await call(calls, NOT_REACHED, ReturnTime.TWO_HOURS)
    fields = {'id': incoming_message().id, 'organization': 'Чужая больница', 'queued_at': NOON, 'sent_at': NOON}
    sent = {'status': MessageStatus.SENT, 'error_code': None, 'error_name': None}
    add_messages(database, replace(own, **fields, **sent))  # type: ignore[arg-type]
    limited = messages.within(OrganizationScope(frozenset({organization_ids(database)['Своя больница']})))
    assert await words(messages, own) == 'Не дозвонились · anna, 22.11'
    assert await words(limited, own) == 'Не дозвонились · anna, 22.11 · перезвонить 22.11 14:00'


def test_the_messages_with_calls_are_looked_up_in_indexes(database: Database) -> None:
    statement = SELECT_ROWS_BY_ID.add_columns(MAY_HAVE_CALLS)
    plan = query_plan(database, statement, {'ids': [incoming_message().id]}, 'SET enable_seqscan = off')
    indexes = {
        'sqlite': (
            'sqlite_autoindex_call_back_1 (message_id=?)', 'call_back_reopened_message (message_id=?)',
            'sqlite_autoindex_call_claim_1 (name_key=? AND phone=?)',
        ),
        'postgresql': ('using call_back_pkey', 'using call_back_reopened_message', 'using call_claim_pkey'),
    }  # fmt: skip
    assert all(index in plan for index in indexes[database.dialect]), plan
    assert not re.search('SCAN|Seq Scan|hashed', plan), plan


class DisplayedMessages:
    """A page that displays messages; `recorded` has the rows that are on record as updated, one after the other."""

    def __init__(self, *displayed: IncomingMessage) -> None:
        self.displayed_keys: Collection[str] = [str(message.id) for message in displayed]
        self.current_query = MessageQuery()
        self.recorded: list[Collection[str]] = []
        self.changes: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def record_rows(self, keys: Collection[str]) -> None:
        """See RowSubscriber."""
        self.recorded.append(set(keys))

    def on_rows_changed(self, rows: Mapping[str, MessageRow], new_count: int) -> None:
        """See RowSubscriber."""
        assert set(rows) == self.recorded[-1], 'without a record, no data'
        assert not new_count
        self.changes.put_nowait({key: call_words(row) for key, row in rows.items()})


async def test_displayed_rows_follow_the_calls_of_other_operators_and_nodes(
    database: Database, database_url: str, messages: MessageService
) -> None:
    message, other = failed(), failed('Другой Пётр', phone='+79035554433')
    add_messages(database, message, other)
    live_updates = LiveUpdates(database, LedgerBalanceSource(database), messages)
    page = DisplayedMessages(message, other)
    live_updates.subscribe_rows(page)
    await live_updates.start()

    async def next_change() -> dict[str, str]:
        return await asyncio.wait_for(page.changes.get(), TIMEOUT_SECONDS)

    with closing(Database(database_url)) as other_database:
        calls = CallListService(other_database, MOSCOW, CODES, SettableClock())
        (pending,) = (each for each in await pending_calls(calls) if each.name == message.recipient_name)
        assert await calls.claim(pending, BORIS)
        assert await next_change() == {str(message.id): 'Звонит boris'}
        completed = await calls.complete(pending, BORIS, REACHED, '')
        assert completed
        assert await next_change() == {str(message.id): 'Дозвонились · boris, 22.11'}
        assert await calls.undo(pending, completed, BORIS)
        assert await next_change() == {str(message.id): 'Звонит boris'}
        await calls.release(pending, BORIS)
        assert await next_change() == {str(message.id): ''}
    assert page.changes.empty()
    await live_updates.stop()


async def test_displayed_rows_follow_a_call_that_is_put_back_and_a_claim_that_lapses(
    database: Database, calls: CallListService, messages: MessageService, clock: SettableClock
) -> None:
    message, second = failed(), failed(appointment=timedelta(days=3), queued_at=NOON - timedelta(days=30))
    add_messages(database, message, second)
    live_updates = LiveUpdates(database, LedgerBalanceSource(database), messages)
    page = DisplayedMessages(message, second)
    live_updates.subscribe_rows(page)
    await live_updates.refresh()
    await call(calls, REACHED)
    await live_updates.refresh()
    assert page.changes.get_nowait()[str(message.id)] == 'Дозвонились · anna, 22.11'
    (completed,) = await calls.completed_calls(MessageQuery(), 20)
    await calls.reopen(completed, BORIS)
    await live_updates.refresh()
    assert page.changes.get_nowait()[str(message.id)] == 'Дозвонились · anna, 22.11 · снова в списке'
    pending = await only_call(calls)
    assert await calls.claim(replace(pending, messages=pending.messages[:1]), BORIS)
    await live_updates.refresh()
    everywhere = dict.fromkeys((str(message.id), str(second.id)), 'Звонит boris')
    assert page.changes.get_nowait() == everywhere, 'also the message that is not on the displayed call list'
    clock.now += CLAIM_DURATION - MINUTE
    await live_updates.refresh()
    assert page.changes.empty()
    clock.now += MINUTE
    await live_updates.refresh()
    lapsed = page.changes.get_nowait()
    assert set(lapsed) == set(everywhere)
    assert 'Звонит boris' not in lapsed.values()
    await live_updates.refresh()
    assert page.changes.empty(), 'nothing has changed since'


async def test_displayed_rows_follow_a_recipient_who_returns_to_the_list(
    database: Database, calls: CallListService, messages: MessageService, clock: SettableClock
) -> None:
    message = failed()
    add_messages(database, message)
    await call(calls, NOT_REACHED, ReturnTime.TWO_HOURS)
    final = failed('Другой Пётр', phone='+79035554433')
    add_messages(database, final)
    await call(calls, NOT_REACHED)
    live_updates = LiveUpdates(database, LedgerBalanceSource(database), messages)
    page = DisplayedMessages(message, final)
    live_updates.subscribe_rows(page)
    await live_updates.refresh()
    clock.now = NOON + 2 * HOUR - MINUTE
    await live_updates.refresh()
    assert page.changes.empty(), 'it is not time yet'
    clock.now += MINUTE
    await live_updates.refresh()
    assert page.changes.get_nowait() == {str(message.id): 'Не дозвонились · anna, 22.11 · снова в списке'}
    clock.now += MINUTE
    await live_updates.refresh()
    assert page.changes.empty(), 'nothing has changed since'


def test_the_recipients_who_return_are_looked_up_in_their_index(database: Database) -> None:
    plan = query_plan(database, RETURNED_MESSAGES, {'since': NOON, 'until': NOON + MINUTE}, 'SET enable_seqscan = off')
    assert 'call_back_again_at' in plan
    assert not re.search('SCAN|Seq Scan', plan), plan


async def test_displayed_rows_promise_no_call_as_soon_as_the_message_is_sent_again(
    database: Database, calls: CallListService, messages: MessageService
) -> None:
    message, other = failed(), failed('Другой Пётр', phone='+79035554433')
    add_messages(database, message)
    await call(calls, NOT_REACHED, ReturnTime.TWO_HOURS)
    add_messages(database, other)
    live_updates = LiveUpdates(database, LedgerBalanceSource(database), messages)
    page = DisplayedMessages(message, other)
    page.current_query = MessageQuery(name='Никто')
    live_updates.subscribe_rows(page)
    await live_updates.refresh()
    waits = {'status': MessageStatus.WAITING, 'attempted_at': None, 'error_code': None, 'error_name': None}
    repeat = replace(message, id=incoming_message().id, queued_at=NOON, **waits)  # type: ignore[arg-type]
    add_messages(database, repeat)
    await live_updates.refresh()
    assert page.changes.empty(), 'a repeat that waits may fail too'
    add_messages(database, replace(repeat, status=MessageStatus.SENT, sent_at=NOON + MINUTE))
    await live_updates.refresh()
    assert page.changes.get_nowait() == {str(message.id): 'Не дозвонились · anna, 22.11'}
    assert page.changes.empty()
