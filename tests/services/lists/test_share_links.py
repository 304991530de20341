"""A search as an address says it, and as it is remembered: nothing is lost, and nobody is named in an address."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import MessageKind, MessageStatus
from services import texts
from services.accounts.accounts import Accounts
from services.database.engine import Database
from services.ingest.message_ingest import record
from services.lists.organizations import OrganizationName, Organizations
from services.lists.query_protocol import Order, Period
from services.lists.saved_searches import LONGEST_NAME, MOST, Searches, SearchRefused
from services.lists.share_links import KEPT, Links
from services.messages import query_params
from services.messages.message_query import ORDERS, MessageQuery
from services.messages.message_service import Messages
from tests.helpers.factories import incoming
from tests.helpers.reference_messages import MOSCOW, NOON

TODAY = NOON.date()
KNOWN = {number: OrganizationName(number, f'Больница № {number}') for number in (1, 2, 31)}
DAYS = st.none() | st.dates(date(2000, 1, 1), date(2100, 12, 31))


@st.composite
def queries(draw: st.DrawFn) -> MessageQuery:
    """Any query that can be asked."""
    since, until = draw(DAYS), draw(DAYS | st.just(TODAY))
    if since and until and since > until:
        since, until = until, since
    return MessageQuery(
        name=draw(st.text(max_size=20)),
        phone=draw(st.text('0123456789', max_size=10)),
        kind=draw(st.none() | st.sampled_from(MessageKind)),
        period=Period(since, until),
        organization=draw(st.none() | st.sampled_from(list(KNOWN.values()))),
        statuses=draw(st.frozensets(st.sampled_from(MessageStatus))),
        older_than=draw(st.none() | st.integers(1, 100_000)),
        order=draw(st.none() | st.builds(Order, st.sampled_from(ORDERS), st.booleans())),
    )


@given(queries())
def test_a_link_is_read_as_it_was_written(query: MessageQuery) -> None:
    linked = query_params.read(query_params.written(query), KNOWN, person=query_params.person(query))
    assert (linked.query, linked.whole) == (query, True)


@given(queries(), st.integers(0, 400))
def test_a_remembered_period_goes_on_ending_today(query: MessageQuery, later: int) -> None:
    words = query_params.remembered(query, TODAY)
    then = TODAY + timedelta(days=later)
    again = query_params.read(words, KNOWN, person=words, today=then).query
    since, until = query.period.since, query.period.until
    moved = since and until == TODAY
    assert again.period == (Period(since + timedelta(days=later), then) if since and moved else query.period)
    assert (again.name, again.order, again.statuses) == (query.name, query.order, query.statuses)


@given(st.dictionaries(st.sampled_from(sorted(query_params.WORDS)), st.text(max_size=12)))
def test_whatever_stands_in_an_address_is_a_query(words: dict[str, str]) -> None:
    linked = query_params.read(words, KNOWN)
    linked.query.check()
    assert query_params.read(query_params.written(linked.query), KNOWN).query == linked.query


@pytest.mark.parametrize(
    ('words', 'query'),
    [
        ({'org': '7'}, MessageQuery()),
        ({'from': '2026-13-01', 'to': '2026-11-22'}, MessageQuery(period=Period(None, date(2026, 11, 22)))),
        ({'from': '2026-11-23', 'to': '2026-11-22'}, MessageQuery()),
        ({'from': '1026-11-23'}, MessageQuery()),
        ({'status': 'failed.lost'}, MessageQuery(statuses=frozenset({MessageStatus.FAILED}))),
        ({'sort': 'text', 'desc': '1'}, MessageQuery()),
        ({'waiting': '-5'}, MessageQuery()),
    ],
)
def test_what_cannot_be_understood_is_left_out_and_told(words: dict[str, str], query: MessageQuery) -> None:
    linked = query_params.read(words, KNOWN)
    assert (linked.query, linked.whole) == (query, False)


# On the server


class Clock:
    """A clock that a test puts forward."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of the links."""
    return Clock()


@pytest.fixture
def account(database: Database) -> Callable[[str], int]:
    """Add an account; give its number."""

    def add(name: str) -> int:
        Accounts(database).add(name, 'WebAdmin', 'correct horse battery')
        return {'clerk': 1, 'chief': 2}[name]

    return add


@pytest.fixture
def links(database: Database, clock: Clock, account: Callable[[str], int]) -> Links:
    """Links of a database with an account and an organisation."""
    account('clerk')
    database.write_now(lambda session: record(session, [incoming()], zone=MOSCOW, now=NOON))
    return Links(database, Organizations(database), clock)


PERSON = MessageQuery(name='Королёв', phone='9161234567', statuses=frozenset({MessageStatus.FAILED}))


async def test_an_address_names_nobody_and_leads_to_the_person(links: Links) -> None:
    written = await links.write(PERSON, 1)
    assert set(written.words) == {'status', 'who'}
    assert not [value for value in written.words.values() if 'Корол' in value or '916' in value]
    read = await links.read(written.words)
    assert read is not None
    assert (read.query, read.whole) == (PERSON, True)


