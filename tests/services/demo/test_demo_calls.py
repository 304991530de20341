"""The calls of a demonstration: every state of a call is there, none is earlier than its message, all are on record."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from models import AuditEvent, AuditRecord, CallClaim, CallOutcome, CallRecord, Message
from services import texts
from services.call_list.call_list_service import CallListService
from services.call_list.call_queries import CLAIM_DURATION
from services.database.engine import Database
from services.demo import demo_calls, demo_data
from tests.helpers.call_lists import CODES, SettableClock
from tests.helpers.database_copies import CopyOf
from tests.helpers.reference_messages import MOSCOW

NOW = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
COUNT = 12_000


def fill(database: Database) -> None:
    """Fill a journal with demonstration data and calls."""
    today = date(2026, 11, 20)
    demo_data.fill_journal(database, MOSCOW, today=today, now=NOW, count=COUNT, longest_wait=demo_data.USUAL_WAIT)
    demo_calls.add_calls(database, MOSCOW, NOW)


@pytest.fixture
def journal(copy_of: CopyOf) -> Iterator[Database]:
    """A journal with demonstration data and calls."""
    with closing(Database(copy_of(fill))) as database:
        yield database


def stored_claims(database: Database) -> list[CallClaim]:
    return database.read_sync(lambda session: [row.model_copy() for row in session.exec(select(CallClaim))])


def test_every_outcome_and_state_of_a_call_is_there(journal: Database) -> None:
    def read(session: Session) -> list[tuple[CallRecord, Message]]:
        joined = select(CallRecord, Message).join(Message, col(Message.id) == CallRecord.message_id)
        return [(call.model_copy(), message.model_copy()) for call, message in session.exec(joined)]

    calls = journal.read_sync(read)
    assert {call.outcome for call, _ in calls} == set(CallOutcome)
    assert {call.done_by for call, _ in calls} == set(texts.DEMO_OPERATORS)
    assert any(call.again_at and call.again_at > NOW for call, _ in calls), 'somebody is to be called again'
    assert any(call.done_at.date() == NOW.date() for call, _ in calls)
    assert any(call.done_at.date() < NOW.date() for call, _ in calls)
    for call, message in calls:
        assert message.attempted_at is not None
        assert message.attempted_at < call.done_at < NOW
    assert len({claim.claimed_by for claim in stored_claims(journal)}) == len(demo_calls.CURRENT_CALLS)


async def test_the_call_list_shows_them_and_most_recipients_are_left(journal: Database) -> None:
    clock = SettableClock()
    clock.now = NOW
    calls = CallListService(journal, MOSCOW, CODES, clock)
    pending = await calls.pending_calls(calls.default_query(), 20)
    assert [call.claim is not None for call in pending.calls][:3] == [True, True, False]
    assert pending.postponed
    assert pending.next_at
    completed = await calls.completed_calls(calls.default_query(), 50)
    assert 5 <= len(completed) < 30
    assert pending.total > 2


def test_the_calls_are_on_record(journal: Database) -> None:
    def read(session: Session) -> list[AuditRecord]:
        return [row.model_copy() for row in session.exec(select(AuditRecord).order_by(col(AuditRecord.number)))]

    records = journal.read_sync(read)
    events = Counter(record.act for record in records)
    assert events[AuditEvent.CALL_CLAIMED] == events[AuditEvent.CALL_COMPLETED] + len(demo_calls.CURRENT_CALLS)
    assert [record.at for record in records] == sorted(record.at for record in records)


def test_current_calls_are_added_when_the_earlier_ones_have_lapsed(journal: Database) -> None:
    before = stored_claims(journal)
    demo_calls.add_current_calls(journal, MOSCOW, NOW + timedelta(minutes=1))
    assert stored_claims(journal) == before
    later = NOW + CLAIM_DURATION
    demo_calls.add_current_calls(journal, MOSCOW, later)
    assert sum(claim.claimed_at > NOW for claim in stored_claims(journal)) == len(demo_calls.CURRENT_CALLS)


def test_a_journal_without_failed_messages_gets_no_calls(database: Database) -> None:
    demo_calls.add_calls(database, MOSCOW, NOW)
    assert not stored_claims(database)
