"""Indexes and totals: built from existing messages, repaired after a kill, maintained by triggers."""

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models import MessageStatus
from models.message import first_sort_key
from services.database.engine import Database
from services.database.indexes import condition_indexes, index_builder, planner_statistics
from services.demo import demo_data
from services.ingest import bulk_insert
from services.ingest.message_ingest import ingest_imported_messages
from services.lists.query_protocol import Order
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.messages.search import statements
from services.messages.search.access_path import AccessPath
from services.messages.search.dialects.dialect import dialect_module
from services.messages.search.query_shape import QueryShape
from services.messages.search.text_condition import TextShape
from services.upgrade.migrations import migrate
from tests.helpers import reference_messages
from tests.helpers.database_copies import CopyOf
from tests.helpers.factories import incoming_message
from tests.helpers.generated_journal import COUNT
from tests.helpers.old_databases import copy_generated_messages
from tests.helpers.query_plans import query_plan
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.totals_recount import recounted_totals, stored_totals

NO_CONDITIONS = QueryShape(
    since=False, until=False, organizations=0, kinds=0, statuses=(), has_min_waiting_time=False,
    text=TextShape((), ()), order=None,
)  # fmt: skip


def fill(database: Database) -> None:
    """Fill a database with generated messages."""
    demo_data.fill_journal(database, MOSCOW, today=NOON.date(), count=COUNT, seed=1)


@pytest.fixture
def filled(copy_of: CopyOf) -> Iterator[Database]:
    """A private copy of a database with generated messages, on each engine."""
    with closing(Database(copy_of(fill))) as database:
        yield database


async def count_found(database: Database, *, name: str = '', phone: str = '') -> int:
    """Return the number of messages that a search finds, and check that its page agrees."""
    messages, query = MessageService(database, MOSCOW), MessageQuery(name=name, phone=phone)
    count = (await messages.totals(query)).count
    page = await messages.page(query, number=1, size=20)
    assert len(page.rows) == min(count, 20)
    return count


async def test_a_full_database_of_the_first_version_is_migrated(first_version_url: str, sqlite_url: str) -> None:
    copy_generated_messages(sqlite_url, first_version_url)
    progress: list[tuple[int, int]] = []
    migrate(first_version_url, lambda done, steps: progress.append((done, steps)))
    assert progress[0][0] == 0
    assert progress[-1][0] == progress[-1][1] > 5
    with closing(Database(first_version_url)) as database:
        assert await count_found(database) == COUNT
        assert stored_totals(database) == recounted_totals(database)
        name = (await MessageService(database, MOSCOW).page(MessageQuery(), number=1, size=5)).rows[0].recipient_name
        assert await count_found(database, name=name) >= 1
        with pytest.raises(IntegrityError):
            database.write_sync(
                lambda session: session.execute(text('UPDATE message SET id = (SELECT id FROM message LIMIT 1)'))
            )
    progress.clear()
    migrate(first_version_url, lambda done, steps: progress.append((done, steps)))
    assert progress == []


async def test_the_next_start_completes_a_load_that_was_killed(database: Database, database_url: str) -> None:
    rows = demo_data.generate_messages(database, MOSCOW, today=NOON.date(), count=COUNT, seed=1, now=NOON)
    database.write_sync(lambda session: index_builder.drop_indexes(session.connection()))
    database.write_sync(partial(bulk_insert.insert_rows, rows=list(islice(rows, 150))))
    database.close()
    migrate(database_url)
    with closing(Database(database_url)) as repaired:
        assert await count_found(repaired) == 150
        assert stored_totals(repaired) == recounted_totals(repaired)


async def test_triggers_maintain_the_built_indexes(database: Database) -> None:
    made = demo_data.generate_messages(database, MOSCOW, today=NOON.date(), count=COUNT, seed=1, now=NOON)
    bulk_insert.load_messages(database, made, COUNT, lambda done, steps: None)
    late = incoming_message(recipient_name='Щукарь Ждан', phone='+79995550147')
    database.write_sync(partial(ingest_imported_messages, messages=[late], zone=MOSCOW, now=NOON))
    assert await count_found(database, name='щукарь') == 1
    assert await count_found(database, phone='5550147') == 1
    database.write_sync(lambda session: session.execute(text('DELETE FROM message WHERE day % 2 = 0')))
    assert stored_totals(database) == recounted_totals(database)
    assert await count_found(database) == sum(row[-2] for row in recounted_totals(database) if row[:2] == (0, 0))


