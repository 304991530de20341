"""The story of a person: their messages of all years and the calls about them, the newest first."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import update

from models import CallOutcome, MessageStatus
from services.access_scope.organization_scope import OrganizationScope
from services.call_list.call_list_service import CallListService
from services.call_list.call_queries import CLAIM_DURATION
from services.call_list.return_times import ReturnTime
from services.database.engine import Database
from services.database.tables import MESSAGE_TABLE
from services.ingest.message_parsing import IncomingMessage
from services.person_story import person_story
from services.person_story.person_story import PersonStory, StoryCall, StoryScope
from services.person_story.person_story_service import PersonStories
from tests.helpers.call_lists import (
    ANNA,
    BORIS,
    CODES,
    SettableClock,
    add_messages,
    failed,
    only_call,
    pending_calls,
)
from tests.helpers.factories import incoming_message
from tests.helpers.query_plans import query_plan
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.scoped_journal import organization_ids

PHONE = '+79165550101'
YEAR = timedelta(days=365)


def sent(at: datetime, name: str = 'Королёв Иван', phone: str = PHONE, **more: object) -> IncomingMessage:
    return incoming_message(recipient_name=name, phone=phone, queued_at=at, sent_at=at, **more)  # type: ignore[arg-type]


async def read(
    database: Database, code: IncomingMessage, scope: StoryScope = StoryScope.PERSON, limit: int = 50
) -> PersonStory:
    story = await PersonStories(database, MOSCOW, lambda: NOON + timedelta(hours=3)).read(code.id, scope, limit)
    assert story
    return story


async def test_the_story_has_all_years_and_spellings_and_no_other_person(database: Database) -> None:
    new, old = sent(NOON), sent(NOON - 3 * YEAR, 'КОРОЛЕВ  ИВАН')
    child = sent(NOON - YEAR, 'Королёва Анна')
    namesake = sent(NOON - YEAR, phone='+79165550102')
    add_messages(database, old, new, child, namesake)
    for code in (new, old):
        story = await read(database, code)
        assert [each.id for each in story.messages] == [new.id, old.id]
        assert (story.phone, story.person_count, story.phone_count, story.count) == (PHONE, 2, 3, 2)
    family = await read(database, new, StoryScope.PHONE)
    assert [(each.id, each.recipient_name) for each in family.messages] == [
        (new.id, 'Королёв Иван'),
        (child.id, 'Королёва Анна'),
        (old.id, 'КОРОЛЕВ  ИВАН'),
    ]
    assert family.count == 3
    assert (story.query.name, story.query.phone) == ('КОРОЛЕВ  ИВАН', PHONE)
    assert (family.query.name, family.query.phone) == ('', PHONE)


async def test_a_part_of_a_story_says_how_many_messages_there_are(database: Database) -> None:
    messages = [sent(NOON - number * timedelta(hours=1)) for number in range(7)]
    add_messages(database, *messages)
    story = await read(database, messages[5], limit=3)
    assert [each.id for each in story.messages] == [each.id for each in messages[:3]]
    assert story.count == 7


async def test_calls_are_between_the_messages_once_each(database: Database) -> None:
    clock = SettableClock()
    calls = CallListService(database, MOSCOW, CODES, clock)
    first, second = failed(), failed(queued_at=NOON - timedelta(hours=4), attempted_at=NOON - timedelta(hours=3))
    add_messages(database, first, second)
    call = await only_call(calls)
    assert await calls.claim(call, ANNA)
    assert await calls.complete(call, ANNA, CallOutcome.NOT_REACHED, 'занято', ReturnTime.HALF_AN_HOUR)
    clock.now = NOON + timedelta(hours=1)
    call = await only_call(calls)
    assert await calls.claim(call, BORIS)
    assert await calls.complete(call, BORIS, CallOutcome.REACHED, 'придёт')
    later = incoming_message(
        recipient_name=first.recipient_name, phone=first.phone, queued_at=NOON, sent_at=NOON + timedelta(minutes=30)
    )
    add_messages(database, later)
    story = await read(database, first)
    assert [entry.call.note if isinstance(entry, StoryCall) else entry.id for entry in story.entries] == [
        'придёт',
        later.id,
        'занято',
        first.id,
        second.id,
    ]
    assert all(set(entry.message_ids) == {first.id, second.id} for entry in story.calls)


async def test_who_is_calling_now_is_told_as_in_the_row_of_the_message(database: Database) -> None:
    clock = SettableClock()
    calls = CallListService(database, MOSCOW, CODES, clock)
    stories = PersonStories(database, MOSCOW, clock)
    hour = timedelta(hours=1)
    first, second = failed(), failed('КОРОЛЕВ  ИВАН', queued_at=NOON - 4 * hour, attempted_at=NOON - 3 * hour)
    child = failed('Королёва Анна')
    other = failed(phone='+79035554433')
    add_messages(database, first, second, child, other, sent(NOON - YEAR, phone=first.phone))

    async def ongoing(scope: StoryScope = StoryScope.PERSON) -> list[tuple[str, str, datetime]]:
        story = await stories.read(first.id, scope, 50)
        assert story
        return [(each.recipient_name, each.claim.claimed_by, each.claim.claimed_at) for each in story.ongoing_calls]

    assert await ongoing() == []
    by_phone = {(each.name, each.key.phone): each for each in await pending_calls(calls)}
    assert await calls.claim(by_phone[other.recipient_name, other.phone], BORIS)
    assert await ongoing(StoryScope.PHONE) == [], 'a call to another phone'
    clock.now += timedelta(minutes=1)
    assert await calls.claim(by_phone[child.recipient_name, child.phone], BORIS)
    assert await ongoing() == [], 'a call to another person'
    (own,) = (each for each in by_phone.values() if len(each.messages) == 2)
    assert await calls.claim(own, ANNA)
    own_call = ('Королёв Иван', 'anna', clock.now)
    assert await ongoing() == [own_call], 'once for both messages'
    assert set(await ongoing(StoryScope.PHONE)) == {own_call, ('Королёва Анна', 'boris', clock.now)}
    clock.now += CLAIM_DURATION
    assert await ongoing(StoryScope.PHONE) == [], 'both claims have lapsed'
    assert await calls.claim(own, ANNA)
    assert await calls.complete(own, ANNA, CallOutcome.REACHED, '')
    assert await ongoing() == []


async def test_a_claim_is_told_only_because_of_messages_that_need_a_call_within_the_scope(database: Database) -> None:
    clock = SettableClock()
    calls = CallListService(database, MOSCOW, CODES, clock)
    stories = PersonStories(database, MOSCOW, clock)
    foreign = failed(organization='Чужая больница')
    own = sent(NOON - timedelta(hours=1), phone=foreign.phone, organization='Своя больница')
    add_messages(database, foreign, own)
    assert await calls.claim(await only_call(calls), ANNA)
    limited = stories.within(OrganizationScope(frozenset({organization_ids(database)['Своя больница']})))
    for reader, count in ((stories, 1), (limited, 0)):
        story = await reader.read(own.id, StoryScope.PERSON, 50)
        assert story
        assert len(story.ongoing_calls) == count


async def test_an_unknown_code_and_an_anonymized_recipient_have_no_story(database: Database) -> None:
    message = sent(NOON, status=MessageStatus.SENT)
    add_messages(database, message, sent(NOON))
    anonymize = update(MESSAGE_TABLE).where(MESSAGE_TABLE.c.id == message.id).values(phone='', name_key='')
    database.write_sync(lambda session: session.execute(anonymize) and None)
    stories = PersonStories(database, MOSCOW, lambda: NOON)
    assert await stories.read(message.id, StoryScope.PHONE, 50) is None
    assert await stories.read(uuid4(), StoryScope.PERSON, 50) is None


def test_the_messages_are_read_by_the_phone_in_their_order(database: Database) -> None:
    add_messages(database, *(sent(NOON - number * timedelta(hours=1)) for number in range(3)))
    params = {'phone': PHONE, 'name_key': 'королев иван', 'size': 50}
    for statement in (person_story.MESSAGES_OF_PERSON, person_story.MESSAGES_OF_PHONE):
        plan = query_plan(database, statement, params, 'SET enable_seqscan = off', 'SET enable_sort = off')
        assert 'message_phone' in plan
        assert 'TEMP B-TREE' not in plan
        assert 'Sort' not in plan
