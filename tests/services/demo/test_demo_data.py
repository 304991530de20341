"""Invented messages: as many as asked, the same for the same seed, in shape like those that came in."""

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
    """Invent messages."""
    demo_data.fill_journal(database, MOSCOW, today=TODAY, now=NOW, count=COUNT)


@pytest.fixture
def filled_journal(copy_of: CopyOf) -> Iterator[Database]:
    """A journal with invented messages."""
    with closing(Database(copy_of(fill))) as database:
        yield database


def stored_rows(database: Database) -> list[dict[str, Any]]:
    """Give every message in the order of the journal, oldest first."""

    def read(session: Session) -> list[dict[str, Any]]:
        return [row.model_dump() for row in session.exec(select(Message).order_by(col(Message.place)))]

    return database.read_sync(read)


def test_every_message_has_the_shape_of_one_that_came_in(filled_journal: Database) -> None:
    found = stored_rows(filled_journal)
    assert len(found) == COUNT
    for row in found:
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
    assert len({row['id'] for row in found}) == COUNT
    assert [arrival_number(row['place']) for row in found] == list(range(1, COUNT + 1))
    assert stored_totals(filled_journal) == recounted_totals(filled_journal)


def test_there_is_something_of_everything(filled_journal: Database) -> None:
    found = stored_rows(filled_journal)
    assert {row['kind'] for row in found} == set(MessageKind)
    assert {row['organization_id'] for row in found} == set(range(1, 41))
    by_status = {status: [row for row in found if row['status'] == status] for status in MessageStatus}
    assert 0.9 < len(by_status[MessageStatus.SENT]) / COUNT < 0.96
    assert 0.03 < len(by_status[MessageStatus.FAILED]) / COUNT < 0.07
    assert 0.01 < len(by_status[MessageStatus.WAITING]) / COUNT < 0.03
    assert min(row['day'] for row in by_status[MessageStatus.WAITING]) > 20261110
    assert sum(row['day'] == 20261120 for row in found) >= 12
    assert len({row['recipient_name'] for row in found}) > 500
    assert any('-' in row['recipient_name'] for row in found)
    assert any('ё' in row['recipient_name'] for row in found)


def test_the_manuals_own_row_is_among_them(filled_journal: Database) -> None:
    row = stored_rows(filled_journal)[0]
    assert str(row['id']) == 'c51fca97-3846-45c5-9bc4-090c53980867'
    assert row['appointment_at'].astimezone(MOSCOW) == datetime(2021, 10, 14, 18, 48, tzinfo=MOSCOW)
    assert row['sent_at'].astimezone(MOSCOW) == datetime(2021, 10, 11, 13, 56, tzinfo=MOSCOW)
    assert (row['kind'], row['status'], str(row['cost'])) == (MessageKind.VACCINATION, MessageStatus.SENT, '0.00')
    assert row['text'] == 'Важно! 2 этап вакцинации 14.10.2021! zdrav.mosreg.ru или звоните 122'


def test_documents_are_of_the_same_patients(filled_journal: Database) -> None:
    found = filled_journal.read_sync(lambda session: [row.model_dump() for row in session.exec(select(Document))])
    steps = filled_journal.read_sync(lambda session: [row.model_dump() for row in session.exec(select(DocumentEvent))])
    assert len(found) == len({row['id'] for row in found}) == COUNT // 4
    assert {row['status'] for row in found} == set(DocumentStatus)
    assert {row['operation'] for row in found} == set(DocumentOperation)
    messages = {row['recipient_name'] for row in stored_rows(filled_journal)}
    assert len(messages & {row['patient_name'] for row in found}) > COUNT // 16
    for row in found:
        assert row['name_key'] == names.fold(row['patient_name'])
        assert row['initials'] == names.initials(row['name_key'])
        assert row['snils'] is None or snils.is_valid(row['snils'])
        assert (row['error_code'] is not None) == (row['status'] == DocumentStatus.FAILED)
        assert row['at'] <= NOW
    last = {
        step['document_id']: (step['at'], step['status']) for step in sorted(steps, key=lambda step: step['number'])
    }
    assert last == {row['id']: (row['at'], row['status']) for row in found}


