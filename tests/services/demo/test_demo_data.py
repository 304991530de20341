"""Demonstration data: the requested number of messages, reproducible by seed, with the fields of ingested messages."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, func, select

from models import (
    Document,
    DocumentEvent,
    DocumentOperation,
    DocumentStatus,
    JournalState,
    Message,
    MessageKind,
    MessageStatus,
    Organization,
)
from models.message import arrival_number, effective_time, sort_key
from services import names, phones
from services.database.engine import Database
from services.days import local_day_number
from services.demo import demo_data
from services.demo.demo_messages import MessageGenerator
from services.demo.demo_patients import DemoPatients, feminine
from services.demo.demo_timestamps import spread_over_days
from services.documents import snils
from services.ingest.message_ingest import IngestOutcome, ingest_imported_messages
from tests.helpers.database_copies import CopyOf
from tests.helpers.factories import incoming_message
from tests.helpers.totals_recount import recounted_totals, stored_totals

MOSCOW = ZoneInfo('Europe/Moscow')
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
COUNT = 3000


def fill(database: Database) -> None:
    """Fill a journal with demonstration data."""
    demo_data.fill_journal(database, MOSCOW, today=TODAY, now=NOW, count=COUNT)


@pytest.fixture
def filled_journal(copy_of: CopyOf) -> Iterator[Database]:
    """A journal with demonstration data."""
    with closing(Database(copy_of(fill))) as database:
        yield database


def stored_rows(database: Database) -> list[dict[str, Any]]:
    """Return every message, the oldest first."""

    def read(session: Session) -> list[dict[str, Any]]:
        return [row.model_dump() for row in session.exec(select(Message).order_by(col(Message.place)))]

    return database.read_sync(read)


def test_every_message_has_the_derived_fields_of_an_ingested_one(filled_journal: Database) -> None:
    rows = stored_rows(filled_journal)
    assert len(rows) == COUNT
    for row in rows:
        when = effective_time(sent_at=row['sent_at'], attempted_at=row['attempted_at'], queued_at=row['queued_at'])
        assert row['place'] == sort_key(when, arrival_number(row['place']))
        assert row['day'] == local_day_number(when, MOSCOW)
        assert row['name_key'] == names.fold(row['recipient_name'])
        assert row['initials'] == names.initials(row['name_key'])
        assert row['phone'] == phones.to_e164(row['phone'])
        assert (row['sent_at'] is not None) == (row['status'] == MessageStatus.SENT)
        assert (row['error_code'] is not None) == (row['status'] == MessageStatus.FAILED)
        assert row['queued_at'] <= when <= NOW
        assert row['text']
    assert len({row['id'] for row in rows}) == COUNT
    assert [arrival_number(row['place']) for row in rows] == list(range(1, COUNT + 1))
    assert stored_totals(filled_journal) == recounted_totals(filled_journal)


def test_every_kind_status_and_organization_occurs(filled_journal: Database) -> None:
    rows = stored_rows(filled_journal)
    assert {row['kind'] for row in rows} == set(MessageKind)
    assert {row['organization_id'] for row in rows} == set(range(1, 41))
    by_status = {status: [row for row in rows if row['status'] == status] for status in MessageStatus}
    assert 0.9 < len(by_status[MessageStatus.SENT]) / COUNT < 0.96
    assert 0.03 < len(by_status[MessageStatus.FAILED]) / COUNT < 0.07
    assert 0.01 < len(by_status[MessageStatus.WAITING]) / COUNT < 0.03
    assert min(row['day'] for row in by_status[MessageStatus.WAITING]) > 20261110
    assert sum(row['day'] == 20261120 for row in rows) >= 12
    assert len({row['recipient_name'] for row in rows}) > 500
    assert any('-' in row['recipient_name'] for row in rows)
    assert any('ё' in row['recipient_name'] for row in rows)


def test_the_example_of_the_manual_is_included(filled_journal: Database) -> None:
    row = stored_rows(filled_journal)[0]
    assert str(row['id']) == 'c51fca97-3846-45c5-9bc4-090c53980867'
    assert row['appointment_at'].astimezone(MOSCOW) == datetime(2021, 10, 14, 18, 48, tzinfo=MOSCOW)
    assert row['sent_at'].astimezone(MOSCOW) == datetime(2021, 10, 11, 13, 56, tzinfo=MOSCOW)
    assert (row['kind'], row['status'], str(row['cost'])) == (MessageKind.VACCINATION, MessageStatus.SENT, '0.00')
    assert row['text'] == 'Важно! 2 этап вакцинации 14.10.2021! zdrav.mosreg.ru или звоните 122'


def test_documents_are_of_the_same_patients(filled_journal: Database) -> None:
    rows = filled_journal.read_sync(lambda session: [row.model_dump() for row in session.exec(select(Document))])
    steps = filled_journal.read_sync(lambda session: [row.model_dump() for row in session.exec(select(DocumentEvent))])
    assert len(rows) == len({row['id'] for row in rows}) == COUNT // 4
    assert {row['status'] for row in rows} == set(DocumentStatus)
    assert {row['operation'] for row in rows} == set(DocumentOperation)
    messages = {row['recipient_name'] for row in stored_rows(filled_journal)}
    assert len(messages & {row['patient_name'] for row in rows}) > COUNT // 16
    for row in rows:
        assert row['name_key'] == names.fold(row['patient_name'])
        assert row['initials'] == names.initials(row['name_key'])
        assert row['snils'] is None or snils.is_valid(row['snils'])
        assert (row['error_code'] is not None) == (row['status'] == DocumentStatus.FAILED)
        assert row['at'] <= NOW
    last = {
        step['document_id']: (step['at'], step['status']) for step in sorted(steps, key=lambda step: step['number'])
    }
    assert last == {row['id']: (row['at'], row['status']) for row in rows}


def test_later_messages_continue_the_arrival_numbers(filled_journal: Database) -> None:
    outcome = filled_journal.write_sync(
        lambda session: ingest_imported_messages(session, [incoming_message()], zone=MOSCOW, now=NOW)
    )
    assert outcome == [IngestOutcome.CREATED]
    assert filled_journal.read_sync(lambda session: session.exec(select(JournalState.next_arrival)).one()) == COUNT + 2


def test_a_journal_with_messages_is_left_alone(filled_journal: Database) -> None:
    assert not demo_data.is_empty(filled_journal)
    with pytest.raises(demo_data.JournalNotEmptyError):
        demo_data.fill_journal(filled_journal, MOSCOW, today=TODAY, now=NOW)
    assert len(stored_rows(filled_journal)) == COUNT


@pytest.mark.parametrize('count', [0, 1, 2, 30])
def test_a_small_number_of_messages_is_exact(database: Database, count: int) -> None:
    assert demo_data.is_empty(database)
    steps: list[tuple[int, int]] = []
    demo_data.fill_journal(
        database, MOSCOW, today=TODAY, now=NOW, count=count, progress=lambda done, of: steps.append((done, of))
    )
    assert len(stored_rows(database)) == count
    assert all(done == of for done, of in steps[-1:])
    assert bool(steps) == bool(count)


def test_without_a_time_the_messages_end_at_the_present(database: Database) -> None:
    today = datetime.now(MOSCOW).date()
    demo_data.fill_journal(database, MOSCOW, today=today, count=200, days=1)
    rows = stored_rows(database)
    assert rows[-1]['day'] == local_day_number(datetime.now(UTC), MOSCOW)
    assert rows[-1]['queued_at'] <= datetime.now(UTC)
    assert database.read_sync(lambda session: session.exec(select(func.count(col(Organization.id)))).one()) == 40


def test_the_same_seed_gives_the_same_messages() -> None:
    def generate(seed: int) -> list[object]:
        random = Random(seed)
        busy_days = spread_over_days(random, 500, last=TODAY, length=30, now=NOW, zone=MOSCOW)
        return list(MessageGenerator(random, 500, [(1, 'А'), (2, 'Б')], MOSCOW).rows(busy_days, 1, recent=TODAY))

    assert generate(1) == generate(1)
    assert not set(map(str, generate(1))) & set(map(str, generate(2)))


@pytest.mark.parametrize('zone', ['Europe/Moscow', 'Europe/Berlin', 'America/St_Johns'])
def test_times_belong_to_their_days_and_follow_weekdays_and_hours(zone: str) -> None:
    zone_info = ZoneInfo(zone)
    busy_days = list(spread_over_days(Random(1), 5000, last=date(2026, 10, 26), length=10, now=NOW, zone=zone_info))
    assert sum(len(busy_day.moments) for busy_day in busy_days) == 5000
    for busy_day in busy_days:
        assert list(busy_day.moments) == sorted(busy_day.moments)
        assert {datetime.fromtimestamp(moment, zone_info).date() for moment in busy_day.moments} == {busy_day.day}
    workday, sunday = busy_days[2], busy_days[8]
    assert len(sunday.moments) < len(workday.moments) / 2
    nights = sum(datetime.fromtimestamp(moment, zone_info).hour < 7 for moment in workday.moments)
    assert nights < len(workday.moments) / 50


def test_today_has_messages_just_after_midnight_and_the_future_none() -> None:
    midnight = datetime(2026, 11, 20, 0, 0, 5, tzinfo=MOSCOW)
    *_, today = spread_over_days(Random(1), 5000, last=TODAY, length=92, now=midnight, zone=MOSCOW)
    assert len(today.moments) >= 12
    assert max(today.moments) <= midnight.timestamp()
    with pytest.raises(ValueError, match='started'):
        list(spread_over_days(Random(1), 5, last=date(2027, 1, 1), length=2, now=midnight, zone=MOSCOW))


@pytest.mark.parametrize(
    ('man', 'woman'),
    [
        ('Королёв', 'Королёва'),
        ('Пушкин', 'Пушкина'),
        ('Крамской', 'Крамская'),
        ('Чайковский', 'Чайковская'),
        ('Белый', 'Белая'),
        ('Цой', 'Цой'),
        ('Шевченко', 'Шевченко'),
        ('Черных', 'Черных'),
        ('О’Нил', 'О’Нил'),
        ('Римский-Корсаков', 'Римская-Корсакова'),
    ],
)
def test_the_feminine_form_of_a_surname(man: str, woman: str) -> None:
    assert feminine(man) == woman


def test_a_patient_is_reproducible_and_has_a_unique_phone() -> None:
    patients, again = DemoPatients(7), DemoPatients(7)
    some = [patients.patient(number) for number in range(20_000)]
    assert some[:100] == [again.patient(number) for number in range(100)]
    assert len({patient.phone for patient in some}) == len(some)
    surnames = {patient.name_key.split()[0] for patient in some}
    assert len(surnames) > 2000, 'rare names too'
    assert {'+375', '+770', '+992', '+994', '+998'} < {patient.phone[:4] for patient in some}, 'foreign numbers too'
    for patient in some[:2000]:
        assert patient.name_key == names.fold(patient.name)
        assert patient.initials == names.initials(patient.name_key)
        assert patient.phone == phones.to_e164(patient.phone)
