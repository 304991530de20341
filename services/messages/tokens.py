"""What the text index is asked for, on either engine: what was typed, as tokens that messages have.

The index knows whole words (services.derived). So a fragment is first looked up among all words, of which there are a
hundred times fewer than messages; whoever has one of the words found has the fragment, and nobody else.
"""

import math
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from services.messages.search import fours
from services.messages.shape import Asked
from services.names import Reading

Tokens = tuple[str, ...]
"""A message has any of them."""

MOST_WORDS = 500
"""A fragment in more words than this is so common that the index is of no help."""
WORDS = text("""
    SELECT word FROM word_part WHERE part >= :fragment AND part < :past AND least <= :letters LIMIT :most
""")
LAST = '\U0010ffff'
"""Sorts after every letter."""
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
    if () in found:
        return None
    both = bool(reading.given and reading.patronymic)
    chosen: list[Tokens] = [(f'.{reading.given}{reading.patronymic}',)] if both else []
    share = share_of(chosen[0]) if both else 1.0
    for words in sorted((words for words in found if words is not None), key=share_of):
        if chosen and (share < ENOUGH or share_of(words) > SELECTIVE):
            break
        chosen.append(words)
        share *= share_of(words)
    exact = len(chosen) == len(reading.fragments) + both and both == bool(reading.given or reading.patronymic)
    return Indexed((tuple(chosen),), exact, share)


def _containing(asked: Asked, fragment: str) -> Tokens | None:
    """Give the words of which each name that has a fragment has one; None when they are too many."""
    values = {'fragment': fragment, 'past': fragment + LAST, 'letters': len(fragment), 'most': MOST_WORDS + 1}
    words = asked.connection.execute(WORDS, values).scalars().all()
    return tuple(dict.fromkeys(words)) if len(words) <= MOST_WORDS else None


def _phone(asked: Asked) -> Indexed | None:
    """Say what to ask for some digits of a phone; None when they are too few, or all are known."""
    phone = asked.search.phone
    if phone is None or phone.whole or not asked.search.long_phone:
        return None
    sets = fours(phone.digits)
    share = math.prod(len(choice) * FOUR_DIGITS for choice in sets)
    return Indexed((tuple(tuple(f'.{four}' for four in choice) for choice in sets),), len(sets) == 1, share)
