"""Names that differ from a typed one by one letter, of those that the journal has."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import bindparam, text

from services import names
from services.messages.message_query import MessageQuery
from services.messages.search.estimates import Estimates
from services.messages.search.query_shape import BoundQuery
from services.messages.totals import message_totals

MIN_LETTERS, MAX_LETTERS = 4, 20
"""Shorter words are one letter away from too many others; no name is longer."""
MAX_NAMES: Final = 4
"""The largest number of names that are offered, the most frequent ones."""
CYRILLIC, LATIN = 'абвгдежзийклмнопрстуфхцчшщъыьэюя', 'abcdefghijklmnopqrstuvwxyz'
"""The letters of folded names."""
HAS_PART: Final = text('SELECT 1 FROM word_part WHERE part >= :fragment AND part < :past LIMIT 1')
SELECT_KNOWN: Final = text('SELECT DISTINCT word FROM word_total WHERE word IN :words').bindparams(
    bindparam('words', expanding=True)
)
WHOLE_WORD: Final = '"{word}"'
AFTER_LAST_LETTER: Final = '\U0010ffff'
SELECT_FREQUENT: Final = text("""
    SELECT word FROM word_total WHERE word IN :words GROUP BY word ORDER BY sum(messages) DESC, word LIMIT :most
""").bindparams(bindparam('words', expanding=True))


def find_similar_names(bound_query: BoundQuery) -> Sequence[str]:
    """Return names for the field of the name, in which the one unknown word of a typed name has another letter."""
    for pattern in reversed(names.parse_name(bound_query.query.name)):
        unknown = [each for each in pattern.fragments if not _is_known(bound_query, each)]
        if len(unknown) != 1 or not MIN_LETTERS <= len(unknown[0]) <= MAX_LETTERS:
            continue
        words = _frequent_words(bound_query, list(dict.fromkeys(one_letter_away(unknown[0]))))
        if words:
            return [_written(pattern, unknown[0], word) for word in words]
    return []


def one_letter_away(word: str) -> Iterator[str]:
    """Yield the words with one letter more, less or changed, or with two neighbouring letters swapped."""
    letters = LATIN if word.isascii() else CYRILLIC
    for at in range(len(word) + 1):
        start, end = word[:at], word[at:]
        yield from (start + letter + end for letter in letters)
        if end:
            yield start + end[1:]
            yield from (start + letter + end[1:] for letter in letters if letter != end[0])
        if len(end) > 1:
            yield start + end[1] + end[0] + end[2:]


def _is_known(bound_query: BoundQuery, fragment: str) -> bool:
    params = {'fragment': fragment, 'past': fragment + AFTER_LAST_LETTER}
    is_in_journal = bound_query.connection.execute(HAS_PART, params).first() is not None
    return is_in_journal and (bound_query.scope is None or bool(_count_in_scope(bound_query, fragment)))


def _frequent_words(bound_query: BoundQuery, words: Sequence[str]) -> Sequence[str]:
    """Return the most frequent of some words; within a scope those of its messages, which the totals do not tell."""
    if bound_query.scope is None:
        params = {'words': words, 'most': MAX_NAMES}
        return bound_query.connection.execute(SELECT_FREQUENT, params).scalars().all()
    known = bound_query.connection.execute(SELECT_KNOWN, {'words': words}).scalars().all()
    counts = {word: _count_in_scope(bound_query, WHOLE_WORD.format(word=word)) for word in known}
    return sorted((word for word in known if counts[word]), key=lambda word: (-counts[word], word))[:MAX_NAMES]


def _count_in_scope(bound_query: BoundQuery, name: str) -> int:
    return message_totals.compute_totals(Estimates(bound_query.with_query(MessageQuery(name=name)))).count


def _written(pattern: names.NamePattern, unknown: str, word: str) -> str:
    """Return a pattern as a user would type it, with another word."""
    words = [(word if each == unknown else each).capitalize() for each in pattern.fragments]
    initials = [f'{letter.upper()}.' for letter in (pattern.given_initial, pattern.patronymic_initial) if letter]
    return ' '.join([*words, *initials])
