"""Deliberately expensive filters: each returns the right result in time, or is stopped."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import product

import pytest

from services.database.engine import Database
from services.errors import QueryTimeoutError
from services.ingest.message_ingest import ingest_imported_messages
from services.lists.query_protocol import Order
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from tests.helpers import reference_messages
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.reference_messages import MOSCOW, NOON, ArrivedMessage

LETTERS = 'абвгдежзийклмнопрстуфхцчшщъыьэюя'
NAMES = {
    'one word': 'иванов' * 50,
    'words of two letters': ' '.join(map(''.join, product(LETTERS, LETTERS)))[:300],
    'words of three letters': ' '.join(map(''.join, product('иван', LETTERS, LETTERS)))[:300],
    'letters': ' '.join(LETTERS * 32)[:300],
    'in the wrong keyboard layout': 'bdfyjd ' * 42,
    'wildcards of LIKE': '%_' * 600,
    'operators of full-text search': '" OR * ' * 99,
    'one word over and over': 'иванов ' * 42,
}
"""Names of as many letters, or other characters, as are accepted."""
PAGE_PAST_END = 1_000_000
"""A page number past the end of any journal."""
TIME_LIMIT_SECONDS = 10.0
"""Seconds after which a query is stopped and the test fails; on an idle machine none takes one second."""


@dataclass(frozen=True)
class LargeJournal:
    """A journal of five thousand messages, with its expected content."""

    database: Database
    stored: list[ArrivedMessage]

    @property
    def messages(self) -> MessageService:
        """The service that searches the journal, with a time limit for a busy machine."""
        return MessageService(self.database, MOSCOW, lambda: NOON, time_limit=TIME_LIMIT_SECONDS)


@pytest.fixture(scope='module', params=['sqlite', 'postgresql'])
def journal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LargeJournal]:
    """The journal, filled once for all tests of this module."""
    if request.param == 'sqlite':
        path = tmp_path_factory.mktemp('expensive') / 'journal.db'
        path.write_bytes(request.getfixturevalue('sqlite_template').read_bytes())
        url = f'sqlite:///{path}'
    else:
        server: PostgresServer = request.getfixturevalue('postgres')
        url = server.create('expensive', request.getfixturevalue('postgresql_template'))
    with closing(Database(url)) as database:
        generated = reference_messages.random_messages(5_000, seed=11)
        database.write_sync(partial(ingest_imported_messages, messages=generated, zone=MOSCOW, now=NOON))
        database.update_statistics()
        yield LargeJournal(database, database.read_sync(reference_messages.stored_messages))
    if request.param == 'postgresql':
        server.drop('expensive')


@pytest.mark.parametrize('name', NAMES.values(), ids=NAMES)
async def test_the_longest_names_are_searched(journal: LargeJournal, name: str) -> None:
    query = MessageQuery(name=name)
    expected = reference_messages.expected_messages(journal.stored, query)
    page = await journal.messages.page(query, number=1, size=20)
    assert [row.code for row in page.rows] == [one.message.id for one in expected[:20]]
    assert await journal.messages.totals(query) == reference_messages.expected_totals(expected)


@pytest.mark.parametrize(
    'query',
    [
        MessageQuery(),
        MessageQuery(name='и'),
        MessageQuery(name='ив', phone='1'),
        MessageQuery(order=Order('recipient_name', descending=True)),
        MessageQuery(name='а', order=Order('cost')),
    ],
    ids=['everything', 'a letter', 'two letters and a digit', 'everything, sorted', 'a letter, sorted'],
)
async def test_totals_are_right_and_a_page_past_the_end_is_the_last_page(
    journal: LargeJournal, query: MessageQuery
) -> None:
    expected = reference_messages.expected_messages(journal.stored, query)
    totals = await journal.messages.totals(query)
    assert totals == reference_messages.expected_totals(expected)
    last = -(-len(expected) // 20)
    for count in (None, totals.count):
        page = await journal.messages.page(query, number=PAGE_PAST_END, size=20, count=count)
        assert page.number == last
        assert [row.code for row in page.rows] == [one.message.id for one in expected[(last - 1) * 20 :]]


async def test_a_query_over_the_time_limit_is_stopped_and_others_continue(journal: LargeJournal) -> None:
    limited = MessageService(journal.database, MOSCOW, lambda: NOON, time_limit=0.001)
    expensive = [limited.totals(MessageQuery(name=letter, phone='1')) for letter in 'аив' * 4]
    stopped = await asyncio.gather(*expensive, return_exceptions=True)
    assert {type(each) for each in stopped} == {QueryTimeoutError}
    query = MessageQuery(name='королев')
    expected = reference_messages.expected_messages(journal.stored, query)
    assert (await journal.messages.totals(query)).count == len(expected)
