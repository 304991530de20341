"""The audit log: every change is detected, and data that is not recorded is not displayed."""

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

from models import AuditEvent
from services import texts
from services.accounts.accounts import AccountError, Accounts
from services.audit.audit_log import AuditLog
from services.audit.audit_query import AuditQuery, AuditRow
from services.audit.audit_records import AuditRecords
from services.audit.audited_source import FAST_READ_SECONDS, SectionActivityRecorder
from services.audit.chain_verification import ChainFault, ChainFaultKind, verify_chain
from services.audit.hash_chain import GENESIS_HASH, Actor
from services.database.change_listener import ChangeListener
from services.database.engine import Database
from services.errors import DatabaseUnavailableError
from services.keys.data_key import DataKey
from services.lists.query_protocol import InvalidQueryError, ListSource, Order, Page, Period, Totals
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.settings import PROJECT_ROOT
from tests.helpers.audit_tampering import CLERK_ACTOR, tamper
from tests.helpers.reference_messages import MOSCOW

ADMIN_ACTOR = Actor(1, 'chief', '10.0.0.1')
KEY = DataKey('k' * 32)
NOW = datetime(2026, 11, 22, 15, 48, 5, tzinfo=UTC)
WRITER = """
import asyncio, sys
from models import AuditEvent
from services.audit.audit_log import AuditLog
from services.audit.hash_chain import Actor
from services.database.engine import Database

async def main():
    audit_log = AuditLog(Database(sys.argv[1]))
    for _ in range(5):
        await asyncio.gather(*(audit_log.record(AuditEvent.SEARCHED, Actor(1, sys.argv[2], '')) for _ in range(10)))

asyncio.run(main())
"""


@pytest.fixture
def access(database: Database) -> AuditLog:
    """The audit log with a fixed clock."""
    return AuditLog(database, lambda: NOW, KEY)


@pytest.fixture
def journal(database: Database) -> AuditRecords:
    """The same audit log for reading."""
    return AuditRecords(database, MOSCOW, lambda: NOW, KEY)


async def append_records(access: AuditLog, count: int = 5) -> None:
    for number in range(1, count + 1):
        await access.record(AuditEvent.SEARCHED, CLERK_ACTOR, section='Журнал', what=f'ФИО «ёж {number}»')


async def search_rows(journal: AuditRecords, query: AuditQuery) -> Sequence[AuditRow]:
    rows = (await journal.page(query, number=1, size=20)).rows
    assert (await journal.totals(query)).count == len(rows)
    return rows


# The chain


async def test_records_are_numbered_without_a_gap_and_each_holds_the_hash_before(
    access: AuditLog, journal: AuditRecords
) -> None:
    numbers = await asyncio.gather(
        *(access.record(AuditEvent.DETAILS_VIEWED, CLERK_ACTOR, about=str(n)) for n in range(100))
    )
    assert sorted(numbers) == list(range(1, 101))
    previous = GENESIS_HASH
    for number in range(1, 101):
        record = await journal.details(number)
        assert record
        assert record.previous == previous
        previous = record.hash


async def test_an_untouched_chain_is_intact(database: Database, access: AuditLog) -> None:
    assert verify_chain(database).is_intact
    await append_records(access)
    await access.record(AuditEvent.SEARCHED, CLERK_ACTOR, what='\0 \ud800 «»' + 'ы' * 5_000, about='', found=0)
    verification = verify_chain(database)
    assert (verification.is_intact, verification.records_checked, verification.number) == (True, 6, 6)
    assert verify_chain(database, (verification.number, verification.hash)).is_intact


