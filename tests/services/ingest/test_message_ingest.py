"""Messages coming in: recorded once, moved on, never undone."""

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

from models import JournalState, Message, MessageKind, MessageStatus, Organization
from models.message import arrival
from services.database.engine import Database
from services.ingest.message_ingest import Outcome, record
from services.ingest.message_merge import moved_on
from services.ingest.message_parsing import Incoming
from tests.helpers.factories import SENT_AT, incoming
from tests.helpers.totals_recount import recounted, totals

MOSCOW = ZoneInfo('Europe/Moscow')
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def feed(database: Database, *messages: Incoming, now: datetime = NOW) -> list[Outcome]:
    """Record messages in a transaction of their own."""
    return database.write_now(lambda session: record(session, messages, zone=MOSCOW, now=now))


def stored(database: Database, id: UUID) -> dict[str, Any]:
    """Give the stored row of a message."""

    def read(session: Session) -> dict[str, Any]:
        found = session.exec(
            select(Message, Organization.name).where(Message.id == id, Message.organization_id == Organization.id)
        ).one()
        return {**found[0].model_dump(), 'organization': found[1]}

    return database.read_now(read)


def next_arrival(database: Database) -> int:
    """Give the number that the next new message will have."""
    return database.read_now(lambda session: session.exec(select(JournalState.next_arrival)).one())


def test_it_stores_a_new_message_whole(database: Database) -> None:
    message = incoming(recipient_name='О’Нил-Щедрина Алёна Петровна', text='<b>\nстрока 😊', appointment_at=None)
    assert feed(database, message) == [Outcome.CREATED]
    row = stored(database, message.id)
    for field in message.__dataclass_fields__:
        assert row[field] == getattr(message, field), field
    assert row['name_key'] == 'онилщедрина алена петровна'
    assert row['initials'] == 'ап'
    assert row['day'] == 20261120
    assert row['place'] >> 30 == SENT_AT.timestamp()
    assert arrival(row['place']) == 1


def test_the_same_message_again_changes_nothing(database: Database) -> None:
    message = incoming()
    feed(database, message)
    before = stored(database, message.id), next_arrival(database), totals(database)
    assert feed(database, message, now=NOW + timedelta(days=1)) == [Outcome.UNCHANGED]
    assert (stored(database, message.id), next_arrival(database), totals(database)) == before


def test_a_status_that_moved_on_moves_the_message_in_the_journal(database: Database) -> None:
    other, message = incoming(), incoming(status=MessageStatus.WAITING, cost=Decimal('0.00'))
    feed(database, other, message)
    before = stored(database, message.id)
    sent_at = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
    moved = replace(message, status=MessageStatus.SENT, sent_at=sent_at, cost=Decimal('2.95'))
    assert feed(database, moved) == [Outcome.UPDATED]
    after = stored(database, message.id)
    assert (after['status'], after['sent_at'], after['cost']) == (MessageStatus.SENT, sent_at, Decimal('2.95'))
    assert after['day'] == 20261122, 'past midnight in Moscow'
    assert after['place'] >> 30 == sent_at.timestamp()
    assert arrival(after['place']) == arrival(before['place'])
    assert totals(database) == recounted(database)


def test_an_older_file_does_not_undo_what_happened_since(database: Database) -> None:
    waiting = incoming(status=MessageStatus.WAITING)
    for status in (MessageStatus.SENT, MessageStatus.FAILED):
        message = incoming(id=waiting.id, status=status)
        feed(database, message)
        before = stored(database, message.id)
        assert feed(database, replace(waiting, text='старое')) == [Outcome.UNCHANGED]
        assert stored(database, message.id) == before


def test_a_message_that_failed_after_it_was_sent_stays_in_its_place(database: Database) -> None:
    message = incoming()
    feed(database, message)
    failed = incoming(id=message.id, status=MessageStatus.FAILED, error_code='6', error_name='Абонент не в сети')
    assert feed(database, failed) == [Outcome.UPDATED]
    row = stored(database, message.id)
    assert (row['sent_at'], row['attempted_at'], row['error_code']) == (None, SENT_AT, '6')
    assert row['place'] >> 30 == SENT_AT.timestamp()
    assert feed(database, failed) == [Outcome.UNCHANGED]


