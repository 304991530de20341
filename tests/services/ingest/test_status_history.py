"""What is told of messages: the same end whatever the order, and nothing twice."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from models import MessageStatus
from services.database.engine import Database
from services.ingest.message_ingest import Outcome, Receipt, Teller, Told, deliver, hand_over, tell
from services.ingest.message_parsing import Incoming
from services.ingest.status_history import Fact, settled
from tests.helpers.factories import incoming
from tests.helpers.reference_messages import MOSCOW
from tests.helpers.totals_recount import recounted, totals

WAITING, SENT, FAILED = MessageStatus.WAITING, MessageStatus.SENT, MessageStatus.FAILED
MAILER = Teller('mailer')
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
QUEUED = NOW - timedelta(hours=1)


def waiting() -> Incoming:
    return incoming(status=WAITING, queued_at=QUEUED)


def report(
    minutes: int, status: MessageStatus | None, *, code: str = '', final: bool = False, by: str = 'smsc', **more: str
) -> Fact:
    at = QUEUED + timedelta(minutes=minutes)
    return Fact(at=at, told_by=by, status=status, final=final, provider=by, code=code, **more)


def stored(database: Database) -> tuple[int, str | None]:
    found = database.read_now(lambda session: session.execute(text('SELECT status, error_code FROM message')).all())
    assert len(found) == 1
    return found[0].status, found[0].error_code


@given(
    st.permutations([report(1, SENT, code='0'), report(3, SENT, code='1', final=True), report(2, WAITING, code='-1')])
)
def test_the_order_of_telling_does_not_matter(told: Sequence[Fact]) -> None:
    done = settled(waiting(), [Fact.of(waiting(), 'mailer'), *told])
    assert (done.status, done.sent_at) == (SENT, QUEUED + timedelta(minutes=1))


def test_what_arrived_was_sent_when_it_was_handed_over() -> None:
    done = settled(waiting(), [report(1, SENT), report(5, SENT, final=True)])
    assert done.sent_at == QUEUED + timedelta(minutes=1)


def test_what_failed_after_it_was_handed_over_was_tried_then() -> None:
    done = settled(waiting(), [report(1, SENT), report(9, FAILED, final=True, error_code='6')])
    assert (done.status, done.sent_at, done.attempted_at) == (FAILED, None, QUEUED + timedelta(minutes=1))
    assert done.error_code == '6'


def test_a_second_attempt_is_sent_at_its_own_time() -> None:
    done = settled(waiting(), [report(1, SENT), report(2, FAILED), report(30, SENT)])
    assert (done.status, done.sent_at, done.error_code) == (SENT, QUEUED + timedelta(minutes=30), None)


def test_of_two_in_one_second_the_final_one_decides() -> None:
    assert settled(waiting(), [report(1, FAILED, final=True), report(1, SENT)]).status == FAILED


def test_a_code_that_nobody_has_explained_changes_no_status() -> None:
    assert settled(waiting(), [report(1, SENT), report(2, None, code='777')]).status == SENT


def _deliver(database: Database, *receipts: Receipt) -> list[Outcome]:
    return database.write_now(lambda session: deliver(session, receipts, zone=MOSCOW, now=NOW))


def _hand_over(database: Database, message: Incoming, teller: Teller = MAILER) -> Outcome:
    return database.write_now(lambda session: hand_over(session, [(message, teller)], zone=MOSCOW, now=NOW))[0]


def test_a_receipt_twice_is_one(database: Database) -> None:
    message = waiting()
    _hand_over(database, message)
    receipt = Receipt('smsc', str(message.id), report(1, SENT))
    assert _deliver(database, receipt) == [Outcome.UPDATED]
    assert _deliver(database, receipt, receipt) == [Outcome.UNCHANGED, Outcome.UNCHANGED]


def test_a_receipt_before_its_message_waits_for_it(database: Database) -> None:
    message = waiting()
    early = Receipt('smsc', str(message.id), report(5, FAILED, final=True, error_code='1', error_name='нет'))
    assert _deliver(database, early, early) == [Outcome.UNKNOWN, Outcome.UNKNOWN]
    assert _deliver(database, early) == [Outcome.UNKNOWN]
    assert _hand_over(database, message) == Outcome.CREATED
    assert stored(database) == (FAILED, '1')
    left = database.read_now(lambda session: session.execute(text('SELECT count(*) FROM early_receipt')).scalar_one())
    assert left == 0
    assert totals(database) == recounted(database)


def test_a_message_again_does_not_undo_its_receipts(database: Database) -> None:
    message = waiting()
    _hand_over(database, message)
    _deliver(database, Receipt('smsc', str(message.id), report(5, FAILED, final=True, error_code='1')))
    assert _hand_over(database, message) == Outcome.UNCHANGED
    assert stored(database)[0] == FAILED


def test_a_receipt_under_the_providers_own_name(database: Database) -> None:
    message = waiting()
    _hand_over(database, message)
    early = Receipt('smsru', '202611-17', report(7, SENT, final=True, by='smsru'))
    assert _deliver(database, early) == [Outcome.UNKNOWN]
    handed_over = Told(message.id, Fact(QUEUED + timedelta(minutes=1), 'mailer', SENT), MAILER, ('smsru', '202611-17'))
    assert database.write_now(lambda session: tell(session, [handed_over], zone=MOSCOW, now=NOW)) == [Outcome.UPDATED]
    facts = database.read_now(lambda session: session.execute(text('SELECT count(*) FROM message_fact')).scalar_one())
    assert facts == 3, 'queued, handed over, arrived'
    assert _deliver(database, Receipt('smsru', '202611-17', report(7, SENT, final=True, by='smsru'))) == [
        Outcome.UNCHANGED
    ]


def test_a_receipt_is_not_missed_while_its_message_gets_the_providers_name(postgresql_url: str) -> None:
    message, deadline = waiting(), 10
    handed_over = Told(message.id, Fact(QUEUED + timedelta(minutes=1), 'mailer', SENT), MAILER, ('smsru', '202611-17'))
    late = Receipt('smsru', '202611-17', report(7, FAILED, final=True, by='smsru'))
    with closing(Database(postgresql_url)) as database, ThreadPoolExecutor(1) as another:
        _hand_over(database, message)

        def meanwhile(session: Session) -> Future[list[Outcome]]:
            tell(session, [handed_over], zone=MOSCOW, now=NOW)
            delivering = another.submit(_deliver, database, late)
            waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            until = time.monotonic() + deadline
            while not database.read_now(lambda looking: looking.execute(waits).scalar_one()):
                assert time.monotonic() < until, 'the receipt does not wait for its turn'
            return delivering

        assert database.write_now(meanwhile).result(deadline) == [Outcome.UPDATED]
        assert stored(database)[0] == FAILED


@pytest.mark.parametrize('only', ['ГБУЗ МО «Другая больница»'])
def test_nobody_speaks_for_another_organisation(database: Database, only: str) -> None:
    message = waiting()
    _hand_over(database, message)
    stranger = Teller('stranger', only)
    assert _hand_over(database, message, stranger) == Outcome.FOREIGN
    told = Told(message.id, Fact(NOW, 'stranger', FAILED), stranger)
    assert database.write_now(lambda session: tell(session, [told], zone=MOSCOW, now=NOW)) == [Outcome.FOREIGN]
    assert stored(database)[0] == WAITING


def test_a_message_from_a_file_gets_its_history_with_the_first_receipt(database: Database) -> None:
    message = incoming(status=SENT, sent_at=QUEUED, queued_at=QUEUED - timedelta(minutes=5))
    database.write_now(lambda session: hand_over(session, [(message, None)], zone=MOSCOW, now=NOW))
    _deliver(database, Receipt('smsc', str(message.id), report(1, FAILED, final=True, error_code='6')))
    told = database.read_now(
        lambda session: session.execute(text('SELECT told_by, status FROM message_fact ORDER BY number')).all()
    )
    assert [tuple(row) for row in told] == [('file', SENT), ('smsc', FAILED)]
    assert totals(database) == recounted(database)


def test_each_change_has_a_number_of_its_own(database: Database) -> None:
    message = waiting()
    _hand_over(database, message)
    _deliver(database, Receipt('smsc', str(message.id), report(1, SENT)))
    changes = database.read_now(lambda session: session.execute(text('SELECT number, created FROM change')).all())
    assert [(number, bool(created)) for number, created in changes] == [(1, True), (2, False)]
