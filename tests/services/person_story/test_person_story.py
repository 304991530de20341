"""The story of a person: their messages of all years and the calls about them, the newest first."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import update

from models import CallOutcome, MessageStatus
from services.call_list.call_list_service import CallListService
from services.call_list.return_times import ReturnTime
from services.database.engine import Database
from services.database.tables import MESSAGE_TABLE
from services.ingest.message_parsing import IncomingMessage
from services.person_story import person_story
from services.person_story.person_story import PersonStory, StoryCall, StoryScope
from services.person_story.person_story_service import PersonStories
from tests.helpers.call_lists import ANNA, BORIS, CODES, SettableClock, add_messages, failed, only_call
from tests.helpers.factories import incoming_message
from tests.helpers.query_plans import query_plan
from tests.helpers.reference_messages import MOSCOW, NOON

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
