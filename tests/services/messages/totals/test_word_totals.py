"""Totals of a name from the stored totals of each word: every message counts exactly once."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.messages.search.planner_settings import PlannerSettings
from tests.helpers import reference_messages
from tests.helpers.database_copies import CopyOf
from tests.helpers.reference_messages import MOSCOW, NOON, ArrivedMessage

NAMES = (
    'Иванов Иван Иванович',
    'Иванова Мария Ивановна',
    'Иванов Иванов Иванов',
    'Иванова-Ивановская Анна Ивановна',
    'Селиванов Пётр',
    'Петров Иван Петрович',
    'Сидорова Анна',
)
ALWAYS_INDEX = PlannerSettings(scanned_row_cost_ns=1_000_000)
"""Settings with which the planner uses the text index for every text."""
FRAGMENTS = ('иванов', 'иван', 'ивановаиван', 'петр', 'анна', 'bdfyjd', 'селиванов', 'щщ')


def fill(database: Database) -> None:
    """Record messages, many of which have a fragment twice in the name."""
    dice = random.Random(5)
    messages = [
        replace(one, recipient_name=dice.choice(NAMES)) for one in reference_messages.random_messages(300, seed=5)
    ]
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))


@pytest.fixture
def database_url(copy_of: CopyOf) -> str:
    """The URL of a filled database that belongs to this test alone; the test runs on each engine."""
    return copy_of(fill)


@pytest.fixture
def stored(database: Database) -> list[ArrivedMessage]:
    """All messages of a journal in which many names have a fragment twice."""
    return database.read_sync(reference_messages.stored_messages)


def periods() -> Iterator[Period]:
    """Yield periods that begin and end inside ten-day blocks, at their ends, or nowhere."""
    today = NOON.date()
    yield Period()
    yield Period(today.replace(day=1), today)
    yield Period(date(2026, 10, 10), date(2026, 10, 31))
    yield Period(date(2026, 10, 30), date(2026, 11, 9))
    yield Period(None, date(2026, 11, 19))
    yield Period(date(2026, 10, 30))
    dice = random.Random(9)
    for _ in range(12):
        since, until = sorted(today - timedelta(days=dice.randrange(90)) for _ in range(2))
        yield Period(since, until)


def test_each_message_counts_once(database: Database, stored: list[ArrivedMessage]) -> None:
    messages = MessageService(database, MOSCOW, lambda: NOON, planner=ALWAYS_INDEX)
    for period in periods():
        for fragment in FRAGMENTS:
            query = MessageQuery(name=fragment, period=period)
            expected = reference_messages.expected_totals(reference_messages.expected_messages(stored, query))
            assert asyncio.run(messages.totals(query)) == expected, query


def test_a_page_is_reached_by_days(database: Database, stored: list[ArrivedMessage]) -> None:
    messages = MessageService(database, MOSCOW, lambda: NOON, planner=replace(ALWAYS_INDEX, min_deep_skip=5))
    for period in periods():
        query = MessageQuery(name='иван', period=period)
        expected = [one.message.id for one in reference_messages.expected_messages(stored, query)]
        for number in range(1, len(expected) // 20 + 1):
            page = asyncio.run(messages.page(query, number=number, size=20))
            assert [row.code for row in page.rows] == expected[(number - 1) * 20 : number * 20], (query, number)


def test_no_message_is_read_where_word_totals_exist(
    database: Database, stored: list[ArrivedMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr('services.messages.search.statements.totals_statement')
    query = MessageQuery(name='иванов', period=Period(date(2026, 10, 25), NOON.date()))
    totals = asyncio.run(MessageService(database, MOSCOW, lambda: NOON, planner=ALWAYS_INDEX).totals(query))
    assert totals == reference_messages.expected_totals(reference_messages.expected_messages(stored, query))
