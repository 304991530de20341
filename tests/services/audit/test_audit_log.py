"""The journal of access: nothing of it can be changed unseen, and what is not on record is not shown."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from models import Act
from services import texts
from services.accounts.accounts import AccountRefused, Accounts
from services.audit.audit_log import Access
from services.audit.audit_query import AccessQuery, AccessRow
from services.audit.audit_records import AccessJournal
from services.audit.audited_source import AT_ONCE, Witness
from services.audit.chain_verification import Fault, Kind, verify
from services.audit.hash_chain import BEGINNING, Actor
from services.database.change_listener import Changes
from services.database.engine import Database
from services.lists.query_protocol import Order, Page, Period, Refusal, Source, Totals, Unavailable
from services.messages.message_query import MessageQuery
from services.messages.message_service import Messages
from services.settings import PROJECT
from tests.helpers.reference_messages import MOSCOW

CLERK = Actor(7, 'clerk', '10.0.0.7')
CHIEF = Actor(1, 'chief', '10.0.0.1')
NOW = datetime(2026, 11, 22, 15, 48, 5, tzinfo=UTC)
GUARDS = {
    'sqlite': (
        'DROP TRIGGER access_record_UPDATE',
        'DROP TRIGGER access_record_DELETE',
        'DROP TRIGGER access_record_replace',
    ),
    'postgresql': ('DROP TRIGGER access_record_append_only ON access_record',),
}
WRITER = """
import asyncio, sys
from models import Act
from services.audit.audit_log import Access
from services.audit.hash_chain import Actor
from services.database.engine import Database

async def main():
    access = Access(Database(sys.argv[1]))
    for _ in range(5):
        await asyncio.gather(*(access.record(Act.SEARCHED, Actor(1, sys.argv[2], '')) for _ in range(10)))

