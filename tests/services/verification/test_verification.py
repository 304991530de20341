"""Verification: no differences in a consistent journal, and a difference for each kind of corruption."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text

from models import MessageStatus
from services.database.engine import Database
from services.ingest.message_ingest import (
    Receipt,
    Sender,
    StatusUpdate,
    apply_status_updates,
    ingest_imported_messages,
    ingest_messages,
)
from services.ingest.status_history import StatusEvent
from services.receipts.receipt_ingest import apply_receipts
from services.verification.check_result import MAX_LISTED_DIFFERENCES
from services.verification.check_runner import verify
from tests.helpers import reference_messages
from tests.helpers.database_copies import CopyOf
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

MAILER_SENDER = Sender('mailer')
Corruption = Callable[[Database], None]


def difference_counts(database: Database) -> dict[str, int]:
    """Return the number of differences of each check that has any."""
    return {result.title: result.count for result in verify(database, MOSCOW) if result.count}


def add_random_messages(database: Database, seed: int = 1) -> None:
    """Ingest messages through every channel: early, late, twice and out of order."""
    dice = random.Random(seed)
    messages = reference_messages.random_messages(120, seed=seed)
    event = partial(_random_event, dice)
    early = [Receipt('smsru', str(message.id), event('smsru')) for message in messages[:20]]
    write = database.write_sync
    write(lambda session: apply_receipts(session, early, zone=MOSCOW, now=NOON))
    write(lambda session: ingest_imported_messages(session, messages[40:], zone=MOSCOW, now=NOON))
    write(
        lambda session: ingest_messages(session, [(one, MAILER_SENDER) for one in messages[:80]], zone=MOSCOW, now=NOON)
    )
    write(
        lambda session: apply_receipts(
            session,
            [Receipt('smsru', str(one.id), event('smsru')) for one in messages[20:60]],
            zone=MOSCOW,
            now=NOON,
        )
    )
    for _ in range(8):
        updates = [StatusUpdate(one.id, event(None), MAILER_SENDER) for one in dice.sample(messages, 30)]
        write(partial(apply_status_updates, updates=updates, zone=MOSCOW, now=NOON))
        later = [(reference_messages.random_update(one, dice), MAILER_SENDER) for one in dice.sample(messages, 20)]
        write(partial(ingest_messages, messages=later, zone=MOSCOW, now=NOON))
        imported = [reference_messages.random_update(one, dice) for one in dice.sample(messages, 20)]
        write(partial(ingest_imported_messages, messages=imported, zone=MOSCOW, now=NOON))


def _random_event(rng: random.Random, provider: str | None) -> StatusEvent:
    status = rng.choice((None, *MessageStatus)) if provider else rng.choice((MessageStatus.SENT, MessageStatus.FAILED))
    failed = status == MessageStatus.FAILED
    at = NOON - timedelta(hours=rng.randrange(400), seconds=rng.randrange(3600))
    return StatusEvent(
        at, provider or 'mailer', status, failed, provider, '1' if provider else None, '6' if failed else None
    )


@pytest.mark.parametrize('seed', range(6))
def test_a_consistent_journal_has_no_differences(database: Database, seed: int) -> None:
    assert difference_counts(database) == {}
    add_random_messages(database, seed)
    assert difference_counts(database) == {}


def executing(statement: str) -> Corruption:
    def change(database: Database) -> None:
        database.write_sync(lambda session: session.execute(text(statement)) and None)

    return change


@pytest.fixture
def filled(copy_of: CopyOf) -> Iterator[Database]:
    """A consistent journal with messages from every channel, on each engine."""
    with closing(Database(copy_of(add_random_messages))) as database:
        yield database


ONE_MESSAGE = '(SELECT max(place) FROM message)'


@pytest.mark.parametrize(
    ('change', 'title'),
    [
        (executing('UPDATE total SET kopecks = kopecks + 1 WHERE organization_id = 0 AND scale = 1'), 'Итоги'),
        (executing('DELETE FROM total WHERE scale = 0 AND organization_id <> 0'), 'Итоги'),
        (executing('INSERT INTO total VALUES (0, 1, 20200100, 1, 1, 5, 0)'), 'Итоги'),
        (
            executing('UPDATE word_total SET kopecks = kopecks + 1 WHERE day = (SELECT max(day) FROM word_total)'),
            'Итоги по сл',
        ),
        (executing("INSERT INTO word_total VALUES ('иванов', 20200101, 1, 100)"), 'Итоги по словам'),
        (executing(f'UPDATE message SET status = 2, sent_at = NULL WHERE place = {ONE_MESSAGE}'), 'Статус и время'),
        (executing('UPDATE message SET delivery = 2 WHERE status <> 2'), 'Статус и время'),
        (executing('UPDATE message SET delivery = 3 - delivery WHERE delivery IS NOT NULL'), 'Статус каждого'),
        (executing(f'UPDATE message SET kind = 77 WHERE place = {ONE_MESSAGE}'), 'Вид каждого сообщения'),
        (executing(f'UPDATE message SET day = 20200101 WHERE place = {ONE_MESSAGE}'), 'Каждое сообщение стоит'),
        (
            executing(f'UPDATE message SET place = place + 5000000000 WHERE place = {ONE_MESSAGE}'),
            'Каждое сообщение стоит',
        ),
        (executing('UPDATE message_fact SET status = 4 - status WHERE status <> 2'), 'Статус каждого'),
        (
            executing('DELETE FROM message WHERE place < (SELECT avg(place) FROM message)'),
            'Статус каждого',
        ),
        (executing("DELETE FROM word WHERE word LIKE 'иван%'"), 'База данных и поиск'),
    ],
)
def test_each_corruption_is_reported(filled: Database, change: Corruption, title: str) -> None:
    change(filled)
    counts = difference_counts(filled)
    assert any(check.startswith(title) for check in counts), counts


def test_a_duplicate_message_id_is_reported(filled: Database) -> None:
    executing('DROP INDEX message_id')(filled)
    executing("""UPDATE message SET id = (SELECT id FROM message ORDER BY place LIMIT 1)
           WHERE place = (SELECT max(place) FROM message)""")(filled)
    assert difference_counts(filled)['Каждый код сообщения встречается один раз'] == 1


def test_a_message_without_an_organization_is_reported(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    database.write_sync(lambda session: ingest_imported_messages(session, [incoming_message()], zone=MOSCOW, now=NOON))
    # Foreign keys prevent this on PostgreSQL and on the program's own connections to SQLite.
    with closing(sqlite3.connect(database.url.database or '')) as connection:
        connection.execute('DELETE FROM organization')
        connection.commit()
    assert difference_counts(database)['У каждого сообщения есть организация'] == 1
    database.close()


def test_names_missing_from_the_search_index_are_reported(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    add_random_messages(database)
    executing("INSERT INTO message_search (message_search) VALUES ('delete-all')")(database)
    results = {result.title: result for result in verify(database, MOSCOW)}
    assert results['База данных и поиск целы'].count > MAX_LISTED_DIFFERENCES
    assert len(results['База данных и поиск целы'].differences) == MAX_LISTED_DIFFERENCES
    database.close()


def test_indexes_of_postgresql_are_checked_if_amcheck_is_installed(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    add_random_messages(database)
    assert [note for result in verify(database, MOSCOW) for note in result.notes] == [
        'Индексы PostgreSQL не проверены: нет расширения amcheck или прав на него.'
    ]
    executing('CREATE EXTENSION amcheck')(database)
    assert [result.notes for result in verify(database, MOSCOW) if result.notes or result.count] == []
    database.close()


def test_writes_during_verification_cause_no_differences(database: Database, database_url: str) -> None:
    add_random_messages(database)
    other = Database(database_url)

    def write(done: int, of: int) -> None:
        messages = reference_messages.random_messages(30, seed=100 + done)
        other.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))

    assert [result.count for result in verify(database, MOSCOW, write) if result.count] == []
    other.close()
