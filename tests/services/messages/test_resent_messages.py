"""Messages that were sent again under a new id name each other."""

import re
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from models import MessageKind, MessageStatus
from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.ingest.message_parsing import IncomingMessage
from services.messages.message_service import MessageService
from services.messages.resent_messages import MAX_RELATED, SELECT_UNSENT_ORIGINALS, RelatedMessage, RelatedMessages
from tests.helpers.factories import incoming_message
from tests.helpers.query_plans import query_plan
from tests.helpers.reference_messages import MOSCOW, NOON

FAILED, SENT, WAITING = MessageStatus.FAILED, MessageStatus.SENT, MessageStatus.WAITING
HOUR = timedelta(hours=1)


def failed(**fields: object) -> IncomingMessage:
    """Build a message that failed: queued three hours before noon."""
    return message(status=FAILED, queued_at=NOON - 3 * HOUR, **fields)


def message(**fields: object) -> IncomingMessage:
    values: dict[str, object] = {'queued_at': NOON - 2 * HOUR, **fields}
    if values.get('status', SENT) == SENT:
        values.setdefault('sent_at', NOON - HOUR)
    return incoming_message(**values)  # type: ignore[arg-type]


def add_messages(database: Database, *messages: IncomingMessage) -> None:
    database.write_sync(partial(ingest_imported_messages, messages=messages, zone=MOSCOW, now=NOON))


async def related(database: Database, id: UUID) -> RelatedMessages:
    details = await MessageService(database, MOSCOW, lambda: NOON).details(id)
    assert details
    return details.related


@pytest.mark.parametrize('status', MessageStatus)
async def test_a_failed_message_and_its_repeat_name_each_other(database: Database, status: MessageStatus) -> None:
    first, second = failed(), message(status=status, text='Другой текст', recipient_name='КОРОЛЕВ Иван Петрович')
    add_messages(database, first, second)
    assert await related(database, first.id) == RelatedMessages([RelatedMessage(second.id, status)], [])
    assert await related(database, second.id) == RelatedMessages([], [RelatedMessage(first.id, FAILED)])


async def test_of_three_attempts_each_names_the_others(database: Database) -> None:
    first, second, third = failed(), message(status=FAILED), message(queued_at=NOON - HOUR)
    add_messages(database, first, second, third)
    ids = {
        id: ([one.id for one in found.resent_as], [one.id for one in found.resend_of])
        for id in (first.id, second.id, third.id)
        if (found := await related(database, id))
    }
    assert ids == {
        first.id: ([second.id, third.id], []),
        second.id: ([third.id], [first.id]),
        third.id: ([], [first.id, second.id]),
    }


async def test_of_two_in_one_second_the_later_arrival_is_the_repeat(database: Database) -> None:
    first, second = failed(), message(queued_at=NOON - 3 * HOUR)
    add_messages(database, first)
    add_messages(database, second)
    assert [one.id for one in (await related(database, first.id)).resent_as] == [second.id]
    assert (await related(database, second.id)).resent_as == []


@pytest.mark.parametrize(
    'changes',
    [
        {'phone': '+79990000000'},
        {'recipient_name': 'Королёва Анна'},
        {'kind': MessageKind.VACCINATION},
        {'appointment_at': NOON + 99 * HOUR},
        {'appointment_at': None},
        {'queued_at': NOON - 9 * HOUR, 'sent_at': NOON - 8 * HOUR},
    ],
    ids=['phone', 'person', 'kind', 'appointment', 'no appointment', 'earlier'],
)
async def test_another_message_is_no_repeat(database: Database, changes: dict[str, object]) -> None:
    first, other = failed(), message(**changes)
    add_messages(database, first, other)
    assert await related(database, first.id) == await related(database, other.id) == RelatedMessages([], [])


@pytest.mark.parametrize(('text', 'is_repeat'), [('Вы прикреплены', True), ('Вы откреплены', False)])
async def test_without_an_appointment_the_text_decides(database: Database, text: str, is_repeat: bool) -> None:
    first, second = failed(appointment_at=None, text='Вы прикреплены'), message(appointment_at=None, text=text)
    add_messages(database, first, second)
    assert bool((await related(database, first.id)).resent_as) is is_repeat


async def test_a_second_reminder_does_not_repeat_one_that_was_sent(database: Database) -> None:
    first, second = message(queued_at=NOON - 9 * HOUR), message()
    add_messages(database, first, second)
    assert await related(database, first.id) == RelatedMessages([], [])


async def test_few_of_many_repeats_are_named(database: Database) -> None:
    first = failed()
    add_messages(database, first, *(message(status=FAILED) for _ in range(MAX_RELATED + 1)))
    assert len((await related(database, first.id)).resent_as) == MAX_RELATED


def test_the_originals_of_changed_messages_are_found_by_indexes(database: Database) -> None:
    values = {'ids': [message().id, message().id]}
    plan = query_plan(database, SELECT_UNSENT_ORIGINALS, values, 'SET enable_seqscan = off')
    assert not re.search('SCAN|Seq Scan', plan), plan
    assert 'message_phone' in plan, plan