asyncio.run(main())
"""


@pytest.fixture
def access(database: Database) -> Access:
    """A journal of access at a moment that everybody knows."""
    return Access(database, lambda: NOW)


@pytest.fixture
def journal(database: Database) -> AccessJournal:
    """The same journal to be read."""
    return AccessJournal(database, MOSCOW, lambda: NOW)


def tamper(database: Database, *statements: str) -> None:
    """Change the database as one who may do anything with it."""

    def work(session: Any) -> None:
        for statement in (*GUARDS[database.dialect], *statements):
            session.execute(text(statement))

    database.write_now(work)


async def some(access: Access, count: int = 5) -> None:
    for number in range(1, count + 1):
        await access.record(Act.SEARCHED, CLERK, section='Журнал', what=f'ФИО «ёж {number}»')


async def found(journal: AccessJournal, query: AccessQuery) -> Sequence[AccessRow]:
    rows = (await journal.page(query, number=1, size=20)).rows
    assert (await journal.totals(query)).count == len(rows)
    return rows


# The chain


async def test_records_are_numbered_without_a_gap_and_each_holds_the_hash_before(
    access: Access, journal: AccessJournal
) -> None:
    numbers = await asyncio.gather(*(access.record(Act.OPENED, CLERK, about=str(n)) for n in range(100)))
    assert sorted(numbers) == list(range(1, 101))
    previous = BEGINNING
    for number in range(1, 101):
        record = await journal.details(number)
        assert record
        assert record.previous == previous
        previous = record.hash


async def test_a_whole_journal_is_whole(database: Database, access: Access) -> None:
    assert verify(database).whole
    await some(access)
    await access.record(Act.SEARCHED, CLERK, what='\0 \ud800 «»' + 'ы' * 5_000, about='', found=0)
    verdict = verify(database)
    assert (verdict.whole, verdict.count, verdict.number) == (True, 6, 6)
    assert verify(database, (verdict.number, verdict.hash)).whole


@pytest.mark.parametrize(
    ('statements', 'faults'),
    [
        (["UPDATE access_record SET what = 'ничего' WHERE number = 2"], [Fault(Kind.CHANGED, 2)]),
        (["UPDATE access_record SET words = 'ничего' WHERE number = 2"], [Fault(Kind.CHANGED, 2)]),
        (['UPDATE access_record SET account_id = 8 WHERE number = 5'], [Fault(Kind.CHANGED, 5)]),
        (['UPDATE access_record SET act = 99 WHERE number = 3'], [Fault(Kind.CHANGED, 3)]),
        (['UPDATE access_record SET found = 0 WHERE number = 3'], [Fault(Kind.CHANGED, 3)]),
        (["UPDATE access_record SET hash = 'f' WHERE number = 3"], [Fault(Kind.CHANGED, 3), Fault(Kind.PARTED, 4)]),
        (['DELETE FROM access_record WHERE number IN (2, 3)'], [Fault(Kind.MISSING, 4, since=2)]),
        (['DELETE FROM access_record WHERE number = 1'], [Fault(Kind.MISSING, 2, since=1)]),
        (['DELETE FROM access_record WHERE number > 3'], [Fault(Kind.CUT, 3, last=5)]),
        (['DELETE FROM access_record'], [Fault(Kind.CUT, 0, last=5)]),
        (
            ['DELETE FROM access_record WHERE number > 3', 'UPDATE access_head SET number = 3'],
            [Fault(Kind.OTHER, 3)],
        ),
        (
            [
                """INSERT INTO access_record
                SELECT 6, at, account_id, name, address, act, section, what, words, about, found, continues, hash, hash
                FROM access_record WHERE number = 5"""
            ],
            [Fault(Kind.ADDED, 5)],
        ),
        (
            [  # one taken out, and those after it moved up
                'DELETE FROM access_record WHERE number = 3',
                'UPDATE access_record SET number = 3 WHERE number = 4',
                'UPDATE access_record SET number = 4 WHERE number = 5',
                'UPDATE access_head SET number = 4',
            ],
            [Fault(Kind.PARTED, 3), Fault(Kind.CHANGED, 3), Fault(Kind.CHANGED, 4)],
        ),
    ],
)
async def test_every_change_and_gap_is_found(
    database: Database, access: Access, statements: list[str], faults: list[Fault]
) -> None:
    await some(access)
    tamper(database, *statements)
    assert verify(database).faults == faults


async def test_a_journal_that_was_written_anew_is_found_by_what_was_noted_of_it(
    database: Database, access: Access
) -> None:
    await some(access)
    noted = verify(database)
    tamper(database, 'DELETE FROM access_record', f"UPDATE access_head SET number = 0, hash = '{BEGINNING}'")
    await some(access, 4)
    await access.record(Act.SEARCHED, CLERK, what='другое')
    assert verify(database).whole, 'A chain alone cannot tell'
    assert verify(database, (noted.number, noted.hash)).faults == [Fault(Kind.OTHER, 5)]
    assert verify(database, (9, noted.hash)).faults == [Fault(Kind.OTHER, 9)]


@pytest.mark.parametrize(
    'statement',
    [
        "UPDATE access_record SET what = 'ничего'",
        'DELETE FROM access_record WHERE number = 1',
        'TRUNCATE access_record',
        'INSERT OR REPLACE INTO access_record SELECT * FROM access_record',
    ],
)
async def test_the_database_itself_refuses_to_change_a_record(
    database: Database, access: Access, statement: str
) -> None:
    await some(access)
    with pytest.raises((DBAPIError, Unavailable)):  # each engine has words of its own, and one statement alone
        database.write_now(lambda session: session.execute(text(statement)))
    verdict = verify(database)
    assert (verdict.whole, verdict.count) == (True, 5)


def test_two_processes_write_one_chain(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    writers = [
        subprocess.Popen([sys.executable, '-c', WRITER, url, name], cwd=PROJECT, stderr=subprocess.PIPE)
        for name in ('one', 'two')
    ]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors.decode()
    verdict = verify(database)
    assert (verdict.whole, verdict.count) == (True, 100)


async def test_a_record_does_not_wait_for_messages_that_come_in(database: Database, access: Access) -> None:
    begun, go_on = asyncio.Event(), Event()
    loop = asyncio.get_running_loop()

    def long_work(session: Session) -> None:
        session.execute(text('UPDATE journal_state SET next_arrival = next_arrival + 1'))
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(10)

    coming_in = asyncio.create_task(database.write(long_work))
    await begun.wait()
    recording = asyncio.create_task(access.record(Act.SIGNED_IN, CLERK))
    if database.dialect == 'sqlite':  # it has one writer, for whom everybody waits
        go_on.set()
    assert await asyncio.wait_for(recording, 5) == 1
    assert coming_in.done() == (database.dialect == 'sqlite')
    go_on.set()
    await coming_in


async def test_a_record_sends_no_page_looking(database: Database, access: Access) -> None:
    changes = Changes(database.url)
    changes.start()
    assert await changes.wait(5), 'It tells when it begins to listen'
    await access.record(Act.SIGNED_IN, CLERK)
    # SQLite tells that something was committed, and not what
    assert await changes.wait(1) == (database.dialect == 'sqlite')
    await database.write(
        lambda session: session.execute(text('UPDATE journal_state SET next_arrival = next_arrival + 1'))
    )
    assert await changes.wait(5)
    changes.stop()


# What is not on record is not shown


class Refusing(Access):
    """A journal of access that cannot be written."""

    async def record(self, *_: Any, **__: Any) -> int:
        raise Unavailable


class Shelf(Source[AccessQuery, AccessRow]):
    """A source that counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def page(self, query: AccessQuery, *, number: int, size: int, count: int | None = None) -> Page[AccessRow]:
        self.asked += 1
        return Page(number, [])

    async def totals(self, query: AccessQuery) -> Totals:
        self.asked += 1
        return Totals(17)


