"""The recount: silent about what is sound, whatever came in, and loud about each thing that is not."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text

from models import MessageStatus
from services.database import Database
from services.feed import Receipt, Teller, Told, deliver, hand_over, record, tell
from services.feed.history import Fact
from services.verification import verify
from services.verification.finding import SHOWN
from tests.conftest import CopyOf
from tests.factories import incoming
from tests.services import reference
from tests.services.reference import MOSCOW, NOON

MAILER = Teller('mailer')
Change = Callable[[Database], None]


def wrong(database: Database) -> dict[str, int]:
    """Give how many differences each check found that found any."""
    return {found.title: found.count for found in verify(database, MOSCOW) if found.count}


def fill(database: Database, seed: int = 1) -> None:
    """Let messages come in by every way, early, late, twice and out of order."""
    dice = random.Random(seed)
    messages = reference.some_messages(120, seed=seed)
    fact = partial(_fact, dice)
    early = [Receipt('smsru', str(message.id), fact('smsru')) for message in messages[:20]]
    write = database.write_now
    write(lambda session: deliver(session, early, zone=MOSCOW, now=NOON))
    write(lambda session: record(session, messages[40:], zone=MOSCOW, now=NOON))
    write(lambda session: hand_over(session, [(one, MAILER) for one in messages[:80]], zone=MOSCOW, now=NOON))
    for _ in range(8):
        told = [Told(one.id, fact(None), MAILER) for one in dice.sample(messages, 30)]
        write(partial(tell, told=told, zone=MOSCOW, now=NOON))
        later = [(reference.moved(one, dice), MAILER) for one in dice.sample(messages, 20)]
        write(partial(hand_over, messages=later, zone=MOSCOW, now=NOON))
        filed = [reference.moved(one, dice) for one in dice.sample(messages, 20)]
        write(partial(record, messages=filed, zone=MOSCOW, now=NOON))


def _fact(dice: random.Random, provider: str | None) -> Fact:
    status = (
        dice.choice((None, *MessageStatus)) if provider else dice.choice((MessageStatus.SENT, MessageStatus.FAILED))
    )
    failed = status == MessageStatus.FAILED
    at = NOON - timedelta(hours=dice.randrange(400), seconds=dice.randrange(3600))
    return Fact(at, provider or 'mailer', status, failed, provider, '1' if provider else None, '6' if failed else None)


@pytest.mark.parametrize('seed', range(6))
def test_whatever_came_in_a_sound_journal_adds_up(database: Database, seed: int) -> None:
    assert wrong(database) == {}
    fill(database, seed)
    assert wrong(database) == {}


def sql(statement: str) -> Change:
    def change(database: Database) -> None:
        database.write_now(lambda session: session.execute(text(statement)) and None)

    return change


@pytest.fixture
def filled(copy_of: CopyOf) -> Iterator[Database]:
    """A sound journal into which messages came by every way; the test runs on each engine."""
    with closing(Database(copy_of(fill))) as database:
        yield database


ONE = '(SELECT max(place) FROM message)'


@pytest.mark.parametrize(
    ('change', 'title'),
    [
        (sql('UPDATE total SET kopecks = kopecks + 1 WHERE organization_id = 0 AND scale = 1'), 'Итоги'),
        (sql('DELETE FROM total WHERE scale = 0 AND organization_id <> 0'), 'Итоги'),
        (sql('INSERT INTO total VALUES (0, 1, 20200100, 1, 1, 5, 0)'), 'Итоги'),
        (
            sql('UPDATE word_total SET kopecks = kopecks + 1 WHERE day = (SELECT max(day) FROM word_total)'),
            'Итоги по сл',
        ),
        (sql("INSERT INTO word_total VALUES ('иванов', 20200101, 1, 100)"), 'Итоги по словам'),
        (sql(f'UPDATE message SET status = 2, sent_at = NULL WHERE place = {ONE}'), 'Статус и время'),
        (sql(f'UPDATE message SET day = 20200101 WHERE place = {ONE}'), 'Каждое сообщение стоит'),
        (sql(f'UPDATE message SET place = place + 5000000000 WHERE place = {ONE}'), 'Каждое сообщение стоит'),
        (sql('UPDATE message_fact SET status = 4 - status WHERE status <> 2'), 'Статус каждого'),
        (
            sql('DELETE FROM message WHERE place < (SELECT avg(place) FROM message)'),
            'Статус каждого',
        ),
        (sql("DELETE FROM word WHERE word LIKE 'иван%'"), 'База данных и поиск'),
    ],
)
def test_each_thing_that_is_wrong_is_said(filled: Database, change: Change, title: str) -> None:
    change(filled)
    assert [found for found in wrong(filled) if found.startswith(title)], wrong(filled)


def test_a_message_that_is_there_twice_or_of_nobody(filled: Database) -> None:
    sql('DROP INDEX message_id')(filled)
    sql("""UPDATE message SET id = (SELECT id FROM message ORDER BY place LIMIT 1)
           WHERE place = (SELECT max(place) FROM message)""")(filled)
    found = wrong(filled)
    assert found['Каждый код сообщения встречается один раз'] == 1


def test_a_message_of_no_organisation(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    database.write_now(lambda session: record(session, [incoming()], zone=MOSCOW, now=NOON))
    # PostgreSQL lets nobody take an organisation away, nor does the program's own connection here.
    with closing(sqlite3.connect(database.url.database or '')) as connection:
        connection.execute('DELETE FROM organization')
        connection.commit()
    assert wrong(database)['У каждого сообщения есть организация'] == 1
    database.close()


def test_a_search_index_that_lost_a_name_is_said(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    fill(database)
    sql("INSERT INTO message_search (message_search) VALUES ('delete-all')")(database)
    found = {one.title: one for one in verify(database, MOSCOW)}
    assert found['База данных и поиск целы'].count > SHOWN
    assert len(found['База данных и поиск целы'].differences) == SHOWN
    database.close()


def test_a_damaged_index_of_postgresql_is_looked_at_where_it_can_be(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    fill(database)
    assert [note for found in verify(database, MOSCOW) for note in found.notes] == [
        'Индексы PostgreSQL не проверены: нет расширения amcheck или прав на него.'
    ]
    sql('CREATE EXTENSION amcheck')(database)
    assert [found.notes for found in verify(database, MOSCOW) if found.notes or found.count] == []
    database.close()


def test_what_is_written_meanwhile_does_not_disturb(database: Database, database_url: str) -> None:
    fill(database)
    other = Database(database_url)

    def write(done: int, of: int) -> None:
        messages = reference.some_messages(30, seed=100 + done)
        other.write_now(lambda session: record(session, messages, zone=MOSCOW, now=NOON))

    assert [found.count for found in verify(database, MOSCOW, write) if found.count] == []
    other.close()
