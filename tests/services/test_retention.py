"""Retention: the person goes from old messages and stays away, and every sum stays."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import Session

from models import Act, MessageStatus
from services.audit.hash_chain import RECORD
from services.database.engine import Database, Work
from services.documents import document_ingest as exchange_feed
from services.documents.document_query import DocumentQuery
from services.documents.document_service import Exchange
from services.ingest.message_ingest import Outcome, Receipt, Teller, Told, deliver, hand_over, record, tell
from services.ingest.status_history import Fact
from services.lists.query_protocol import Unavailable
from services.messages.message_query import MessageQuery
from services.messages.message_service import Messages
from services.retention import STEP, Old, Purged, Retention, months_before, parse_age
from services.verification.check_runner import verify
from tests.helpers.factories import document, incoming
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.totals_recount import Counted, recounted, totals

BEFORE = date(2023, 11, 22)
OLD = datetime(2023, 11, 20, 9, tzinfo=UTC)
MAILER = Teller('mailer')
PERSON = ('Щукарь', 'щукарь', '5550147', 'Ждан Щукарь, ждём', 'абонент Щукарь')


def silent(done: int, of: int) -> None:
    """Tell nobody."""


def blank(database: Database, before: date = BEFORE) -> Purged:
    """Blank without waiting."""
    retention = Retention(database, MOSCOW)
    return retention.purge(retention.old(before), silent, wait=lambda seconds: None)


def everything(session: Session) -> str:
    """Give all that is stored of messages, and of what was told of them."""
    tables = ('message', 'message_fact', 'early_receipt')
    return '\n'.join(str(tuple(row)) for table in tables for row in session.execute(text(f'SELECT * FROM {table}')))


def on_record(database: Database) -> list[str]:
    """Give what the journal of access has of it."""
    said = select(RECORD.c.what).where(RECORD.c.act == Act.PERSONS_REMOVED).order_by(RECORD.c.number)
    return list(database.read_now(lambda session: session.execute(said).scalars().all()))


async def test_a_patient_goes_from_old_documents_and_stays_away(database: Database) -> None:
    old, new = document(at=OLD, patient_name='Щукарь Ждан', snils='11223344595'), document()
    database.write_now(lambda session: exchange_feed.record(session, [old, new]))
    assert Retention(database, MOSCOW).old(BEFORE) == Old(BEFORE, 0, 1, 0)
    assert blank(database) == Purged(0, 1, 0)
    again = replace(old, at=old.at + timedelta(hours=1), doctor='Павлов Иван Ильич')
    assert database.write_now(lambda session: exchange_feed.record(session, [old, again]))[0] == Outcome.UNCHANGED
    opened = await Exchange(database, MOSCOW).details(old.id)
    assert opened is not None
    assert (opened.document.patient_name, opened.document.snils, opened.document.error_text) == ('удалено', None, None)
    assert not (await Exchange(database, MOSCOW).totals(DocumentQuery(name='щукарь'))).count
    assert (await Exchange(database, MOSCOW).totals(DocumentQuery())).count == 2
    assert blank(database) == Purged()


@pytest.mark.parametrize(('written', 'months'), [('36mo', 36), (' 1mo ', 1), ('9999mo', 9999)])
def test_an_age_is_read(written: str, months: int) -> None:
    assert parse_age(written) == months


@pytest.mark.parametrize('written', ['', '36', '0mo', '-1mo', '3y', '36 mo', '1.5mo', '36mo36mo', '３mo'])
def test_what_is_no_age_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match='не срок хранения'):
        parse_age(written)


def test_months_before_a_day() -> None:
    assert months_before(date(2026, 11, 22), 36) == date(2023, 11, 22)
    assert months_before(date(2024, 3, 31), 1) == date(2024, 2, 29)
    assert months_before(date(2026, 1, 31), 13) == date(2024, 12, 31)
    with pytest.raises(ValueError, match='9999mo'):
        months_before(date(2026, 1, 1), 99_999)


def without_words(counted: Counted) -> Counted:
    """Leave out what is kept of each word: with a person their name goes."""
    return {row for row in counted if isinstance(row[0], int)}


async def test_the_person_goes_and_the_sums_stay(database: Database) -> None:
    theirs = incoming(
        recipient_name='Щукарь Ждан Львович',
        phone='+79995550147',
        text='Ждан Щукарь, ждём Вас',
        queued_at=OLD,
        status=MessageStatus.FAILED,
        error_code='6',
        error_name='абонент Щукарь недоступен',
    )
    young = incoming()
    edge = incoming(queued_at=datetime(2023, 11, 21, 21, tzinfo=UTC), sent_at=datetime(2023, 11, 21, 21, tzinfo=UTC))
    handed = [(one, MAILER) for one in (theirs, young, edge)]
    database.write_now(lambda session: hand_over(session, handed, zone=MOSCOW, now=NOON))
    late = Fact(OLD, 'smsru', MessageStatus.FAILED, True, 'smsru', '204', '6', 'абонент Щукарь')
    kept = Fact(NOON, 'smsru', MessageStatus.SENT)
    receipts = [Receipt('smsru', 'never-came', late), Receipt('smsru', 'may-come', kept)]
    database.write_now(lambda session: deliver(session, receipts, zone=MOSCOW, now=NOON))
    before = without_words(totals(database))
    assert Retention(database, MOSCOW).old(BEFORE) == Old(BEFORE, 1, 0, 1)
    assert blank(database) == Purged(1, 0, 1)
    stored = database.read_now(everything)
    assert not [part for part in PERSON if part in stored]
    assert without_words(totals(database)) == before
    assert totals(database) == recounted(database)
    messages = Messages(database, MOSCOW)
    for query in (MessageQuery(name='щукарь'), MessageQuery(phone='5550147'), MessageQuery(name='удалено')):
        assert (await messages.totals(query)).count == 0
        assert not (await messages.page(query, number=1, size=20)).rows
    opened = await messages.details(theirs.id)
    assert opened is not None
    assert (opened.message.recipient_name, opened.message.error_code) == ('удалено', '6')
    assert (await messages.page(MessageQuery(), number=1, size=20)).rows[-1].code == theirs.id
    assert (await messages.totals(MessageQuery(name='королёв'))).count == 2
    assert not [found for found in verify(database, MOSCOW) if found.count]
    assert blank(database) == Purged()


async def test_the_same_message_again_does_not_bring_the_person_back(database: Database) -> None:
    theirs = incoming(recipient_name='Щукарь Ждан', phone='+79995550147', queued_at=OLD, sent_at=OLD, text='Щукарь')
    database.write_now(lambda session: record(session, [theirs], zone=MOSCOW, now=NOON))
    blank(database)

    def again(session: Session) -> list[Outcome]:
        return record(session, [theirs], zone=MOSCOW, now=NOON) + hand_over(
            session, [(theirs, MAILER)], zone=MOSCOW, now=NOON
        )

    assert database.write_now(again) == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    failed = Fact(OLD + timedelta(hours=1), 'mailer', MessageStatus.FAILED, error_code='6', error_name='Щукарь')
    told = [Told(theirs.id, failed, MAILER)]
    assert database.write_now(lambda session: tell(session, told, zone=MOSCOW, now=NOON)) == [Outcome.UPDATED]
    moved = incoming(**{**vars(theirs), 'cost': theirs.cost * 2})
    assert database.write_now(lambda session: record(session, [moved], zone=MOSCOW, now=NOON)) == [Outcome.UPDATED]
    assert not [part for part in PERSON if part in database.read_now(everything)]
    assert (await Messages(database, MOSCOW).totals(MessageQuery(name='удалено'))).count == 0
    assert totals(database) == recounted(database)


def test_it_goes_in_small_steps_while_others_write(database: Database, database_url: str) -> None:
    old = [incoming(queued_at=OLD, sent_at=OLD) for _ in range(2 * STEP + 1)]
    database.write_now(lambda session: record(session, old, zone=MOSCOW, now=NOON))
    told: list[tuple[int, int]] = []
    waited: list[float] = []
    other = Database(database_url)

    def write(seconds: float) -> None:
        waited.append(seconds)
        other.write_now(lambda session: record(session, [incoming()], zone=MOSCOW, now=NOON))

    retention = Retention(database, MOSCOW)
    retention.purge(retention.old(BEFORE), lambda done, of: told.append((done, of)), wait=write)
    assert told == [(done, 2 * STEP + 1) for done in (STEP, 2 * STEP, 2 * STEP + 1)]
    assert len(waited) == 3
    assert all(seconds > 0 for seconds in waited)
    assert not [found for found in verify(database, MOSCOW) if found.count]
    other.close()


def test_a_record_that_fails_does_not_hide_why_the_purge_failed(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    old = [incoming(queued_at=OLD, sent_at=OLD) for _ in range(STEP + 5)]
    database.write_now(lambda session: record(session, old, zone=MOSCOW, now=NOON))
    retention = Retention(database, MOSCOW)
    before = retention.old(BEFORE)

    def fail(work: Work[Any]) -> None:
        raise Unavailable('the second failure')

    def interrupt(done: int, of: int) -> None:
        monkeypatch.setattr(database, 'write_now', fail)
        raise Unavailable('the first failure')

    with pytest.raises(Unavailable, match='the first failure'):
        retention.purge(before, interrupt)
    assert f'not on record: {STEP} messages, 0 documents, 0 receipts' in caplog.text


def test_what_was_interrupted_is_on_record_and_goes_on(database: Database) -> None:
    old = [incoming(queued_at=OLD, sent_at=OLD) for _ in range(STEP + 5)]
    database.write_now(lambda session: record(session, old, zone=MOSCOW, now=NOON))
    retention = Retention(database, MOSCOW)

    def interrupt(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retention.purge(retention.old(BEFORE), interrupt)
    assert on_record(database) == [f'старше 22.11.2023: сообщений {STEP}, документов 0, ранних отчётов о доставке 0']
    assert retention.old(BEFORE).messages == 5
    assert blank(database) == Purged(5)
    assert on_record(database)[1:] == ['старше 22.11.2023: сообщений 5, документов 0, ранних отчётов о доставке 0']
    assert totals(database) == recounted(database)
