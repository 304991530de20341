"""What the text index is asked for, on either engine: what was typed, as tokens that messages have.

The index knows whole words (services.database.indexes.index_builder). So a fragment is first looked up among all words, of which there are a
hundred times fewer than messages; whoever has one of the words found has the fragment, and nobody else. It knows each
two words of a name besides: where two fragments are typed, their pairs are looked up in place of the words.
"""

import math
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from services.messages.search.query_shape import Asked
from services.messages.search.text_condition import fours
from services.names import Reading

Tokens = tuple[str, ...]
"""A message has any of them."""

MOST_WORDS = 500
"""A fragment in more words than this is so common that the index is of no help."""
WORDS = text("""
    SELECT word FROM word_part WHERE part >= :fragment AND part < :past AND least <= :letters LIMIT :most
""")
INITIALS = text("""
    SELECT word FROM word
    WHERE word >= :known AND word < :past AND (:patronymic = '' OR substr(word, 3, 1) = :patronymic)
""")
LAST = '\U0010ffff'
"""Sorts after every letter."""
MOST_PAIRS = 300
"""Pairs of words that are looked up sooner than two long lists of messages are walked along each other."""
MOST_FRAGMENTS = 6
"""The longest parts of a name, of which more would rule out nothing."""
ENOUGH = 1e-4
"""Where so small a part of all messages is left, it is quicker to look at them than to ask the index for more."""
SELECTIVE = 0.2
"""What a larger part of all messages has rules out too little to ask the index for it besides."""
FOUR_DIGITS = 4e-4
"""How large a part of all phones has some four digits in a row, as measured: most of them begin alike."""
TOKEN, ROW, READ = 4.0, 1_000.0, 350.0
"""Nanoseconds that a message takes which the index gives, for each token and for itself, and one that is read without
the index; on SQLite, and about as much on PostgreSQL."""


@dataclass(frozen=True)
class Indexed:
    """What the index is asked for: of any of the readings each set, and of a set any token."""

    readings: tuple[tuple[Tokens, ...], ...]
    """None when no message has what was typed."""
    exact: bool
    """Whether the messages that have it are those which fit what was typed, and no others."""
    share: float
    """How large a part of all messages they are, as far as can be told."""

    @property
    def tokens(self) -> int:
        """How many tokens the index looks up."""
        return sum(len(tokens) for reading in self.readings for tokens in reading)


ANYBODY: Final = Indexed(readings=((),), exact=True, share=1.0)
"""What is asked for where nothing is known."""


def ask(asked: Asked) -> Indexed | None:
    """Say what to ask the index for; None where it would not help."""
    search, phone = asked.search, _phone(asked)
    if not search.names and phone is None:
        return None
    asked.commonness.refresh(asked.connection)
    names = [each for name in search.names if (each := _reading(asked, name))] if search.names else [ANYBODY]
    digits = phone or ANYBODY
    found = Indexed(
        readings=tuple((*name.readings[0], *digits.readings[0]) for name in names),
        exact=all(name.exact for name in names) and (phone.exact if phone else search.phone is None),
        share=min(sum(name.share for name in names), 1.0) * digits.share,
    )
    if () in found.readings or found.share * (ROW + TOKEN * found.tokens) > READ:
        return None
    return found


def _reading(asked: Asked, reading: Reading) -> Indexed | None:
    """Say what to ask for a name; None when nobody has it, and no sets where the index knows too little."""
    share_of = asked.commonness.share
    fragments = sorted(reading.fragments, key=len, reverse=True)[:MOST_FRAGMENTS]
    found = [_containing(asked, fragment) for fragment in fragments]
    if reading.given or reading.patronymic:
        found.append(_initials(asked, reading))
    if () in found:
        return None
    known = [words for words in found if words is not None]
    if not known:
        return Indexed(((),), exact=False, share=1.0)
    rarest, *others = sorted(known, key=share_of)
    share, paired, apart = share_of(rarest), [], []
    for words in others:
        pairs = _pairs(rarest, words)
        if pairs is not None:
            paired.append(pairs)
        elif share > ENOUGH and share_of(words) < SELECTIVE:
            apart.append(words)
        else:
            break
        share *= share_of(words)
    exact = 1 + len(paired) + len(apart) == len(reading.fragments) + bool(reading.given or reading.patronymic)
    return Indexed(((*(paired or [rarest]), *apart),), exact, share)


def _pairs(some: Tokens, others: Tokens) -> Tokens | None:
    """Give the tokens of names that have any of some words and any of others; None when they are too many."""
    if len(some) * len(others) > MOST_PAIRS:
        return None
    both = dict.fromkeys(word for word in some if word in others)
    pairs = (pair(one, other) for one in some if one not in both for other in others if other not in both)
    return (*both, *pairs)


def pair(one: str, other: str) -> str:
    """Give the token of names that have both of two words (services.database.indexes.sqlite_indexes)."""
    return '.'.join(sorted((one, other)))


def _containing(asked: Asked, fragment: str) -> Tokens | None:
    """Give the words of which each name that has a fragment has one; None when they are too many."""
    values = {'fragment': fragment, 'past': fragment + LAST, 'letters': len(fragment), 'most': MOST_WORDS + 1}
    words = asked.connection.execute(WORDS, values).scalars().all()
    return tuple(dict.fromkeys(words)) if len(words) <= MOST_WORDS else None


def _initials(asked: Asked, reading: Reading) -> Tokens:
    """Give the tokens of all two initials of which one or both are known."""
    known = '.' + reading.given
    values = {'known': known, 'past': known + LAST, 'patronymic': reading.patronymic}
    return tuple(asked.connection.execute(INITIALS, values).scalars())


def _phone(asked: Asked) -> Indexed | None:
    """Say what to ask for some digits of a phone; None when they are too few, or all are known."""
    phone = asked.search.phone
    if phone is None or phone.whole or not asked.search.long_phone:
        return None
    sets = fours(phone.digits)
    share = math.prod(len(choice) * FOUR_DIGITS for choice in sets)
    return Indexed((tuple(tuple(f'.{four}' for four in choice) for choice in sets),), len(sets) == 1, share)
