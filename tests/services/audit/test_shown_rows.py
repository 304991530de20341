"""What was shown: each page of rows is on record before it is returned, and says who has seen a message or a phone."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import column, select, table, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.audit import audited_source
from services.audit.audit_log import AuditLog
from services.audit.audit_query import AuditQuery, AuditRow
from services.audit.audit_records import AuditRecords
from services.audit.audited_source import AuditedSource, SectionActivityRecorder
from services.audit.chain_verification import ChainFault, ChainFaultKind, verify_chain
from services.audit.shown_rows import MAX_EXPORTED_KEYS, pack_keys
from services.database.engine import Database
from services.errors import DatabaseUnavailableError
from services.ingest.message_ingest import ingest_imported_messages
from services.keys.data_key import DataKey
from services.lists.query_protocol import InvalidQueryError, ListSource, Page, Totals
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.message_service import MessageService
from services.retention.purge import Retention
from services.upgrade.migrations import migrate
from tests.helpers.audit_tampering import CLERK_ACTOR, tamper
from tests.helpers.factories import incoming_message
from tests.helpers.old_databases import create_old_database
from tests.helpers.reference_messages import MOSCOW, NOON

SECTION = 'Журнал'
TEST_KEY = DataKey('k' * 32)
ANYONE = MessageQuery()
PHONE = '+79161234567'


@pytest.fixture(autouse=True)
def every_search_is_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Extend the time for reading rows on a slow machine, unless a test says otherwise."""
    monkeypatch.setattr(audited_source, 'FAST_READ_SECONDS', 30)


@pytest.fixture
def recorder(database: Database) -> SectionActivityRecorder:
    """Records what a clerk does."""
    return SectionActivityRecorder(AuditLog(database, lambda: NOON, data_key=TEST_KEY), CLERK_ACTOR, SECTION)


@pytest.fixture
def records(database: Database) -> AuditRecords:
    """The audit log for reading."""
    return AuditRecords(database, MOSCOW, lambda: NOON)


def add_messages(database: Database, count: int, **fields: str) -> list[UUID]:
    """Insert messages, and return their ids, the newest first."""
    messages = [incoming_message(sent_at=NOON - timedelta(minutes=each), **fields) for each in range(count)]  # type: ignore[arg-type]
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))
    return [message.id for message in messages]


async def seen(records: AuditRecords, subject: object) -> Sequence[AuditRow]:
    query = AuditQuery(seen=str(subject))
    rows = (await records.page(query, number=1, size=20)).rows
    assert (await records.totals(query)).count == len(rows)
    return rows


async def seen_acts(records: AuditRecords, subject: object) -> list[AuditEvent]:
    return [row.act for row in await seen(records, subject)]


async def test_each_page_of_rows_is_on_record(
    database: Database, recorder: SectionActivityRecorder, records: AuditRecords
) -> None:
    ids = add_messages(database, 12)
    search = recorder.audited(MessageService(database, MOSCOW))
    await search.page(ANYONE, number=1, size=5)
    await search.page(ANYONE, number=2, size=5)
    await search.page(ANYONE, number=1, size=10)
    assert await seen(records, ids[11]) == [], 'nobody has seen the last page'
    assert await seen_acts(records, ids[0]) == [AuditEvent.ROWS_SHOWN, AuditEvent.SEARCHED]
    turned, resized = reversed(await seen(records, f'«{ids[6].hex.upper()}» '))
    assert (turned.act, turned.found, turned.continues) == (AuditEvent.ROWS_SHOWN, 5, 1)
    assert (turned.name, turned.address, turned.section, turned.at) == ('clerk', '10.0.0.7', SECTION, NOON)
    assert resized.found == 10
    details = await records.details(turned.number)
    assert details
    assert sorted(details.keys) == sorted(ids[5:10])
    assert [row.act for row in (await records.page(AuditQuery(), number=1, size=20)).rows] == [AuditEvent.SEARCHED]
    assert verify_chain(database).is_intact


