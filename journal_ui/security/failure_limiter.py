"""A limit of failed requests for each IP address, for what visitors may send without having signed in."""

import time
from collections.abc import Callable
from typing import Final

MAX_ADDRESSES: Final = 10_000
"""Addresses that are remembered; more of them are one that anybody may use up."""
OTHERS: Final = ''
PRUNE_SECONDS: Final = 60.0
"""Seconds after which addresses without recent failures are forgotten again; it takes milliseconds."""


class FailureLimiter:
    """A leaky bucket for each IP address: it holds a number of failures, and as many leak out each minute."""

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        """Allow `per_minute` failures per minute for each address; `now` returns the time in seconds."""
        self._per_minute = per_minute
        self._now = now
        self._failures: dict[str, tuple[float, float]] = {}
        self._pruned_at = now()

    def is_exceeded(self, address: str) -> bool:
        """Return whether no further request of an address may be tried now."""
        return self._current(self._key(address)) + 1 > self._per_minute

    def count(self, address: str) -> None:
        """Count a failure of an address."""
        is_full = address not in self._failures and len(self._failures) >= MAX_ADDRESSES
        if is_full and self._now() - self._pruned_at >= PRUNE_SECONDS:
            self._pruned_at = self._now()
            self._failures = {key: value for key, value in self._failures.items() if self._current(key) > 0}
        key = self._key(address)
        self._failures[key] = (min(self._current(key) + 1, self._per_minute), self._now())

    def _key(self, address: str) -> str:
        return address if address in self._failures or len(self._failures) < MAX_ADDRESSES else OTHERS

    def _current(self, key: str) -> float:
        count, at = self._failures.get(key, (0.0, 0.0))
        return max(count - (self._now() - at) * self._per_minute / 60, 0.0)
