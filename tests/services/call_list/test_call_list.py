"""The call-back list: who stands on it and in what order, and that nobody is called by two at once."""

import asyncio
import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from models import CallOutcome, MessageStatus
from services.balance.ledger_balance import Ledger
from services.call_list.call_list_service import LONGEST_NOTE, CallBacks
from services.call_list.call_queries import HELD, Call, Claim
from services.database.engine import Database
from services.ingest.message_ingest import record
from services.ingest.message_parsing import Incoming
from services.lists.organizations import Organizations
from services.lists.query_protocol import Period
from services.live_updates import Live
from services.messages.message_service import Messages
from services.receipts.provider_codes import Codes
from services.settings import PROJECT
from tests.helpers.factories import incoming
from tests.helpers.reference_messages import MOSCOW, NOON

CODES = Codes.read(PROJECT / 'data' / 'provider_codes.csv')
ANNA, BORIS = 'anna', 'boris'
REACHED = CallOutcome.REACHED
SOON = 2
"""Seconds within which every page must know."""


class Clock:
    """Tells the time that a test has set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at noon."""
    return Clock()


@pytest.fixture
def calls(database: Database, clock: Clock) -> CallBacks:
    """The list of an empty journal."""
    return CallBacks(database, MOSCOW, CODES, clock)


def fill(database: Database, *messages: Incoming) -> None:
    database.write_now(lambda session: record(session, messages, zone=MOSCOW, now=NOON))


def failed(
    name: str = 'Королёв Иван', *, appointment: timedelta | None = timedelta(days=2), **changes: object
) -> Incoming:
    """A message to somebody that failed an hour ago; his appointment comes so much later than noon."""
    given: dict[str, object] = {
        'recipient_name': name,
        'status': MessageStatus.FAILED,
        'queued_at': NOON - timedelta(hours=2),
        'attempted_at': NOON - timedelta(hours=1),
        'appointment_at': None if appointment is None else NOON + appointment,
        'error_code': '1',
        'error_name': 'Абонент не существует',
        **changes,
    }
    return incoming(**given)  # type: ignore[arg-type]


async def listed(calls: CallBacks, limit: int = 20) -> Sequence[Call]:
    return (await calls.waiting(calls.query(), limit)).calls


async def names(calls: CallBacks) -> list[str]:
    return [call.name for call in await listed(calls)]


async def only(calls: CallBacks) -> Call:
    (call,) = await listed(calls)
    return call


async def test_whom_a_call_still_helps_comes_first(database: Database, calls: CallBacks) -> None:
    fill(
        database,
        failed('Прошёл Давно', appointment=-timedelta(days=3)),
        failed('Без Записи', appointment=None),
        failed('Через Неделю', appointment=timedelta(days=7)),
        failed('Сегодня', appointment=timedelta(hours=1)),
        failed('Старый Отказ', queued_at=NOON - timedelta(days=9), attempted_at=None),
        incoming(recipient_name='Дошло'),
        incoming(recipient_name='Ждёт', status=MessageStatus.WAITING),
    )
    assert await names(calls) == ['Сегодня', 'Через Неделю', 'Без Записи', 'Прошёл Давно']
    assert [calls.is_over(call.messages[0].appointment_at) for call in await listed(calls)] == [False] * 3 + [True]
    few = await calls.waiting(calls.query(), 2)
    assert ([call.name for call in few.calls], few.people) == (['Сегодня', 'Через Неделю'], 4)


async def test_a_person_stands_there_once_with_all_messages(database: Database, calls: CallBacks) -> None:
    fill(
        database,
        failed('Королёв Иван', appointment=timedelta(days=5), text='Второе'),
        failed('КОРОЛЕВ  ИВАН', appointment=timedelta(days=1), text='Первое'),
        failed('Королёв Иван', appointment=-timedelta(days=1), text='Прошло'),
        failed('Королёва Анна', text='Тот же телефон'),
        failed('Королёв Иван', phone='+79990000000', text='Другой телефон'),
    )
    told = [[message.text for message in call.messages] for call in await listed(calls)]
    assert sorted(told) == [['Другой телефон'], ['Первое', 'Второе', 'Прошло'], ['Тот же телефон']]