def test_batches_leave_the_text_index_that_a_build_would_make(sqlite_url: str) -> None:
    rng = random.Random(11)
    messages = reference_messages.random_messages(700, seed=11)
    changed = [reference_messages.random_update(message, rng) for message in messages[100:400]]
    with closing(Database(sqlite_url)) as database:
        for batch in (messages[:3], messages[3:], changed, [replace(each, phone_note='доб. 1') for each in changed]):
            database.write_sync(partial(ingest_imported_messages, messages=batch, zone=MOSCOW, now=NOON))
        maintained = stored_tokens(database)
        assert stored_totals(database) == recounted_totals(database)
        database.write_sync(lambda session: index_builder.drop_indexes(session.connection()))
        build = partial(index_builder.build_indexes, report_progress=lambda done, steps: None)
        database.write_sync(lambda session: build(session.connection()))
        assert maintained == stored_tokens(database)


def test_an_update_that_changes_nothing_searched_leaves_the_text_index_alone(sqlite_url: str) -> None:
    messages = reference_messages.random_messages(60, seed=11)
    noted = [replace(each, phone_note='доб. 1') for each in messages]
    with closing(Database(sqlite_url)) as database:
        database.write_sync(partial(ingest_imported_messages, messages=messages, zone=MOSCOW, now=NOON))
        # It would fail now.
        trigger = "CREATE TRIGGER refuse BEFORE INSERT ON word_total BEGIN SELECT raise(ABORT, 'indexed again'); END"
        database.write_sync(lambda session: session.execute(text(trigger)))
        database.write_sync(partial(ingest_imported_messages, messages=noted, zone=MOSCOW, now=NOON))
        notes = text("SELECT count(*) FROM message WHERE phone_note = 'доб. 1'")
        assert database.read_sync(lambda session: session.execute(notes).scalar_one()) == len(messages)


def stored_tokens(database: Database) -> Sequence[tuple[str, int]]:
    """Return each token of the full-text index of SQLite with the sort key of each message that has it."""

    def read(session: Session) -> list[tuple[str, int]]:
        session.execute(text("CREATE VIRTUAL TABLE temp.tokens USING fts5vocab ('main', 'message_search', 'instance')"))
        tokens = [(term, doc) for term, doc in session.execute(text('SELECT term, doc FROM temp.tokens'))]
        session.execute(text('DROP TABLE temp.tokens'))
        return sorted(tokens)

    return database.write_sync(read)


def test_the_text_index_has_few_segments(sqlite_url: str) -> None:
    segments = text('SELECT count(DISTINCT segid) FROM message_search_idx')
    with closing(Database(sqlite_url)) as database:
        for row in demo_data.generate_messages(database, MOSCOW, today=NOON.date(), count=60, seed=1, now=NOON):
            database.write_sync(partial(bulk_insert.insert_rows, rows=[row]))
        assert database.read_sync(lambda session: session.execute(segments).scalar_one()) < 30


def test_statistics_are_collected_after_a_build(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner_statistics, 'SMALLEST', COUNT)
    demo_data.fill_journal(database, MOSCOW, today=NOON.date(), count=COUNT, seed=1)
    statistics_count = {
        'sqlite': "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'message' AND idx = 'message_facts'",
        'postgresql': "SELECT count(*) FROM pg_stats WHERE tablename IN ('message', 'message_search')",
    }

    def count_statistics() -> int:
        return int(
            database.read_sync(lambda session: session.execute(text(statistics_count[database.dialect])).scalar_one())
        )

    loaded = count_statistics()
    assert loaded > 0
    database.write_sync(lambda session: index_builder.drop_indexes(session.connection()))
    migrate(database_url)
    assert count_statistics() == loaded


def test_sums_use_the_text_index_and_the_covering_index(filled: Database) -> None:
    shape = replace(NO_CONDITIONS, statuses=(MessageStatus.SENT,), kinds=1)
    path = AccessPath(uses_text_index=True, token_set_counts=(1,), is_exact=True)
    values = {'kind_0': 1, **dialect_module(filled.dialect).index_params([[['иванов']]])}

    plan = query_plan(filled, statements.totals_statement(filled.dialect, shape, path), values)
    expected = {'sqlite': 'SEARCH message USING COVERING INDEX message_facts', 'postgresql': 'on message_search'}
    assert expected[filled.dialect] in plan


@pytest.mark.parametrize('condition', [DeliveryCondition.AWAITING, DeliveryCondition.UNANSWERED])
def test_messages_without_an_answer_have_an_index(filled: Database, condition: DeliveryCondition) -> None:
    if filled.dialect == 'postgresql':  # reads so few messages just as fast without an index, or by the primary key
        alternatives = (
            f'ALTER DATABASE "{filled.url.database}" SET enable_seqscan = off',
            'ALTER TABLE message DROP CONSTRAINT message_pkey',
        )
        for statement in alternatives:
            filled.write_sync(partial(_execute, statement=statement))
    shape = replace(NO_CONDITIONS, delivery=condition)
    values = {'answer_deadline': first_sort_key(NOON)}
    plan = query_plan(filled, statements.totals_statement(filled.dialect, shape, AccessPath()), values)
    assert 'message_handed_over' in plan