@pytest.mark.parametrize(
    ('statements', 'faults'),
    [
        (["UPDATE access_record SET what = 'ничего' WHERE number = 2"], [ChainFault(ChainFaultKind.CHANGED, 2)]),
        (["UPDATE access_record SET words = 'ничего' WHERE number = 2"], [ChainFault(ChainFaultKind.CHANGED, 2)]),
        (['UPDATE access_record SET account_id = 8 WHERE number = 5'], [ChainFault(ChainFaultKind.CHANGED, 5)]),
        (['UPDATE access_record SET act = 99 WHERE number = 3'], [ChainFault(ChainFaultKind.CHANGED, 3)]),
        (['UPDATE access_record SET found = 0 WHERE number = 3'], [ChainFault(ChainFaultKind.CHANGED, 3)]),
        (
            ["UPDATE access_record SET hash = 'f' WHERE number = 3"],
            [ChainFault(ChainFaultKind.CHANGED, 3), ChainFault(ChainFaultKind.BROKEN_LINK, 4)],
        ),
        (['DELETE FROM access_record WHERE number IN (2, 3)'], [ChainFault(ChainFaultKind.MISSING, 4, since=2)]),
        (['DELETE FROM access_record WHERE number = 1'], [ChainFault(ChainFaultKind.MISSING, 2, since=1)]),
        (['DELETE FROM access_record WHERE number > 3'], [ChainFault(ChainFaultKind.TRUNCATED, 3, last=5)]),
        (['DELETE FROM access_record'], [ChainFault(ChainFaultKind.TRUNCATED, 0, last=5)]),
        (
            ['DELETE FROM access_record WHERE number > 3', 'UPDATE access_head SET number = 3'],
            [ChainFault(ChainFaultKind.HASH_MISMATCH, 3)],
        ),
        (
            [
                """INSERT INTO access_record
                SELECT 6, at, account_id, name, address, act, section, what, words, about, found, continues, hash, hash,
                    version
                FROM access_record WHERE number = 5"""
            ],
            [ChainFault(ChainFaultKind.ADDED, 5)],
        ),
        (
            [  # one record deleted, and the later ones renumbered
                'DELETE FROM access_record WHERE number = 3',
                'UPDATE access_record SET number = 3 WHERE number = 4',
                'UPDATE access_record SET number = 4 WHERE number = 5',
                'UPDATE access_head SET number = 4',
            ],
            [
                ChainFault(ChainFaultKind.BROKEN_LINK, 3),
                ChainFault(ChainFaultKind.CHANGED, 3),
                ChainFault(ChainFaultKind.CHANGED, 4),
            ],
        ),
    ],
)
async def test_every_change_and_gap_is_found(
    database: Database, access: AuditLog, statements: list[str], faults: list[ChainFault]
) -> None:
    await append_records(access)
    tamper(database, *statements)
    assert verify_chain(database).faults == faults


async def test_a_rewritten_chain_is_detected_by_a_noted_hash(database: Database, access: AuditLog) -> None:
    await append_records(access)
    noted = verify_chain(database)
    tamper(database, 'DELETE FROM access_record', f"UPDATE access_head SET number = 0, hash = '{GENESIS_HASH}'")
    await append_records(access, 4)
    await access.record(AuditEvent.SEARCHED, CLERK_ACTOR, what='другое')
    assert verify_chain(database).is_intact, 'A chain alone cannot tell'
    assert verify_chain(database, (noted.number, noted.hash)).faults == [ChainFault(ChainFaultKind.HASH_MISMATCH, 5)]
    assert verify_chain(database, (9, noted.hash)).faults == [ChainFault(ChainFaultKind.HASH_MISMATCH, 9)]


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
    database: Database, access: AuditLog, statement: str
) -> None:
    await append_records(access)
    # One of the statements is a syntax error on each engine; each engine raises its own exception.
    with pytest.raises((DBAPIError, DatabaseUnavailableError)):
        database.write_sync(lambda session: session.execute(text(statement)))
    verification = verify_chain(database)
    assert (verification.is_intact, verification.records_checked) == (True, 5)


