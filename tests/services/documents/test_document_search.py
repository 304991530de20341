"""Every search in «Журнал ИЭМК» finds what a plain filter over all documents finds, on both engines."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import DocumentStatus
from services.database.engine import Database
from services.database.tables import ORGANIZATION_TABLE
from services.dictionaries.dictionary_editor import DictionaryEditor
from services.documents import document_ingest, snils
from services.documents.document_parsing import IncomingDocument
from services.documents.document_query import SORTABLE_COLUMNS, DocumentKindName, DocumentQuery
from services.documents.document_service import DocumentService
from services.errors import QueryTimeoutError
from services.ingest.message_ingest import IngestOutcome
from services.lists.organizations import OrganizationName, Organizations
from services.lists.query_protocol import PAGE_SIZES, InvalidQueryError, Order, Period
from tests.helpers.database_copies import CopyOf
from tests.helpers.reference_documents import expected_documents, random_documents
from tests.helpers.reference_messages import MOSCOW, NOON

TYPED_NAMES = st.one_of(
    st.sampled_from(['', 'иванов', 'ИВАНОВ И П', 'Иванов Иван П', 'bdfyjd', 'онил', 'щедрин-салтыков', '%', '\x00']),
    st.text(alphabet='ивановщедрпт -."%_', max_size=9),
)
TYPED_SNILS = st.one_of(
    st.sampled_from(['', '112-233-445 95', '11111111145', '00100199800', '1001', '5 9', '%']),
    st.text(alphabet='012345', max_size=4),
)
CURRENT_NAMES = {'Больница № 3': 'Химкинская больница', 'еловая больница': 'Яблоневая больница'}
"""One organisation is merged into another, and one is renamed."""
DAYS = st.one_of(st.none(), st.integers(0, 80).map(lambda ago: NOON.date() - timedelta(days=ago)))


@dataclass(frozen=True)
class DocumentsJournal:
    """A journal and all its documents."""

    documents: DocumentService
    stored: list[IncomingDocument]
    organizations: list[OrganizationName]
    kinds: list[DocumentKindName]

    async def check_against_reference(self, query: DocumentQuery, size: int) -> None:
        """Compare every page of a search, and its count, with the reference."""
        expected_rows = expected_documents(self.stored, query)
        assert (await self.documents.totals(query)).count == len(expected_rows)
        for number in range(1, max(-(-len(expected_rows) // size), 1) + 1):
            page = await self.documents.page(query, number=number, size=size)
            assert [row.id for row in page.rows] == [
                document.id for document in expected_rows[(number - 1) * size : number * size]
            ]
            assert page.number == number


def fill(database: Database) -> None:
    """Record two hundred documents, and then merge an organisation and rename another one."""
    documents = random_documents(200, seed=3)
    database.write_sync(lambda session: document_ingest.ingest_imported_documents(session, documents))
    asyncio.run(change_organizations(DictionaryEditor(database, ORGANIZATION_TABLE, '')))
    # The same documents with the current names, as a file exported later would have them, change nothing.
    again = [replace(one, organization=CURRENT_NAMES.get(one.organization, one.organization)) for one in documents]
    outcomes = database.write_sync(lambda session: document_ingest.ingest_imported_documents(session, again))
    assert set(outcomes) == {IngestOutcome.UNCHANGED}


async def change_organizations(editor: DictionaryEditor) -> None:
    """Rename or merge organisations, so that they have the names in CURRENT_NAMES."""
    ids = {entry.name: entry.id for entry in await editor.entries()}
    for old, new in CURRENT_NAMES.items():
        if new in ids:
            await editor.merge(None, ids[old], ids[new])
        else:
            await editor.rename(None, ids[old], new)


@pytest.fixture(scope='module')
def database(shared_copy_of: CopyOf) -> Iterator[Database]:
    """The filled database on each engine, which the tests only read."""
    with closing(Database(shared_copy_of(fill))) as opened:
        yield opened


@pytest.fixture
def journal(database: Database, monkeypatch: pytest.MonkeyPatch) -> DocumentsJournal:
    """A journal of two hundred documents, in which pages after the first are deep."""
    monkeypatch.setattr('services.documents.document_statements.DEEP_PAGE_OFFSET', 35)
    service = DocumentService(database, MOSCOW)
    organizations = asyncio.run(Organizations(database).all())
    kinds = asyncio.run(service.kinds.all())
    stored = [
        replace(one, organization=CURRENT_NAMES.get(one.organization, one.organization))
        for one in random_documents(200, seed=3)
    ]
    return DocumentsJournal(service, stored, list(organizations), list(kinds))


@given(data=st.data())
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_search_finds_what_a_plain_filter_finds(journal: DocumentsJournal, data: st.DataObject) -> None:
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
        order=data.draw(st.none() | st.builds(Order, st.sampled_from(SORTABLE_COLUMNS), st.booleans())),
    )
    asyncio.run(journal.check_against_reference(query, data.draw(st.sampled_from(PAGE_SIZES))))


@pytest.mark.parametrize('column', SORTABLE_COLUMNS)
@pytest.mark.parametrize('descending', [False, True])
async def test_every_column_sorts_the_whole_result(journal: DocumentsJournal, column: str, descending: bool) -> None:
    await journal.check_against_reference(DocumentQuery(order=Order(column, descending)), size=20)


async def test_a_page_past_the_end_is_the_last_page(journal: DocumentsJournal) -> None:
    page = await journal.documents.page(DocumentQuery(), number=10**12, size=20)
    assert (page.number, len(page.rows)) == (10, 20)
    page = await journal.documents.page(DocumentQuery(name='нет такого'), number=7, size=20)
    assert (page.number, page.rows) == (1, [])


async def test_an_invalid_query_is_rejected(journal: DocumentsJournal, database: Database) -> None:
    with pytest.raises(ValueError, match='21 rows'):
        await journal.documents.page(DocumentQuery(), number=1, size=21)
    with pytest.raises(ValueError, match='no column'):
        DocumentQuery().with_order(Order('doctor'))
    with pytest.raises(InvalidQueryError, match='Контрольное число') as refusal:
        await journal.documents.page(DocumentQuery(snils='112-233-445 96'), number=1, size=20)
    assert refusal.value.field == 'snils'
    with pytest.raises(QueryTimeoutError):
        await DocumentService(database, MOSCOW, time_limit=0).page(DocumentQuery(), number=1, size=20)


async def test_a_whole_snils_can_be_searched_and_is_always_masked(journal: DocumentsJournal) -> None:
    query = DocumentQuery(snils='112-233-445 95')
    page = await journal.documents.page(query, number=1, size=20)
    assert {row.snils for row in page.rows} == {'***-***-445 95'}
    assert query.describe() == 'СНИЛС ***-***-445 95'
    assert DocumentQuery(snils='445').describe() == 'в СНИЛС 445'


def test_a_query_hints_which_condition_to_loosen() -> None:
    assert DocumentQuery().describe() == 'весь журнал'
    assert DocumentQuery().loosening_hint() == 'В журнале ещё нет документов.'
    both = DocumentQuery(snils='445', name='королёв', statuses=frozenset({DocumentStatus.FAILED}))
    assert both.describe() == 'ФИО «королёв», в СНИЛС 445, ошибка регистрации'
    assert both.loosening_hint().startswith('Оставьте меньше цифр или сотрите СНИЛС')
    assert (
        'вид документа'
        in DocumentQuery(kind=DocumentKindName(1, 'Эпикриз'), period=Period(NOON.date())).loosening_hint()
    )


# СНИЛС


@pytest.mark.parametrize('number', ['11223344595', '08765430300', '00100199800', '00100199842', '11111111145'])
def test_a_right_snils(number: str) -> None:
    assert snils.is_valid(number)


@pytest.mark.parametrize('number', ['11223344594', '00100199900', '1122334459', '', '112233445950'])
def test_a_wrong_snils(number: str) -> None:
    assert not snils.is_valid(number)


@given(
    st.integers(snils.LAST_WITHOUT_CHECK_DIGITS + 1, 999_999_999).map('{:09}'.format),
    st.integers(0, 8),
    st.integers(1, 9),
)
def test_one_wrong_digit_is_noticed(account: str, position: int, difference: int) -> None:
    number = account + snils.check_digits(account)
    assert snils.is_valid(number)
    assert snils.extract_digits(snils.format_snils(number)) == number
    assert snils.mask_snils(number) == f'***-***-{number[6:9]} {number[9:]}'
    other = f'{account[:position]}{(int(account[position]) + difference) % 10}{account[position + 1 :]}'
    # The sums 100 and 0 modulo 101 have the same check digits, 00, and no others do.
    sums = {sum(int(digit) * (9 - index) for index, digit in enumerate(number)) % 101 for number in (account, other)}
    if int(other) > snils.LAST_WITHOUT_CHECK_DIGITS and sums != {0, 100}:
        assert not snils.is_valid(other + number[9:])