async def test_the_same_person_keeps_the_same_key(links: Links) -> None:
    first = await links.write(PERSON, 1)
    other_page = await links.write(PERSON.with_order(Order('cost')), 1, first)
    another = await links.write(MessageQuery(name='Королёва'), 1, other_page)
    assert first.words['who'] == other_page.words['who'] != another.words['who']


@pytest.mark.parametrize('key', ['aaaaaaaaaaaaaaaaaaaaaa', '', 'x', '../../etc/passwd', 'ы' * 22])
async def test_an_unknown_key_leads_nowhere(links: Links, key: str) -> None:
    assert (await links.read({'who': key}) is None) == bool(key)


async def test_a_link_lives_for_thirty_days_after_it_was_opened_last(links: Links, clock: Clock) -> None:
    words = (await links.write(PERSON, 1)).words
    for _ in range(3):
        clock.now += KEPT - timedelta(days=1)
        assert await links.read(words) is not None
    await links.purge()
    assert await links.read(words) is not None
    clock.now += KEPT + timedelta(seconds=1)
    assert await links.read(words) is None
    await links.purge()
    clock.now -= KEPT
    assert await links.read(words) is None


# Under a name


@pytest.fixture
def searches(database: Database, links: Links, clock: Clock) -> Searches:
    """Searches of the same database."""
    return Searches(database, Messages(database, MOSCOW, clock), links)


async def test_a_search_is_kept_for_its_owner_alone(
    searches: Searches, account: Callable[[str], int], clock: Clock
) -> None:
    chief = account('chief')
    week = MessageQuery(
        name='Королёв',
        organization=OrganizationName(1, 'ГБУЗ МО «Химкинская областная больница»'),
        statuses=frozenset({MessageStatus.FAILED}),
        period=Period(date(2026, 11, 15), date(2026, 11, 22)),
        order=Order('cost', descending=True),
    )
    await searches.save(1, ' Ошибки за  неделю, Химки ', week)
    (own,) = await searches.own(1)
    assert (own.name, await searches.own(chief)) == ('Ошибки за неделю, Химки', [])
    clock.now += timedelta(days=3)
    linked = await searches.query(own)
    assert linked.whole
    assert linked.query == MessageQuery(**{**vars(week), 'period': Period(date(2026, 11, 18), date(2026, 11, 25))})
    await searches.delete(chief, own.id)
    assert len(await searches.own(1)) == 1
    await searches.delete(1, own.id)
    assert await searches.own(1) == []


@pytest.mark.parametrize('name', ['', '  ', 'я' * (LONGEST_NAME + 1), 'а\x00б'])
async def test_a_name_that_will_not_do_is_refused(searches: Searches, name: str) -> None:
    with pytest.raises(SearchRefused, match='от 1 до 60'):
        await searches.save(1, name, PERSON)


async def test_a_name_is_taken_once_by_each_person(searches: Searches, account: Callable[[str], int]) -> None:
    await searches.save(1, 'Ошибки', PERSON)
    await searches.save(account('chief'), 'Ошибки', PERSON)
    with pytest.raises(SearchRefused, match='уже есть'):
        await searches.save(1, 'Ошибки', PERSON)


async def test_nobody_keeps_searches_without_end(searches: Searches) -> None:
    for number in range(MOST):
        await searches.save(1, str(number), PERSON)
    with pytest.raises(SearchRefused, match='Удалите лишние'):
        await searches.save(1, 'ещё', PERSON)


async def test_everybody_has_errors_of_today_and_what_waits_long(
    searches: Searches, database: Database, clock: Clock
) -> None:
    waiting = [
        incoming(
            status=MessageStatus.WAITING,
            queued_at=clock.now - timedelta(minutes=minutes),
            recipient_name=f'Н {minutes}',
        )
        for minutes in (59, 60, 61, 100_000)
    ]
    failed = [
        incoming(status=MessageStatus.FAILED, queued_at=clock.now - timedelta(days=days), recipient_name=f'О {days}')
        for days in (0, 1)
    ]
    database.write_now(lambda session: record(session, [*waiting, *failed], zone=MOSCOW, now=NOON))
    messages = Messages(database, MOSCOW, clock)

    async def found(query: MessageQuery) -> list[str]:
        page = await messages.page(query, number=1, size=20)
        assert (await messages.totals(query)).count == len(page.rows)
        return [row.recipient_name for row in page.rows]

    built_in: dict[str, Any] = dict(searches.built_in())
    assert await found(built_in[texts.ERRORS_TODAY]) == ['О 0']
    assert await found(built_in[texts.WAITING_LONG]) == ['Н 60', 'Н 61', 'Н 100000']
    assert 'ждут больше часа' in built_in[texts.WAITING_LONG].sentence()