async def test_the_first_page_of_a_quick_search_needs_no_record_of_its_own(
    database: Database, recorder: SectionActivityRecorder
) -> None:
    add_messages(database, 3)
    await recorder.audited(MessageService(database, MOSCOW)).page(ANYONE, number=1, size=5)
    assert verify_chain(database).number == 1


async def test_the_rows_of_a_slow_search_are_recorded_after_it(
    database: Database,
    recorder: SectionActivityRecorder,
    records: AuditRecords,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audited_source, 'FAST_READ_SECONDS', 0.001)
    (id,) = add_messages(database, 1)

    class SlowSource(ListSource[MessageQuery, MessageRow]):
        async def page(
            self, query: MessageQuery, *, number: int, size: int, count: int | None = None
        ) -> Page[MessageRow]:
            await asyncio.sleep(0.05)
            return await MessageService(database, MOSCOW).page(query, number=number, size=size)

        async def totals(self, query: MessageQuery) -> Totals:
            raise AssertionError

    await recorder.audited(SlowSource()).page(ANYONE, number=1, size=5)
    assert await seen_acts(records, id) == [AuditEvent.ROWS_SHOWN]


async def test_live_rows_and_opened_rows_are_on_record(
    database: Database, recorder: SectionActivityRecorder, records: AuditRecords
) -> None:
    first, second = add_messages(database, 2)
    search = recorder.audited(MessageService(database, MOSCOW))
    await search.page(ANYONE, number=1, size=5)
    await search.record_updated_rows([str(first)])
    await recorder.record_opening(str(first))
    assert await seen_acts(records, first) == [
        AuditEvent.DETAILS_VIEWED,
        AuditEvent.ROWS_UPDATED,
        AuditEvent.SEARCHED,
    ]
    assert await seen_acts(records, second) == [AuditEvent.SEARCHED]
    assert verify_chain(database).is_intact


async def test_a_phone_stands_for_all_its_messages_in_any_notation(
    database: Database, recorder: SectionActivityRecorder, records: AuditRecords
) -> None:
    first, second = add_messages(database, 2, phone=PHONE)
    (other,) = add_messages(database, 1, phone='+79990000000')
    for id in (first, second, other):
        await recorder.record_opening(str(id))
    for typed in (PHONE, '8 (916) 123-45-67', '9161234567'):
        assert [row.about for row in await seen(records, typed)] == [str(second), str(first)]
    assert await seen(records, '+79160000000') == []
    for typed in ('123-45', 'Иванов', '0' * 36):
        with pytest.raises(InvalidQueryError) as caught:
            await records.page(AuditQuery(seen=typed), number=1, size=20)
        assert caught.value.field == 'seen'


async def test_an_anonymised_message_is_still_found_by_its_code(
    database: Database, recorder: SectionActivityRecorder, records: AuditRecords
) -> None:
    (id,) = add_messages(database, 1, phone=PHONE)
    await recorder.record_opening(str(id))
    retention = Retention(database, MOSCOW)
    retention.purge(retention.count_expired(NOON.date() + timedelta(days=1)), lambda done, total: None)
    assert await seen_acts(records, PHONE) == []
    assert await seen_acts(records, id) == [AuditEvent.DETAILS_VIEWED]


async def test_an_export_is_on_record_with_its_rows_or_as_one_that_may_contain_them(
    database: Database, recorder: SectionActivityRecorder, records: AuditRecords
) -> None:
    await recorder.record_export(ANYONE, MAX_EXPORTED_KEYS + 1)
    later = SectionActivityRecorder(
        AuditLog(database, lambda: NOON + timedelta(days=1), data_key=TEST_KEY), CLERK_ACTOR, SECTION
    )
    await recorder.record_export(ANYONE, 2, [uuid4(), uuid4()])
    inside, outside = (
        incoming_message(sent_at=NOON, queued_at=NOON + timedelta(hours=1), phone=phone)
        for phone in (PHONE, '+79990000000')
    )
    database.write_sync(lambda session: ingest_imported_messages(session, [inside, outside], zone=MOSCOW, now=NOON))
    await later.record_export(MessageQuery(phone=PHONE), 1, [inside.id])
    await later.record_export(ANYONE, MAX_EXPORTED_KEYS + 1)
    possible = texts.ACCESS_MAY_CONTAIN.format(conditions=ANYONE.describe())
    for subject in (inside.id, inside.phone):
        assert [row.what for row in await seen(records, subject)] == [possible, MessageQuery(phone=PHONE).describe()]
    assert [row.what for row in await seen(records, outside.id)] == [possible]
    assert await seen(records, uuid4()) == []
    assert verify_chain(database).is_intact


