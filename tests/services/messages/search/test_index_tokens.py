"""The index query of a text; test_search_equals_reference.py checks that searches with it are right."""

import random
from dataclasses import replace
from itertools import chain

import pytest

from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.messages.message_query import MessageQuery
from services.messages.search import index_tokens
from services.messages.search.index_tokens import IndexQuery
from services.messages.search.planner_settings import PlannerSettings
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import TokenSelectivity
from tests.helpers import reference_messages
from tests.helpers.reference_messages import MOSCOW, NOON

NAMES = (
    'Салтыков-Щедрин Михаил Евграфович',
    'Щедрина Мария Ивановна',
    'Иванова\N{HYPHEN}Петрова Анна Петровна',
    "О'Нил-Джонс Анна",
)


ALWAYS_INDEX = PlannerSettings(scanned_row_cost_ns=1_000_000, max_selective_share=1)
"""Settings with which the planner uses the text index for every text."""


@pytest.fixture
def journal(database: Database) -> Database:
    """A journal of four names."""
    generated = reference_messages.random_messages(len(NAMES), seed=1)
    messages = [replace(message, recipient_name=name) for message, name in zip(generated, NAMES, strict=True)]
    random.Random(1).shuffle(messages)
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))
    return database


def index_query(database: Database, planner: PlannerSettings = ALWAYS_INDEX, **conditions: str) -> IndexQuery | None:
    """Return the index query of a name and a phone."""
    query = MessageQuery(**conditions)  # type: ignore[arg-type]
    return database.read_sync(
        lambda session: index_tokens.build_index_query(
            BoundQuery.bind(session, query, MOSCOW, TokenSelectivity(), NOON, planner)
        )
    )


@pytest.mark.parametrize(
    ('name', 'words'),
    [
        ('щедрин', {'щедрин', 'щедрина'}),
        ('салтыков', {'салтыков'}),
        ('тыковщед', {'салтыков-щедрин'}),
        ('он', {'онилджонс'}),
    ],
)
def test_a_double_name_is_looked_up_only_if_neither_half_contains_the_fragment(
    journal: Database, name: str, words: set[str]
) -> None:
    query = index_query(journal, name=name)
    assert query is not None
    ((only,),) = query.alternatives
    assert set(only) == words
    assert query.is_exact


@pytest.mark.parametrize(
    ('name', 'tokens'),
    [
        ('михаил щедр', {'михаил.щедрин', 'михаил.щедрина'}),
        # One word may have both fragments, or two words one each.
        ('иван петр', {'ивановапетрова', 'ивановна.петровна'}),
        ('Щедрина М.И.', {'.ми.щедрина'}),
        ('Щедрин М', {'.ме.щедрин', '.ме.щедрина', '.ми.щедрин', '.ми.щедрина'}),
        ('Щедрин Мария И', {'мария.щедрин', 'мария.щедрина', '.ми.щедрин', '.ми.щедрина'}),
    ],
)
def test_two_words_are_looked_up_as_pairs(journal: Database, name: str, tokens: set[str]) -> None:
    query = index_query(journal, name=name)
    assert query is not None
    (sets,) = query.alternatives
    assert set(chain.from_iterable(sets)) == tokens
    assert query.is_exact


def test_an_unknown_name_needs_no_index(journal: Database) -> None:
    query = index_query(journal, name='щщщ')
    assert query is not None
    assert query.alternatives == ()


@pytest.mark.parametrize(
    ('phone', 'sets', 'exact'),
    [
        ('1234', ((('.1234',),),), True),
        ('123456', ((('.1234',), ('.3456',)),), False),
        ('1234567890', ((('.3456',), ('.7890',)),), False),
        ('+7 (916) 1', ((('.9161',),),), True),
        ('8916', ((('.7916',),), (('.8916',),)), False),
        ('+99890', ((('.9989',), ('.9890',)),), False),
        ('12', None, False),
    ],
)
def test_digits_are_looked_up_by_four(journal: Database, phone: str, sets: object, exact: bool) -> None:
    query = index_query(journal, phone=phone)
    assert (query and query.alternatives) == sets
    assert query is None or query.is_exact == exact


def test_a_common_fragment_is_read_without_the_index(journal: Database) -> None:
    planner = replace(ALWAYS_INDEX, scanned_row_cost_ns=200)
    assert index_query(journal, planner, name='ина') is None