def test_two_processes_write_one_chain(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    writers = [
        subprocess.Popen([sys.executable, '-c', WRITER, url, name], cwd=PROJECT_ROOT, stderr=subprocess.PIPE)
        for name in ('one', 'two')
    ]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors.decode()
    verification = verify_chain(database)
    assert (verification.is_intact, verification.records_checked) == (True, 100)


async def test_a_record_does_not_wait_for_messages_that_come_in(database: Database, access: AuditLog) -> None:
    begun, go_on = asyncio.Event(), Event()
    loop = asyncio.get_running_loop()

    def long_work(session: Session) -> None:
        session.execute(text('UPDATE journal_state SET next_arrival = next_arrival + 1'))
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(10)

    coming_in = asyncio.create_task(database.write(long_work))
    await begun.wait()
    recording = asyncio.create_task(access.record(AuditEvent.SIGNED_IN, CLERK_ACTOR))
    if database.dialect == 'sqlite':  # it has a single writer
        go_on.set()
    assert await asyncio.wait_for(recording, 5) == 1
    assert coming_in.done() == (database.dialect == 'sqlite')
    go_on.set()
    await coming_in


async def test_a_record_does_not_wake_open_pages(database: Database, access: AuditLog) -> None:
    changes = ChangeListener(database.url)
    changes.start()
    assert await changes.wait(5), 'The listener reports when it starts'
    await access.record(AuditEvent.SIGNED_IN, CLERK_ACTOR)
    # SQLite reports that something was committed, but not what.
    assert await changes.wait(1) == (database.dialect == 'sqlite')
    await database.write(
        lambda session: session.execute(text('UPDATE journal_state SET next_arrival = next_arrival + 1'))
    )
    assert await changes.wait(5)
    changes.stop()


# Data that is not recorded is not displayed


class UnwritableAudit(AuditLog):
    """An audit log that cannot be written."""

    async def record(self, *_: Any, **__: Any) -> int:
        raise DatabaseUnavailableError


class CountingSource(ListSource[AuditQuery, AuditRow]):
    """A source that counts its calls."""

    def __init__(self) -> None:
        self.call_count = 0

    async def page(self, query: AuditQuery, *, number: int, size: int, count: int | None = None) -> Page[AuditRow]:
        self.call_count += 1
        return Page(number, [])

    async def totals(self, query: AuditQuery) -> Totals:
        self.call_count += 1
        return Totals(17)


async def is_unavailable(action: Awaitable[object]) -> bool:
    try:
        await action
    except DatabaseUnavailableError:
        return True
    return False


async def test_no_record_no_rows(database: Database) -> None:
    recorder = SectionActivityRecorder(UnwritableAudit(database), CLERK_ACTOR, 'Журнал')
    search = recorder.audited(MessageService(database, MOSCOW))
    assert await is_unavailable(search.page(MessageQuery(), number=1, size=20))
    assert await is_unavailable(search.totals(MessageQuery()))
    assert await is_unavailable(recorder.record_opening('c51fca97'))
    assert await is_unavailable(recorder.record_export(MessageQuery(), 1))


async def test_a_search_that_was_not_recorded_is_recorded_at_the_next_call(
    database: Database, access: AuditLog, journal: AuditRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = SectionActivityRecorder(access, CLERK_ACTOR, 'Журнал').audited(CountingSource())
    with monkeypatch.context() as broken:
        broken.setattr(AuditLog, 'record', UnwritableAudit.record)
        assert await is_unavailable(search.page(AuditQuery(), number=1, size=20))
    await search.page(AuditQuery(), number=2, size=20)
    assert [row.act for row in await search_rows(journal, AuditQuery())] == [AuditEvent.SEARCHED]


async def test_a_search_is_one_record_however_many_pages_are_turned(
    access: AuditLog, journal: AuditRecords, database: Database
) -> None:
    recorder, source = SectionActivityRecorder(access, CLERK_ACTOR, 'Журнал'), CountingSource()
    search, query = recorder.audited(source), AuditQuery(words='Ёжиков')
    assert await search_rows(journal, AuditQuery()) == [], 'Nothing has been searched yet'
    await asyncio.gather(search.page(query, number=1, size=20), search.totals(query))
    await search.page(query, number=2, size=20)
    await search.page(query.with_order(Order('at')), number=1, size=20)
    (row,) = await search_rows(journal, AuditQuery())
    assert row == AuditRow(1, NOW, 'clerk', '10.0.0.7', AuditEvent.SEARCHED, 'Журнал', 'в записи «Ёжиков»', None, 17)
    record = await journal.details(1)
    assert record
    assert record.count_record == 2
    await recorder.audited(source).page(query, number=1, size=20)
    assert len(await search_rows(journal, AuditQuery())) == 2


class DelayedSource(CountingSource):
    """A source that returns a page with totals after some seconds."""

    def __init__(self, seconds: float = 0) -> None:
        super().__init__()
        self._seconds = seconds

    async def page(self, *args: Any, **kwargs: Any) -> Page[AuditRow]:
        page = await super().page(*args, **kwargs)
        await asyncio.sleep(self._seconds)
        return replace(page, totals=Totals(3))


async def test_a_single_page_has_its_count_in_the_record_of_the_search(access: AuditLog, journal: AuditRecords) -> None:
    search = SectionActivityRecorder(access, CLERK_ACTOR, 'Журнал').audited(DelayedSource())
    await search.page(AuditQuery(), number=1, size=20)
    (row,) = await search_rows(journal, AuditQuery())
    record = await journal.details(row.number)
    assert record
    assert (row.found, record.count_record) == (3, None)


async def test_the_count_of_a_slow_page_is_recorded_separately(access: AuditLog, journal: AuditRecords) -> None:
    search = SectionActivityRecorder(access, CLERK_ACTOR, 'Журнал').audited(DelayedSource(2 * FAST_READ_SECONDS))
    await search.page(AuditQuery(), number=1, size=20)
    await search.page(AuditQuery(), number=1, size=20)
    (row,) = await search_rows(journal, AuditQuery())
    record = await journal.details(row.number)
    assert record
    assert (row.found, record.count_record) == (3, row.number + 1)
    assert len(await search_rows(journal, AuditQuery())) == 1


async def test_an_invalid_query_is_not_recorded(access: AuditLog, journal: AuditRecords) -> None:
    backwards = AuditQuery(period=Period(NOW.date(), NOW.date() - timedelta(days=1)))
    source = CountingSource()
    search = SectionActivityRecorder(access, CLERK_ACTOR, 'Журнал').audited(source)
    for action in (search.page(backwards, number=1, size=20), search.totals(backwards)):
        with pytest.raises(InvalidQueryError):
            await action
    assert source.call_count == 0
    assert await search_rows(journal, AuditQuery()) == []


async def test_an_abandoned_search_is_recorded(access: AuditLog, journal: AuditRecords) -> None:
    class Endless(CountingSource):
        async def page(self, *_: Any, **__: Any) -> Page[AuditRow]:
            under_way.set()
            await asyncio.Event().wait()
            raise AssertionError

    under_way = asyncio.Event()
    search = SectionActivityRecorder(access, CLERK_ACTOR, 'Журнал').audited(Endless())
    task = asyncio.create_task(search.page(AuditQuery(), number=1, size=20))
    await under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await access.record(AuditEvent.SIGNED_OUT, CLERK_ACTOR)  # commits after the record of the search
    assert {row.act for row in await search_rows(journal, AuditQuery())} == {AuditEvent.SIGNED_OUT, AuditEvent.SEARCHED}


# Reading


async def test_records_are_found_by_each_condition(database: Database, journal: AuditRecords) -> None:
    moments = iter(NOW - timedelta(days=days) for days in (40, 3, 2, 0))
    access = AuditLog(database, lambda: next(moments))
    await access.record(AuditEvent.SIGNED_IN, ADMIN_ACTOR)
    await access.record(AuditEvent.SEARCHED, CLERK_ACTOR, section='Журнал', what='ФИО «Пётр Ёжиков», 100%')
    await access.record(
        AuditEvent.DETAILS_VIEWED,
        replace(CLERK_ACTOR, address='10.0.1.7'),
        about='c51fca97-3846-45c5-9bc4-090c53980867',
    )
    await access.record(AuditEvent.EXPORTED, ADMIN_ACTOR, what='весь журнал', found=5)
    week = journal.default_query()
    assert [row.number for row in await search_rows(journal, week)] == [4, 3, 2]
    for query, numbers in (
        (AuditQuery(), [4, 3, 2, 1]),
        (replace(week, period=Period(until=NOW.date() - timedelta(days=3))), [2, 1]),
        (AuditQuery(name=' CLE'), [3, 2]),
        (AuditQuery(name='lerk'), []),
        (AuditQuery(name='%'), []),
        (AuditQuery(act=AuditEvent.EXPORTED), [4]),
        (AuditQuery(address='10.0.1.'), [3]),
        (AuditQuery(address='10_0'), []),
        (AuditQuery(words='петр ежик'), [2]),
        (AuditQuery(words='C51FCA97'), [3]),
        (AuditQuery(words='"C51FCA97 3846"'), [3]),
        (AuditQuery(words='100%'), [2]),
        (AuditQuery(order=Order('address', descending=True)), [3, 2, 4, 1]),
        (AuditQuery(order=Order('found')), [4, 3, 2, 1]),
    ):
        assert [row.number for row in await search_rows(journal, query)] == numbers, query
    assert (await journal.page(AuditQuery(), number=9, size=5)).number == 1
    with pytest.raises(ValueError, match='a page of 21 rows'):
        await journal.page(AuditQuery(), number=1, size=21)
    assert await journal.details(99) is None


def test_a_query_describes_itself_and_hints_what_to_relax() -> None:
    query = AuditQuery('Clerk', AuditEvent.DETAILS_VIEWED, Period(NOW.date(), NOW.date()), '10.0', 'ежик')
    assert query.describe().replace('\N{NO-BREAK SPACE}', ' ') == (
        'в записи «ежик», пользователь clerk…, адрес 10.0…, открыта запись, с 22.11.2026 по 22.11.2026'
    )
    assert query.loosening_hint() == 'Измените или сотрите условие: в записи «ежик».'
    assert AuditQuery().describe() == 'весь журнал доступа'
    assert AuditQuery().loosening_hint() == 'В журнале доступа ещё нет записей.'
    assert set(texts.AUDIT_EVENTS) == set(AuditEvent)


@pytest.mark.parametrize('query', [AuditQuery(period=Period(NOW.date(), NOW.date())), AuditQuery(name='clerk')])
async def test_look_ups_have_an_index(database: Database, journal: AuditRecords, query: AuditQuery) -> None:
    seen: list[str] = []

    def explained(session: Any) -> None:
        statement = journal.page_statement(query, 1, 20)
        if database.dialect == 'postgresql':
            session.execute(text('SET LOCAL enable_seqscan = off'))
        explain = 'EXPLAIN QUERY PLAN ' if database.dialect == 'sqlite' else 'EXPLAIN '
        compiled = statement.compile(session.get_bind(), compile_kwargs={'literal_binds': True})
        seen.extend(
            str(row) for row in session.connection().exec_driver_sql(explain + str(compiled).replace('%', '%%'))
        )

    database.write_sync(explained)
    assert any('access_record_by_' in line for line in seen), seen


# Changes to users


async def test_every_change_to_a_user_is_recorded_in_the_same_transaction(
    database: Database, journal: AuditRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = Accounts(database, now=lambda: NOW)
    accounts.create_first_admin()
    accounts.add('Clerk', 'WebAdmin', 'длинный пароль')
    with pytest.raises(AccountError):
        accounts.add('clerk', 'Admin', 'длинный пароль')
    accounts.reset_demonstration_admin()
    rows = await search_rows(journal, AuditQuery())
    assert [(row.name.partition(':')[0], row.about, row.what) for row in rows] == [
        ('командная строка', 'admin', 'новый пароль для демонстрации, роль Admin'),
        ('командная строка', 'clerk', 'добавлен, роль WebAdmin'),
        ('командная строка', 'admin', 'добавлен при первом запуске, роль Admin'),
    ]
    rename = text('ALTER TABLE access_head RENAME TO access_head_away')
    database.write_sync(lambda session: session.execute(rename))
    with pytest.raises((DBAPIError, DatabaseUnavailableError)):
        accounts.add('second', 'Admin', 'длинный пароль')
    assert await accounts.find_name('second') is None


async def test_a_name_is_found_in_its_normalized_form(database: Database) -> None:
    accounts = Accounts(database)
    accounts.add('Clerk', 'User', 'длинный пароль')
    assert await accounts.find_name(' CLERK ') == 'clerk'
    for typed in ('', 'nobody', 'мой пароль 123', '\0', 'x' * 10_000):
        assert await accounts.find_name(typed) is None