async def test_a_search_for_who_has_seen_is_on_record_itself(database: Database, records: AuditRecords) -> None:
    audit_recorder = SectionActivityRecorder(
        AuditLog(database, lambda: NOON, data_key=TEST_KEY), CLERK_ACTOR, '', of_audit_log=True
    )
    await audit_recorder.audited(records).page(AuditQuery(seen=' 89161234567 '), number=1, size=20)
    (row,) = (await records.page(AuditQuery(), number=1, size=20)).rows
    assert row.what == 'кто видел «89161234567»'
    assert row.about is None


@pytest.mark.parametrize(
    'statement',
    [
        "UPDATE access_shown SET row_keys = ''",
        'DELETE FROM access_shown',
        'TRUNCATE access_shown',
        'INSERT OR REPLACE INTO access_shown SELECT * FROM access_shown',
        'UPDATE access_shown_key SET number = 9',
        'DELETE FROM access_shown_key',
        'TRUNCATE access_shown_key',
        'INSERT OR REPLACE INTO access_shown_key SELECT * FROM access_shown_key',
    ],
)
async def test_the_database_itself_refuses_to_change_what_was_shown(
    database: Database, recorder: SectionActivityRecorder, statement: str
) -> None:
    add_messages(database, 1)
    await recorder.audited(MessageService(database, MOSCOW)).page(ANYONE, number=1, size=5)
    # One of the statements is a syntax error on each engine; each engine raises its own exception.
    with pytest.raises((DBAPIError, DatabaseUnavailableError)):
        database.write_sync(lambda session: session.execute(text(statement)))
    assert verify_chain(database).is_intact


@pytest.mark.parametrize(
    ('statement', 'faults'),
    [
        (
            'DELETE FROM access_shown WHERE number = 2',
            [ChainFault(ChainFaultKind.ROWS_CHANGED, 2), ChainFault(ChainFaultKind.LOOKUP_CHANGED, 3)],
        ),
        (
            'UPDATE access_shown SET row_keys = (SELECT row_keys FROM access_shown WHERE number = 1) WHERE number = 2',
            [ChainFault(ChainFaultKind.ROWS_CHANGED, 2), ChainFault(ChainFaultKind.LOOKUP_CHANGED, 3)],
        ),
        (
            'INSERT INTO access_shown SELECT 3, row_keys FROM access_shown WHERE number = 1',
            [ChainFault(ChainFaultKind.ROWS_CHANGED, 3), ChainFault(ChainFaultKind.LOOKUP_CHANGED, 3)],
        ),
        ('DELETE FROM access_shown_key WHERE number = 3', [ChainFault(ChainFaultKind.LOOKUP_CHANGED, 3)]),
        ('UPDATE access_shown_key SET number = 1 WHERE number = 2', [ChainFault(ChainFaultKind.LOOKUP_CHANGED, 3)]),
        (
            'INSERT INTO access_shown_key SELECT key, 1 FROM access_shown_key WHERE number = 3',
            [ChainFault(ChainFaultKind.LOOKUP_CHANGED, 3)],
        ),
    ],
)
async def test_a_changed_row_or_lookup_is_found(
    database: Database, recorder: SectionActivityRecorder, statement: str, faults: list[ChainFault]
) -> None:
    ids = add_messages(database, 10)
    search = recorder.audited(MessageService(database, MOSCOW))
    await search.page(ANYONE, number=1, size=5)
    await search.page(ANYONE, number=2, size=5)
    await recorder.record_opening(str(ids[9]))
    assert verify_chain(database).is_intact
    tamper(database, statement)
    assert verify_chain(database).faults == faults


