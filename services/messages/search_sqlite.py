"""Names and phones on SQLite: trigrams in a full-text index that is in the order of the list (services.derived.sqlite).

The index says which messages have all the trigrams that were typed; each is then held against what was typed.
"""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import ColumnElement, Integer, bindparam, column, func, literal_column, select, table, text

from services.derived.sqlite import PAIR
from services.messages.search import TRIGRAM, TextSearch, Way, fours, long_fragments, trigrams
from services.messages.tables import Rows, message
from services.names import Reading

index = table('message_search', column('rowid', Integer), column('message_search'))
LEADING_KEY = literal_column('+message_search.rowid', Integer)
"""The plus keeps SQLite from reading every message and asking the index about each: the index leads."""

WORDS = text('SELECT word FROM word WHERE instr(word, :fragment) LIMIT :most')
_hits = select(index.c.rowid).where(
    index.c.message_search.op('MATCH')(bindparam('match')),
    index.c.rowid.between(bindparam('since'), bindparam('until')),
)
HITS = select(func.count()).select_from(_hits.limit(bindparam('most')).subquery())
"""How many messages of a period the index has, counted no further than to `most`."""


def contains(searched: ColumnElement[str], value: str) -> ColumnElement[bool]:
    """Say that a column contains what stands in the place `value`."""
    return func.instr(searched, bindparam(value)) > 0


def contained(fragment: str) -> str:
    """Give a fragment as `contains` wants it."""
    return fragment


def in_index(way: Way) -> tuple[Rows, Sequence[ColumnElement[bool]]]:
    """Say how messages come from the index by the expression in the place `match`."""
    joined = index.join(message, message.c.place == LEADING_KEY)
    return Rows(joined, index.c.rowid), [index.c.message_search.op('MATCH')(bindparam('match'))]


def match(search: TextSearch, rarest: Callable[[Iterable[str]], Sequence[str]]) -> str | None:
    """Give the expression that finds a search in the index; None where too little is known for it.

    Args:
        search: what is looked for.
        rarest: chooses the trigrams by which to look for some fragments.
    """
    parts = []
    if search.long_names:
        parts.append(_any(_reading(each, rarest(long_fragments(each.fragments))) for each in search.names))
    if search.phone and search.long_phone:
        parts.append(_digits(search.phone.digits))
    return ' AND '.join(f'({part})' for part in parts) or None


def match_words(words: Iterable[str]) -> str:
    """Give the expression that finds the names with any of some words."""
    return _any(_all(trigrams(f' {word} ')) for word in words)


def _reading(reading: Reading, grams: Sequence[str]) -> str:
    both = reading.given and reading.patronymic
    return _all([*grams, f'.{reading.given}{reading.patronymic}'] if both else grams)


def _digits(digits: str) -> str:
    every = [_all([_pairs(four)]) for four in fours(digits)]
    return f'({" AND ".join(every)})' if len(digits) > TRIGRAM else _any(every)


def _pairs(digits: str) -> str:
    return ''.join(chr(PAIR + int(digits[start : start + 2])) for start in range(len(digits) - 1))


def _all(grams: Iterable[str]) -> str:
    quoted = ('"' + gram.replace('"', '""') + '"' for gram in dict.fromkeys(grams))
    return f'({" AND ".join(quoted)})'


def _any(expressions: Iterable[str]) -> str:
    return ' OR '.join(expressions)
