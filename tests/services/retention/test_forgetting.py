"""A person who asked for it is nowhere in the database any more, and nothing of others is missing."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Table, func, insert, select
from sqlmodel import Session

from journal_ui.cli.console import EXIT_OK
from journal_ui.cli.forget_command import Forget
from models import AuditEvent, CallOutcome, DocumentStatus, MessageStatus
from services.accounts.accounts import Accounts
from services.accounts.passwords import PasswordPolicy
from services.audit import hash_chain
from services.audit.audit_log import AuditLog
from services.audit.audit_query import AuditQuery
from services.audit.audit_records import AuditRecords
from services.audit.chain_verification import verify_chain
from services.audit.hash_chain import AuditEntry, append_entries
from services.database import connections
from services.database.engine import Database
from services.database.tables import (
    ACCESS_RECORD_TABLE,
    CALL_TABLE,
    CLAIM_TABLE,
    DRAFT_TABLE,
    EARLY_RECEIPT_TABLE,
    LINK_TABLE,
    REOPENED_CALL_TABLE,
    SAVED_SEARCH_TABLE,
)
from services.documents import document_ingest
from services.documents.document_query import DocumentQuery
from services.ingest.message_ingest import (
    Receipt,
    Sender,
    StatusUpdate,
    apply_status_updates,
    ingest_messages,
)
from services.ingest.status_history import StatusEvent
from services.keys.data_key import DataKey
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.receipts.receipt_ingest import apply_receipts
from services.retention.forgetting import Forgetting, check_reason
from services.retention.person import InvalidPersonError, PersonKey
from services.retention.removal import RemovalCounts
from services.settings import Settings
from services.verification.check_runner import verify
from tests.helpers.audit_tampering import CLERK_ACTOR
from tests.helpers.database_dump import dump
from tests.helpers.factories import incoming_document, incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.totals_recount import recounted_totals, stored_totals

KEY = DataKey('k' * 32)
MAILER = Sender('mailer')
NAME, PHONE, SNILS = 'Щукарь-Гром Ждан Львович', '+79995550147', '16000000018'
OTHER_NAME, OTHER_PHONE = 'Королёв Ждан Львович', '+79161234567'
REASON = 'заявление № 7'
TRACES = ('укарь', 'Гром', 'гром', '5550147', '555-01-47', '555 01 47', '16000000018', '000-000 18')
MESSAGE = incoming_message(
    recipient_name=NAME,
    phone=PHONE,
    text='Ждан Щукарь-Гром, ждём',
    status=MessageStatus.FAILED,
    error_code='6',
    error_name='абонент Щукарь недоступен',
)
SECOND_MESSAGE = replace(MESSAGE, id=uuid4(), recipient_name='Щукарь-Гром Ждан')
OTHER_MESSAGE = incoming_message(recipient_name=OTHER_NAME, phone=OTHER_PHONE, phone_note='или 8 999 555-01-47')
DOCUMENT = incoming_document(
    patient_name=NAME, snils=SNILS, status=DocumentStatus.FAILED, error_text='Щукарь: нет данных'
)
OTHER_DOCUMENT = incoming_document(patient_name=OTHER_NAME)


def insert_rows(database: Database, table: Table, *rows: dict[str, Any]) -> None:
    database.write_sync(lambda session: session.connection().execute(insert(table), list(rows)) and None)


def count_rows(database: Database, table: Table) -> int:
    statement = select(func.count()).select_from(table)
    return database.read_sync(lambda session: int(session.execute(statement).scalar_one()))


def fill_messages(database: Database) -> None:
    def fill(session: Session) -> None:
        messages = [(message, MAILER) for message in (MESSAGE, SECOND_MESSAGE, OTHER_MESSAGE)]
        ingest_messages(session, messages, zone=MOSCOW, now=NOON)
        document_ingest.ingest_imported_documents(session, [DOCUMENT, OTHER_DOCUMENT])
        event = StatusEvent(NOON, 'smsc', MessageStatus.FAILED, True, 'smsc', '6', error_name='Щукарь недоступен')
        apply_receipts(
            session,
            [Receipt('smsc', 'early', event, phone=PHONE), Receipt('smsc', 'other', event, phone=OTHER_PHONE)],
            zone=MOSCOW,
            now=NOON,
        )
        known = StatusEvent(NOON, 'mailer', MessageStatus.FAILED, True, 'smsc', provider_id='5001')
        apply_status_updates(session, [StatusUpdate(MESSAGE.id, known, MAILER)], zone=MOSCOW, now=NOON)

    database.write_sync(fill)
    # The receipt of the other phone must not name the person.
    clear = EARLY_RECEIPT_TABLE.update().values(error_name=None).where(EARLY_RECEIPT_TABLE.c.phone == OTHER_PHONE)
    database.write_sync(lambda session: session.execute(clear) and None)


async def fill(database: Database) -> None:
    """Insert what is about the person, and what is about others, into every table."""
    fill_messages(database)
    clerk = Accounts(database, PasswordPolicy()).add('clerk', 'WebAdmin', 'верная лошадь скрепка').id
    call = {'done_by': 'clerk', 'done_at': NOON, 'outcome': CallOutcome.REACHED}
    calls = (
        call | {'message_id': MESSAGE.id, 'note': 'просил не звонить'},
        call | {'message_id': OTHER_MESSAGE.id, 'note': 'трубку взял Щукарь-Гром Ждан'},
        call | {'message_id': uuid4(), 'note': 'придёт'},
    )
    insert_rows(database, CALL_TABLE, *calls)
    insert_rows(
        database, REOPENED_CALL_TABLE, *(each | {'reopened_by': 'clerk', 'reopened_at': NOON} for each in calls)
    )
    claim = {'name_key': 'щукарьгром ждан львович', 'phone': PHONE, 'claimed_by': 'clerk', 'claimed_at': NOON}
    insert_rows(database, CLAIM_TABLE, claim, claim | {'name_key': 'королев', 'phone': OTHER_PHONE})
    search = {'account_id': clerk, 'saved_at': NOON}
    insert_rows(
        database,
        SAVED_SEARCH_TABLE,
        search | {'name': 'а', 'query': {'name': 'Щукарь-Гром Ж.Л.', 'status': 'failed'}},
        search | {'name': 'Щукарь', 'query': {'status': 'failed'}},
        search | {'name': 'б', 'query': {'name': OTHER_NAME, 'phone': OTHER_PHONE}},
    )
    link = {'made_by': clerk, 'made_at': NOON, 'used_at': NOON}
    links = [{'phone': '8(999)555-01-47'}, {'name': 'щукарь'}, {'name': OTHER_NAME}]
    insert_rows(
        database, LINK_TABLE, *({**link, 'key': str(number), 'query': each} for number, each in enumerate(links))
    )
    draft = {'account_id': clerk, 'journal': 'messages', 'kept_at': NOON}
    queries = [
        [None, {'name': '', 'snils': '160-000-000 18'}],
        [{'phone': '5550147'}, {}],
        [None, {'name': OTHER_NAME}],
    ]
    insert_rows(
        database, DRAFT_TABLE, *({**draft, 'tab': str(number), 'queries': each} for number, each in enumerate(queries))
    )
    await record_searches(database)


async def record_searches(database: Database) -> None:
    audit_log = AuditLog(database, lambda: NOON, KEY)
    for query in (
        MessageQuery('Щукарь-Гром Ж.Л.'),
        MessageQuery('ждан щукарь-гром', '8 999 555-01-47'),
        MessageQuery(phone='5550147'),
        DocumentQuery(snils='160-000-000 18'),
        AuditQuery(words='+7 999 555-01-47'),
        AuditQuery(seen='+7 999 555-01-47'),
        MessageQuery(OTHER_NAME, OTHER_PHONE),
    ):
        await audit_log.record(AuditEvent.SEARCHED, CLERK_ACTOR, query=query)


def forget(
    database: Database, phone: str | None = None, name: str | None = None, *, vacuum: bool = False
) -> RemovalCounts:
    forgetting = Forgetting(database, KEY, lambda: NOON)
    found = forgetting.find(PersonKey.parse(phone, name))
    done = forgetting.forget(found, REASON, lambda done, total: None, wait=lambda seconds: None)
    assert done == found.counts
    assert forgetting.clean_up(vacuum=vacuum, wait=lambda seconds: None)
    return done


def traces(stored: str) -> list[str]:
    return [line[:200] for line in stored.splitlines() if any(trace in line for trace in TRACES)]


def last_record(database: Database) -> Any:
    statement = select(ACCESS_RECORD_TABLE).order_by(ACCESS_RECORD_TABLE.c.number.desc()).limit(1)
    return database.read_sync(lambda session: session.execute(statement).one())


async def found_records(database: Database, words: str) -> int:
    return (await AuditRecords(database, MOSCOW, lambda: NOON, KEY).totals(AuditQuery(words=words))).count


async def test_a_forgotten_person_is_nowhere(database: Database) -> None:
    await fill(database)
    assert len({line.split()[0] for line in traces(dump(database))}) > 12, 'tables that name the person'
    sums = {row for row in stored_totals(database) if isinstance(row[0], int)}
    looked_for = await found_records(database, PHONE)
    counts = forget(database, name='щукарь-гром ждан львович')
    assert counts.messages == 1
    assert forget(database, '8 999 5550147').messages == 1
    assert traces(dump(database)) == []
    assert {row for row in stored_totals(database) if isinstance(row[0], int)} == sums
    assert stored_totals(database) == recounted_totals(database)
    assert not [result for result in verify(database, MOSCOW) if result.count]
    assert verify_chain(database, key=KEY).is_intact
    assert await found_records(database, PHONE) == looked_for + 1, 'with the record of the request by phone'
    assert (await MessageService(database, MOSCOW).totals(MessageQuery(OTHER_NAME))).count == 1


async def test_nothing_of_others_is_removed(database: Database) -> None:
    await fill(database)
    counts = forget(database, PHONE, None)
    assert counts == RemovalCounts(
        messages=2, receipts=1, phone_notes=1, notes=4, claims=1, links=1, drafts=1, records=4
    ), 'a document has the name, so that it may be that of somebody else'
    forget(database, name=NAME)
    tables = (CLAIM_TABLE, SAVED_SEARCH_TABLE, LINK_TABLE, DRAFT_TABLE, EARLY_RECEIPT_TABLE, CALL_TABLE)
    assert [count_rows(database, table) for table in tables] == [1, 1, 1, 1, 1, 3]
    stored = dump(database)
    assert all(part in stored for part in (OTHER_NAME, OTHER_PHONE, 'придёт', 'ФИО «Королёв Ждан Львович»'))
    assert (await MessageService(database, MOSCOW).totals(MessageQuery(phone=OTHER_PHONE))).count == 1


async def test_a_shared_phone_stays_with_the_others(database: Database) -> None:
    child = replace(OTHER_MESSAGE, id=uuid4(), recipient_name='Королёва Вера Ждановна', phone_note=None)
    fill_messages(database)
    database.write_sync(lambda session: ingest_messages(session, [(child, MAILER)], zone=MOSCOW, now=NOON))
    await record_searches(database)
    counts = forget(database, OTHER_PHONE, 'Королёва Вера Ждановна')
    assert counts == RemovalCounts(messages=1)
    assert OTHER_PHONE in dump(database)
    assert 'оролева' not in dump(database)


async def test_a_name_that_has_documents_is_removed_by_name_only(database: Database) -> None:
    fill_messages(database)
    assert forget(database, PHONE).documents == 0
    assert forget(database, name=NAME).documents == 1
    assert (await MessageService(database, MOSCOW).totals(MessageQuery())).count == 3


async def test_the_request_is_recorded_without_the_person(database: Database) -> None:
    fill_messages(database)
    forget(database, name=NAME)
    record = last_record(database)
    assert record.act == AuditEvent.PATIENTS_ANONYMIZED
    assert record.what == (
        'по запросу человека, причина: заявление № 7; сообщений 1, документов 1, ранних отчётов о доставке 0'
    )
    assert await found_records(database, NAME) == 1
    assert forget(database, name=NAME) == RemovalCounts(), 'nothing is left'
    assert await found_records(database, NAME) == 2, 'every request is on record'


def test_a_reason_must_not_name_the_person(database: Database) -> None:
    found = Forgetting(database, KEY).find(PersonKey.parse(PHONE, NAME))
    assert check_reason(' заявление  № 7\n', found) == REASON
    for reason in ('', 'я' * 501, 'заявление Щукаря', 'звонок с 8 999 555-01-47'):
        with pytest.raises(InvalidPersonError):
            check_reason(reason, found)


async def test_an_interrupted_run_is_recorded_and_continued(database: Database) -> None:
    await fill(database)
    while True:
        forgetting = Forgetting(database, KEY, lambda: NOON)
        found = forgetting.find(PersonKey.parse(PHONE, None))
        if not any(found.counts):
            break

        def interrupt(done: int, total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            forgetting.forget(found, REASON, interrupt)
        assert last_record(database).what.startswith('по запросу человека, прервано, причина: заявление № 7;')
    forget(database, name=NAME)
    assert traces(dump(database)) == []
    assert verify_chain(database, key=KEY).is_intact


@pytest.mark.parametrize('vacuum', [False, True])
async def test_the_file_of_sqlite_has_no_trace(sqlite_url: str, vacuum: bool) -> None:
    database = Database(sqlite_url)
    await fill(database)
    forget(database, PHONE)
    forget(database, name=NAME, vacuum=vacuum)
    path = Path(database.url.database or '')
    stored = b''.join(file.read_bytes() for file in sorted(path.parent.glob(f'{path.name}*')))
    database.close()
    assert OTHER_NAME.encode() in stored
    assert [trace for trace in TRACES if trace.encode() in stored] == []


async def test_records_of_earlier_versions_are_searched_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    descriptions = (
        'ФИО «Щукарь-Гром Ждан», с 22.10.2026',
        'телефон +7 (999) 555-01-47 или в номере телефона 9995550147',
        'ФИО «Королёв», телефон +7 (916) 123-45-67',
    )
    with monkeypatch.context() as patch:
        patch.setattr(hash_chain, 'VERSION', 1)
        entries = [
            AuditEntry(NOON, CLERK_ACTOR, AuditEvent.SEARCHED, 'Журнал', description) for description in descriptions
        ]
        database.write_sync(lambda session: append_entries(session, entries))
    fill_messages(database)
    assert forget(database, PHONE).records == 2
    forget(database, name=NAME)
    assert traces(dump(database)) == []
    assert descriptions[-1] in dump(database)
    assert await found_records(database, PHONE) == 2
    verification = verify_chain(database, key=KEY)
    assert (verification.is_intact, verification.redacted) == (True, 2)


def test_a_reader_keeps_what_was_deleted_in_the_log(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(connections, 'SQLITE_BUSY_TIMEOUT', 0.1)
    with closing(Database(sqlite_url)) as database, closing(sqlite3.connect(database.url.database or '')) as reader:
        fill_messages(database)
        reader.execute('BEGIN')
        reader.execute('SELECT count(*) FROM message').fetchall()
        assert Forget(phone=PHONE, reason=REASON, yes=True).run(Settings(), database) == EXIT_OK
        assert 'файле -wal' in capsys.readouterr().out
        reader.rollback()
        assert Forget(phone=PHONE, reason=REASON, yes=True).run(Settings(), database) == EXIT_OK
        assert 'файле -wal' not in capsys.readouterr().out


def test_late_messages_are_forgotten_by_another_run(database: Database) -> None:
    fill_messages(database)
    forget(database, PHONE)
    late = replace(MESSAGE, id=uuid4(), queued_at=NOON - timedelta(days=900))
    database.write_sync(
        lambda session: ingest_messages(session, [(late, MAILER), (MESSAGE, MAILER)], zone=MOSCOW, now=NOON)
    )
    assert forget(database, PHONE).messages == 1, 'a forgotten message that is sent again stays forgotten'
