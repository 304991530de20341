"""Names and phones on SQLite: trigrams in a full-text index that is in the order of the list (services.derived.sqlite).

The index says which messages have all the trigrams that were typed; each is then held against what was typed.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Integer, bindparam, column, func, literal_column, select, table, text

from services.messages.search import TRIGRAM, TextSearch, long_fragments
from services.messages.tables import Rows, message

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


def contains(searched: ColumnElement[str], value: str, *, hidden: bool) -> ColumnElement[bool]:
    """Say that a column contains what stands in the place `value`."""
    return func.instr(searched, bindparam(value)) > 0


def contained(fragment: str) -> str:
    """Give a fragment as `contains` wants it."""
    return fragment


def in_index(*, words: bool, tens: bool) -> tuple[Rows, Sequence[ColumnElement[bool]]]:
    """Say how messages come from the index by the expression in the place `match`."""
    joined = index.join(message, message.c.place == LEADING_KEY)
    return Rows(joined, index.c.rowid), [index.c.message_search.op('MATCH')(bindparam('match'))]


def match(search: TextSearch) -> str | None:
    """Give the expression that finds a search in the index; None where too little is known for it."""
    parts = []
    if search.long_names:
        readings = (
            _all(
                [*(gram for fragment in long_fragments(each.fragments) for gram in _grams(fragment))]
                + [f'.1{each.given}'] * bool(each.given)
                + [f'.2{each.patronymic}'] * bool(each.patronymic)
            )
            for each in search.names
        )
        parts.append(' OR '.join(readings))
    if search.phone and search.long_phone:
        parts.append(_all(_grams(search.phone.digits)))
    return ' AND '.join(f'({part})' for part in parts) or None


def match_words(words: Iterable[str]) -> str:
    """Give the expression that finds the names with any of some words."""
    return ' OR '.join(_all(_grams(f' {word} ')) for word in words)


def _all(grams: Iterable[str]) -> str:
    quoted = ('"' + gram.replace('"', '""') + '"' for gram in dict.fromkeys(grams))
    return f'({" AND ".join(quoted)})'


def _grams(fragment: str) -> list[str]:
    return [fragment[start : start + TRIGRAM] for start in range(len(fragment) - TRIGRAM + 1)]
