"""Retention: old messages and documents are anonymised for good, and all totals stay."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlmodel import Session

from models import AuditEvent, MessageStatus
from services.database.engine import Database, Work
from services.database.tables import ACCESS_RECORD_TABLE, STATUS_POLL_TABLE
from services.documents import document_ingest
from services.documents.document_query import DocumentQuery
from services.documents.document_service import DocumentService
from services.errors import DatabaseUnavailableError
from services.ingest.message_ingest import (
    IngestOutcome,
    Receipt,
    Sender,
    StatusUpdate,
    apply_status_updates,
    ingest_imported_messages,
    ingest_messages,
)
from services.ingest.status_history import StatusEvent
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.receipts.receipt_ingest import apply_receipts
from services.retention.purge import ExpiredData, Retention, months_before, parse_age
from services.retention.removal import BATCH_SIZE, RemovalCounts
from services.verification.check_runner import verify
from tests.helpers.factories import incoming_document, incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.totals_recount import TotalRows, recounted_totals, stored_totals

BEFORE = date(2023, 11, 22)
EXPIRED_AT = datetime(2023, 11, 20, 9, tzinfo=UTC)
MAILER_SENDER = Sender('mailer')
PERSONAL_VALUES = ('Щукарь', 'щукарь', '5550147', 'Ждан Щукарь, ждём', 'абонент Щукарь')


def ignore_progress(done: int, of: int) -> None:
    """Do nothing."""


def purge(database: Database, before: date = BEFORE) -> RemovalCounts:
    """Anonymise everything older than a day, without pauses."""
    retention = Retention(database, MOSCOW)
    return retention.purge(retention.count_expired(before), ignore_progress, wait=lambda seconds: None)


def stored_text(session: Session) -> str:
    """Return all stored values of messages, their status history, identifiers and pending receipts, as text."""
    tables = ('message', 'message_fact', 'early_receipt', 'provider_message')
    return '\n'.join(str(tuple(row)) for table in tables for row in session.execute(text(f'SELECT * FROM {table}')))


def audit_entries(database: Database) -> list[str]:
    """Return the descriptions of anonymisations in the audit log."""
    entries = (
        select(ACCESS_RECORD_TABLE.c.what)
        .where(ACCESS_RECORD_TABLE.c.act == AuditEvent.PATIENTS_ANONYMIZED)
        .order_by(ACCESS_RECORD_TABLE.c.number)
    )
    return list(database.read_sync(lambda session: session.execute(entries).scalars().all()))


async def test_old_documents_are_anonymised_and_stay_so(database: Database) -> None:
    old, new = incoming_document(at=EXPIRED_AT, patient_name='Щукарь Ждан', snils='11223344595'), incoming_document()
    database.write_sync(lambda session: document_ingest.ingest_imported_documents(session, [old, new]))
    assert Retention(database, MOSCOW).count_expired(BEFORE) == ExpiredData(BEFORE, RemovalCounts(0, 1, 0))
    assert purge(database) == RemovalCounts(0, 1, 0)
    repeated = replace(old, at=old.at + timedelta(hours=1), doctor='Павлов Иван Ильич')
    assert (
        database.write_sync(lambda session: document_ingest.ingest_imported_documents(session, [old, repeated]))[0]
        == IngestOutcome.UNCHANGED
    )
    details = await DocumentService(database, MOSCOW).details(old.id)
    assert details is not None
    assert (details.document.patient_name, details.document.snils, details.document.error_text) == (
        'удалено',
        None,
        None,
    )
    assert not (await DocumentService(database, MOSCOW).totals(DocumentQuery(name='щукарь'))).count
    assert (await DocumentService(database, MOSCOW).totals(DocumentQuery())).count == 2
    assert purge(database) == RemovalCounts()


@pytest.mark.parametrize(('written', 'months'), [('36mo', 36), (' 1mo ', 1), ('9999mo', 9999)])
def test_an_age_is_parsed(written: str, months: int) -> None:
    assert parse_age(written) == months


@pytest.mark.parametrize('written', ['', '36', '0mo', '-1mo', '3y', '36 mo', '1.5mo', '36mo36mo', '３mo'])
def test_an_invalid_age_is_rejected(written: str) -> None:
    with pytest.raises(ValueError, match='не срок хранения'):
        parse_age(written)


def test_months_before_a_day() -> None:
    assert months_before(date(2026, 11, 22), 36) == date(2023, 11, 22)
    assert months_before(date(2024, 3, 31), 1) == date(2024, 2, 29)
    assert months_before(date(2026, 1, 31), 13) == date(2024, 12, 31)
    with pytest.raises(ValueError, match='9999mo'):
        months_before(date(2026, 1, 1), 99_999)


def without_word_totals(counted: TotalRows) -> TotalRows:
    """Remove the totals of words, because anonymisation changes names."""
    return {row for row in counted if isinstance(row[0], int)}


async def test_messages_are_anonymised_and_the_totals_stay(database: Database) -> None:
    expired = incoming_message(
        recipient_name='Щукарь Ждан Львович',
        phone='+79995550147',
        text='Ждан Щукарь, ждём Вас',
        queued_at=EXPIRED_AT,
        status=MessageStatus.FAILED,
        error_code='6',
        error_name='абонент Щукарь недоступен',
    )
    recent = incoming_message()
    edge = incoming_message(
        queued_at=datetime(2023, 11, 21, 21, tzinfo=UTC), sent_at=datetime(2023, 11, 21, 21, tzinfo=UTC)
    )
    incoming = [(message, MAILER_SENDER) for message in (expired, recent, edge)]
    database.write_sync(lambda session: ingest_messages(session, incoming, zone=MOSCOW, now=NOON))
    late = StatusEvent(EXPIRED_AT, 'smsru', MessageStatus.FAILED, True, 'smsru', '204', '6', 'абонент Щукарь')
    recent_event = StatusEvent(NOON, 'smsru', MessageStatus.SENT)
    receipts = [Receipt('smsru', 'never-came', late), Receipt('smsru', 'may-come', recent_event)]
    database.write_sync(lambda session: apply_receipts(session, receipts, zone=MOSCOW, now=NOON))
    named = StatusEvent(EXPIRED_AT, 'mailer', MessageStatus.FAILED, True, 'smsc', provider_id='5001')
    updates = [StatusUpdate(expired.id, named, MAILER_SENDER)]
    database.write_sync(lambda session: apply_status_updates(session, updates, zone=MOSCOW, now=NOON))
    assert '5550147' in database.read_sync(stored_text)
    before = without_word_totals(stored_totals(database))
    assert Retention(database, MOSCOW).count_expired(BEFORE) == ExpiredData(BEFORE, RemovalCounts(1, 0, 1))
    assert purge(database) == RemovalCounts(1, 0, 1)
    stored = database.read_sync(stored_text)
    assert not [part for part in PERSONAL_VALUES if part in stored]
    assert without_word_totals(stored_totals(database)) == before
    assert stored_totals(database) == recounted_totals(database)
    messages = MessageService(database, MOSCOW)
    for query in (MessageQuery(name='щукарь'), MessageQuery(phone='5550147'), MessageQuery(name='удалено')):
        assert (await messages.totals(query)).count == 0
        assert not (await messages.page(query, number=1, size=20)).rows
    details = await messages.details(expired.id)
    assert details is not None
    assert (details.message.recipient_name, details.message.error_code) == ('удалено', '6')
    assert (await messages.page(MessageQuery(), number=1, size=20)).rows[-1].code == expired.id
    assert (await messages.totals(MessageQuery(name='королёв'))).count == 2
    assert not [result for result in verify(database, MOSCOW) if result.count]
    assert purge(database) == RemovalCounts()


def test_messages_that_nobody_asks_for_any_more_leave_the_queue_of_polls(database: Database) -> None:
    values = {'provider': 'beeline', 'account': '', 'message_id': incoming_message().id, 'attempts': 0, 'due_at': NOON}
    rows = [{**values, 'provider_id': '1', 'since': EXPIRED_AT}, {**values, 'provider_id': '2', 'since': NOON}]
    database.write_sync(lambda session: session.execute(insert(STATUS_POLL_TABLE), rows))
    assert purge(database) == RemovalCounts(polls=1)
    queued = select(STATUS_POLL_TABLE.c.provider_id)
    assert database.read_sync(lambda session: session.scalars(queued).all()) == ['2']


async def test_the_number_of_parts_outlives_the_text(database: Database) -> None:
    texts_and_parts = [('я' * 90, None, 2), ('я' * 90, 3, 3), ('я', None, 1), ('', None, None)]
    old = [
        incoming_message(queued_at=EXPIRED_AT, sent_at=EXPIRED_AT, text=text, parts=parts)
        for text, parts, _ in texts_and_parts
    ]
    database.write_sync(lambda session: ingest_imported_messages(session, old, zone=MOSCOW, now=NOON))
    assert purge(database) == RemovalCounts(4)
    messages = MessageService(database, MOSCOW)
    for message, (_, _, parts) in zip(old, texts_and_parts, strict=True):
        details = await messages.details(message.id)
        assert details is not None
        assert (details.message.text, details.message.part_count) == ('', parts)
    repeated = database.write_sync(lambda session: ingest_imported_messages(session, old, zone=MOSCOW, now=NOON))
    assert set(repeated) == {IngestOutcome.UNCHANGED}


async def test_a_repeated_message_does_not_restore_personal_data(database: Database) -> None:
    expired = incoming_message(
        recipient_name='Щукарь Ждан', phone='+79995550147', queued_at=EXPIRED_AT, sent_at=EXPIRED_AT, text='Щукарь'
    )
    database.write_sync(lambda session: ingest_imported_messages(session, [expired], zone=MOSCOW, now=NOON))
    purge(database)

    def repeat(session: Session) -> list[IngestOutcome]:
        return ingest_imported_messages(session, [expired], zone=MOSCOW, now=NOON) + ingest_messages(
            session, [(expired, MAILER_SENDER)], zone=MOSCOW, now=NOON
        )

    assert database.write_sync(repeat) == [IngestOutcome.UNCHANGED, IngestOutcome.UNCHANGED]
    failed = StatusEvent(
        EXPIRED_AT + timedelta(hours=1), 'mailer', MessageStatus.FAILED, error_code='6', error_name='Щукарь'
    )
    updates = [StatusUpdate(expired.id, failed, MAILER_SENDER)]
    assert database.write_sync(lambda session: apply_status_updates(session, updates, zone=MOSCOW, now=NOON)) == [
        IngestOutcome.UPDATED
    ]
    changed = replace(expired, cost=expired.cost * 2)
    assert database.write_sync(lambda session: ingest_imported_messages(session, [changed], zone=MOSCOW, now=NOON)) == [
        IngestOutcome.UPDATED
    ]
    assert not [part for part in PERSONAL_VALUES if part in database.read_sync(stored_text)]
    assert (await MessageService(database, MOSCOW).totals(MessageQuery(name='удалено'))).count == 0
    assert stored_totals(database) == recounted_totals(database)


def test_it_works_in_small_batches_while_others_write(database: Database, database_url: str) -> None:
    old = [incoming_message(queued_at=EXPIRED_AT, sent_at=EXPIRED_AT) for _ in range(2 * BATCH_SIZE + 1)]
    database.write_sync(lambda session: ingest_imported_messages(session, old, zone=MOSCOW, now=NOON))
    progress: list[tuple[int, int]] = []
    waited: list[float] = []
    other = Database(database_url)

    def write(seconds: float) -> None:
        waited.append(seconds)
        other.write_sync(lambda session: ingest_imported_messages(session, [incoming_message()], zone=MOSCOW, now=NOON))

    retention = Retention(database, MOSCOW)
    retention.purge(retention.count_expired(BEFORE), lambda done, of: progress.append((done, of)), wait=write)
    assert progress == [(done, 2 * BATCH_SIZE + 1) for done in (BATCH_SIZE, 2 * BATCH_SIZE, 2 * BATCH_SIZE + 1)]
    assert len(waited) >= 3
    assert all(seconds > 0 for seconds in waited)
    assert not [result for result in verify(database, MOSCOW) if result.count]
    other.close()


def test_a_failed_audit_record_does_not_hide_why_the_purge_failed(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    old = [incoming_message(queued_at=EXPIRED_AT, sent_at=EXPIRED_AT) for _ in range(BATCH_SIZE + 5)]
    database.write_sync(lambda session: ingest_imported_messages(session, old, zone=MOSCOW, now=NOON))
    retention = Retention(database, MOSCOW)
    before = retention.count_expired(BEFORE)

    def fail(work: Work[Any]) -> None:
        raise DatabaseUnavailableError('the second failure')

    def interrupt(done: int, of: int) -> None:
        monkeypatch.setattr(database, 'write_sync', fail)
        raise DatabaseUnavailableError('the first failure')

    with pytest.raises(DatabaseUnavailableError, match='the first failure'):
        retention.purge(before, interrupt)
    assert f'not recorded: RemovalCounts(messages={BATCH_SIZE},' in caplog.text


def test_an_interrupted_purge_is_recorded_and_can_be_continued(database: Database) -> None:
    old = [incoming_message(queued_at=EXPIRED_AT, sent_at=EXPIRED_AT) for _ in range(BATCH_SIZE + 5)]
    database.write_sync(lambda session: ingest_imported_messages(session, old, zone=MOSCOW, now=NOON))
    retention = Retention(database, MOSCOW)

    def interrupt(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retention.purge(retention.count_expired(BEFORE), interrupt)
    assert audit_entries(database) == [
        'старше 22.11.2023: сообщений 1\u00a0000, документов 0, ранних отчётов о доставке 0'
    ]
    assert retention.count_expired(BEFORE).counts.messages == 5
    assert purge(database) == RemovalCounts(5)
    assert audit_entries(database)[1:] == ['старше 22.11.2023: сообщений 5, документов 0, ранних отчётов о доставке 0']
    assert stored_totals(database) == recounted_totals(database)