def test_messages_that_come_later_go_on_counting(filled_journal: Database) -> None:
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
def test_few_messages_are_as_many_as_asked(database: Database, count: int) -> None:
    assert demo_data.is_empty(database)
    told: list[tuple[int, int]] = []
    demo_data.fill_journal(
        database, MOSCOW, today=TODAY, now=NOW, count=count, progress=lambda done, of: told.append((done, of))
    )
    assert len(stored_rows(database)) == count
    assert all(done == of for done, of in told[-1:])
    assert bool(told) == bool(count)


def test_without_a_moment_it_fills_up_to_the_present(database: Database) -> None:
    today = datetime.now(MOSCOW).date()
    demo_data.fill_journal(database, MOSCOW, today=today, count=200, days=1)
    found = stored_rows(database)
    assert found[-1]['day'] == local_day_number(datetime.now(UTC), MOSCOW)
    assert found[-1]['queued_at'] <= datetime.now(UTC)
    assert database.read_sync(lambda session: session.exec(select(func.count(col(Organization.id)))).one()) == 40


def test_the_same_seed_gives_the_same_messages() -> None:
    def made(seed: int) -> list[object]:
        random = Random(seed)
        busy = spread_over_days(random, 500, last=TODAY, length=30, now=NOW, zone=MOSCOW)
        return list(MessageGenerator(random, 500, [(1, 'А'), (2, 'Б')], MOSCOW).rows(busy, 1, recent=TODAY))

    assert made(1) == made(1)
    assert not set(map(str, made(1))) & set(map(str, made(2)))


@pytest.mark.parametrize('zone', ['Europe/Moscow', 'Europe/Berlin', 'America/St_Johns'])
def test_the_rhythm_keeps_to_days_and_never_runs_ahead(zone: str) -> None:
    place_ = ZoneInfo(zone)
    busy = list(spread_over_days(Random(1), 5000, last=date(2026, 10, 26), length=10, now=NOW, zone=place_))
    assert sum(len(each.moments) for each in busy) == 5000
    for each in busy:
        assert list(each.moments) == sorted(each.moments)
        assert {datetime.fromtimestamp(moment, place_).date() for moment in each.moments} == {each.day}
    workday, sunday = busy[2], busy[8]
    assert len(sunday.moments) < len(workday.moments) / 2
    nights = sum(datetime.fromtimestamp(moment, place_).hour < 7 for moment in workday.moments)
    assert nights < len(workday.moments) / 50


def test_today_has_messages_just_after_midnight_and_the_future_none() -> None:
    midnight = datetime(2026, 11, 20, 0, 0, 5, tzinfo=MOSCOW)
    *_, today = spread_over_days(Random(1), 5000, last=TODAY, length=92, now=midnight, zone=MOSCOW)
    assert len(today.moments) >= 12
    assert max(today.moments) <= midnight.timestamp()
    with pytest.raises(ValueError, match='begun'):
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
def test_a_surname_as_a_woman_bears_it(man: str, woman: str) -> None:
    assert feminine(man) == woman


def test_a_person_is_always_the_same_and_has_a_phone_of_his_own() -> None:
    people, again = DemoPatients(7), DemoPatients(7)
    some = [people.patient(number) for number in range(20_000)]
    assert some[:100] == [again.patient(number) for number in range(100)]
    assert len({person.phone for person in some}) == len(some)
    surnames = {person.name_key.split()[0] for person in some}
    assert len(surnames) > 2000, 'rare names too'
    for person in some[:2000]:
        assert person.name_key == names.fold(person.name)
        assert person.initials == names.initials(person.name_key)
        assert person.phone == phones.to_e164(person.phone)
