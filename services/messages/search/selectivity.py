"""How common tokens are: a sample decides between the text index and a scan of the newest messages."""

import time
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Connection, select

from services.messages.message_tables import message

SAMPLE_SIZE = 4_000
"""The number of newest messages whose names are counted; a token that none of them has is rare."""
SAMPLE_TTL_SECONDS = 3600
"""Seconds after which the sample is read again."""

SELECT_SAMPLE = select(message.c.name_key, message.c.initials).order_by(message.c.place.desc()).limit(SAMPLE_SIZE)


class TokenSelectivity:
    """The share of messages that have a token, estimated from a sample.

    The estimate need not be exact, because it decides only which access path is tried first.
    """

    def __init__(self) -> None:
        self._token_counts: Counter[str] = Counter()
        self._sample_size = 0
        self._sampled_at: float | None = None

    def refresh(self, connection: Connection) -> None:
        """Read the sample again if it is too old."""
        now = time.monotonic()
        if self._sampled_at is not None and now - self._sampled_at < SAMPLE_TTL_SECONDS:
            return
        self._sampled_at = now
        rows = connection.execute(SELECT_SAMPLE).all()
        self._sample_size = len(rows)
        self._token_counts = Counter(token for name, initials in rows for token in {*name.split(), f'.{initials}'})

    def estimate_share(self, tokens: Iterable[str]) -> float:
        """Estimate the share of messages containing any of the tokens; never 0, because the sample is small."""
        return min((sum(self._token_counts[token] for token in tokens) + 0.5) / (self._sample_size + 1), 1.0)
