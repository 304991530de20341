"""How common three letters in a row are: the rarest of a name are what its search should be driven by.

An index gives all messages with some trigrams by walking the shortest of their lists and looking each one up in the
others. It is the shortest list, and how many others there are, that a search costs.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from services.messages.search import TRIGRAM
from services.messages.tables import message

SAMPLE = 4_000
"""Messages, the newest, whose names tell what is common; what they do not have is rare."""
FRESH = 3600
"""Seconds after which another look is taken."""
MOST = 4
"""Trigrams that are looked up; each one more rules out little."""

NEWEST = select(message.c.name_key).order_by(message.c.place.desc()).limit(SAMPLE)


class Commonness:
    """What is known of how common trigrams are; a guess at worst, for it decides only where to look first."""

    def __init__(self) -> None:
        self._counted: Counter[str] = Counter()
        self._looked: float | None = None

    def refresh(self, connection: Connection) -> None:
        """Look at the newest names unless that was done of late."""
        now = time.monotonic()
        if self._looked is not None and now - self._looked < FRESH:
            return
        self._looked = now
        names = connection.execute(NEWEST).scalars()
        self._counted = Counter(gram for name in names for gram in set(_grams(name)))

    def rarest(self, fragments: Iterable[str], *, letters: bool) -> list[str]:
        """Give the trigrams of some fragments to look for a name by, of `letters` and figures alone if so asked.

        Those of one word go together, so that a second one rules out little: each fragment gives its rarest, and only a
        fragment that stands alone two.
        """
        kinds = [[gram for gram in _grams(fragment) if gram.isalnum() or not letters] for fragment in fragments]
        ordered = [sorted(set(grams), key=lambda gram: (self._counted[gram], gram)) for grams in kinds]
        if len(ordered) == 1:
            return ordered[0][:2]
        chosen = {grams[0] for grams in ordered if grams}
        return sorted(chosen, key=lambda gram: (self._counted[gram], gram))[:MOST]


def _grams(text: str) -> Sequence[str]:
    return [text[start : start + TRIGRAM] for start in range(len(text) - TRIGRAM + 1)]
