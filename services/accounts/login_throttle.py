"""Slows guessing: after some failures a wait, which grows, has an end, and never locks anybody out.

Kept in the memory of the process: a flood of wrong passwords must not become a flood of writes that every search waits
for. A restart forgets, and each of several nodes counts for itself: both are a handful of guesses more.

- One who comes with the cookie of a device in which the account has signed in before waits for his own failures alone,
  whatever strangers do.
- Anybody else waits as long as the failures of the account, wherever they came from, or of his address ask for; but
  counted from the last failure of his own address. So the first try from an address that has not failed goes through.
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic
from typing import Final

from services import texts
from services.accounts.identity import TooSoon, digest

WAITS: Final = (0, 0, 1, 2, 4, 8, 16, 30)
"""Seconds to wait after so many failures, less one; the last for all that follow."""
FREE_OF_ADDRESS: Final = 10
"""Failures that an address has for nothing: a whole office may be behind it."""
FORGOTTEN: Final = 3600.0
"""Seconds without a failure after which those before count no more."""
MOST: Final = 50_000
"""Things that are counted at once: some 10 MB, whatever is thrown at the sign-in page."""


@dataclass
class _Count:
    failures: int
    last: float


class Slowing:
    """Counts failures by account, by address, by both, and by device."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._counts: dict[tuple[str, ...], _Count] = {}

    def begin(self, name: str, address: str, device: str = '') -> Callable[[], None]:
        """Let a try begin, and count it as a failure until the answer, which is to be called on success, takes it back.

        Tries that come at once are each counted before any of them is answered. One that is refused is not counted.

        Args:
            name: what is tried, which need not exist.
            address: where the try comes from.
            device: the device, if the account has signed in there before.

        Raises:
            TooSoon: not before some seconds more.
        """
        own: tuple[tuple[str, ...], ...]
        if device:
            own = (('device', digest(name), device),)
            wait = self._left(own[0], self._failures(own[0]))
        else:
            network = _network(address)
            account, place = ('account', digest(name)), ('address', network)
            both = ('both', digest(name), network)
            own = (account, place, both)
            wait = max(
                self._left(both, self._failures(account)), self._left(place, self._failures(place) - FREE_OF_ADDRESS)
            )
        if wait > 0:
            raise TooSoon(texts.SIGN_IN_WAIT.format(seconds=ceil(wait)))
        for key in own:
            self._fail(key)

        def forgive() -> None:
            for key in own:
                # Of an address only this try: whoever has one account may not try at others for nothing.
                if key[0] == 'address' and key in self._counts:
                    self._counts[key].failures -= 1
                elif key[0] != 'address':
                    self._counts.pop(key, None)

        return forgive

    def _failures(self, key: tuple[str, ...]) -> int:
        count = self._counts.get(key)
        return count.failures if count and self._now() - count.last < FORGOTTEN else 0

    def _left(self, key: tuple[str, ...], failures: int) -> float:
        """Give the seconds that are left of the wait that begins with the last failure of `key`."""
        count = self._counts.get(key)
        if count is None or failures <= 0:
            return 0
        return count.last + WAITS[min(failures, len(WAITS)) - 1] - self._now()

    def _fail(self, key: tuple[str, ...]) -> None:
        failures = self._failures(key) + 1
        self._counts.pop(key, None)  # the latest stand at the end, so that the oldest are the first to be forgotten
        self._counts[key] = _Count(failures, self._now())
        if len(self._counts) > MOST:
            del self._counts[next(iter(self._counts))]


def _network(address: str) -> str:
    """Give what one person has: an address, or the half of an IPv6 address that a household gets as a whole."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(IPv6Address(int(known) >> 64 << 64))
