"""The opened row of a message tells whether the recipient was called, by whom and when, and what was noted."""

from datetime import timedelta

import pytest

from journal_ui.pages.calls.call_fields import call_fields
from journal_ui.pages.messages import message_list_definition
from models import CallOutcome, MessageStatus
from services import texts
from services.call_list.call_list_service import CallListService
from services.call_list.message_calls import MessageCalls
from services.call_list.return_times import ReturnTime
from services.composition import compose
from services.database.engine import Database
from services.ingest.message_parsing import IncomingMessage
from services.messages.message_query import MessageQuery
from services.settings import Settings
from tests.helpers.call_lists import ANNA, BORIS, CODES, SettableClock, add_messages, failed, only_call
from tests.helpers.reference_messages import MOSCOW, NOON


async def displayed_calls(calls: CallListService, message: IncomingMessage) -> list[str]:
    """Return the lines of the field of the calls."""
    fields = list(call_fields(await calls.calls_about(message.id), message.status, MOSCOW))
    assert [field.title for field in fields] == ['Звонки'] * len(fields)
    return [line for field in fields for line in (field.text, *(f'{each.time} {each.text}' for each in field.timeline))]


@pytest.mark.parametrize('status', MessageStatus)
def test_only_for_a_message_that_was_sent_it_is_not_said_that_nobody_called(status: MessageStatus) -> None:
    fields = [field.text for field in call_fields(MessageCalls(), status, MOSCOW)]
    assert fields == ([] if status is MessageStatus.SENT else ['Звонок не отмечен'])


async def test_the_opened_row_tells_who_called_when_and_what_was_noted(database: Database) -> None:
    clock = SettableClock()
    calls = CallListService(database, MOSCOW, CODES, clock)
    message = failed()
    add_messages(database, message)
    call = await only_call(calls)
    assert await calls.claim(call, ANNA)
    assert await displayed_calls(calls, message) == ['', '22.11.2026 12:00 звонит anna']
    assert await calls.complete(call, ANNA, CallOutcome.NOT_REACHED, 'занято', ReturnTime.HALF_AN_HOUR)
    first_call = '22.11.2026 12:00 Не дозвонились · anna · «занято» ·'
    assert await displayed_calls(calls, message) == ['', f'{first_call} перезвонить 22.11.2026 12:30']
    clock.now = NOON + timedelta(hours=1)
    returned = f'{first_call} снова в списке с 22.11.2026 12:30'
    assert await displayed_calls(calls, message) == ['', returned]
    call = await only_call(calls)
    assert await calls.claim(call, BORIS)
    assert await calls.complete(call, BORIS, CallOutcome.REACHED, '')
    assert await displayed_calls(calls, message) == ['', '22.11.2026 13:00 Дозвонились · boris', returned]
    (completed,) = await calls.completed_calls(calls.default_query(), 20)
    await calls.reopen(completed, ANNA)
    lines = [
        '22.11.2026 13:00 Дозвонились · boris · возвращён в список: anna · 22.11.2026 13:00',
        returned,
    ]
    assert await displayed_calls(calls, message) == ['', *lines]

    services = compose(Settings(database_url=database.url.render_as_string(hide_password=False)), database)
    definition = message_list_definition(services)
    (row,) = (await definition.source.page(MessageQuery(), number=1, size=5)).rows
    details = await definition.load_details(row)
    assert details
    (field,) = (field for field in details if field.title == texts.CALLS_ABOUT_MESSAGE)
    assert [f'{each.time} {each.text}' for each in field.timeline] == lines
