"""Login throttling: after several failures each attempt has to wait; nobody is locked out.

The counters live in the memory of the process, because a flood of wrong passwords must not become a flood of writes
that every search waits for. A restart clears them, and each node counts for itself; both allow a few more guesses.

- An attempt with the cookie of a device from which the account has signed in before waits for the failures of that
  device alone, whatever other clients do.
- Any other attempt waits by the failures of the account (from any IP address) and by those of its own IP address. The
  wait is counted from the last failure of its own IP address, so the first attempt from a new IP address passes.
- At an IP address from which the account has signed in before, the failures of other accounts do not matter, and a
  browser that was told to wait passes when that time is over, even if others failed at this account meanwhile. An
  attack from the same office therefore delays its colleagues by a minute at most.
- An account admits at most 100 failures in any hour from browsers it does not know: FREE_FAILURES_PER_HOUR, and then
  one every PACE_SECONDS: first from a known IP address, then from the browser that has failed least. Known devices are
  not counted.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic
from typing import Final, TypeVar

from services import texts
from services.accounts.identity import SignInThrottledError, hash_secret

WAIT_SECONDS: Final = (0, 0, 1, 2, 4, 8, 16, 30)
"""Seconds to wait: item n applies after n + 1 failures, and the last item after all that follow."""
FREE_FAILURES_PER_ADDRESS: Final = 10
"""Failures of one IP address without a wait, because a whole office may share it."""
RESET_AFTER_SECONDS: Final = 3600.0
"""Seconds without a failure after which a counter starts from zero; also the hour of the limit of an account."""
FREE_FAILURES_PER_HOUR: Final = 40
"""Failures of an account in an hour after which attempts are admitted one by one."""
PACE_SECONDS: Final = 60.0
"""Seconds between two attempts that are admitted one by one: 40 + 60 attempts in an hour."""
MAX_QUEUE_LENGTH: Final = 100
"""The largest number of browsers that wait for their turn at one account, apart from those at known IP addresses."""
MAX_COUNTERS: Final = 50_000
"""The largest number of counters: about 10 MB, however many attempts the sign-in page receives."""

Key = tuple[str, ...]
K = TypeVar('K')
V = TypeVar('V')


@dataclass
class _FailureCounter:
    failures: int
    last_at: float


@dataclass
class _Waiting:
    """A browser that waits for its turn at an account."""

    since: float
    last_asked: float
    at_known_address: bool


@dataclass
class _AccountLimit:
    """The failures of an account in the last hour, and the browsers that wait for their turn."""

    failed_at: deque[float] = field(default_factory=deque)
    paced_at: float = float('-inf')
    """When an attempt was admitted last after FREE_FAILURES_PER_HOUR."""
    queue: dict[Key, _Waiting] = field(default_factory=dict)


class LoginThrottle:
    """Count failed attempts by account, by IP address, by both together, by browser, and by device."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._counters: dict[Key, _FailureCounter] = {}
        self._waiting_since: dict[Key, float] = {}
        """When each browser was told to wait for the first time since its last attempt."""
        self._limits: dict[str, _AccountLimit] = {}

    def register_attempt(
        self, name: str, address: str, device_hash: str = '', *, browser: str = '', at_known_address: bool = False
    ) -> Callable[[], None]:
        """Count an attempt as a failure in advance, and return a callback that cancels it after success.

        Counting in advance makes simultaneous attempts count before any of them is checked. A rejected attempt is
        not counted.

        Args:
            name: the name that is tried; it need not exist.
            address: the IP address of the client.
            device_hash: the hash of the device token, if the account has signed in from the device before.
            browser: what distinguishes the browsers of an IP address; empty if it is not known.
            at_known_address: whether the account has signed in from this IP address before.

        Raises:
            SignInThrottledError: the wait is not over; the message contains the remaining seconds.
        """
        account = hash_secret(name)
        if device_hash:
            device_key = ('device', account, device_hash)
            self._refuse_if_positive(self._remaining_wait(device_key, self._failure_count(device_key)))
            self._add_failure(device_key)
            return lambda: self._remove(device_key)
        network = _client_network(address)
        browser_key = ('browser', account, network, browser)
        self._check_turn(account, network, browser_key, at_known_address=at_known_address)
        at = self._now()
        keys: tuple[Key, ...] = (('account', account), ('address', network), ('both', account, network), browser_key)
        previous_address_failure = self._counters.get(('address', network))
        restored_at = previous_address_failure.last_at if previous_address_failure else at
        for key in keys:
            self._add_failure(key)
        limit = self._limits[account]
        limit.failed_at.append(at)

        def cancel_failure() -> None:
            # The counter of the IP address loses the failures of this account only. Otherwise the owner of one account
            # could reset it by signing in, and guess the passwords of other accounts without a wait.
            if address_counter := self._counters.get(('address', network)):
                own = self._counters.get(('both', account, network))
                address_counter.failures = max(0, address_counter.failures - (own.failures if own else 1))
                if address_counter.last_at == at:
                    address_counter.last_at = restored_at
            for key in keys:
                if key[0] != 'address':
                    self._remove(key)
            if at in limit.failed_at:
                limit.failed_at.remove(at)

        return cancel_failure

    def _check_turn(self, account: str, network: str, browser_key: Key, *, at_known_address: bool) -> None:
        """Check that a browser need not wait any more; remember since when it waits.

        Raises:
            SignInThrottledError: see `register_attempt`.
        """
        now = self._now()
        account_failures = self._failure_count(('account', account))
        wait = self._remaining_wait(('both', account, network), account_failures)
        since = self._waiting_since.get(browser_key)
        if not at_known_address:
            address_key = ('address', network)
            address_failures = self._failure_count(address_key) - FREE_FAILURES_PER_ADDRESS
            wait = max(wait, self._remaining_wait(address_key, address_failures))
        elif since is not None:
            # The wait of this browser does not begin again when others of the same IP address fail.
            wait = min(wait, since + _wait(account_failures) - now)
        if wait > 0:
            self._put(self._waiting_since, browser_key, now if since is None else since)
        self._refuse_if_positive(wait)
        self._refuse_if_positive(self._remaining_pace(account, browser_key, at_known_address=at_known_address))
        self._waiting_since.pop(browser_key, None)

    def _remaining_pace(self, account: str, browser_key: Key, *, at_known_address: bool) -> float:
        """Return the seconds until the account admits an attempt of this browser; 0 reserves the attempt."""
        now = self._now()
        limit = self._limits.get(account)
        if limit is None:
            limit = _AccountLimit()
            self._put(self._limits, account, limit)
        while limit.failed_at and now - limit.failed_at[0] >= RESET_AFTER_SECONDS:
            limit.failed_at.popleft()
        queue = limit.queue
        if len(limit.failed_at) < FREE_FAILURES_PER_HOUR:
            queue.clear()
            return 0
        for key in [key for key, waiting in queue.items() if now - waiting.last_asked > 2 * PACE_SECONDS]:
            del queue[key]
        if browser_key not in queue and len(queue) >= MAX_QUEUE_LENGTH and not at_known_address:
            return PACE_SECONDS
        queue.setdefault(browser_key, _Waiting(now, now, at_known_address)).last_asked = now
        turns = sorted(
            queue, key=lambda key: (not queue[key].at_known_address, self._failure_count(key), queue[key].since)
        )
        wait = max(0.0, limit.paced_at + PACE_SECONDS - now) + turns.index(browser_key) * PACE_SECONDS
        if wait <= 0:
            limit.paced_at = now
            del queue[browser_key]
        return wait

    def _refuse_if_positive(self, wait: float) -> None:
        if wait > 0:
            raise SignInThrottledError(texts.SIGN_IN_WAIT.format(seconds=ceil(wait)))

    def _failure_count(self, key: Key) -> int:
        count = self._counters.get(key)
        return count.failures if count and self._now() - count.last_at < RESET_AFTER_SECONDS else 0

    def _remaining_wait(self, key: Key, failures: int) -> float:
        """Return the remaining seconds of the wait that begins with the last failure of `key`."""
        count = self._counters.get(key)
        return count.last_at + _wait(failures) - self._now() if count and failures > 0 else 0

    def _add_failure(self, key: Key) -> None:
        failures = self._failure_count(key) + 1
        self._put(self._counters, key, _FailureCounter(failures, self._now()))

    def _remove(self, key: Key) -> None:
        self._counters.pop(key, None)

    @staticmethod
    def _put(items: dict[K, V], key: K, value: V) -> None:
        """Insert at the end, and drop the oldest item of too many."""
        items.pop(key, None)
        items[key] = value
        if len(items) > MAX_COUNTERS:
            del items[next(iter(items))]


def _wait(failures: int) -> int:
    """Return the seconds to wait after a number of failures."""
    return WAIT_SECONDS[min(failures, len(WAIT_SECONDS)) - 1] if failures > 0 else 0


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