async def test_each_message_says_why_it_failed_and_what_to_do(database: Database, calls: CallBacks) -> None:
    fill(database, failed(), failed('Неизвестная Ошибка', error_name='Что-то своё', phone='+79990000000'))
    known, unknown = sorted(await listed(calls), key=lambda call: call.name)
    (message,) = known.messages
    assert (message.error_name, message.organization) == (
        'Абонент не существует',
        'ГБУЗ МО «Химкинская областная больница»',
    )
    assert message.advice
    assert 'уточните телефон' in message.advice
    assert unknown.messages[0].advice is None


async def test_the_list_follows_its_filters(database: Database, calls: CallBacks) -> None:
    fill(database, failed('Здесь'), failed('Там', organization='Другая больница'))
    there = next(each for each in await Organizations(database).all() if each.name == 'Другая больница')
    query = calls.query()
    narrowed = type(query)(period=query.period, organization=there)
    assert [call.name for call in (await calls.waiting(narrowed, 20)).calls] == ['Там']
    long_ago = type(query)(period=Period(until=NOON.date() - timedelta(days=30)))
    assert (await calls.waiting(long_ago, 20)).people == 0


async def test_who_is_taken_is_nobody_elses_until_he_is_given_back(database: Database, calls: CallBacks) -> None:
    fill(database, failed())
    call = await only(calls)
    assert await calls.take(call, ANNA)
    assert not await calls.take(call, BORIS)
    assert await calls.take(call, ANNA)
    assert (await only(calls)).claim == Claim(ANNA, NOON)
    assert not await calls.finish(call, BORIS, REACHED, '')
    await calls.give_back(call.key, BORIS)
    assert (await only(calls)).claim == Claim(ANNA, NOON)
    await calls.give_back(call.key, ANNA)
    assert (await only(calls)).claim is None
    assert await calls.take(call, BORIS)


async def test_a_claim_lapses_after_a_quarter_of_an_hour(database: Database, calls: CallBacks, clock: Clock) -> None:
    fill(database, failed())
    call = await only(calls)
    assert await calls.take(call, ANNA)
    clock.now += HELD - timedelta(seconds=1)
    assert not await calls.take(call, BORIS)
    assert (await only(calls)).claim
    clock.now += timedelta(seconds=1)
    assert (await only(calls)).claim is None
    assert await calls.take(call, BORIS)
    assert not await calls.finish(call, ANNA, REACHED, 'поздно')
    assert await calls.finish(call, BORIS, REACHED, '')


async def test_a_lapsed_claim_that_nobody_took_still_ends_well(
    database: Database, calls: CallBacks, clock: Clock
) -> None:
    fill(database, failed())
    call = await only(calls)
    assert await calls.take(call, ANNA)
    clock.now += 2 * HELD
    assert await calls.finish(call, ANNA, REACHED, '')
    assert await listed(calls) == []


def test_of_many_who_try_at_once_one_has_him(database: Database, database_url: str) -> None:
    fill(database, failed())
    rivals = [Database(database_url) for _ in range(4)]
    lists = [CallBacks(each, MOSCOW, CODES, lambda: NOON) for each in rivals]
    call = asyncio.run(only(lists[0]))
    together = threading.Barrier(len(rivals))
    for _ in range(5):
        won: list[int] = []

        def race(number: int, won: list[int] = won) -> None:
            together.wait()
            if asyncio.run(lists[number].take(call, f'operator {number}')):
                won.append(number)

        racing = [threading.Thread(target=race, args=(number,)) for number in range(len(rivals))]
        for thread in racing:
            thread.start()
        for thread in racing:
            thread.join()
        assert len(won) == 1
        assert asyncio.run(only(lists[0])).claim == Claim(f'operator {won[0]}', NOON)
        asyncio.run(lists[0].give_back(call.key, f'operator {won[0]}'))
    for each in rivals:
        each.close()