async def test_without_a_record_of_the_rows_there_are_no_rows(
    database: Database, recorder: SectionActivityRecorder
) -> None:
    add_messages(database, 12)
    search: AuditedSource[MessageQuery, MessageRow] = recorder.audited(MessageService(database, MOSCOW))
    await search.page(ANYONE, number=1, size=5)
    rename = text('ALTER TABLE access_shown_key RENAME TO access_shown_key_away')
    database.write_sync(lambda session: session.execute(rename) and None)
    for again in (search, recorder.audited(MessageService(database, MOSCOW))):
        with pytest.raises((DBAPIError, DatabaseUnavailableError)):
            await again.page(ANYONE, number=2, size=5)
    with pytest.raises((DBAPIError, DatabaseUnavailableError)):
        await search.record_updated_rows([str(uuid4())])
    with pytest.raises((DBAPIError, DatabaseUnavailableError)):
        await recorder.record_opening(str(uuid4()))
    database.write_sync(
        lambda session: session.execute(text('ALTER TABLE access_shown_key_away RENAME TO access_shown_key'))
    )
    assert verify_chain(database).number == 1, 'a record without its rows would say that nothing was shown'


async def test_who_has_seen_is_one_index_probe(database: Database, records: AuditRecords) -> None:
    lines: list[str] = []

    def explain(session: Session) -> None:
        if database.dialect == 'postgresql':
            session.execute(text('SET LOCAL enable_seqscan = off'))
        statement = records.page_statement(AuditQuery(seen=PHONE), 1, 20)
        compiled = str(statement.compile(session.get_bind(), compile_kwargs={'literal_binds': True}))
        prefix = 'EXPLAIN QUERY PLAN ' if database.dialect == 'sqlite' else 'EXPLAIN '
        rows = session.connection().exec_driver_sql(prefix + compiled.replace('%', '%%'))
        lines.extend(str(row) for row in rows)

    database.write_sync(explain)
    plan = '\n'.join(lines)
    if database.dialect == 'sqlite':
        assert 'SEARCH access_shown_key USING PRIMARY KEY (key=?)' in plan, plan
        assert 'SEARCH access_record USING INTEGER PRIMARY KEY (rowid=?)' in plan, plan
    else:  # how the records are joined depends on statistics, and is measured by the benchmark
        assert 'access_shown_key_pkey' in plan, plan


def test_rows_that_were_opened_before_are_entered_by_the_migration(empty_url: str) -> None:
    opened = uuid4()
    record = table(
        'access_record',
        *map(
            column, ('number', 'at', 'name', 'address', 'act', 'section', 'what', 'words', 'about', 'previous', 'hash')
        ),
    )

    def fill(connection: object) -> None:
        for number, (act, about) in enumerate(
            ((7, str(opened)), (7, '15'), (5, None), (8, None), (7, str(opened))), start=1
        ):
            moment = 0 if empty_url.startswith('sqlite') else NOON
            values = {'number': number, 'at': moment, 'name': 'a', 'address': '', 'act': act, 'section': '', 'what': ''}
            connection.execute(  # type: ignore[attr-defined]
                record.insert().values(**values, words='', about=about, previous='', hash='')
            )

    create_old_database(empty_url, '0022', fill)
    migrate(empty_url)
    with closing(Database(empty_url)) as database:
        lookup = table('access_shown_key', column('number'))
        assert database.read_sync(lambda session: session.scalars(select(lookup.c.number)).all()) == [1, 5]


def test_packed_keys_do_not_depend_on_the_order() -> None:
    first, second = uuid4(), uuid4()
    assert pack_keys([first, second]) == pack_keys([second, first, second])
    assert len(pack_keys([first, second])) == 32