@pytest.mark.parametrize('descending', [False, True])
@pytest.mark.parametrize(('column', 'index'), [('recipient_name', 'message_name'), ('phone', 'message_phone')])
def test_a_list_is_sorted_by_an_index_if_the_access_path_says_so(
    filled: Database, column: str, index: str, *, descending: bool
) -> None:
    assert index in _sort_plan(filled, Order(column, descending), AccessPath(uses_sort_index=True))


@pytest.mark.parametrize('descending', [False, True])
def test_the_index_of_names_is_not_used_without_the_access_path(filled: Database, *, descending: bool) -> None:
    assert 'message_name' not in _sort_plan(filled, Order('recipient_name', descending), AccessPath())


def _execute(session: Session, statement: str) -> None:
    session.execute(text(statement))


def test_the_rows_of_a_merged_organisation_are_read_in_the_order_of_the_index(filled: Database) -> None:
    shape = replace(NO_CONDITIONS, organizations=3)
    statement = statements.page_statement(filled.dialect, shape, AccessPath())
    values = {'organization_0': 1, 'organization_1': 2, 'organization_2': 3, 'skip': 0, 'size': 20}
    # Otherwise PostgreSQL would read so few messages by the primary key, or sort them.
    if filled.dialect == 'postgresql':
        filled.write_sync(partial(_execute, statement='ALTER TABLE message DROP CONSTRAINT message_pkey'))
    settings = (f'SET enable_{each} = off' for each in ('seqscan', 'bitmapscan', 'sort'))
    plan = query_plan(filled, statement, values, *settings)
    index = {
        'sqlite': 'COVERING INDEX message_of_organization (organization_id=?)',
        'postgresql': 'Scan Backward using message_of_organization',
    }
    assert plan.count(index[filled.dialect]) == 3


CONDITION_SHAPES: dict[str, tuple[AccessPath, QueryShape, dict[str, Any]]] = {
    'message_error': (
        AccessPath(lead='errors'),
        replace(NO_CONDITIONS, errors=2),
        {'error_0': '20', 'error_1': '104'},
    ),
    'message_appointment': (
        AccessPath(lead='appointment'),
        replace(NO_CONDITIONS, appointment_since=True, appointment_until=True, appointment_days=2),
        {
            'appointment_day_0': condition_indexes.appointment_day(NOON),
            'appointment_day_1': condition_indexes.appointment_day(NOON) + 1,
            'first_appointment_day': condition_indexes.appointment_day(NOON),
            'last_appointment_day': condition_indexes.appointment_day(NOON) + 1,
            'appointment_since': NOON,
            'appointment_until': NOON,
        },
    ),
}


@pytest.mark.parametrize('index', CONDITION_SHAPES)
def test_the_rows_of_a_condition_are_read_in_the_order_of_its_index(filled: Database, index: str) -> None:
    path, shape, values = CONDITION_SHAPES[index]
    if filled.dialect == 'postgresql':
        filled.write_sync(partial(_execute, statement='ALTER TABLE message DROP CONSTRAINT message_pkey'))
    settings = [f'SET enable_{each} = off' for each in ('seqscan', 'bitmapscan', 'sort')]
    page = statements.page_statement(filled.dialect, shape, path)
    plan = query_plan(filled, page, {**values, 'skip': 0, 'size': 20}, *settings)
    expected = {'sqlite': f'INDEX {index} (<expr>=?)', 'postgresql': f'Scan Backward using {index}'}
    assert plan.count(expected[filled.dialect]) == 2
    assert index in query_plan(filled, statements.totals_statement(filled.dialect, shape, path), values, *settings)


def test_a_database_without_the_indexes_of_conditions_gets_them_and_keeps_the_others(filled: Database) -> None:
    indexes = condition_indexes.create_statements(filled.dialect)
    for name in indexes:
        filled.write_sync(partial(_execute, statement=f'DROP INDEX {name}'))
    filled.write_sync(partial(_execute, statement='DROP INDEX message_name'))
    url = filled.url.render_as_string(hide_password=False)
    progress: list[tuple[int, int]] = []
    migrate(url, lambda done, steps: progress.append((done, steps)))
    assert progress == [(done, len(indexes)) for done in range(len(indexes) + 1)]
    installed = filled.read_sync(
        lambda session: set(session.execute(text(index_builder.INSTALLED_INDEXES[filled.dialect])).scalars())
    )
    assert set(indexes) <= installed
    assert 'message_name' not in installed, 'the other indexes are not built again'


def _sort_plan(database: Database, order: Order, path: AccessPath) -> str:
    """Return the query plan of the first page of a sorted list."""
    shape = replace(NO_CONDITIONS, since=True, order=order)
    statement = statements.page_statement(database.dialect, shape, path)
    return query_plan(database, statement, {'since': 0, 'skip': 0, 'size': 20})
