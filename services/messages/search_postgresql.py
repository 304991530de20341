"""Names and phones on PostgreSQL: LIKE over an index of trigrams and of ten days each (services.derived.postgresql).

The planner guesses how many messages have a fragment, and where it guesses wrong a search takes seconds. So it is left
no choice: rows that are read one by one hide their text from the index, and rows from the index hide their place.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Integer, bindparam, func, literal_column, text

from services import days
from services.messages.search import TRIGRAM
from services.messages.tables import Rows, message

TEN_DAYS = literal_column('(message.day / 10)', Integer)
MOST_TENS = 40
"""Past so many tens of days it is quicker to read what the index has of all days."""

WORDS = text('SELECT word FROM word WHERE word LIKE :fragment LIMIT :most')


def contains(searched: ColumnElement[str], value: str, *, hidden: bool) -> ColumnElement[bool]:
    """Say that a column contains what stands in the place `value`; `hidden` from the index."""
    return (searched.concat('') if hidden else searched).like(bindparam(value))


def contained(fragment: str) -> str:
    """Give a fragment as `contains` wants it."""
    return f'%{_literal(fragment)}%'


def in_index(*, words: bool, tens: bool) -> tuple[Rows, Sequence[ColumnElement[bool]]]:
    """Say how messages come from the index: by `words` and by `tens` of days beside what is asked of their text."""
    conditions = [TEN_DAYS.op('=')(func.any(bindparam('tens')))] if tens else []
    if words:
        conditions.append(message.c.name_key.like(func.any(bindparam('words'))))
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
