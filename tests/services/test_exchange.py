"""Every search of «Журнал ИЭМК» finds what reading all of it would find, on both engines."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import DocumentStatus
from services.database import Database
from services.exchange import Exchange, feed, snils
from services.exchange.incoming import IncomingDocument
from services.exchange.query import ORDERS, DocumentQuery, KindName
from services.organizations import OrganizationName, Organizations
from services.query import PAGE_SIZES, Busy, Order, Period, Refusal
from tests.conftest import CopyOf
from tests.services.documents import expected, some_documents
from tests.services.reference import MOSCOW, NOON

TYPED_NAMES = st.one_of(
    st.sampled_from(['', 'иванов', 'ИВАНОВ И П', 'Иванов Иван П', 'bdfyjd', 'онил', 'щедрин-салтыков', '%', '\x00']),
    st.text(alphabet='ивановщедрпт -."%_', max_size=9),
)
TYPED_SNILS = st.one_of(
    st.sampled_from(['', '112-233-445 95', '11111111145', '00100199800', '1001', '5 9', '%']),
    st.text(alphabet='012345', max_size=4),
)
DAYS = st.one_of(st.none(), st.integers(0, 80).map(lambda ago: NOON.date() - timedelta(days=ago)))


@dataclass(frozen=True)
class Journal:
    """A journal, and all that is in it."""

    exchange: Exchange
    arrived: list[IncomingDocument]
    organizations: list[OrganizationName]
    kinds: list[KindName]

    async def check(self, query: DocumentQuery, size: int) -> None:
        """Hold every page of a search, and its count, against the reference."""
        found = expected(self.arrived, query)
        assert (await self.exchange.totals(query)).count == len(found)
        for number in range(1, max(-(-len(found) // size), 1) + 1):
            page = await self.exchange.page(query, number=number, size=size)
            assert [row.id for row in page.rows] == [one.id for one in found[(number - 1) * size : number * size]]
            assert page.number == number


def fill(database: Database) -> None:
    """Record two hundred documents."""
    database.write_now(lambda session: feed.record(session, some_documents(200, seed=3)))


@pytest.fixture
def database_url(copy_of: CopyOf) -> str:
    """The URL of a filled database that belongs to this test alone; the test runs on each engine."""
    return copy_of(fill)


@pytest.fixture
def journal(database: Database, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """Two hundred documents; what is far made near."""
    monkeypatch.setattr('services.exchange.search.FAR', 35)
    arrived = some_documents(200, seed=3)
    exchange = Exchange(database, MOSCOW)
    organizations, kinds = asyncio.run(Organizations(database).all()), asyncio.run(exchange.kinds.all())
    return Journal(exchange, arrived, list(organizations), list(kinds))


@given(data=st.data())
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_search_finds_what_reading_the_whole_journal_finds(journal: Journal, data: st.DataObject) -> None:
    since, until = data.draw(DAYS), data.draw(DAYS)
    if since and until and since > until:
        since, until = until, since
    query = DocumentQuery(
        name=data.draw(TYPED_NAMES),
        snils=data.draw(TYPED_SNILS),
        kind=data.draw(st.none() | st.sampled_from(journal.kinds)),
        period=Period(since, until),
        organization=data.draw(st.none() | st.sampled_from(journal.organizations)),
        statuses=data.draw(st.frozensets(st.sampled_from(DocumentStatus))),
        order=data.draw(st.none() | st.builds(Order, st.sampled_from(ORDERS), st.booleans())),
    )
    asyncio.run(journal.check(query, data.draw(st.sampled_from(PAGE_SIZES))))


@pytest.mark.parametrize('column', ORDERS)
@pytest.mark.parametrize('descending', [False, True])
async def test_every_column_sorts_the_whole_result(journal: Journal, column: str, descending: bool) -> None:
    await journal.check(DocumentQuery(order=Order(column, descending)), size=20)


async def test_a_page_past_the_end_is_the_last_page(journal: Journal) -> None:
    page = await journal.exchange.page(DocumentQuery(), number=10**12, size=20)
    assert (page.number, len(page.rows)) == (10, 20)
    page = await journal.exchange.page(DocumentQuery(name='нет такого'), number=7, size=20)
    assert (page.number, page.rows) == (1, [])


async def test_what_cannot_be_asked_is_refused(journal: Journal, database: Database) -> None:
    with pytest.raises(ValueError, match='21 rows'):
        await journal.exchange.page(DocumentQuery(), number=1, size=21)
    with pytest.raises(ValueError, match='no column'):
        DocumentQuery().with_order(Order('doctor'))
    with pytest.raises(Refusal, match='Контрольное число') as refusal:
        await journal.exchange.page(DocumentQuery(snils='112-233-445 96'), number=1, size=20)
    assert refusal.value.field == 'snils'
    with pytest.raises(Busy):
        await Exchange(database, MOSCOW, time_limit=0).page(DocumentQuery(), number=1, size=20)


async def test_a_whole_snils_is_searched_by_and_never_given_to_a_screen(journal: Journal) -> None:
    query = DocumentQuery(snils='112-233-445 95')
    page = await journal.exchange.page(query, number=1, size=20)
    assert {row.snils for row in page.rows} == {'***-***-445 95'}
    assert query.sentence() == 'СНИЛС ***-***-445 95'
    assert DocumentQuery(snils='445').sentence() == 'в СНИЛС 445'


def test_a_query_says_what_to_loosen() -> None:
    assert DocumentQuery().sentence() == 'весь журнал'
    assert DocumentQuery().advice() == 'В журнале ещё нет документов.'
    both = DocumentQuery(snils='445', name='королёв', statuses=frozenset({DocumentStatus.FAILED}))
    assert both.sentence() == 'ФИО «королёв», в СНИЛС 445, ошибка регистрации'
    assert both.advice().startswith('Оставьте меньше цифр или сотрите СНИЛС')
    assert 'вид документа' in DocumentQuery(kind=KindName(1, 'Эпикриз'), period=Period(NOON.date())).advice()


# СНИЛС


@pytest.mark.parametrize('number', ['11223344595', '08765430300', '00100199800', '00100199842', '11111111145'])
def test_a_right_snils(number: str) -> None:
    assert snils.is_right(number)


@pytest.mark.parametrize('number', ['11223344594', '00100199900', '1122334459', '', '112233445950'])
def test_a_wrong_snils(number: str) -> None:
    assert not snils.is_right(number)


@given(st.integers(snils.LAST_UNCHECKED + 1, 999_999_999).map('{:09}'.format), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(account: str, place: int, more: int) -> None:
    number = account + snils.check_digits(account)
    assert snils.is_right(number)
    assert snils.digits(snils.written(number)) == number
    assert snils.masked(number) == f'***-***-{number[6:9]} {number[9:]}'
    other = f'{account[:place]}{(int(account[place]) + more) % 10}{account[place + 1 :]}'
    # 100 and 101 are written alike, as 00: the only two sums that cannot be told apart.
    alike = {sum(int(digit) * (9 - at) for at, digit in enumerate(each)) % 101 for each in (account, other)}
    if int(other) > snils.LAST_UNCHECKED and alike != {0, 100}:
        assert not snils.is_right(other + number[9:])
