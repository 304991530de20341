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
from services.accounts.identity import SignInThrottledError, hash_secret

WAIT_SECONDS: Final = (0, 0, 1, 2, 4, 8, 16, 30)
"""Seconds to wait after so many failures, less one; the last for all that follow."""
FREE_FAILURES_PER_ADDRESS: Final = 10
"""Failures that an address has for nothing: a whole office may be behind it."""
RESET_AFTER_SECONDS: Final = 3600.0
"""Seconds without a failure after which those before count no more."""
MAX_COUNTERS: Final = 50_000
"""Things that are counted at once: some 10 MB, whatever is thrown at the sign-in page."""


@dataclass
class _FailureCounter:
    failures: int
    last_at: float


class LoginThrottle:
    """Counts failures by account, by address, by both, and by device."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._counters: dict[tuple[str, ...], _FailureCounter] = {}

    def register_attempt(self, name: str, address: str, device_hash: str = '') -> Callable[[], None]:
        """Let a try begin, and count it as a failure until the answer, which is to be called on success, takes it back.

        Tries that come at once are each counted before any of them is answered. One that is refused is not counted.

        Args:
            name: what is tried, which need not exist.
            address: where the try comes from.
            device: the device, if the account has signed in there before.

        Raises:
            TooSoon: not before some seconds more.
        """
        keys: tuple[tuple[str, ...], ...]
        if device_hash:
            keys = (('device', hash_secret(name), device_hash),)
            wait = self._remaining_wait(keys[0], self._failure_count(keys[0]))
        else:
            network = _client_network(address)
            account_key, address_key = ('account', hash_secret(name)), ('address', network)
            account_and_address_key = ('both', hash_secret(name), network)
            keys = (account_key, address_key, account_and_address_key)
            wait = max(
                self._remaining_wait(account_and_address_key, self._failure_count(account_key)),
                self._remaining_wait(address_key, self._failure_count(address_key) - FREE_FAILURES_PER_ADDRESS),
            )
        if wait > 0:
            raise SignInThrottledError(texts.SIGN_IN_WAIT.format(seconds=ceil(wait)))
        for key in keys:
            self._add_failure(key)

        def cancel_failure() -> None:
            for key in keys:
                # Of an address only this try: whoever has one account may not try at others for nothing.
                if key[0] == 'address' and key in self._counters:
                    self._counters[key].failures -= 1
                elif key[0] != 'address':
                    self._counters.pop(key, None)

        return cancel_failure

    def _failure_count(self, key: tuple[str, ...]) -> int:
        count = self._counters.get(key)
        return count.failures if count and self._now() - count.last_at < RESET_AFTER_SECONDS else 0

    def _remaining_wait(self, key: tuple[str, ...], failures: int) -> float:
        """Give the seconds that are left of the wait that begins with the last failure of `key`."""
        count = self._counters.get(key)
        if count is None or failures <= 0:
            return 0
        return count.last_at + WAIT_SECONDS[min(failures, len(WAIT_SECONDS)) - 1] - self._now()

    def _add_failure(self, key: tuple[str, ...]) -> None:
        failures = self._failure_count(key) + 1
        self._counters.pop(key, None)  # the latest stand at the end, so that the oldest are the first to be forgotten
        self._counters[key] = _FailureCounter(failures, self._now())
        if len(self._counters) > MAX_COUNTERS:
            del self._counters[next(iter(self._counters))]


def _client_network(address: str) -> str:
    """Give what one person has: an address, or the half of an IPv6 address that a household gets as a whole."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(IPv6Address(int(ip) >> 64 << 64))
