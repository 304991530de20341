"""Every search returns exactly what reading the whole journal would, on both engines, with ties and totals."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Self
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from sqlmodel import Session, col, delete, select

from models import Message, MessageKind, MessageKindEntry, MessageStatus, Organization
from services.database.engine import Database
from services.dictionaries.dictionary_snapshot import DictionarySnapshot
from services.errors import QueryTimeoutError
from services.lists.message_kinds import MANUAL_KINDS, KindName
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import PAGE_SIZES, Order, Period
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import SORTABLE_COLUMNS, MessageQuery
from services.messages.message_service import MessageService
from services.messages.message_tables import message
from services.messages.reading.message_reader import MessageReader
from services.messages.search.dialects.dialect import dialect_module
from services.messages.search.planner_settings import PlannerSettings
from services.name_parts.surnames import surname_of
from tests.helpers import reference_messages
from tests.helpers.database_copies import CopyOf
from tests.helpers.generated_journal import insert_messages_of_merged_entries
from tests.helpers.reference_messages import MOSCOW, NOON, TIMEOUTS, ArrivedMessage

TYPED_NAMES = st.one_of(
    st.sampled_from(
        ['', 'иванов', 'ИВАНОВ И П', 'Иванов Иван П', 'королев', 'bdfyjd', 'онил', 'щедрин-салтыков', 'ив', 'и']
    ),
    st.sampled_from(['%', '_', '"', "'", '*', '100%', 'а_б', '\x00', 'И.', 'AND', 'NEAR(', 'и"', '.1и', '-7916']),
    st.sampled_from(
        [
            'Сидоров',
            'Cидоров',
            'ivanov',
            'Петрова И.П.',
            'иванова п.',
            'Салтыков-Щедрин М',
            'салтыков щедрин м. п.',
            'салтыков щедрин м',
            'И.П. Иванов',
            'иванов ип',
            'Bdfyjd B/G/',
            'bdfyjd bg',
            '«Иванов»;',
            'д’артаньян',
            'Иванов Иван 01.02.1980',
            'И. Петрович',
            'огли',
            'Бруевич',
            'иванов иван г',
            'Д"Артаньян И',
            '"иванов"',
            '«иванов» иван',
            '"Салтыков-Щедрин" м',
            '"щедрин"',
            '"bdfyjd" "И"',
            '„иван петрович“',
        ]
    ),
    st.text(alphabet='ивановщедрпт -."', max_size=9),
    st.text(alphabet='иванопcoИП -.(/', max_size=12),
)
TYPED_PHONES = st.one_of(
    st.sampled_from(['', '89160111110', '+7 (916) 011-11-10', '9160111110', '1111', '7916', '375', '16', '1', '%']),
    st.sampled_from(['8916', '8903011', '8029', '80', '+998', '+99890', '+998 90 011-11-10', '998900111110', '+7 998']),
    st.builds('{}{}'.format, st.sampled_from(['', '8', '+', '+7', '+998']), st.text(alphabet='0123479', max_size=12)),
)
MONTH = Period(NOON.date() - timedelta(days=30), NOON.date())
DAYS = st.one_of(st.none(), st.integers(0, 80).map(lambda ago: NOON.date() - timedelta(days=ago)))


def ordered_period(since: date | None, until: date | None) -> Period:
    """Return the period between two days, whichever of them is earlier."""
    return Period(until, since) if since and until and since > until else Period(since, until)


PERIODS = st.builds(ordered_period, DAYS, DAYS)
ERRORS = st.sampled_from(['', '1', '2', '3', 'Ошибка', '11', "'", '999'])


SMALL_LIMITS = PlannerSettings(max_ordered_tokens=3, max_words=5, min_share=0.02)
"""The planner's settings for a journal of four hundred messages: the limits of large journals made small."""


Pages = Callable[[int], Sequence[int]]
"""Returns the numbers of the pages to read, of a number of pages."""


def all_pages(count: int) -> Sequence[int]:
    """Return the numbers of all pages."""
    return range(1, count + 1)


