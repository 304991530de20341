"""Names and phones on PostgreSQL: one index of trigrams, digits and days (services.derived.postgresql).

The planner guesses how many messages have a fragment, and where it guesses wrong a search takes seconds. So it is left
no choice: what was typed is hidden from the index, and rows from the index hide their place.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, func, literal_column, or_, text

from services import days
from services.derived import postgresql
from services.messages.search import TRIGRAM, Way
from services.messages.tables import Rows, message

TEN_DAYS = literal_column(f'({postgresql.TEN_DAYS})', Integer)
FOURS: ColumnElement[Any] = literal_column(postgresql.FOURS)
MOST_TENS = 40
"""Past so many tens of days it is quicker to read what the index has of all days."""

WORDS = text('SELECT word FROM word WHERE word LIKE :fragment LIMIT :most')


def contains(searched: ColumnElement[str], value: str) -> ColumnElement[bool]:
    """Say that a column contains what stands in the place `value`, hidden from the index."""
    return searched.concat('').like(bindparam(value))


def contained(fragment: str) -> str:
    """Give a fragment as `contains` wants it."""
    return f'%{_literal(fragment)}%'


def in_index(way: Way) -> tuple[Rows, Sequence[ColumnElement[bool]]]:
    """Say how messages come from the index; what was typed is then held against each of them."""
    conditions: list[ColumnElement[bool]] = []
    if way.tens:
        conditions.append(TEN_DAYS.op('=')(func.any(bindparam('tens'))))
    if way.grams:
        readings = (
            and_(*(message.c.name_key.like(bindparam(f'gram_{number}_{each}')) for each in range(grams)))
            for number, grams in enumerate(way.grams)
        )
        conditions.append(or_(*readings))
    if way.words:
        conditions.append(message.c.name_key.like(func.any(bindparam('words'))))
    if way.initials:
        conditions.append(message.c.initials == bindparam('initials'))
    if way.fours:
        conditions.append(FOURS.op('@>' if way.fours == 'all' else '&&')(bindparam('fours')))
    return Rows(message, message.c.place + literal_column('0', Integer)), conditions


def tens_of_days(since: date, until: date) -> list[int] | None:
    """Give the tens of days between two days, both included; None when they are too many to be worth it."""
    if (until - since).days > 10 * MOST_TENS:
        return None
    every = (since + timedelta(days=ahead) for ahead in range((until - since).days + 1))
    return sorted({days.number(day) // 10 for day in every})


def patterns(words: Iterable[str]) -> list[str]:
    """Give patterns that find the names with any of some words; each has a trigram, a short word one with blanks."""
    found = []
    for word in map(_literal, words):
        found += [f'%{word}%'] if len(word) >= TRIGRAM else [word, f'{word} %', f'% {word}', f'% {word} %']
    return found


def _literal(fragment: str) -> str:
    for special in '\\%_':
        fragment = fragment.replace(special, f'\\{special}')
    return fragment