async def test_a_call_made_leaves_the_list_and_can_be_put_back(
    database: Database, calls: CallBacks, clock: Clock
) -> None:
    fill(database, failed(), failed(), failed('Другой', phone='+79990000000'))
    both = next(call for call in await listed(calls) if call.name == 'Королёв Иван')
    assert await calls.take(both, ANNA)
    clock.now += timedelta(minutes=3)
    assert await calls.finish(both, ANNA, CallOutcome.WRONG_NUMBER, ' ответила соседка ')
    assert await names(calls) == ['Другой']
    assert not await calls.take(both, BORIS)
    (made,) = await calls.made(calls.query(), 20)
    assert (made.name, made.by, made.at) == ('Королёв Иван', ANNA, NOON + timedelta(minutes=3))
    assert (made.outcome, made.note) == (CallOutcome.WRONG_NUMBER, 'ответила соседка')
    assert set(made.ids) == {message.id for message in both.messages}
    await calls.put_back(made)
    assert await calls.made(calls.query(), 20) == []
    assert sorted(await names(calls)) == ['Другой', 'Королёв Иван']
    assert await calls.take(both, BORIS)


async def test_another_failure_puts_a_person_on_the_list_again(database: Database, calls: CallBacks) -> None:
    fill(database, failed(text='Первое'))
    call = await only(calls)
    assert await calls.take(call, ANNA)
    fill(database, failed(text='Второе'))
    assert await calls.finish(call, ANNA, REACHED, '')
    assert [message.text for message in (await only(calls)).messages] == ['Второе']


async def test_a_message_that_was_sent_after_all_leaves_the_list(database: Database, calls: CallBacks) -> None:
    message = failed()
    fill(database, message)
    call = await only(calls)
    fill(database, incoming(id=message.id, sent_at=NOON, queued_at=message.queued_at))
    assert await listed(calls) == []
    assert not await calls.take(call, ANNA)


async def test_a_note_has_an_end(database: Database, calls: CallBacks) -> None:
    fill(database, failed())
    call = await only(calls)
    assert await calls.take(call, ANNA)
    with pytest.raises(ValueError, match='201'):
        await calls.finish(call, ANNA, REACHED, 'н' * (LONGEST_NOTE + 1))
    assert await calls.finish(call, ANNA, REACHED, 'н' * LONGEST_NOTE)


class Page:
    """An open page, as the watcher knows it."""

    def __init__(self, shown: Collection[UUID]) -> None:
        self.shown = shown
        self.heard: asyncio.Queue[Mapping[UUID, Claim | None]] = asyncio.Queue()

    def follow(self, asked: Collection[UUID], waiting: Mapping[UUID, Claim | None]) -> None:
        assert asked == frozenset(self.shown)
        self.heard.put_nowait(waiting)

    async def hear(self, expected: Mapping[UUID, Claim | None]) -> None:
        """Wait until it is told this."""
        async with asyncio.timeout(SOON):
            while await self.heard.get() != expected:
                pass


async def test_every_page_hears_of_what_others_do(database: Database, database_url: str, calls: CallBacks) -> None:
    fill(database, failed(), failed('Другой', phone='+79990000000'))
    first, second = await listed(calls)
    ids = [call.messages[0].id for call in (first, second)]
    one, two = Page(ids), Page(ids[:1])
    calls.follow(one)
    leave = calls.follow(two)
    watcher = Live(database, Ledger(database), Messages(database, MOSCOW))
    watcher.join(calls.look)
    await watcher.start()
    elsewhere = Database(database_url)
    other = CallBacks(elsewhere, MOSCOW, CODES, lambda: NOON)
    assert await other.take(first, BORIS)
    await one.hear({ids[0]: Claim(BORIS, NOON), ids[1]: None})
    await two.hear({ids[0]: Claim(BORIS, NOON)})
    leave()
    assert await other.finish(first, BORIS, REACHED, '')
    await one.hear({ids[1]: None})
    assert {} not in [two.heard.get_nowait() for _ in range(two.heard.qsize())]
    await watcher.stop()
    elsewhere.close()