def test_the_later_of_two_in_a_batch_counts(database: Database) -> None:
    message = incoming(cost=Decimal('1.00'))
    later = replace(message, cost=Decimal('2.00'))
    assert feed(database, message, incoming(), later, later) == [
        Outcome.CREATED,
        Outcome.CREATED,
        Outcome.UPDATED,
        Outcome.UNCHANGED,
    ]
    assert stored(database, message.id)['cost'] == Decimal('2.00')
    assert totals(database) == recounted(database)


def test_an_unknown_time_of_queueing_is_the_best_one_known(database: Database) -> None:
    sent = incoming(queued_at=None)
    failed = incoming(queued_at=None, status=MessageStatus.FAILED)
    feed(database, sent, failed)
    assert stored(database, sent.id)['queued_at'] == SENT_AT
    assert stored(database, failed.id)['queued_at'] == NOW
    assert feed(database, sent, failed, now=NOW + timedelta(hours=1)) == [Outcome.UNCHANGED] * 2
    known = replace(failed, queued_at=NOW - timedelta(days=1))
    assert feed(database, known) == [Outcome.UPDATED]
    assert stored(database, failed.id)['queued_at'] == NOW - timedelta(days=1)


def test_times_to_the_minute_do_not_take_seconds_away() -> None:
    precise = incoming(sent_at=SENT_AT + timedelta(seconds=23))
    assert moved_on(precise, replace(precise, sent_at=SENT_AT)) is precise
    later = replace(precise, sent_at=SENT_AT + timedelta(seconds=40))
    assert moved_on(precise, later) == later


def test_organizations_join_the_dictionary_once(database: Database) -> None:
    feed(database, incoming(organization='МО «Ёлки»'), incoming(organization='МО «Ёлки»'), incoming(organization='А'))
    feed(database, incoming(organization='А'))
    names = database.read_now(
        lambda session: session.exec(
            select(Organization.name, Organization.name_key).order_by(col(Organization.id))
        ).all()
    )
    assert [(name, key) for name, key in names] == [('А', 'а'), ('МО «Ёлки»', 'мо «елки»')]


def test_two_senders_of_the_same_messages_at_once_record_them_once(database: Database) -> None:
    messages = [incoming(organization=f'МО {number % 3}') for number in range(200)]
    with ThreadPoolExecutor(2) as threads:
        batches = [messages[start : start + 20] for start in range(0, 200, 20)]
        twice = [batch for batch in batches for _ in range(2)]
        outcomes = list(threads.map(lambda batch: feed(database, *batch), twice))
    assert sorted(outcome for batch in outcomes for outcome in batch) == ['created'] * 200 + ['unchanged'] * 200
    assert totals(database) == recounted(database)


def test_an_empty_batch_is_no_work(database: Database) -> None:
    assert feed(database) == []


IDS = [UUID(int=number) for number in range(1, 5)]
MOMENTS = st.datetimes(datetime(2026, 10, 30), datetime(2026, 11, 2)).map(lambda when: when.replace(tzinfo=UTC))


@st.composite
def messages(draw: st.DrawFn) -> Incoming:
    """A message of a few ids, as any sender may tell it."""
    status = draw(st.sampled_from(MessageStatus))
    return incoming(
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
def test_however_messages_come_the_journal_is_the_same(database: Database, batches: Sequence[list[Incoming]]) -> None:
    """In one batch or in several, told once or twice: the same rows, and totals equal to a recount."""
    database.write_now(lambda session: session.execute(text('DELETE FROM message')))
    for batch in batches:
        feed(database, *batch)
    apart = {id: stored(database, id) for id in {message.id for batch in batches for message in batch}}
    assert totals(database) == recounted(database)

    database.write_now(lambda session: session.execute(text('DELETE FROM message')))
    feed(database, *(message for batch in batches for message in batch))
    for id, row in apart.items():
        together = stored(database, id)
        assert {**together, 'place': together['place'] >> 30, 'organization_id': 0} == {
            **row,
            'place': row['place'] >> 30,
            'organization_id': 0,
        }
    assert totals(database) == recounted(database)