async def refused(doing: Awaitable[object]) -> bool:
    try:
        await doing
    except Unavailable:
        return True
    return False


async def test_no_record_no_rows(database: Database) -> None:
    witness = Witness(Refusing(database), CLERK, 'Журнал')
    search = witness.search(Messages(database, MOSCOW))
    assert await refused(search.page(MessageQuery(), number=1, size=20))
    assert await refused(search.totals(MessageQuery()))
    assert await refused(witness.opened('c51fca97'))
    assert await refused(witness.exported('весь журнал', 1))


async def test_a_search_that_was_not_recorded_is_recorded_when_it_is_asked_again(
    database: Database, access: Access, journal: AccessJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Witness(access, CLERK, 'Журнал').search(Shelf())
    with monkeypatch.context() as broken:
        broken.setattr(Access, 'record', Refusing.record)
        assert await refused(search.page(AccessQuery(), number=1, size=20))
    await search.page(AccessQuery(), number=2, size=20)
    assert [row.act for row in await found(journal, AccessQuery())] == [Act.SEARCHED]


async def test_a_search_is_one_record_however_many_pages_are_turned(
    access: Access, journal: AccessJournal, database: Database
) -> None:
    witness, shelf = Witness(access, CLERK, 'Журнал'), Shelf()
    search, query = witness.search(shelf), AccessQuery(words='Ёжиков')
    assert await found(journal, AccessQuery()) == [], 'Nothing has been searched yet'
    await asyncio.gather(search.page(query, number=1, size=20), search.totals(query))
    await search.page(query, number=2, size=20)
    await search.page(query.with_order(Order('at')), number=1, size=20)
    (row,) = await found(journal, AccessQuery())
    assert row == AccessRow(1, NOW, 'clerk', '10.0.0.7', Act.SEARCHED, 'Журнал', 'в записи «Ёжиков»', None, 17)
    record = await journal.details(1)
    assert record
    assert record.continued == 2
    await witness.search(shelf).page(query, number=1, size=20)
    assert len(await found(journal, AccessQuery())) == 2


class OnePage(Shelf):
    """A source whose one page, which comes after some seconds, tells how many rows there are."""

    def __init__(self, seconds: float = 0) -> None:
        super().__init__()
        self._seconds = seconds

    async def page(self, *told: Any, **named: Any) -> Page[AccessRow]:
        page = await super().page(*told, **named)
        await asyncio.sleep(self._seconds)
        return replace(page, totals=Totals(3))


async def test_what_one_page_has_is_on_the_record_of_its_search(access: Access, journal: AccessJournal) -> None:
    search = Witness(access, CLERK, 'Журнал').search(OnePage())
    await search.page(AccessQuery(), number=1, size=20)
    (row,) = await found(journal, AccessQuery())
    record = await journal.details(row.number)
    assert record
    assert (row.found, record.continued) == (3, None)


async def test_what_was_found_is_on_record_however_late_a_page_comes(access: Access, journal: AccessJournal) -> None:
    search = Witness(access, CLERK, 'Журнал').search(OnePage(2 * AT_ONCE))
    await search.page(AccessQuery(), number=1, size=20)
    await search.page(AccessQuery(), number=1, size=20)
    (row,) = await found(journal, AccessQuery())
    record = await journal.details(row.number)
    assert record
    assert (row.found, record.continued) == (3, row.number + 1)
    assert len(await found(journal, AccessQuery())) == 1


async def test_a_query_that_cannot_be_asked_is_no_search(access: Access, journal: AccessJournal) -> None:
    backwards = AccessQuery(period=Period(NOW.date(), NOW.date() - timedelta(days=1)))
    shelf = Shelf()
    search = Witness(access, CLERK, 'Журнал').search(shelf)
    for doing in (search.page(backwards, number=1, size=20), search.totals(backwards)):
        with pytest.raises(Refusal):
            await doing
    assert shelf.asked == 0
    assert await found(journal, AccessQuery()) == []


async def test_a_search_that_is_left_stays_on_record(access: Access, journal: AccessJournal) -> None:
    class Endless(Shelf):
        async def page(self, *_: Any, **__: Any) -> Page[AccessRow]:
            under_way.set()
            await asyncio.Event().wait()
            raise AssertionError

    under_way = asyncio.Event()
    search = Witness(access, CLERK, 'Журнал').search(Endless())
    task = asyncio.create_task(search.page(AccessQuery(), number=1, size=20))
    await under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await access.record(Act.SIGNED_OUT, CLERK)  # one transaction after the other
    assert {row.act for row in await found(journal, AccessQuery())} == {Act.SIGNED_OUT, Act.SEARCHED}


# Reading it


async def test_records_are_found_by_each_condition(database: Database, journal: AccessJournal) -> None:
    moments = iter(NOW - timedelta(days=days) for days in (40, 3, 2, 0))
    access = Access(database, lambda: next(moments))
    await access.record(Act.SIGNED_IN, CHIEF)
    await access.record(Act.SEARCHED, CLERK, section='Журнал', what='ФИО «Пётр Ёжиков», 100%')
    await access.record(Act.OPENED, replace(CLERK, address='10.0.1.7'), about='c51fca97-3846-45c5-9bc4-090c53980867')
    await access.record(Act.EXPORTED, CHIEF, what='весь журнал', found=5)
    week = journal.query()
    assert [row.number for row in await found(journal, week)] == [4, 3, 2]
    for query, numbers in (
        (AccessQuery(), [4, 3, 2, 1]),
        (replace(week, period=Period(until=NOW.date() - timedelta(days=3))), [2, 1]),
        (AccessQuery(name=' CLE'), [3, 2]),
        (AccessQuery(name='lerk'), []),
        (AccessQuery(name='%'), []),
        (AccessQuery(act=Act.EXPORTED), [4]),
        (AccessQuery(address='10.0.1.'), [3]),
        (AccessQuery(address='10_0'), []),
        (AccessQuery(words='петр ежик'), [2]),
        (AccessQuery(words='C51FCA97'), [3]),
        (AccessQuery(words='100%'), [2]),
        (AccessQuery(order=Order('address', descending=True)), [3, 2, 4, 1]),
        (AccessQuery(order=Order('found')), [4, 3, 2, 1]),
    ):
        assert [row.number for row in await found(journal, query)] == numbers, query
    assert (await journal.page(AccessQuery(), number=9, size=5)).number == 1
    with pytest.raises(ValueError, match='a page of 21 rows'):
        await journal.page(AccessQuery(), number=1, size=21)
    assert await journal.details(99) is None


def test_a_query_says_itself_and_what_to_loosen() -> None:
    query = AccessQuery('Clerk', Act.OPENED, Period(NOW.date(), NOW.date()), '10.0', 'ежик')
    assert query.sentence().replace('\N{NO-BREAK SPACE}', ' ') == (
        'в записи «ежик», пользователь clerk…, адрес 10.0…, открыта запись, с 22.11.2026 по 22.11.2026'
    )
    assert query.advice() == 'Измените или сотрите условие: в записи «ежик».'
    assert AccessQuery().sentence() == 'весь журнал доступа'
    assert AccessQuery().advice() == 'В журнале доступа ещё нет записей.'
    assert set(texts.ACTS) == set(Act)


@pytest.mark.parametrize('query', [AccessQuery(period=Period(NOW.date(), NOW.date())), AccessQuery(name='clerk')])
async def test_look_ups_have_an_index(database: Database, journal: AccessJournal, query: AccessQuery) -> None:
    seen: list[str] = []

    def explained(session: Any) -> None:
        statement = journal.statement(query, 1, 20)
        if database.dialect == 'postgresql':
            session.execute(text('SET LOCAL enable_seqscan = off'))
        explain = 'EXPLAIN QUERY PLAN ' if database.dialect == 'sqlite' else 'EXPLAIN '
        compiled = statement.compile(session.get_bind(), compile_kwargs={'literal_binds': True})
        seen.extend(
            str(row) for row in session.connection().exec_driver_sql(explain + str(compiled).replace('%', '%%'))
        )

    database.write_now(explained)
    assert any('access_record_by_' in line for line in seen), seen


# Changes to users


async def test_every_change_to_a_user_is_on_record_in_the_same_transaction(
    database: Database, journal: AccessJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = Accounts(database, now=lambda: NOW)
    accounts.first_admin()
    accounts.add('Clerk', 'WebAdmin', 'длинный пароль')
    with pytest.raises(AccountRefused):
        accounts.add('clerk', 'Admin', 'длинный пароль')
    accounts.demonstration_admin()
    rows = await found(journal, AccessQuery())
    assert [(row.name, row.about, row.what) for row in rows] == [
        ('командная строка', 'admin', 'новый пароль для показа, роль Admin'),
        ('командная строка', 'clerk', 'добавлен, роль WebAdmin'),
        ('командная строка', 'admin', 'добавлен при первом запуске, роль Admin'),
    ]
    tamper(database, 'ALTER TABLE access_head RENAME TO access_head_away')
    with pytest.raises((DBAPIError, Unavailable)):
        accounts.add('second', 'Admin', 'длинный пароль')
    assert await accounts.known_name('second') is None


async def test_a_name_is_known_by_how_accounts_have_it(database: Database) -> None:
    accounts = Accounts(database)
    accounts.add('Clerk', 'User', 'длинный пароль')
    assert await accounts.known_name(' CLERK ') == 'clerk'
    for typed in ('', 'nobody', 'мой пароль 123', '\0', 'x' * 10_000):
        assert await accounts.known_name(typed) is None
