"""How common words are: what a search begins with, and whether reading the newest messages would find a page sooner."""

import time
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Connection, select

from services.messages.message_tables import message

SAMPLE = 4_000
"""Messages, the newest, whose names tell what is common; what they do not have is rare."""
FRESH = 3600
"""Seconds after which another look is taken."""

NEWEST = select(message.c.name_key, message.c.initials).order_by(message.c.place.desc()).limit(SAMPLE)


class Commonness:
    """What is known of how common tokens are; a guess at worst, for it decides only where to look first."""

    def __init__(self) -> None:
        self._counted: Counter[str] = Counter()
        self._size = 0
        self._looked: float | None = None

    def refresh(self, connection: Connection) -> None:
        """Look at the newest names unless that was done of late."""
        now = time.monotonic()
        if self._looked is not None and now - self._looked < FRESH:
            return
        self._looked = now
        rows = connection.execute(NEWEST).all()
        self._size = len(rows)
        self._counted = Counter(token for name, initials in rows for token in {*name.split(), f'.{initials}'})

    def share(self, tokens: Iterable[str]) -> float:
        """Say which part of all messages has any of some words or initials; never nothing, for the sample is small."""
        return min((sum(self._counted[token] for token in tokens) + 0.5) / (self._size + 1), 1.0)
