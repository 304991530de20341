"""Login throttling: after several failures each attempt has to wait; the wait grows to a limit and never locks out.

The counters live in the memory of the process, because a flood of wrong passwords must not become a flood of writes
that every search waits for. A restart clears them, and each node counts for itself; both allow a few more guesses.

- An attempt with the cookie of a device from which the account has signed in before waits for the failures of that
  device alone, whatever other clients do.
- Any other attempt waits by the failures of the account (from any IP address) and by those of its own IP address. The
  wait is counted from the last failure of its own IP address, so the first attempt from a new IP address passes.
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
"""Seconds to wait: item n applies after n + 1 failures, and the last item after all that follow."""
FREE_FAILURES_PER_ADDRESS: Final = 10
"""Failures of one IP address without a wait, because a whole office may share it."""
RESET_AFTER_SECONDS: Final = 3600.0
"""Seconds without a failure after which a counter starts from zero."""
MAX_COUNTERS: Final = 50_000
"""The largest number of counters: about 10 MB, however many attempts the sign-in page receives."""


@dataclass
class _FailureCounter:
    failures: int
    last_at: float


class LoginThrottle:
    """Count failed attempts by account, by IP address, by both together, and by device."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._counters: dict[tuple[str, ...], _FailureCounter] = {}

    def register_attempt(self, name: str, address: str, device_hash: str = '') -> Callable[[], None]:
        """Count an attempt as a failure in advance, and return a callback that cancels it after success.

        Counting in advance makes simultaneous attempts count before any of them is checked. A rejected attempt is
        not counted.

        Args:
            name: the name that is tried; it need not exist.
            address: the IP address of the client.
            device_hash: the hash of the device token, if the account has signed in from the device before.

        Raises:
            SignInThrottledError: the wait is not over; the message contains the remaining seconds.
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
                # The counter of the IP address loses this attempt only. Otherwise the owner of one account could
                # reset it by signing in, and guess the passwords of other accounts without a wait.
                if key[0] == 'address' and key in self._counters:
                    self._counters[key].failures -= 1
                elif key[0] != 'address':
                    self._counters.pop(key, None)

        return cancel_failure

    def _failure_count(self, key: tuple[str, ...]) -> int:
        count = self._counters.get(key)
        return count.failures if count and self._now() - count.last_at < RESET_AFTER_SECONDS else 0

    def _remaining_wait(self, key: tuple[str, ...], failures: int) -> float:
        """Return the remaining seconds of the wait that begins with the last failure of `key`."""
        count = self._counters.get(key)
        if count is None or failures <= 0:
            return 0
        return count.last_at + WAIT_SECONDS[min(failures, len(WAIT_SECONDS)) - 1] - self._now()

    def _add_failure(self, key: tuple[str, ...]) -> None:
        failures = self._failure_count(key) + 1
        self._counters.pop(key, None)  # insert at the end again, so that the oldest counter is dropped first
        self._counters[key] = _FailureCounter(failures, self._now())
        if len(self._counters) > MAX_COUNTERS:
            del self._counters[next(iter(self._counters))]


def _client_network(address: str) -> str:
    """Return the IP address, or the /64 network of an IPv6 address, because one client usually has a whole /64."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(IPv6Address(int(ip) >> 64 << 64))