def some_pages(count: int) -> Sequence[int]:
    """Return the first two, the last two and two in between: each is planned by itself, from where it begins."""
    return sorted({1, 2, count // 3, 2 * count // 3, count - 1, count} & set(all_pages(count)))


@dataclass(frozen=True)
class SearchJournal:
    """A journal after many imports and updates, with its expected content."""

    database: Database
    stored: list[ArrivedMessage]
    organizations: list[OrganizationName]
    """Every spelling."""
    kinds: list[KindName]
    """Every spelling."""
    current: DictionarySnapshot
    planner: PlannerSettings = SMALL_LIMITS

    @cached_property
    def messages(self) -> MessageService:
        """The service that searches the journal."""
        return MessageService(self.database, MOSCOW, lambda: NOON, planner=self.planner, timeouts=TIMEOUTS)

    def with_planner(self, **limits: Any) -> Self:
        """Return the same journal, searched with other settings of the planner."""
        return replace(self, planner=replace(self.planner, **limits))

    def _with_current_entries(self, query: MessageQuery) -> MessageQuery:
        organizations = frozenset(self.current.organizations[each.id] for each in query.organizations)
        return replace(
            query, organizations=organizations, kinds=frozenset(self.current.kinds[each.id] for each in query.kinds)
        )

    async def check_against_reference(self, query: MessageQuery, size: int, pages: Pages = some_pages) -> None:
        """Compare the pages of a search, and its totals, with the reference."""
        expected_rows = reference_messages.expected_messages(self.stored, self._with_current_entries(query))
        assert await self.messages.totals(query) == reference_messages.expected_totals(expected_rows)
        for number in pages(max(-(-len(expected_rows) // size), 1)):
            count = len(expected_rows) if number % 2 else None
            page = await self.messages.page(query, number=number, size=size, count=count)
            keys = [one.message.id for one in expected_rows[(number - 1) * size : number * size]]
            assert [row.code for row in page.rows] == keys
            assert page.number == number
            assert page.totals == (
                reference_messages.expected_totals(expected_rows) if len(expected_rows) < size else None
            )
        if query.order is None:
            assert await self._walk(query, len(expected_rows) // 3 + 1) == [one.message.id for one in expected_rows]

    async def _walk(self, query: MessageQuery, size: int) -> list[UUID]:
        """Read all messages of a query page by page, each page by the sort key at which the one before ended."""
        found: list[UUID] = []
        before: int | None = None
        while True:
            page = await MessageReader(self.database, self.messages).page(query, before=before, size=size)
            found += [row.code for row in page.rows]
            if page.last_key is None:
                return found
            before = page.last_key


@pytest.fixture(scope='module')
def read_journal(shared_copy_of: CopyOf) -> Iterator[SearchJournal]:
    """The journal on each engine, for all tests that only read it."""
    with closing(Database(shared_copy_of(insert_messages_of_merged_entries))) as database:
        yield read_content(database)


@pytest.fixture
def journal(read_journal: SearchJournal) -> SearchJournal:
    """The same journal, searched by a service of the test's own."""
    return replace(read_journal)


@pytest.fixture
def database(read_journal: SearchJournal) -> Database:
    """The database of the journal, which is only read."""
    return read_journal.database


def read_content(database: Database) -> SearchJournal:
    """Return four hundred messages, many of which were updated, of merged and renamed organisations and kinds."""

    def read(session: Session) -> SearchJournal:
        organizations = session.exec(select(Organization.id, Organization.name)).all()
        kinds = session.exec(select(MessageKindEntry.id, MessageKindEntry.name)).all()
        return SearchJournal(
            database,
            reference_messages.stored_messages(session),
            [OrganizationName(id or 0, name) for id, name in organizations],
            [KindName(id or 0, name) for id, name in kinds],
            DictionarySnapshot.read(session),
        )

    return database.read_sync(read)


@given(data=st.data())
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_search_equals_reading_the_whole_journal(journal: SearchJournal, data: st.DataObject) -> None:
    journal = journal.with_planner(
        newest_scan_rows=data.draw(st.sampled_from([0, 25, 1_000])),
        min_deep_skip=data.draw(st.sampled_from([5, 2_000])),
        sort_index_step_cost_ratio=data.draw(st.sampled_from([0, 8, 1_000_000])),
        max_scanned_rows=data.draw(st.sampled_from([0, 100, 50_000])),
        matched_row_cost_ratio=data.draw(st.sampled_from([0, 20])),
        max_organization_skip=data.draw(st.sampled_from([25, 1_000])),
        scanned_row_cost_ns=data.draw(st.sampled_from([0, 350, 1_000_000])),
        max_appointment_days=data.draw(st.sampled_from([3, 40])),
        max_counted_entries=data.draw(st.sampled_from([5, 5_000])),
    )
    query = MessageQuery(
        name=data.draw(TYPED_NAMES),
        surname_only=data.draw(st.booleans()),
        phone=data.draw(TYPED_PHONES),
        kinds=data.draw(st.frozensets(st.sampled_from(journal.kinds), max_size=3)),
        period=data.draw(PERIODS),
        organizations=data.draw(st.frozensets(st.sampled_from(journal.organizations), max_size=4)),
        statuses=data.draw(st.frozensets(st.sampled_from(MessageStatus))),
        older_than=data.draw(st.none() | st.sampled_from([1, 60 * 24 * 20])),
        delivery=data.draw(st.none() | st.sampled_from(DeliveryCondition)),
        errors=data.draw(st.just(frozenset()) | st.frozensets(ERRORS, max_size=4)),
        appointment=data.draw(st.just(Period()) | PERIODS),
        order=data.draw(st.none() | st.builds(Order, st.sampled_from(SORTABLE_COLUMNS), st.booleans())),
    )
    asyncio.run(journal.check_against_reference(query, data.draw(st.sampled_from(PAGE_SIZES))))


@pytest.mark.parametrize('condition', DeliveryCondition)
async def test_every_delivery_has_its_messages(journal: SearchJournal, condition: DeliveryCondition) -> None:
    query = MessageQuery(delivery=condition)
    assert reference_messages.expected_messages(journal.stored, query)
    await journal.check_against_reference(query, size=20)
    await journal.check_against_reference(replace(query, name='иванов'), size=20)
    await journal.check_against_reference(
        replace(query, organizations=frozenset({journal.organizations[0]}), period=MONTH), size=5
    )


async def test_every_error_has_its_messages(journal: SearchJournal) -> None:
    organization = journal.current.organizations[journal.organizations[0].id]
    for errors in ({'1'}, {'1', '2'}, {'Ошибка'}, {''}, {'', '3', 'нет такого'}):
        query = MessageQuery(errors=frozenset(errors))
        assert reference_messages.expected_messages(journal.stored, query)
        await journal.check_against_reference(query, size=5)
        await journal.check_against_reference(replace(query, name='иванов'), size=5)
        await journal.check_against_reference(
            replace(query, organizations=frozenset({organization}), period=MONTH), size=5
        )
        await journal.check_against_reference(query.with_order(Order('organization')), size=5)


@pytest.mark.parametrize(
    'name',
    [
        'иванов',
        'Салтыков-Щедрин',
        'иванов иван',
        'иванов и',
        'bdfyjd',
        '"иванов"',
        '«иванова» м',
        'иван',
        '«иванов» иван',
    ],
)
async def test_every_surname_has_its_messages(journal: SearchJournal, name: str) -> None:
    organization = journal.current.organizations[journal.organizations[0].id]
    query = MessageQuery(name=name, surname_only=True)
    if name not in ('«иванова» м', 'иван'):
        assert reference_messages.expected_messages(journal.stored, query)
    await journal.check_against_reference(query, size=5)
    await journal.check_against_reference(replace(query, surname_only=False), size=20)
    await journal.check_against_reference(replace(query, organizations=frozenset({organization})), size=5)
    await journal.check_against_reference(replace(query, errors=frozenset({'1', ''}), period=MONTH), size=5)
    await journal.check_against_reference(replace(query, phone='1111', appointment=Period(MONTH.since)), size=5)
    await journal.check_against_reference(query.with_order(Order('recipient_name')), size=20)


def test_the_surname_of_both_engines_is_that_of_the_program(journal: SearchJournal, database: Database) -> None:
    def read(session: Session) -> list[tuple[str, str, str]]:
        dialect = dialect_module(session.connection().dialect.name)
        return list(session.execute(select(message.c.name_key, message.c.initials, dialect.SURNAME)).all())

    rows = database.read_sync(read)
    assert {surname for *_, surname in rows} > {'иванов', 'салтыковщедрин'}
    assert [surname for *_, surname in rows] == [surname_of(name, initials) for name, initials, _ in rows]


@pytest.mark.parametrize('days', [0, 2, 20, 400])
async def test_every_day_of_an_appointment_has_its_messages(journal: SearchJournal, days: int) -> None:
    organization = journal.current.organizations[journal.organizations[0].id]
    until = NOON.date() - timedelta(days=10)
    for appointment in (Period(until - timedelta(days=days), until), Period(until, None), Period(None, until)):
        query = MessageQuery(appointment=appointment)
        assert reference_messages.expected_messages(journal.stored, query)
        await journal.check_against_reference(query, size=5)
        await journal.check_against_reference(replace(query, name='иванов'), size=5)
        await journal.check_against_reference(replace(query, organizations=frozenset({organization})), size=5)
        await journal.check_against_reference(replace(query, errors=frozenset({'1', ''}), period=MONTH), size=5)
        await journal.check_against_reference(query.with_order(Order('appointment_at', descending=True)), size=20)


@pytest.mark.parametrize('column', SORTABLE_COLUMNS)
@pytest.mark.parametrize('descending', [False, True])
async def test_every_column_sorts_the_whole_result(journal: SearchJournal, column: str, descending: bool) -> None:
    await journal.check_against_reference(MessageQuery(order=Order(column, descending)), size=20, pages=all_pages)


@pytest.mark.parametrize('column', SORTABLE_COLUMNS)
async def test_every_column_sorts_the_rows_of_the_text_index(journal: SearchJournal, column: str) -> None:
    journal = journal.with_planner(scanned_row_cost_ns=1_000_000)
    await journal.check_against_reference(MessageQuery(phone='1111', order=Order(column)), size=20)
    await journal.check_against_reference(MessageQuery(name='иванов', order=Order(column)), size=20)


@pytest.mark.parametrize('descending', [False, True])
@pytest.mark.parametrize('column', ['code', 'recipient_name', 'phone'])
async def test_a_sort_index_yields_the_same_order(journal: SearchJournal, column: str, *, descending: bool) -> None:
    journal = journal.with_planner(sort_index_step_cost_ratio=0)
    order = Order(column, descending)
    await journal.check_against_reference(MessageQuery(order=order), size=20, pages=all_pages)
    await journal.check_against_reference(
        MessageQuery(kinds=frozenset({MANUAL_KINDS[MessageKind.REMINDER]}), period=MONTH, order=order), size=5
    )


@pytest.mark.parametrize('descending', [False, True])
@pytest.mark.parametrize('column', ['organization', 'kind', 'status'])
async def test_the_lists_of_each_value_make_up_the_sorted_list(
    journal: SearchJournal, column: str, *, descending: bool
) -> None:
    journal = journal.with_planner(max_scanned_rows=0, max_organization_skip=300)
    for query in (
        MessageQuery(),
        MessageQuery(period=MONTH, statuses=frozenset({MessageStatus.FAILED, MessageStatus.WAITING})),
        MessageQuery(
            organizations=frozenset({journal.organizations[0]}), kinds=frozenset({MANUAL_KINDS[MessageKind.REMINDER]})
        ),
    ):
        await journal.check_against_reference(query.with_order(Order(column, descending)), size=20, pages=all_pages)


@pytest.mark.parametrize('column', SORTABLE_COLUMNS)
async def test_the_last_page_of_a_sorted_list_is_read_from_its_end(journal: SearchJournal, column: str) -> None:
    skipped: list[int] = []

    def executed(*arguments: Any) -> None:
        skipped.append(arguments[3].get('skip', 0))

    event.listen(Engine, 'before_execute', executed)
    try:
        await journal.messages.page(MessageQuery(order=Order(column)), number=20, size=20)
    finally:
        event.remove(Engine, 'before_execute', executed)
    assert max(skipped) == 0


async def test_a_page_past_the_end_is_the_last_page(journal: SearchJournal) -> None:
    page = await journal.messages.page(MessageQuery(), number=10**12, size=20)
    assert (page.number, len(page.rows)) == (20, 20)
    page = await journal.messages.page(MessageQuery(name='нет такого'), number=7, size=20)
    assert (page.number, page.rows) == (1, [])


async def test_more_than_twenty_rows_per_page_are_rejected(journal: SearchJournal) -> None:
    with pytest.raises(ValueError, match='21 rows'):
        await journal.messages.page(MessageQuery(), number=1, size=21)


@pytest.mark.parametrize('name', ['и' * 300, 'ив ан ' * 50, '%' * 1200, '" OR "' * 50, '\x00' * 1200])
async def test_a_hostile_name_is_searched_literally(journal: SearchJournal, name: str) -> None:
    await journal.check_against_reference(MessageQuery(name=name), size=20)


async def test_a_search_over_its_time_limit_is_stopped(journal: SearchJournal, database: Database) -> None:
    limited = MessageService(database, MOSCOW, time_limit=0)
    with pytest.raises(QueryTimeoutError):
        await limited.page(MessageQuery(), number=1, size=20)
    with pytest.raises(QueryTimeoutError):
        await limited.totals(MessageQuery(name='иванов'))


def test_a_purge_leaves_no_trace_in_search_or_totals(copy_of: CopyOf) -> None:
    with closing(Database(copy_of(insert_messages_of_merged_entries))) as database:
        journal = read_content(database)
        purged = [one.message.id for one in journal.stored[::3]]
        database.write_sync(lambda session: session.exec(delete(Message).where(col(Message.id).in_(purged))))
        del journal.stored[::3]
        for query in (MessageQuery(), MessageQuery(name='иванов'), MessageQuery(phone='1111')):
            asyncio.run(journal.check_against_reference(query, size=20))


def test_stored_totals_equal_a_recount(journal: SearchJournal, database: Database) -> None:
    for organization in (None, *journal.organizations):
        for kind in (None, *journal.kinds):
            asyncio.run(
                journal.check_against_reference(
                    MessageQuery(
                        organizations=frozenset({organization} if organization else ()),
                        kinds=frozenset({kind} if kind else ()),
                    ),
                    size=20,
                )
            )
