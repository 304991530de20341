"""The plan of a search as a value: its access paths, its reasons, and how it is printed."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, event, func, select

from journal_ui.cli.console import EXIT_OK, CommandError
from journal_ui.cli.explain_command import Explain
from models import MessageKind, MessageStatus
from services import texts
from services.database.engine import Database
from services.database.indexes import condition_indexes
from services.lists.message_kinds import MANUAL_KINDS
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Order, Period
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.messages.message_tables import message
from services.messages.search import planner, statements
from services.messages.search.estimates import Estimates
from services.messages.search.plan import PlannedQuery, TotalsPlan, TotalsSource
from services.messages.search.planner_settings import DEFAULT_SETTINGS, PlannerSettings
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import TokenSelectivity
from services.settings import Settings
from tests.helpers.database_copies import CopyOf
from tests.helpers.generated_journal import insert_updated_messages
from tests.helpers.query_plans import query_plan
from tests.helpers.reference_messages import MOSCOW, NOON

T = TypeVar('T')
ALWAYS_INDEX = PlannerSettings(scanned_row_cost_ns=1_000_000)
"""Settings with which the planner uses the text index for every text."""


@pytest.fixture(scope='module')
def database(shared_copy_of: CopyOf) -> Iterator[Database]:
    """The filled database on each engine, which the tests only read."""
    with closing(Database(shared_copy_of(insert_updated_messages))) as opened:
        yield opened


def with_estimates(
    database: Database, query: MessageQuery, planner_settings: PlannerSettings, use: Callable[[Estimates], T]
) -> T:
    """Call `use` with the estimates of a query."""
    return database.read_sync(
        lambda session: use(
            Estimates(BoundQuery.bind(session, query, MOSCOW, TokenSelectivity(), NOON, planner_settings))
        )
    )


def plan_totals(
    database: Database, query: MessageQuery, planner_settings: PlannerSettings = DEFAULT_SETTINGS
) -> TotalsPlan:
    return with_estimates(database, query, planner_settings, planner.plan_totals)


@pytest.mark.parametrize(
    ('query', 'planner_settings', 'source', 'reason'),
    [
        (MessageQuery(), DEFAULT_SETTINGS, TotalsSource.AGGREGATES, texts.PLAN_REASON_AGGREGATES),
        (MessageQuery(name='иванов'), ALWAYS_INDEX, TotalsSource.WORD_TOTALS, texts.PLAN_REASON_WORD_TOTALS),
        (MessageQuery(name='щщщщ'), DEFAULT_SETTINGS, TotalsSource.NOTHING, texts.PLAN_REASON_NO_WORD),
        (MessageQuery(phone='89160111110'), DEFAULT_SETTINGS, TotalsSource.MESSAGES, texts.PLAN_REASON_FULL_PHONE),
        (MessageQuery(phone='1'), DEFAULT_SETTINGS, TotalsSource.MESSAGES, texts.PLAN_REASON_COMMON_TEXT),
        (
            MessageQuery(name='иванов', surname_only=True),
            DEFAULT_SETTINGS,
            TotalsSource.MESSAGES,
            texts.PLAN_REASON_SURNAME,
        ),
        (MessageQuery(older_than=60), DEFAULT_SETTINGS, TotalsSource.MESSAGES, texts.PLAN_REASON_NO_TEXT),
        (MessageQuery(phone='1111'), ALWAYS_INDEX, TotalsSource.MESSAGES, texts.PLAN_REASON_TEXT_INDEX),
    ],
    ids=['aggregates', 'word totals', 'nobody', 'full phone', 'common digit', 'surname', 'waiting', 'text index'],
)
def test_totals_come_from_the_quickest_source(
    database: Database, query: MessageQuery, planner_settings: PlannerSettings, source: TotalsSource, reason: str
) -> None:
    plan = plan_totals(database, query, planner_settings)
    assert (plan.source, plan.reason) == (source, reason)
    assert (plan.rows is not None) == (source is TotalsSource.MESSAGES)
    assert str(plan).startswith(source.value)
    assert str(plan).endswith(reason)


def test_each_estimate_is_read_once(database: Database) -> None:
    statements: list[str] = []

    def record(*arguments: Any) -> None:
        statements.append(repr((str(arguments[1]), arguments[3])))

    def plan_twice(estimates: Estimates) -> None:
        for _ in range(2):
            planner.plan_totals(estimates)
            planner.plan_all_rows(estimates)

    query = MessageQuery(
        name='иванов', kinds=frozenset({MANUAL_KINDS[MessageKind.REMINDER]}), statuses=frozenset({MessageStatus.FAILED})
    )
    event.listen(Engine, 'before_execute', record)
    try:
        with_estimates(database, query, ALWAYS_INDEX, plan_twice)
    finally:
        event.remove(Engine, 'before_execute', record)
    assert statements
    assert len(statements) == len(set(statements))


@pytest.mark.parametrize(
    ('query', 'planner_settings', 'expected'),
    [
        (MessageQuery(name='иванов'), replace(ALWAYS_INDEX, newest_scan_rows=0), texts.PLAN_TEXT_INDEX),
        (MessageQuery(name='иванов'), PlannerSettings(scanned_row_cost_ns=0), texts.PLAN_REASON_COMMON_TEXT),
        (MessageQuery(), DEFAULT_SETTINGS, texts.PLAN_REASON_NEAR),
        (MessageQuery(order=Order('cost')), DEFAULT_SETTINGS, texts.PLAN_REASON_NO_TEXT),
        (MessageQuery(order=Order('status')), PlannerSettings(max_scanned_rows=0), texts.PLAN_REASON_GROUPS),
        (
            MessageQuery(order=Order('phone')),
            PlannerSettings(sort_index_step_cost_ratio=0),
            texts.PLAN_REASON_SORT_INDEX,
        ),
        (MessageQuery(name='щщщщ'), DEFAULT_SETTINGS, texts.PLAN_REASON_NO_WORD),
    ],
    ids=['text index', 'common name', 'whole journal', 'sorted', 'groups', 'sort index', 'nobody'],
)
def test_an_explanation_names_the_path_to_the_rows_and_its_reason(
    database: Database, query: MessageQuery, planner_settings: PlannerSettings, expected: str
) -> None:
    lines = MessageService(database, MOSCOW, lambda: NOON, planner=planner_settings).explain(query)
    assert query.describe() in lines[0]
    rows = lines[lines.index(texts.EXPLAIN_ROWS) + 1 : lines.index(texts.EXPLAIN_TOTALS)]
    assert expected in rows[-1]


FAILED = MessageQuery(statuses=frozenset({MessageStatus.FAILED}), period=Period(None, NOON.date()))


@pytest.mark.parametrize(
    ('query', 'number', 'planner_settings', 'reasons'),
    [
        (MessageQuery(), 2, DEFAULT_SETTINGS, [texts.PLAN_REASON_NEAR, texts.PLAN_REASON_SEEK]),
        (MessageQuery(), 2, PlannerSettings(max_direct_skip=0), [texts.PLAN_REASON_SEEK]),
        (MessageQuery(), 1_000, DEFAULT_SETTINGS, [texts.PLAN_REASON_LAST_PAGE]),
        (FAILED, 1, DEFAULT_SETTINGS, [texts.PLAN_REASON_LAST_DAYS, texts.PLAN_REASON_SEEK]),
    ],
    ids=['near page', 'far page', 'past the end', 'scattered messages'],
)
def test_an_explanation_describes_how_a_page_is_reached(
    database: Database, query: MessageQuery, number: int, planner_settings: PlannerSettings, reasons: list[str]
) -> None:
    lines = MessageService(database, MOSCOW, lambda: NOON, planner=planner_settings).explain(query, number)
    rows = lines[lines.index(texts.EXPLAIN_ROWS) + 1 : lines.index(texts.EXPLAIN_TOTALS)]
    assert [row.rpartition(': ')[2] for row in rows] == reasons
    if reasons == [texts.PLAN_REASON_SEEK]:
        assert texts.PERIOD_UNTIL in rows[0]
        assert texts.PLAN_SKIP.partition(':')[0] in rows[0]


def test_a_deep_page_of_a_name_is_reached_by_the_counts_of_its_days(database: Database) -> None:
    if database.dialect == 'sqlite':
        pytest.skip('the text index of SQLite skips rows quickly')
    limits = replace(ALWAYS_INDEX, min_deep_skip=1)
    lines = MessageService(database, MOSCOW, lambda: NOON, planner=limits).explain(MessageQuery(name='иванов'), 2)
    (row,) = lines[lines.index(texts.EXPLAIN_ROWS) + 1 : lines.index(texts.EXPLAIN_TOTALS)]
    assert row.endswith((texts.PLAN_REASON_FEW_DAYS, texts.PLAN_REASON_TEXT_INDEX))
    assert texts.PERIOD_UNTIL in row


def test_the_command_prints_the_plan_and_no_message(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    command = Explain(name='иванов', kind='reminder', status='failed.waiting', sort='cost', desc=True)
    assert command.run(Settings(), database) == EXIT_OK
    output = capsys.readouterr().out
    assert 'ФИО «иванов»' in output
    assert texts.EXPLAIN_TOTALS in output
    assert 'Иванов' not in output
    assert '+7' not in output


@pytest.mark.parametrize('options', [{'kind': 'letter'}, {'organization': 'Нет такой'}, {'sort': 'place'}])
def test_an_unknown_value_is_refused(database: Database, options: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        Explain.model_validate(options).run(Settings(), database)


DAY = Period(NOON.date(), NOON.date())
ERROR = frozenset({'1'})
HOSPITAL = frozenset({OrganizationName(1, 'Химкинская больница')})


@pytest.mark.parametrize(
    ('query', 'planner_settings', 'lead'),
    [
        (MessageQuery(errors=ERROR), DEFAULT_SETTINGS, 'errors'),
        (MessageQuery(errors=ERROR, phone='+7 916 001-11-10'), DEFAULT_SETTINGS, ''),
        (MessageQuery(appointment=DAY), DEFAULT_SETTINGS, 'appointment'),
        (MessageQuery(appointment=Period(None, NOON.date())), DEFAULT_SETTINGS, ''),
        (MessageQuery(appointment=DAY, errors=ERROR), PlannerSettings(max_counted_entries=0), 'appointment'),
        (MessageQuery(appointment=replace(DAY, since=None), errors=ERROR), DEFAULT_SETTINGS, 'errors'),
        (MessageQuery(errors=ERROR, organizations=HOSPITAL), DEFAULT_SETTINGS, 'errors'),
        (MessageQuery(errors=ERROR, organizations=HOSPITAL), PlannerSettings(full_row_cost_ratio=0), ''),
        (MessageQuery(older_than=60), DEFAULT_SETTINGS, 'waiting'),
        (MessageQuery(delivery=DeliveryCondition.OVERDUE), DEFAULT_SETTINGS, 'waiting'),
        (MessageQuery(older_than=60), PlannerSettings(max_counted_entries=0), ''),
    ],
)
def test_the_smallest_condition_yields_the_rows(
    database: Database, query: MessageQuery, planner_settings: PlannerSettings, lead: str
) -> None:
    def first_lead(estimates: Estimates) -> str:
        (plan,) = planner.plan_first_rows(estimates, 20, reverse=False)
        return plan.path.lead

    assert with_estimates(database, query, planner_settings, first_lead) == lead


@pytest.mark.parametrize(
    ('query', 'index'),
    [
        (MessageQuery(errors=ERROR, period=DAY), condition_indexes.ERROR_INDEX),
        (MessageQuery(appointment=DAY, period=DAY), condition_indexes.APPOINTMENT_INDEX),
        (MessageQuery(name='иванов', surname_only=True, period=DAY), condition_indexes.SURNAME_INDEX),
        (MessageQuery(older_than=60, period=DAY), condition_indexes.WAITING_INDEX),
    ],
)
def test_sqlite_reads_the_index_of_the_leading_condition(database: Database, query: MessageQuery, index: str) -> None:
    if database.dialect != 'sqlite':
        pytest.skip('PostgreSQL has no hints, and reads so small a table as a whole')

    def plan(estimates: Estimates) -> tuple[str, PlannedQuery]:
        (plan,) = planner.plan_first_rows(estimates, 20, reverse=False)
        return estimates.bound_query.engine, plan

    engine, planned = with_estimates(database, query, DEFAULT_SETTINGS, plan)
    statement = statements.page_statement(engine, planned.shape, planned.path)
    assert index in query_plan(database, statement, {**planned.params, 'skip': 0, 'size': 20})


def test_sqlite_looks_the_surnames_of_a_text_up_in_their_index(database: Database) -> None:
    query = MessageQuery(name='иванов иван', surname_only=True)
    text_index = replace(ALWAYS_INDEX, max_scanned_rows=0)
    planned = with_estimates(database, query, text_index, planner.plan_all_rows)
    assert planned
    assert planned.path.uses_text_index
    statement = statements.totals_statement(database.dialect, planned.shape, planned.path)
    is_looked_up = f'INDEX {condition_indexes.SURNAME_INDEX} (<expr>=? AND place=?)' in query_plan(
        database, statement, planned.params
    )
    assert is_looked_up == (database.dialect == 'sqlite')


def test_appointments_of_many_days_are_read_from_the_last_message_that_has_one(database: Database) -> None:
    query = MessageQuery(appointment=Period(None, NOON.date() - timedelta(days=30)))
    (plan,) = with_estimates(
        database, query, DEFAULT_SETTINGS, lambda estimates: list(planner.plan_first_rows(estimates, 20, reverse=False))
    )
    newest = select(func.max(message.c.place)).where(message.c.appointment_at < plan.params['appointment_until'])
    assert plan.shape.until
    assert plan.params['until'] == database.read_sync(lambda session: session.execute(newest).scalar_one())


@pytest.mark.parametrize(('days_later', 'is_read'), [(-60, True), (60, False)])
def test_messages_after_all_appointments_are_not_read_on_sqlite(
    database: Database, days_later: int, *, is_read: bool
) -> None:
    since = NOON.date() + timedelta(days=days_later)
    query = MessageQuery(period=Period(since, None), appointment=Period(None, NOON.date() - timedelta(days=30)))
    rows = plan_totals(database, query).rows
    assert rows
    is_empty = rows.shape.until and rows.params['until'] < rows.params['since']
    assert is_empty == (database.dialect == 'sqlite' and not is_read)
    assert rows.path.lead == ('' if is_empty else 'appointment')


@pytest.mark.parametrize(('cost_ratio', 'is_hidden'), [(0, True), (1_000_000, False)])
def test_postgresql_reads_no_entries_of_organizations_beside_a_much_rarer_text(
    database: Database, cost_ratio: int, *, is_hidden: bool
) -> None:
    query = MessageQuery(phone='1111', organizations=HOSPITAL)
    planner_settings = replace(ALWAYS_INDEX, max_scanned_rows=0, matched_row_cost_ratio=cost_ratio)
    planned = with_estimates(database, query, planner_settings, planner.plan_all_rows)
    assert planned
    assert planned.path.uses_text_index
    statement = statements.totals_statement(database.dialect, planned.shape, planned.path)
    plan = query_plan(database, statement, planned.params, 'SET enable_seqscan = off')
    assert ('message_of_organization' in plan) == (database.dialect == 'postgresql' and not is_hidden), plan
