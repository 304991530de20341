"""A live demonstration: what arrives takes the path of the API, nothing stays in the queue, and the story is told."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, func, select

from models import DeliveryState, LedgerBalance, Message, MessageEvent, MessageStatus
from services.database.engine import Database
from services.demo import demo_data
from services.demo.demo_story import STORY_ERROR, STORY_IDS, STORY_SIZE, add_story
from services.demo.live_demo import FIRST_BALANCE, LiveDemo
from services.ingest.ingest_queue import IngestQueue
from services.overview.error_jumps import JumpThresholds
from services.overview.last_hour import read_last_hour
from services.overview.queue_health import QueueLevel, QueueThresholds, read_queue, report_queue
from services.receipts.provider_codes import ProviderCodes
from services.settings import PROJECT_ROOT
from services.upgrade.migrations import migrate
from tests.helpers.database_copies import CopyOf

MOSCOW = ZoneInfo('Europe/Moscow')
START = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
CODES = ProviderCodes.load(PROJECT_ROOT / 'data' / 'provider_codes.csv')
COUNT = 600


class Clock:
    """A clock that tests advance."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def fill(database: Database) -> None:
    """Fill a journal as earlier versions did: messages have been waiting for days."""
    demo_data.fill_journal(database, MOSCOW, today=date(2026, 11, 20), now=START, count=COUNT)


@pytest.fixture
def journal(copy_of: CopyOf) -> Iterator[Database]:
    """A journal with demonstration data."""
    with closing(Database(copy_of(fill))) as database:
        yield database


def live_demo(database: Database, clock: Clock) -> LiveDemo:
    """Return a simulation that `play` drives."""
    return LiveDemo(database, IngestQueue(database, MOSCOW, clock), CODES, MOSCOW, now=clock)


async def play(demo: LiveDemo, clock: Clock, length: timedelta) -> None:
    """Advance the clock and the simulation, step by step."""
    end = clock.now + length
    while clock.now < end:
        clock.now += timedelta(seconds=max(await demo.advance(), 0.001))


def read_messages(database: Database) -> list[dict[str, Any]]:
    """Return the messages that arrived after the start."""

    def read(session: Session) -> list[dict[str, Any]]:
        arrived = select(Message).where(col(Message.queued_at) >= START).order_by(col(Message.place))
        return [row.model_dump() for row in session.exec(arrived)]

    return database.read_sync(read)


def read_balance(database: Database) -> Decimal:
    """Return the balance that is set by hand."""
    return database.read_sync(lambda session: session.exec(select(col(LedgerBalance.amount))).one())


async def test_messages_arrive_move_and_are_confirmed_and_the_balance_shrinks(journal: Database) -> None:
    clock = Clock()
    await play(live_demo(journal, clock), clock, timedelta(minutes=15))
    rows = read_messages(journal)
    assert 15 < len(rows) < 60
    by_status = {status: [row for row in rows if row['status'] == status] for status in MessageStatus}
    assert len(by_status[MessageStatus.WAITING]) < 5
    assert by_status[MessageStatus.FAILED]
    sent = by_status[MessageStatus.SENT]
    assert all(row['queued_at'] < row['sent_at'] <= clock.now for row in sent)
    assert sum(row['delivery'] == DeliveryState.DELIVERED for row in sent) > len(sent) * 0.7
    assert FIRST_BALANCE - sum(row['cost'] for row in sent) == read_balance(journal) < FIRST_BALANCE
    receipts = journal.read_sync(
        lambda session: session.exec(
            select(func.count(col(MessageEvent.number))).where(col(MessageEvent.told_by) == 'smsc')
        ).one()
    )
    assert receipts > len(sent) * 0.7
    health = journal.read_sync(lambda session: read_queue(session, MOSCOW, clock.now))
    report = report_queue(health, QueueThresholds(), MOSCOW, clock.now)
    assert report.level == QueueLevel.CALM, report.text
    hour = journal.read_sync(lambda session: read_last_hour(session, clock.now, timedelta(hours=1), JumpThresholds()))
    assert not hour.lacks_receipts
    assert hour.failed < 20, 'the simulation itself must raise no alert'


async def test_what_an_earlier_run_left_in_the_queue_is_sent(journal: Database) -> None:
    def count_waiting() -> int:
        waiting = select(func.count(col(Message.place))).where(col(Message.status) == MessageStatus.WAITING)
        return journal.read_sync(lambda session: session.exec(waiting).one())

    assert count_waiting() > 10
    clock = Clock()
    await play(live_demo(journal, clock), clock, timedelta(minutes=16))
    assert count_waiting() < 5


async def test_a_run_is_reproducible_and_the_next_one_does_not_repeat_it(tmp_path: Path) -> None:
    runs = []
    for number in range(2):
        url = f'sqlite:///{tmp_path}/{number}.sqlite3'
        migrate(url)
        clock = Clock()
        with closing(Database(url)) as database:
            await play(live_demo(database, clock), clock, timedelta(minutes=2))
            first = [row['id'] for row in read_messages(database)]
            await play(live_demo(database, clock), clock, timedelta(minutes=2))
            runs.append((first, [row['id'] for row in read_messages(database)]))
    assert runs[0] == runs[1]
    assert 0 < len(runs[0][0]) < len(runs[0][1])


async def test_the_simulation_stops_soon(journal: Database) -> None:
    demo = live_demo(journal, Clock())
    await demo.start()
    await demo.stop()
    assert demo._task
    assert demo._task.cancelled()


def test_the_story_is_one_error_of_the_last_hour_and_is_told_once(journal: Database) -> None:
    add_story(journal, MOSCOW, START)
    add_story(journal, MOSCOW, START + timedelta(days=1))

    def read(session: Session) -> list[Message]:
        return list(session.exec(select(Message).where(col(Message.id).in_(STORY_IDS))))

    rows = journal.read_sync(read)
    assert len(rows) == STORY_SIZE
    assert {row.error_code for row in rows} == {STORY_ERROR}
    assert {row.error_name for row in rows} == {'Нет шаблона'}
    assert len({row.organization_id for row in rows}) == 1
    assert all(row.attempted_at and START - timedelta(hours=1) < row.attempted_at < START for row in rows)
    hour = journal.read_sync(lambda session: read_last_hour(session, START, timedelta(hours=1), JumpThresholds()))
    assert hour.failed >= STORY_SIZE
    assert hour.usual_failed is not None
    assert hour.failed > 3 * hour.usual_failed
    assert rows[0].organization_id in {each.part.id for each in hour.error_jumps}
