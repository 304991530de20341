"""Errors are counted by code, else by name, within the conditions of a query and within a week."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from models import MessageStatus
from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

DAY = timedelta(days=1)
TODAY = NOON.date()
FAILURES: list[tuple[str | None, str | None, datetime]] = [
    ('20', 'Абонент недоступен', NOON),
    ('20', 'Нет связи', NOON - 6 * DAY),
    ('20', 'Абонент недоступен', NOON - 7 * DAY),
    (None, 'Отказ', NOON),
    (None, 'Отказ', NOON - DAY),
    (None, None, NOON - DAY),
]


@pytest.fixture
def messages(database: Database) -> MessageService:
    """A journal of some failures, and of a message that waits after one; on each engine."""
    failed = [
        incoming_message(status=MessageStatus.FAILED, queued_at=at, error_code=code, error_name=name)
        for code, name, at in FAILURES
    ]
    waiting = incoming_message(status=MessageStatus.WAITING, queued_at=NOON, error_code='20')
    database.write_sync(
        partial(ingest_imported_messages, messages=[*failed, waiting], zone=MOSCOW, now=NOON + timedelta(minutes=1))
    )
    return MessageService(database, MOSCOW, lambda: NOON)


async def test_errors_are_counted_in_the_period_by_code_else_by_name(messages: MessageService) -> None:
    counts = await messages.error_counts(MessageQuery(name='никто', errors=frozenset({'1'})))
    assert [(each.key, each.title, each.count) for each in counts] == [
        ('20', 'Абонент недоступен (20)', 3),
        ('Отказ', 'Отказ', 2),
        ('', 'Без названия', 1),
    ]
    of_today = await messages.error_counts(MessageQuery(period=Period(TODAY, TODAY)))
    assert [(each.key, each.count) for each in of_today] == [('20', 1), ('Отказ', 1)]


async def test_each_count_is_that_of_the_search(messages: MessageService) -> None:
    for each in await messages.error_counts(MessageQuery()):
        assert (await messages.totals(MessageQuery(errors=frozenset({each.key})))).count == each.count


async def test_a_failed_message_knows_how_many_others_failed_by_the_same_error_in_a_week(
    messages: MessageService,
) -> None:
    rows = (await messages.page(MessageQuery(), number=1, size=20)).rows
    found = [(row.status, row.error_key, await messages.same_error(row)) for row in rows]
    counts = [(key, same[0] if same else None) for _, key, same in found]
    assert sorted(counts, key=str) == sorted(
        [('20', None), ('20', 1), ('20', 1), ('20', 2), ('Отказ', 1), ('Отказ', 1), ('', 0)], key=str
    )
    oldest = await messages.same_error(rows[-1])
    assert oldest
    assert oldest[1] == MessageQuery(errors=frozenset({'20'}), period=Period(TODAY - 6 * DAY, TODAY))
    assert (await messages.totals(oldest[1])).count == oldest[0] == 2
