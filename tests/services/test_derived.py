"""What the database derives from its messages: built over a full journal, mended after a kill, kept ever after."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import Select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models import MessageStatus
from services import demo, derived
from services.database import Database
from services.derived import statistics
from services.feed import bulk, record
from services.messages import Messages, statements
from services.messages.query import MessageQuery
from services.messages.search import TextShape, Way
from services.messages.shape import Shape
from services.query import Order
from services.schema import migrate
from tests.conftest import CopyOf
from tests.factories import incoming
from tests.services.recount import recounted, totals
from tests.services.reference import MOSCOW, NOON

COUNT = 400
NO_CONDITIONS = Shape(
    since=False, until=False, organization=False, kind=False, statuses=(), waiting_long=False,
    text=TextShape((), None), order=None,
)  # fmt: skip


def full(database: Database) -> None:
    """Put messages into a journal as they come, one batch after another."""
    rows = demo.rows(database, MOSCOW, today=NOON.date(), count=COUNT, seed=1, now=NOON)
    while batch := list(islice(rows, 100)):
        database.write_now(partial(bulk.insert, rows=batch))


def fill(database: Database) -> None:
    """Fill a journal with invented messages."""
    demo.fill(database, MOSCOW, today=NOON.date(), count=COUNT, seed=1)


@pytest.fixture
def filled(copy_of: CopyOf) -> Iterator[Database]:
    """A journal with invented messages that belongs to this test alone; the test runs on each engine."""
    with closing(Database(copy_of(fill))) as database:
        yield database


async def found(database: Database, *, name: str = '', phone: str = '') -> int:
    """Count what a search finds, and hold its pages against the count."""
    messages, query = Messages(database, MOSCOW), MessageQuery(name=name, phone=phone)
    count = (await messages.totals(query)).count
    page = await messages.page(query, number=1, size=20)
    assert len(page.rows) == min(count, 20)
    return count


async def test_a_full_journal_of_the_first_version_is_brought_up(old_url: str) -> None:
    with closing(Database(old_url)) as database:
        full(database)
    told: list[tuple[int, int]] = []
    migrate(old_url, lambda done, steps: told.append((done, steps)))
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1] > 5
    with closing(Database(old_url)) as database:
        assert await found(database) == COUNT
        assert totals(database) == recounted(database)
        name = (await Messages(database, MOSCOW).page(MessageQuery(), number=1, size=5)).rows[0].recipient_name
        assert await found(database, name=name) >= 1
        with pytest.raises(IntegrityError):
            database.write_now(
                lambda session: session.execute(text('UPDATE message SET id = (SELECT id FROM message LIMIT 1)'))
            )
    told.clear()
    migrate(old_url, lambda done, steps: told.append((done, steps)))
    assert told == []


async def test_a_load_that_was_killed_is_mended_by_the_next_start(database: Database, database_url: str) -> None:
    rows = demo.rows(database, MOSCOW, today=NOON.date(), count=COUNT, seed=1, now=NOON)
    database.write_now(lambda session: derived.put_aside(session.connection()))
    database.write_now(partial(bulk.insert, rows=list(islice(rows, 150))))
    database.close()
    migrate(database_url)
    with closing(Database(database_url)) as mended:
        assert await found(mended) == 150
        assert totals(mended) == recounted(mended)


async def test_what_was_built_is_kept(database: Database) -> None:
    made = demo.rows(database, MOSCOW, today=NOON.date(), count=COUNT, seed=1, now=NOON)
    bulk.load(database, made, COUNT, lambda done, steps: None)
    late = incoming(recipient_name='Щукарь Ждан', phone='+79995550147')
    database.write_now(partial(record, messages=[late], zone=MOSCOW, now=NOON))
    assert await found(database, name='щукарь') == 1
    assert await found(database, phone='5550147') == 1
    database.write_now(lambda session: session.execute(text('DELETE FROM message WHERE day % 2 = 0')))
    assert totals(database) == recounted(database)
    assert await found(database) == sum(row[-2] for row in recounted(database) if row[:2] == (0, 0))


def test_the_text_index_does_not_fall_to_pieces(sqlite_url: str) -> None:
    pieces = text('SELECT count(DISTINCT segid) FROM message_search_idx')
    with closing(Database(sqlite_url)) as database:
        for row in demo.rows(database, MOSCOW, today=NOON.date(), count=60, seed=1, now=NOON):
            database.write_now(partial(bulk.insert, rows=[row]))
        assert database.read_now(lambda session: session.execute(pieces).scalar_one()) < 30


def test_the_planner_knows_what_was_built(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, 'SMALLEST', COUNT)
    demo.fill(database, MOSCOW, today=NOON.date(), count=COUNT, seed=1)
    known = {
        'sqlite': "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'message' AND idx = 'message_facts'",
        'postgresql': "SELECT count(*) FROM pg_stats WHERE tablename IN ('message', 'message_search')",
    }

    def facts() -> int:
        return int(database.read_now(lambda session: session.execute(text(known[database.dialect])).scalar_one()))

    loaded = facts()
    assert loaded > 0
    database.write_now(lambda session: derived.put_aside(session.connection()))
    migrate(database_url)
    assert facts() == loaded


def test_sums_are_read_through_the_text_index_and_the_small_copy(filled: Database) -> None:
    shape = replace(NO_CONDITIONS, statuses=(MessageStatus.SENT,), kind=True)
    way = Way(by_index=True, sets=(1,), exact=True)
    values = {'kind': 1, **statements.dialect(filled.dialect).asked_for([[['иванов']]])}

    plan = explained(filled, statements.sums(filled.dialect, shape, way), values)
    through = {'sqlite': 'SEARCH message USING COVERING INDEX message_facts', 'postgresql': 'on message_search'}
    assert through[filled.dialect] in plan


@pytest.mark.parametrize('descending', [False, True])
@pytest.mark.parametrize(('column', 'index'), [('recipient_name', 'message_name'), ('phone', 'message_phone')])
def test_a_list_is_sorted_along_an_index_where_that_is_chosen(
    filled: Database, column: str, index: str, *, descending: bool
) -> None:
    assert index in _sorting(filled, Order(column, descending), Way(along=True))


@pytest.mark.parametrize('descending', [False, True])
def test_no_planner_chooses_to_go_along_the_index_of_names(filled: Database, *, descending: bool) -> None:
    assert 'message_name' not in _sorting(filled, Order('recipient_name', descending), Way())


def _sorting(database: Database, order: Order, way: Way) -> str:
    """Give how the database would go about the first page of a sorted list."""
    shape = replace(NO_CONDITIONS, since=True, order=order)
    statement = statements.page(database.dialect, shape, way)
    return explained(database, statement, {'since': 0, 'skip': 0, 'size': 20})


def explained(database: Database, statement: Select[Any, Any], values: dict[str, Any]) -> str:
    """Give how the database would go about a statement."""

    def plan(session: Session) -> str:
        compiled = statement.compile(session.connection())
        explain = 'EXPLAIN QUERY PLAN' if database.dialect == 'sqlite' else 'EXPLAIN'
        given = compiled.construct_params(values)
        positions = compiled.positiontup
        asked = given if positions is None else tuple(given[name] for name in positions)
        return str(session.connection().exec_driver_sql(f'{explain} {compiled}', asked).all())

    return database.read_now(plan)
