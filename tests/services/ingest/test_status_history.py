"""Status events of messages are recorded once, whichever comes first, the message or its receipts."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from models import MessageStatus
from services.access_scope.organization_scope import OrganizationScope
from services.database.engine import Database
from services.ingest.message_ingest import (
    IngestOutcome,
    Receipt,
    Sender,
    StatusUpdate,
    apply_status_updates,
    ingest_messages,
)
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.receipts.receipt_ingest import apply_receipts
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW
from tests.helpers.status_events import QUEUED, sender_event, status_event, waiting_message
from tests.helpers.totals_recount import recounted_totals, stored_totals

WAITING, SENT, FAILED = MessageStatus.WAITING, MessageStatus.SENT, MessageStatus.FAILED
MAILER_SENDER = Sender('mailer')
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def stored_message(database: Database) -> tuple[int, str | None]:
    rows = database.read_sync(lambda session: session.execute(text('SELECT status, error_code FROM message')).all())
    assert len(rows) == 1
    return rows[0].status, rows[0].error_code


def _deliver(database: Database, *receipts: Receipt) -> list[IngestOutcome]:
    return database.write_sync(lambda session: apply_receipts(session, receipts, zone=MOSCOW, now=NOW))


def _submit(database: Database, message: IncomingMessage, sender: Sender = MAILER_SENDER) -> IngestOutcome:
    return database.write_sync(lambda session: ingest_messages(session, [(message, sender)], zone=MOSCOW, now=NOW))[0]


def test_a_repeated_receipt_counts_once(database: Database) -> None:
    message = waiting_message()
    _submit(database, message)
    receipt = Receipt('smsc', str(message.id), status_event(1, SENT))
    assert _deliver(database, receipt) == [IngestOutcome.UPDATED]
    assert _deliver(database, receipt, receipt) == [IngestOutcome.UNCHANGED, IngestOutcome.UNCHANGED]


def test_a_receipt_before_its_message_waits_for_it(database: Database) -> None:
    message = waiting_message()
    early = Receipt('smsc', str(message.id), status_event(5, FAILED, final=True, error_code='1', error_name='нет'))
    assert _deliver(database, early, early) == [IngestOutcome.UNKNOWN, IngestOutcome.UNKNOWN]
    assert _deliver(database, early) == [IngestOutcome.UNKNOWN]
    assert _submit(database, message) == IngestOutcome.CREATED
    assert stored_message(database) == (FAILED, '1')
    pending_count = database.read_sync(
        lambda session: session.execute(text('SELECT count(*) FROM early_receipt')).scalar_one()
    )
    assert pending_count == 0
    assert stored_totals(database) == recounted_totals(database)


def test_a_message_again_does_not_undo_its_receipts(database: Database) -> None:
    message = waiting_message()
    _submit(database, message)
    _deliver(database, Receipt('smsc', str(message.id), status_event(5, FAILED, final=True, error_code='1')))
    assert _submit(database, message) == IngestOutcome.UNCHANGED
    assert stored_message(database)[0] == FAILED


def test_a_receipt_with_the_providers_identifier(database: Database) -> None:
    message = waiting_message()
    _submit(database, message)
    early_receipt = Receipt('smsru', '202611-17', status_event(7, SENT, final=True, source='smsru'))
    assert _deliver(database, early_receipt) == [IngestOutcome.UNKNOWN]
    status_update = StatusUpdate(
        message.id, sender_event(1, SENT, provider='smsru', provider_id='202611-17'), MAILER_SENDER
    )
    assert database.write_sync(
        lambda session: apply_status_updates(session, [status_update], zone=MOSCOW, now=NOW)
    ) == [IngestOutcome.UPDATED]
    event_count = database.read_sync(
        lambda session: session.execute(text('SELECT count(*) FROM message_fact')).scalar_one()
    )
    assert event_count == 3, 'queued, sent, delivered'
    assert _deliver(database, Receipt('smsru', '202611-17', status_event(7, SENT, final=True, source='smsru'))) == [
        IngestOutcome.UNCHANGED
    ]


def test_of_two_claims_at_the_same_time_the_second_is_refused(database: Database) -> None:
    first, second = waiting_message(), waiting_message()
    for message in (first, second):
        _submit(database, message)
    named = sender_event(1, SENT, provider='kannel', provider_id='x1')
    updates = [StatusUpdate(message.id, named, MAILER_SENDER) for message in (first, second)]
    assert database.write_sync(lambda session: apply_status_updates(session, updates, zone=MOSCOW, now=NOW)) == [
        IngestOutcome.UPDATED,
        IngestOutcome.CONFLICT,
    ]


def test_a_receipt_is_not_missed_while_its_identifier_is_being_stored(postgresql_url: str) -> None:
    message = waiting_message()
    deadline = 10
    status_update = StatusUpdate(
        message.id, sender_event(1, SENT, provider='smsru', provider_id='202611-17'), MAILER_SENDER
    )
    late = Receipt('smsru', '202611-17', status_event(7, FAILED, final=True, source='smsru'))
    with closing(Database(postgresql_url)) as database, ThreadPoolExecutor(1) as another:
        _submit(database, message)

        def meanwhile(session: Session) -> Future[list[IngestOutcome]]:
            apply_status_updates(session, [status_update], zone=MOSCOW, now=NOW)
            delivering = another.submit(_deliver, database, late)
            waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            until = time.monotonic() + deadline
            while not database.read_sync(lambda reader: reader.execute(waits).scalar_one()):
                assert time.monotonic() < until, 'the receipt does not wait for its turn'
            return delivering

        assert database.write_sync(meanwhile).result(deadline) == [IngestOutcome.UPDATED]
        assert stored_message(database)[0] == FAILED


def test_nobody_speaks_for_another_organisation(database: Database) -> None:
    message = waiting_message()
    _submit(database, message)
    stranger = Sender('stranger', OrganizationScope(frozenset({2})), frozenset({'другая больница'}))
    assert _submit(database, message, stranger) == IngestOutcome.OTHER_ORGANIZATION
    update = StatusUpdate(message.id, StatusEvent(NOW, 'stranger', FAILED), stranger)
    assert database.write_sync(lambda session: apply_status_updates(session, [update], zone=MOSCOW, now=NOW)) == [
        IngestOutcome.OTHER_ORGANIZATION
    ]
    assert stored_message(database)[0] == WAITING


def test_a_message_from_a_file_gets_its_history_with_the_first_receipt(database: Database) -> None:
    message = incoming_message(status=SENT, sent_at=QUEUED, queued_at=QUEUED - timedelta(minutes=5))
    database.write_sync(lambda session: ingest_messages(session, [(message, None)], zone=MOSCOW, now=NOW))
    _deliver(database, Receipt('smsc', str(message.id), status_event(1, FAILED, final=True, error_code='6')))
    events = database.read_sync(
        lambda session: session.execute(text('SELECT told_by, status FROM message_fact ORDER BY number')).all()
    )
    assert [tuple(row) for row in events] == [('file', SENT), ('smsc', FAILED)]
    assert stored_totals(database) == recounted_totals(database)


def test_each_change_has_a_number_of_its_own(database: Database) -> None:
    message = waiting_message()
    _submit(database, message)
    _deliver(database, Receipt('smsc', str(message.id), status_event(1, SENT)))
    changes = database.read_sync(lambda session: session.execute(text('SELECT number, created FROM change')).all())
    assert [(number, bool(created)) for number, created in changes] == [(1, True), (2, False)]
