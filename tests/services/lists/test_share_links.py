"""Share links and saved searches: no condition is lost, and no personal data is in the URL."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal_ui.list_page.url_state import parse_params
from models import MessageKind, MessageStatus
from services import texts
from services.accounts.accounts import Accounts
from services.audit.condition_rows import describe_without_person, record_conditions
from services.database.engine import Database
from services.dictionaries.dictionary_snapshot import DictionarySnapshot
from services.ingest.message_ingest import ingest_imported_messages
from services.keys.data_key import DataKey
from services.lists.message_kinds import MANUAL_KINDS, KindName
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Order, ParsedLink, Period
from services.lists.saved_searches import MAX_NAME_LENGTH, MAX_SAVED_SEARCHES, InvalidSavedSearchError, SavedSearches
from services.lists.share_links import LINK_TTL, ShareLinks
from services.messages import query_params
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import SORTABLE_COLUMNS, MessageQuery
from services.messages.message_service import MessageService
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

TODAY = NOON.date()
KNOWN_ORGANIZATIONS = {number: OrganizationName(number, f'Больница № {number}') for number in (1, 2, 31)}
FIFTH_KIND = KindName(5, 'Анкета')
KINDS = (*MANUAL_KINDS.values(), FIFTH_KIND)
KNOWN = DictionarySnapshot(KNOWN_ORGANIZATIONS, {kind.id: kind for kind in KINDS}, KINDS)
DAYS = st.none() | st.dates(date(2000, 1, 1), date(2100, 12, 31))


ERRORS = st.sampled_from(['', '20', 'a.b&c=d', 'Абонент недоступен', "'", '104'])


@st.composite
def any_query(draw: st.DrawFn) -> MessageQuery:
    """Generate a valid query."""
    since, until = draw(DAYS), draw(DAYS | st.just(TODAY))
    if since and until and since > until:
        since, until = until, since
    return MessageQuery(
        name=draw(st.text(max_size=20)),
        phone=draw(st.text('0123456789', max_size=10)),
        kinds=draw(st.frozensets(st.sampled_from(list(KNOWN.kind_list)), max_size=3)),
        period=Period(since, until),
        organizations=draw(st.frozensets(st.sampled_from(list(KNOWN_ORGANIZATIONS.values())), max_size=3)),
        statuses=draw(st.frozensets(st.sampled_from(MessageStatus))),
        surname_only=draw(st.booleans()),
        older_than=draw(st.none() | st.integers(1, 100_000)),
        delivery=draw(st.none() | st.sampled_from(DeliveryCondition)),
        errors=draw(st.frozensets(ERRORS, max_size=4)),
        appointment=draw(
            st.just(Period()) | DAYS.map(lambda day: Period(day, day)) | DAYS.map(lambda day: Period(day))
        ),
        order=draw(st.none() | st.builds(Order, st.sampled_from(SORTABLE_COLUMNS), st.booleans())),
    )


@given(any_query())
def test_a_link_is_parsed_as_it_was_written(query: MessageQuery) -> None:
    linked = query_params.from_params(query_params.to_params(query), KNOWN, person=query_params.to_person_params(query))
    assert (linked.query, linked.is_complete) == (query, True)


@given(any_query(), st.integers(0, 400))
def test_a_saved_period_that_ends_today_follows_the_current_day(query: MessageQuery, later: int) -> None:
    params = query_params.to_saved_params(query, TODAY)
    then = TODAY + timedelta(days=later)
    loaded = query_params.from_params(params, KNOWN, person=params, today=then).query
    since, until = query.period.since, query.period.until
    moved = since and until == TODAY
    assert loaded.period == (Period(since + timedelta(days=later), then) if since and moved else query.period)
    assert (loaded.name, loaded.order, loaded.statuses) == (query.name, query.order, query.statuses)


@given(any_query())
def test_a_url_is_parsed_as_it_was_written(query: MessageQuery) -> None:
    params = parse_params(urlsplit(query_params.to_url(query)).query)
    linked = query_params.from_params(params, KNOWN, person=query_params.to_person_params(query))
    assert linked == ParsedLink(query, is_complete=True)


def test_a_parameter_may_be_repeated_if_it_has_several_values() -> None:
    first, second = list(KNOWN_ORGANIZATIONS.values())[:2]
    linked = query_params.from_params(parse_params(f'org={first.id}'), KNOWN)
    assert linked == ParsedLink(MessageQuery(organizations=frozenset({first})), is_complete=True)
    params = parse_params(
        f'org={first.id}&org={second.id}&org={first.id}&from=2026-11-01&from=2026-11-02&error=-&error=1'
    )
    assert query_params.from_params(params, KNOWN) == ParsedLink(
        MessageQuery(
            organizations=frozenset({first, second}),
            period=Period(date(2026, 11, 2)),
            errors=frozenset({'', '1'}),
        ),
        is_complete=True,
    )


@given(
    st.dictionaries(
        st.sampled_from(sorted(query_params.PARAM_NAMES)),
        st.text(max_size=12) | st.lists(st.text(max_size=12), min_size=2),
    )
)
def test_any_url_parameters_are_a_valid_query(params: dict[str, str | list[str]]) -> None:
    linked = query_params.from_params(params, KNOWN)
    linked.query.check()
    assert query_params.from_params(query_params.to_params(linked.query), KNOWN).query == linked.query


@pytest.mark.parametrize(
    ('params', 'query'),
    [
        ({'org': '7'}, MessageQuery()),
        ({'from': '2026-13-01', 'to': '2026-11-22'}, MessageQuery(period=Period(None, date(2026, 11, 22)))),
        ({'from': '2026-11-23', 'to': '2026-11-22'}, MessageQuery()),
        ({'from': '1026-11-23'}, MessageQuery()),
        ({'status': 'failed.lost'}, MessageQuery(statuses=frozenset({MessageStatus.FAILED}))),
        ({'sort': 'text', 'desc': '1'}, MessageQuery()),
        ({'waiting': '-5'}, MessageQuery()),
        ({'delivery': 'lost'}, MessageQuery()),
        (
            {'visit_from': '2026-11-23', 'visit_to': '2026-11-22', 'from': '2026-11-01'},
            MessageQuery(period=Period(date(2026, 11, 1))),
        ),
        ({'error': ['1', 'Иванов', '+79161234567']}, MessageQuery(errors=frozenset({'1'}))),
        (
            {'org': [str(each) for each in range(1, 200)]},
            MessageQuery(organizations=frozenset(KNOWN_ORGANIZATIONS.values())),
        ),
    ],
)
def test_invalid_parameters_are_omitted_and_reported(params: query_params.Params, query: MessageQuery) -> None:
    linked = query_params.from_params(params, KNOWN)
    assert (linked.query, linked.is_complete) == (query, False)


def test_a_name_that_is_too_long_is_omitted_and_reported() -> None:
    linked = query_params.from_params({'kind': 'reminder'}, KNOWN, person={'name': 'Я' * 301})
    assert (linked.query, linked.is_complete) == (
        MessageQuery(kinds=frozenset({MANUAL_KINDS[MessageKind.REMINDER]})),
        False,
    )


# Links stored in the database


class AdvanceableClock:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> AdvanceableClock:
    """The clock of the links and searches."""
    return AdvanceableClock()


@pytest.fixture
def account(database: Database) -> Callable[[str], int]:
    """A function that adds an account and returns its id."""

    def add(name: str) -> int:
        Accounts(database).add(name, 'WebAdmin', 'correct horse battery')
        return {'clerk': 1, 'chief': 2}[name]

    return add


@pytest.fixture
def links(database: Database, clock: AdvanceableClock, account: Callable[[str], int]) -> ShareLinks:
    """The links of a database with an account and an organisation."""
    account('clerk')
    database.write_sync(lambda session: ingest_imported_messages(session, [incoming_message()], zone=MOSCOW, now=NOON))
    return ShareLinks(database, clock)


PERSONAL_QUERY = MessageQuery(name='Королёв', phone='9161234567', statuses=frozenset({MessageStatus.FAILED}))


async def test_a_url_has_no_personal_data_and_restores_it(links: ShareLinks) -> None:
    written = await links.to_params(PERSONAL_QUERY, 1)
    assert set(written.params) == {'status', 'who'}
    assert not [value for value in written.params.values() if 'Корол' in value or '916' in value]
    read = await links.from_params(written.params)
    assert read is not None
    assert (read.query, read.is_complete) == (PERSONAL_QUERY, True)


PHONES = st.integers(10**9, 10**12).map(str) | st.just('+7 (916) 123-45-67')
DESCRIPTION_WITHOUT_NAME = MessageQuery(errors=frozenset({'Какой-то человек', '20'})).file_name()
NAMES = st.text('абвгдежзийклмнопрстуфхцчшщьыъэюя', min_size=2).filter(
    lambda name: name not in DESCRIPTION_WITHOUT_NAME  # «бе» is in «без кода»
)


@given(NAMES | PHONES, st.text(max_size=20), st.text(max_size=20))
def test_a_name_of_an_error_that_may_be_about_a_person_leaves_no_trace(person: str, before: str, after: str) -> None:
    key = f'{before}{person}{after}'
    query = MessageQuery(errors=frozenset({key, '20'}))
    urls = (str(query_params.to_params(query)), unquote_plus(query_params.to_url(query)))
    recorded = str((describe_without_person(query), record_conditions(query.conditions(), DataKey('k' * 32))))
    assert not [text for text in (*urls, query.describe(), query.file_name(), recorded) if person in text]
    assert query_params.to_complete_url(query) == ''
    assert query_params.PERSON_PARAM_NAMES & query_params.to_saved_params(query, TODAY).keys(), 'a purge would leave it'


async def test_a_link_and_a_saved_search_restore_the_name_of_an_error(
    links: ShareLinks, searches: SavedSearches
) -> None:
    for keys in ({'Не звонить Иванову'}, {'', '20', 'Иванов', 'Петров, +79161234567'}):
        query = MessageQuery(errors=frozenset(keys))
        written = await links.to_params(query, 1)
        assert await links.from_params(written.params) == written
        await searches.save(1, str(len(keys)), query)
    for search in await searches.list_own(1):
        linked = await searches.to_query(search)
        assert (len(linked.query.errors), linked.is_complete) == (int(search.name), True)


async def test_the_same_personal_data_reuses_the_key(links: ShareLinks) -> None:
    first = await links.to_params(PERSONAL_QUERY, 1)
    other_page = await links.to_params(PERSONAL_QUERY.with_order(Order('cost')), 1, first)
    another = await links.to_params(MessageQuery(name='Королёва'), 1, other_page)
    assert first.params['who'] == other_page.params['who'] != another.params['who']


@pytest.mark.parametrize('key', ['aaaaaaaaaaaaaaaaaaaaaa', '', 'x', '../../etc/passwd', 'ы' * 22])
async def test_an_unknown_key_is_not_resolved(links: ShareLinks, key: str) -> None:
    assert (await links.from_params({'who': key}) is None) == bool(key)


async def test_a_link_expires_thirty_days_after_it_was_last_opened(links: ShareLinks, clock: AdvanceableClock) -> None:
    params = (await links.to_params(PERSONAL_QUERY, 1)).params
    for _ in range(3):
        clock.now += LINK_TTL - timedelta(days=1)
        assert await links.from_params(params) is not None
    await links.purge()
    assert await links.from_params(params) is not None
    clock.now += LINK_TTL + timedelta(seconds=1)
    assert await links.from_params(params) is None
    await links.purge()
    clock.now -= LINK_TTL
    assert await links.from_params(params) is None


# Saved searches


@pytest.fixture
def searches(database: Database, links: ShareLinks, clock: AdvanceableClock) -> SavedSearches:
    """The saved searches of the same database."""
    return SavedSearches(database, MessageService(database, MOSCOW, clock), links)


async def test_a_saved_search_belongs_to_one_user(
    searches: SavedSearches, account: Callable[[str], int], clock: AdvanceableClock
) -> None:
    chief = account('chief')
    week = MessageQuery(
        name='Королёв',
        organizations=frozenset({OrganizationName(1, 'ГБУЗ МО «Химкинская областная больница»')}),
        statuses=frozenset({MessageStatus.FAILED}),
        period=Period(date(2026, 11, 15), date(2026, 11, 22)),
        order=Order('cost', descending=True),
    )
    await searches.save(1, ' Ошибки за  неделю, Химки ', week)
    (own,) = await searches.list_own(1)
    assert (own.name, await searches.list_own(chief)) == ('Ошибки за неделю, Химки', [])
    clock.now += timedelta(days=3)
    linked = await searches.to_query(own)
    assert linked.is_complete
    assert linked.query == MessageQuery(**{**vars(week), 'period': Period(date(2026, 11, 18), date(2026, 11, 25))})
    await searches.delete(chief, own.id)
    assert len(await searches.list_own(1)) == 1
    await searches.delete(1, own.id)
    assert await searches.list_own(1) == []


@pytest.mark.parametrize('name', ['', '  ', 'я' * (MAX_NAME_LENGTH + 1), 'а\x00б'])
async def test_an_invalid_name_is_rejected(searches: SavedSearches, name: str) -> None:
    with pytest.raises(InvalidSavedSearchError, match='от 1 до 60'):
        await searches.save(1, name, PERSONAL_QUERY)


async def test_a_name_is_unique_for_each_user(searches: SavedSearches, account: Callable[[str], int]) -> None:
    await searches.save(1, 'Ошибки', PERSONAL_QUERY)
    await searches.save(account('chief'), 'Ошибки', PERSONAL_QUERY)
    with pytest.raises(InvalidSavedSearchError, match='уже есть'):
        await searches.save(1, 'Ошибки', PERSONAL_QUERY)


async def test_the_number_of_saved_searches_is_limited(searches: SavedSearches) -> None:
    for number in range(MAX_SAVED_SEARCHES):
        await searches.save(1, str(number), PERSONAL_QUERY)
    with pytest.raises(InvalidSavedSearchError, match='Удалите лишние'):
        await searches.save(1, 'ещё', PERSONAL_QUERY)


async def test_all_users_have_the_built_in_searches(
    searches: SavedSearches, database: Database, clock: AdvanceableClock
) -> None:
    waiting = [
        incoming_message(
            status=MessageStatus.WAITING,
            queued_at=clock.now - timedelta(minutes=minutes),
            recipient_name=f'Н {minutes}',
        )
        for minutes in (59, 60, 61, 100_000)
    ]
    failed = [
        incoming_message(
            status=MessageStatus.FAILED, queued_at=clock.now - timedelta(days=days), recipient_name=f'О {days}'
        )
        for days in (0, 1)
    ]
    database.write_sync(lambda session: ingest_imported_messages(session, [*waiting, *failed], zone=MOSCOW, now=NOON))
    messages = MessageService(database, MOSCOW, clock)

    async def found(query: MessageQuery) -> list[str]:
        page = await messages.page(query, number=1, size=20)
        assert (await messages.totals(query)).count == len(page.rows)
        return [row.recipient_name for row in page.rows]

    built_in: dict[str, Any] = dict(searches.built_in())
    assert await found(built_in[texts.ERRORS_TODAY]) == ['О 0']
    assert await found(built_in[texts.WAITING_LONG]) == ['Н 60', 'Н 61', 'Н 100000']
    assert 'ждут больше часа' in built_in[texts.WAITING_LONG].describe()
