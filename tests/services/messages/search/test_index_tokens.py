"""What the text index is asked for; that it is right to ask for it is held by test_search.py."""

import random
from dataclasses import replace
from itertools import chain

import pytest

from services.database.engine import Database
from services.ingest.message_ingest import record
from services.messages.message_query import MessageQuery
from services.messages.search import index_tokens
from services.messages.search.index_tokens import Indexed
from services.messages.search.query_shape import Asked
from services.messages.search.selectivity import Commonness
from tests.helpers import reference_messages
from tests.helpers.reference_messages import MOSCOW, NOON

NAMES = (
    'Салтыков-Щедрин Михаил Евграфович',
    'Щедрина Мария Ивановна',
    'Иванова\N{HYPHEN}Петрова Анна Петровна',
    "О'Нил-Джонс Анна",
)


@pytest.fixture
def journal(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A journal of few names, whose index is asked for whatever is typed."""
    monkeypatch.setattr('services.messages.search.index_tokens.READ', 1_000_000)
    monkeypatch.setattr('services.messages.search.index_tokens.SELECTIVE', 1)
    some = reference_messages.some_messages(len(NAMES), seed=1)
    told = [replace(message, recipient_name=name) for message, name in zip(some, NAMES, strict=True)]
    random.Random(1).shuffle(told)
    database.write_now(lambda session: record(session, told, zone=MOSCOW, now=NOON))
    return database


def ask(database: Database, **conditions: str) -> Indexed | None:
    """Say what the index is asked for."""
    query = MessageQuery(**conditions)  # type: ignore[arg-type]
    return database.read_now(lambda session: index_tokens.ask(Asked.of(session, query, MOSCOW, Commonness(), NOON)))


@pytest.mark.parametrize(
    ('name', 'words'),
    [
        ('щедрин', {'щедрин', 'щедрина'}),
        ('салтыков', {'салтыков'}),
        ('тыковщед', {'салтыков-щедрин'}),
        ('он', {'онилджонс'}),
    ],
)
def test_a_double_name_is_looked_up_only_where_no_half_of_it_has_what_was_typed(
    journal: Database, name: str, words: set[str]
) -> None:
    found = ask(journal, name=name)
    assert found is not None
    ((only,),) = found.readings
    assert set(only) == words
    assert found.exact


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
    found = ask(journal, name=name)
    assert found is not None
    (sets,) = found.readings
    assert set(chain.from_iterable(sets)) == tokens
    assert found.exact


def test_nobody_is_found_without_asking_the_index(journal: Database) -> None:
    found = ask(journal, name='щщщ')
    assert found is not None
    assert found.readings == ()


@pytest.mark.parametrize(
    ('phone', 'sets', 'exact'),
    [
        ('1234', ((('.1234',),),), True),
        ('123456', ((('.1234',), ('.3456',)),), False),
        ('1234567890', ((('.3456',), ('.7890',)),), False),
        ('12', None, False),
    ],
)
def test_digits_are_asked_for_by_four(journal: Database, phone: str, sets: object, exact: bool) -> None:
    found = ask(journal, phone=phone)
    assert (found and found.readings) == sets
    assert found is None or found.exact == exact


def test_what_most_have_is_read_without_the_index(journal: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('services.messages.search.index_tokens.READ', 200)
    assert ask(journal, name='ина') is None
