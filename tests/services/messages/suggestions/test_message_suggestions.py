"""A search is told what finds more, or less: every number is that of the search that is offered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from models import MessageStatus
from services import texts
from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.lists.query_protocol import Order, Period
from services.lists.suggestions import Suggestion
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.messages.suggestions.message_suggestions import MessageSuggestions
from services.messages.suggestions.similar_names import one_letter_away
from services.messages.suggestions.similar_phones import similar_numbers
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

MONTH = Period(NOON.date() - timedelta(days=30), NOON.date())
PEOPLE = (
    ('Иванов Пётр Сергеевич', '+79161234567', 1),
    ('Иванов Пётр Сергеевич', '+79161234567', 90),
    ('Иванова Анна Ивановна', '+79161234576', 2),
    ('Петрова Мария Ивановна', '+79161234577', 3),
    ('Селиванов Семён Ильич', '+79031112233', 4),
)


@pytest.fixture
def messages(database: Database) -> MessageService:
    """Five messages; one is older than the month that a page shows first."""
    incoming = [
        incoming_message(
            recipient_name=name,
            phone=phone,
            queued_at=NOON - timedelta(days=days_ago),
            sent_at=NOON - timedelta(days=days_ago),
        )
        for name, phone, days_ago in PEOPLE
    ]
    database.write_sync(lambda session: ingest_imported_messages(session, incoming, zone=MOSCOW, now=NOON))
    return MessageService(database, MOSCOW, lambda: NOON)


Offered = Mapping[str, Sequence[Suggestion[MessageQuery]]]


async def offered_instead(messages: MessageService, query: MessageQuery) -> Offered:
    """Return what is offered instead of a search, by title; check each number by running the search."""
    source = MessageSuggestions(messages, alternatives_seconds=60)
    groups = [group async for group in source.alternatives(query)]
    for group in groups:
        assert group.is_about_others == (group.title != texts.RELAXED_SEARCHES)
        for each in group.suggestions:
            assert (await messages.totals(each.query)).count == each.count
    return {group.title: group.suggestions for group in groups}


def numbers(offers: Sequence[Suggestion[MessageQuery]]) -> dict[str, int | None]:
    """Return the numbers by the words of the offers, in their order."""
    return {each.text.rpartition(': ')[0]: each.count for each in offers}


@pytest.mark.parametrize(
    ('typed', 'count'), [('иванов', 3), ('иванова', 1), ('"иванов"', 2), ('петр', 0), ('петров', 1), ('ивановна', 0)]
)
async def test_the_people_with_the_surname_are_counted(messages: MessageService, typed: str, count: int) -> None:
    query = MessageQuery(name=typed)
    offers = await MessageSuggestions(messages).narrower(query)
    if not count:
        assert offers == ()
        return
    narrowed = replace(query, surname_only=True)
    assert offers == (Suggestion(f'Только фамилия: {count}', narrowed, count),)
    assert (await messages.totals(narrowed)).count == count
    assert len((await messages.page(narrowed, number=1, size=20)).rows) == count
    assert await MessageSuggestions(messages).narrower(narrowed) == ()


async def test_a_surname_that_is_not_counted_in_time_has_no_number(messages: MessageService) -> None:
    (offer,) = await MessageSuggestions(messages, narrower_seconds=0).narrower(MessageQuery(name='иванов'))
    assert (offer.text, offer.count) == (texts.SURNAME_ONLY, None)


async def test_each_condition_is_left_out_alone(messages: MessageService) -> None:
    order = Order('recipient_name')
    query = MessageQuery(
        name='иванов',
        surname_only=True,
        phone='4577',
        period=MONTH,
        statuses=frozenset({MessageStatus.SENT}),
        order=order,
    )
    offers = (await offered_instead(messages, query))[texts.RELAXED_SEARCHES]
    assert numbers(offers) == {'Без „Только фамилия“': 1, 'Без телефона': 2, 'Без ФИО': 1}
    assert {each.query.order for each in offers} == {order}
    waiting = MessageQuery(period=MONTH, older_than=60)
    offers = (await offered_instead(messages, waiting))[texts.RELAXED_SEARCHES]
    assert numbers(offers) == {'Без „Ждут больше часа“': 4}


async def test_the_default_period_hides_nothing_silently(messages: MessageService) -> None:
    old = Period(NOON.date() - timedelta(days=60), NOON.date() - timedelta(days=50))
    for query in (
        MessageQuery(name='селиванов', period=old),
        MessageQuery(phone='89031112233', period=old),
    ):
        offers = await offered_instead(messages, query)
        assert numbers(offers[texts.RELAXED_SEARCHES]) == {'Без даты': 1}
    offers = await offered_instead(messages, MessageQuery(statuses=frozenset({MessageStatus.SENT}), period=old))
    assert numbers(offers[texts.RELAXED_SEARCHES]) == {'Без даты': 5}


async def test_a_phone_with_one_wrong_digit_is_found(messages: MessageService) -> None:
    for typed in ('+7 (916) 123-45-78', '89161234677', '916123457'):
        offers = (await offered_instead(messages, MessageQuery(phone=typed, period=MONTH)))[texts.SIMILAR_PHONES]
        assert numbers(offers), typed
    offers = (await offered_instead(messages, MessageQuery(phone='+79161234566', period=MONTH)))[texts.SIMILAR_PHONES]
    assert numbers(offers) == {'+7 (916) 123-45-76': 1, '+7 (916) 123-45-67': 2}
    assert {each.query.period for each in offers} == {Period()}
    narrowed = MessageQuery(phone='+79161234566', name='петр', statuses=frozenset({MessageStatus.FAILED}))
    assert texts.SIMILAR_PHONES not in await offered_instead(messages, narrowed)
    assert texts.SIMILAR_PHONES not in await offered_instead(messages, MessageQuery(phone='999', period=MONTH))


def test_similar_numbers_are_one_mistake_away() -> None:
    found = similar_numbers('89161234567')
    assert len(found) == len(set(found)) == 99
    assert {'+79161234576', '+79161234568', '+76161234567', '+79611234567'} <= set(found)
    assert '+79161234567' not in found
    assert {'+79161234567', '+79161234500'} - set(similar_numbers('916123456')) == {'+79161234500'}
    assert {number[:4] for number in similar_numbers('+998901111110')} == {'+998'}
    assert similar_numbers('') == similar_numbers('4567') == ()


@pytest.mark.parametrize('typed', ['ивонов', 'иаванов', 'ианов', 'иавнов', 'Ивонов П.С.', 'пётр ивонов'])
async def test_a_name_with_one_wrong_letter_is_found(messages: MessageService, typed: str) -> None:
    offers = (await offered_instead(messages, MessageQuery(name=typed)))[texts.SIMILAR_NAMES]
    assert 'Иванов' in offers[0].text
    assert offers[0].query.period == Period()
    old = Period(NOON.date() - timedelta(days=60), NOON.date() - timedelta(days=50))
    (offer, *_) = (await offered_instead(messages, MessageQuery(name=typed, period=old)))[texts.SIMILAR_NAMES]
    assert offer.query.period == Period()


async def test_a_known_name_has_no_similar_ones(messages: MessageService) -> None:
    for typed in ('иванов мария', 'сидорчук', 'ива', 'я' * 30):
        assert texts.SIMILAR_NAMES not in await offered_instead(messages, MessageQuery(name=typed))
    assert {'иванов', 'вионов', 'ивоно', 'ивонова', 'ионов'} <= set(one_letter_away('ивонов'))


async def test_what_is_not_counted_in_time_is_left_out_but_for_the_period(messages: MessageService) -> None:
    query = MessageQuery(name='ивонов', phone='+79161234566', older_than=60)
    source = MessageSuggestions(messages, alternatives_seconds=0)
    assert [group async for group in source.alternatives(query)] == []
    (group,) = [group async for group in source.alternatives(replace(query, period=MONTH))]
    assert [(each.text, each.count, each.query) for each in group.suggestions] == [('Без даты', None, query)]


async def test_a_code_has_no_alternatives(messages: MessageService) -> None:
    assert await offered_instead(messages, MessageQuery(code='0' * 8, period=MONTH)) == {}
