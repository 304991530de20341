"""Every search returns exactly what reading the whole journal would, on both engines, with ties and totals."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any, Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, text
from sqlmodel import col, delete

from models import Message, MessageKind, MessageStatus
from services.database.engine import Database
from services.errors import QueryTimeoutError
from services.lists.organizations import OrganizationName, Organizations
from services.lists.query_protocol import PAGE_SIZES, Order, Period
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import SORTABLE_COLUMNS, MessageQuery
from services.messages.message_service import MessageService
from services.messages.search.planner_settings import PlannerSettings
from tests.helpers import reference_messages
from tests.helpers.database_copies import CopyOf
from tests.helpers.generated_journal import insert_updated_messages
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


SMALL_LIMITS = PlannerSettings(max_ordered_tokens=3, max_words=5, min_share=0.02)
"""The planner's settings for a journal of four hundred messages: the limits of large journals made small."""


@dataclass(frozen=True)
class SearchJournal:
    """A journal after many imports and updates, with its expected content."""

    database: Database
    stored: list[ArrivedMessage]
    organizations: list[OrganizationName]
    planner: PlannerSettings = SMALL_LIMITS

    @cached_property
    def messages(self) -> MessageService:
        """The service that searches the journal."""
        return MessageService(self.database, MOSCOW, lambda: NOON, planner=self.planner, timeouts=TIMEOUTS)

    def with_planner(self, **limits: Any) -> Self:
        """Return the same journal, searched with other settings of the planner."""
        return replace(self, planner=replace(self.planner, **limits))

    async def check_against_reference(self, query: MessageQuery, size: int) -> None:
        """Compare every page of a search, and its totals, with the reference."""
        expected_rows = reference_messages.expected_messages(self.stored, query)
        assert await self.messages.totals(query) == reference_messages.expected_totals(expected_rows)
        for number in range(1, max(-(-len(expected_rows) // size), 1) + 1):
            count = len(expected_rows) if number % 2 else None
            page = await self.messages.page(query, number=number, size=size, count=count)
            keys = [one.message.id for one in expected_rows[(number - 1) * size : number * size]]
            assert [row.code for row in page.rows] == keys
            assert page.number == number
            assert page.totals == (
                reference_messages.expected_totals(expected_rows) if len(expected_rows) < size else None
            )


@pytest.fixture
def database_url(copy_of: CopyOf) -> str:
    """The URL of a filled database that belongs to this test alone; the test runs on each engine."""
    return copy_of(insert_updated_messages)


@pytest.fixture
def journal(database: Database) -> SearchJournal:
    """Four hundred messages, many of which were updated."""
    organizations = asyncio.run(Organizations(database).all())
    return SearchJournal(database, database.read_sync(reference_messages.stored_messages), list(organizations))


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_search_equals_reading_the_whole_journal(journal: SearchJournal, data: st.DataObject) -> None:
    journal = journal.with_planner(
        newest_scan_rows=data.draw(st.sampled_from([0, 25, 1_000])),
        min_deep_skip=data.draw(st.sampled_from([5, 2_000])),
        sort_index_step_cost_ratio=data.draw(st.sampled_from([0, 8, 1_000_000])),
        max_scanned_rows=data.draw(st.sampled_from([0, 100, 50_000])),
        max_organization_skip=data.draw(st.sampled_from([25, 1_000])),
        scanned_row_cost_ns=data.draw(st.sampled_from([0, 350, 1_000_000])),
    )
    since, until = data.draw(DAYS), data.draw(DAYS)
    if since and until and since > until:
        since, until = until, since
    query = MessageQuery(
        name=data.draw(TYPED_NAMES),
        phone=data.draw(TYPED_PHONES),
        kind=data.draw(st.none() | st.sampled_from(MessageKind)),
        period=Period(since, until),
        organization=data.draw(st.none() | st.sampled_from(journal.organizations)),
        statuses=data.draw(st.frozensets(st.sampled_from(MessageStatus))),
        older_than=data.draw(st.none() | st.sampled_from([1, 60 * 24 * 20])),
        delivery=data.draw(st.none() | st.sampled_from(DeliveryCondition)),
        order=data.draw(st.none() | st.builds(Order, st.sampled_from(SORTABLE_COLUMNS), st.booleans())),
    )
    asyncio.run(journal.check_against_reference(query, data.draw(st.sampled_from(PAGE_SIZES))))


@pytest.mark.parametrize('condition', DeliveryCondition)
async def test_every_delivery_has_its_messages(journal: SearchJournal, condition: DeliveryCondition) -> None:
    query = MessageQuery(delivery=condition)
    assert reference_messages.expected_messages(journal.stored, query)
    await journal.check_against_reference(query, size=20)
    await journal.check_against_reference(replace(query, name='иванов'), size=20)
    await journal.check_against_reference(replace(query, organization=journal.organizations[0], period=MONTH), size=5)


@pytest.mark.parametrize('column', SORTABLE_COLUMNS)
@pytest.mark.parametrize('descending', [False, True])
async def test_every_column_sorts_the_whole_result(journal: SearchJournal, column: str, descending: bool) -> None:
    await journal.check_against_reference(MessageQuery(order=Order(column, descending)), size=20)


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
    await journal.check_against_reference(MessageQuery(order=order), size=20)
    await journal.check_against_reference(MessageQuery(kind=MessageKind.REMINDER, period=MONTH, order=order), size=5)


@pytest.mark.parametrize('descending', [False, True])
@pytest.mark.parametrize('column', ['organization', 'kind', 'status'])
async def test_the_lists_of_each_value_make_up_the_sorted_list(
    journal: SearchJournal, column: str, *, descending: bool
) -> None:
    journal = journal.with_planner(max_scanned_rows=0, max_organization_skip=300)
    for query in (
        MessageQuery(),
        MessageQuery(period=MONTH, statuses=frozenset({MessageStatus.FAILED, MessageStatus.WAITING})),
        MessageQuery(organization=journal.organizations[0], kind=MessageKind.REMINDER),
    ):
        await journal.check_against_reference(query.with_order(Order(column, descending)), size=20)


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


async def test_organizations_that_sort_equally_are_sorted_together(journal: SearchJournal, database: Database) -> None:
    journal = journal.with_planner(max_scanned_rows=0)
    sort = MessageQuery(order=Order('organization'))
    before = await journal.messages.page(sort, number=1, size=20)
    make_equal = text('UPDATE organization SET name_key = (SELECT min(name_key) FROM organization)')
    database.write_sync(lambda session: session.execute(make_equal))
    page = await journal.messages.page(sort, number=1, size=20)
    newest = await journal.messages.page(MessageQuery(), number=1, size=20)
    assert [row.code for row in page.rows] == [row.code for row in newest.rows]
    assert page.rows != before.rows


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


def test_a_purge_leaves_no_trace_in_search_or_totals(journal: SearchJournal, database: Database) -> None:
    purged = [one.message.id for one in journal.stored[::3]]
    database.write_sync(lambda session: session.exec(delete(Message).where(col(Message.id).in_(purged))))
    del journal.stored[::3]
    for query in (MessageQuery(), MessageQuery(name='иванов'), MessageQuery(phone='1111')):
        asyncio.run(journal.check_against_reference(query, size=20))


def test_stored_totals_equal_a_recount(journal: SearchJournal, database: Database) -> None:
    for organization in (None, *journal.organizations):
        for kind in (None, *MessageKind):
            asyncio.run(journal.check_against_reference(MessageQuery(organization=organization, kind=kind), size=20))
