"""Ingest of messages: each is recorded once, and an older file undoes no later change."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session, col, select

from models import JournalState, Message, MessageKind, MessageKindEntry, MessageStatus, Organization
from models.message import arrival_number
from services.database.engine import Database
from services.ingest.message_ingest import IngestOutcome, ingest_imported_messages
from services.ingest.message_merge import merge_message
from services.ingest.message_parsing import IncomingMessage
from tests.helpers.factories import SENT_AT, incoming_message
from tests.helpers.totals_recount import recounted_totals, stored_totals

MOSCOW = ZoneInfo('Europe/Moscow')
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def record_messages(database: Database, *messages: IncomingMessage, now: datetime = NOW) -> list[IngestOutcome]:
    """Record messages of a file in one transaction."""
    return database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=now))


def stored_message(database: Database, id: UUID) -> dict[str, Any]:
    """Return the stored row of a message, with the names of its organisation and kind."""

    def read(session: Session) -> dict[str, Any]:
        row = session.exec(
            select(Message, Organization.name, MessageKindEntry.name).where(
                Message.id == id, Message.organization_id == Organization.id, Message.kind == MessageKindEntry.id
            )
        ).one()
        return {**row[0].model_dump(), 'organization': row[1], 'kind': row[2]}

    return database.read_sync(read)


def next_arrival(database: Database) -> int:
    """Return the arrival number of the next new message."""
    return database.read_sync(lambda session: session.exec(select(JournalState.next_arrival)).one())


def test_it_stores_a_new_message_whole(database: Database) -> None:
    message = incoming_message(
        recipient_name='О’Нил-Щедрина Алёна Петровна', text='<b>\nстрока 😊', appointment_at=None
    )
    assert record_messages(database, message) == [IngestOutcome.CREATED]
    row = stored_message(database, message.id)
    for field in message.__dataclass_fields__:
        assert row[field] == getattr(message, field), field
    assert row['name_key'] == 'онилщедрина алена петровна'
    assert row['initials'] == 'ап'
    assert row['day'] == 20261120
    assert row['place'] >> 30 == SENT_AT.timestamp()
    assert arrival_number(row['place']) == 1


def test_the_same_message_again_changes_nothing(database: Database) -> None:
    message = incoming_message()
    record_messages(database, message)
    before = stored_message(database, message.id), next_arrival(database), stored_totals(database)
    assert record_messages(database, message, now=NOW + timedelta(days=1)) == [IngestOutcome.UNCHANGED]
    assert (stored_message(database, message.id), next_arrival(database), stored_totals(database)) == before


def test_a_new_status_changes_the_position_of_the_message(database: Database) -> None:
    other, message = incoming_message(), incoming_message(status=MessageStatus.WAITING, cost=Decimal('0.00'))
    record_messages(database, other, message)
    before = stored_message(database, message.id)
    sent_at = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
    moved = replace(message, status=MessageStatus.SENT, sent_at=sent_at, cost=Decimal('2.95'))
    assert record_messages(database, moved) == [IngestOutcome.UPDATED]
    after = stored_message(database, message.id)
    assert (after['status'], after['sent_at'], after['cost']) == (MessageStatus.SENT, sent_at, Decimal('2.95'))
    assert after['day'] == 20261122, 'past midnight in Moscow'
    assert after['place'] >> 30 == sent_at.timestamp()
    assert arrival_number(after['place']) == arrival_number(before['place'])
    assert stored_totals(database) == recounted_totals(database)


def test_an_older_file_does_not_undo_what_happened_since(database: Database) -> None:
    waiting = incoming_message(status=MessageStatus.WAITING)
    for status in (MessageStatus.SENT, MessageStatus.FAILED):
        message = incoming_message(id=waiting.id, status=status)
        record_messages(database, message)
        before = stored_message(database, message.id)
        assert record_messages(database, replace(waiting, text='старое')) == [IngestOutcome.UNCHANGED]
        assert stored_message(database, message.id) == before


def test_a_message_that_failed_after_it_was_sent_stays_in_its_place(database: Database) -> None:
    message = incoming_message()
    record_messages(database, message)
    failed = incoming_message(
        id=message.id, status=MessageStatus.FAILED, error_code='6', error_name='Абонент не в сети'
    )
    assert record_messages(database, failed) == [IngestOutcome.UPDATED]
    row = stored_message(database, message.id)
    assert (row['sent_at'], row['attempted_at'], row['error_code']) == (None, SENT_AT, '6')
    assert row['place'] >> 30 == SENT_AT.timestamp()
    assert record_messages(database, failed) == [IngestOutcome.UNCHANGED]


def test_the_later_of_two_in_a_batch_counts(database: Database) -> None:
    message = incoming_message(cost=Decimal('1.00'))
    later = replace(message, cost=Decimal('2.00'))
    assert record_messages(database, message, incoming_message(), later, later) == [
        IngestOutcome.CREATED,
        IngestOutcome.CREATED,
        IngestOutcome.UPDATED,
        IngestOutcome.UNCHANGED,
    ]
    assert stored_message(database, message.id)['cost'] == Decimal('2.00')
    assert stored_totals(database) == recounted_totals(database)


def test_an_unknown_time_of_queueing_is_replaced_by_the_best_known_time(database: Database) -> None:
    sent = incoming_message(queued_at=None)
    failed = incoming_message(queued_at=None, status=MessageStatus.FAILED)
    record_messages(database, sent, failed)
    assert stored_message(database, sent.id)['queued_at'] == SENT_AT
    assert stored_message(database, failed.id)['queued_at'] == NOW
    assert record_messages(database, sent, failed, now=NOW + timedelta(hours=1)) == [IngestOutcome.UNCHANGED] * 2
    known = replace(failed, queued_at=NOW - timedelta(days=1))
    assert record_messages(database, known) == [IngestOutcome.UPDATED]
    assert stored_message(database, failed.id)['queued_at'] == NOW - timedelta(days=1)


def test_times_without_seconds_do_not_replace_times_with_seconds() -> None:
    precise = incoming_message(sent_at=SENT_AT + timedelta(seconds=23))
    assert merge_message(precise, replace(precise, sent_at=SENT_AT)) is precise
    later = replace(precise, sent_at=SENT_AT + timedelta(seconds=40))
    assert merge_message(precise, later) == later


def test_organizations_are_added_once(database: Database) -> None:
    record_messages(
        database,
        incoming_message(organization='МО «Ёлки»'),
        incoming_message(organization='МО «Ёлки»'),
        incoming_message(organization='А'),
    )
    record_messages(database, incoming_message(organization='А'))
    names = database.read_sync(
        lambda session: session.exec(
            select(Organization.name, Organization.name_key).order_by(col(Organization.id))
        ).all()
    )
    assert [(name, key) for name, key in names] == [('А', 'а'), ('МО «Ёлки»', 'мо елки')]


def test_two_senders_of_the_same_messages_at_once_record_them_once(database: Database) -> None:
    messages = [incoming_message(organization=f'МО {number % 3}') for number in range(200)]
    with ThreadPoolExecutor(2) as threads:
        batches = [messages[start : start + 20] for start in range(0, 200, 20)]
        twice = [batch for batch in batches for _ in range(2)]
        outcomes = list(threads.map(lambda batch: record_messages(database, *batch), twice))
    assert sorted(outcome for batch in outcomes for outcome in batch) == ['created'] * 200 + ['unchanged'] * 200
    assert stored_totals(database) == recounted_totals(database)


def test_an_empty_batch_is_no_work(database: Database) -> None:
    assert record_messages(database) == []


IDS = [UUID(int=number) for number in range(1, 5)]
MOMENTS = st.datetimes(datetime(2026, 10, 30), datetime(2026, 11, 2)).map(lambda when: when.replace(tzinfo=UTC))


@st.composite
def messages(draw: st.DrawFn) -> IncomingMessage:
    """Generate a message with one of a few ids, as any sender may send it."""
    status = draw(st.sampled_from(MessageStatus))
    return incoming_message(
        id=draw(st.sampled_from(IDS)),
        organization=draw(st.sampled_from('АБВ')),
        kind=draw(st.sampled_from(MessageKind)),
        status=status,
        queued_at=draw(st.none() | MOMENTS),
        attempted_at=draw(st.none() | MOMENTS),
        sent_at=draw(MOMENTS) if status == MessageStatus.SENT else None,
        cost=Decimal(draw(st.integers(0, 1040))) / 100,
        error_code=draw(st.none() | st.just('6')),
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(messages(), min_size=1, max_size=6), max_size=5))
def test_batches_of_any_size_result_in_the_same_journal(
    database: Database, batches: Sequence[list[IncomingMessage]]
) -> None:
    """One batch and several batches, with repeats, result in the same rows, and in totals that equal a recount."""
    database.write_sync(lambda session: session.execute(text('DELETE FROM message')))
    for batch in batches:
        record_messages(database, *batch)
    apart = {id: stored_message(database, id) for id in {message.id for batch in batches for message in batch}}
    assert stored_totals(database) == recounted_totals(database)

    database.write_sync(lambda session: session.execute(text('DELETE FROM message')))
    record_messages(database, *(message for batch in batches for message in batch))
    for id, row in apart.items():
        together = stored_message(database, id)
        assert {**together, 'place': together['place'] >> 30, 'organization_id': 0} == {
            **row,
            'place': row['place'] >> 30,
            'organization_id': 0,
        }
    assert stored_totals(database) == recounted_totals(database)
