"""Login throttling: an attack delays nobody for long, and an account has a limit of failures an hour."""

from collections.abc import Iterator

import pytest

from services.accounts import login_throttle
from services.accounts.identity import SignInThrottledError
from services.accounts.login_throttle import (
    FREE_FAILURES_PER_HOUR,
    MAX_QUEUE_LENGTH,
    PACE_SECONDS,
    WAIT_SECONDS,
    LoginThrottle,
)

HOUR = 3600


class Clock:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    """The clock of the throttle."""
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> LoginThrottle:
    """A throttle without failures."""
    return LoginThrottle(clock)


def fails(throttle: LoginThrottle, name: str, address: str, *, browser: str = '', known: bool = False) -> bool:
    """Try a wrong password; return whether it was checked, and not refused by the throttle."""
    try:
        throttle.register_attempt(name, address, browser=browser, at_known_address=known)
    except SignInThrottledError:
        return False
    return True


def signs_in(throttle: LoginThrottle, name: str, address: str, *, browser: str = '', known: bool = False) -> bool:
    """Try the right password; return whether it was checked, and not refused by the throttle."""
    try:
        cancel_failure = throttle.register_attempt(name, address, browser=browser, at_known_address=known)
    except SignInThrottledError:
        return False
    cancel_failure()
    return True


def ticks(clock: Clock, seconds: int) -> Iterator[int]:
    """Advance the clock second by second."""
    for second in range(seconds):
        yield second
        clock.seconds += 1


def test_after_an_attack_right_passwords_from_the_same_address_do_not_delay_each_other(
    throttle: LoginThrottle, clock: Clock
) -> None:
    for number in range(100):
        fails(throttle, f'name{number}', '192.0.2.1')
    clock.seconds += WAIT_SECONDS[-1]
    assert all(signs_in(throttle, f'colleague{number}', '192.0.2.1') for number in range(20))


def test_a_right_password_ends_the_wait_that_its_own_typing_errors_caused(
    throttle: LoginThrottle, clock: Clock
) -> None:
    for _ in range(10):
        assert fails(throttle, 'ivanov', '192.0.2.1')
        clock.seconds += WAIT_SECONDS[-1]
    assert signs_in(throttle, 'ivanov', '192.0.2.1')
    assert all(fails(throttle, f'name{number}', '192.0.2.1') for number in range(10)), 'the failures were not forgiven'


def test_the_owner_of_an_account_cannot_reset_the_wait_of_guesses_at_other_accounts(throttle: LoginThrottle) -> None:
    for number in range(10):
        assert fails(throttle, f'name{number}', '192.0.2.1')
    assert fails(throttle, 'victim', '192.0.2.1')
    assert signs_in(throttle, 'attacker', '192.0.2.1')
    assert sum(fails(throttle, f'other{number}', '192.0.2.1') for number in range(20)) <= 2, 'the counter was reset'


@pytest.mark.parametrize('seconds', [300, 2 * HOUR], ids=['soon', 'after the limit of the hour'])
@pytest.mark.parametrize('target', ['colleague', 'ivanov'])
def test_an_attack_from_the_same_office_delays_a_known_person_in_a_new_browser_by_a_minute_at_most(
    throttle: LoginThrottle, clock: Clock, target: str, seconds: int
) -> None:
    for _ in ticks(clock, seconds):
        fails(throttle, target, '192.0.2.1', known=True)
    for _ in ticks(clock, 61):
        fails(throttle, target, '192.0.2.1', known=True)
        if signs_in(throttle, 'ivanov', '192.0.2.1', browser='new', known=True):
            return
    pytest.fail('the person was kept out for longer than a minute')


def test_an_attack_from_elsewhere_delays_a_person_at_a_known_address_by_a_minute_at_most(
    throttle: LoginThrottle, clock: Clock
) -> None:
    for second in ticks(clock, HOUR // 2):
        fails(throttle, 'ivanov', f'203.0.113.{second % 250}')
    for second in ticks(clock, 61):
        fails(throttle, 'ivanov', f'203.0.113.{second % 250}')
        if signs_in(throttle, 'ivanov', '192.0.2.1', known=True):
            return
    pytest.fail('the person was kept out for longer than a minute')


@pytest.mark.parametrize('addresses', [1, 60, 5000])
def test_an_account_admits_a_hundred_failures_an_hour(throttle: LoginThrottle, clock: Clock, addresses: int) -> None:
    admitted: list[float] = []
    for second in ticks(clock, 3 * HOUR):
        if fails(throttle, 'ivanov', f'203.0.{second % addresses // 250}.{second % addresses % 250}'):
            admitted.append(clock.seconds)
    busiest = max(sum(start <= at < start + HOUR for at in admitted) for start in admitted)
    assert FREE_FAILURES_PER_HOUR <= busiest <= 100


def test_right_passwords_do_not_use_up_the_limit_of_the_hour(throttle: LoginThrottle) -> None:
    assert all(signs_in(throttle, 'ivanov', '192.0.2.1') for _ in range(2 * FREE_FAILURES_PER_HOUR))


def test_the_queue_of_an_account_is_bounded(throttle: LoginThrottle) -> None:
    waits = []
    for number in range(FREE_FAILURES_PER_HOUR + 2 * MAX_QUEUE_LENGTH):
        try:
            throttle.register_attempt('ivanov', f'203.0.{number // 250}.{number % 250}')
        except SignInThrottledError as error:
            waits.append(int(''.join(filter(str.isdigit, str(error)))))
    assert max(waits) <= (MAX_QUEUE_LENGTH + 1) * PACE_SECONDS


def test_the_oldest_of_too_many_counters_is_forgotten(throttle: LoginThrottle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_throttle, 'MAX_COUNTERS', 10)
    attempts = [fails(throttle, 'petrov', '192.0.2.1', known=True) for _ in range(5)]
    assert not attempts[-1]
    for number in range(20):
        fails(throttle, f'name{number}', f'192.0.2.{number + 2}')
    assert fails(throttle, 'petrov', '192.0.2.1', known=True)


def test_browsers_that_ask_no_more_lose_their_turn(throttle: LoginThrottle, clock: Clock) -> None:
    for number in range(FREE_FAILURES_PER_HOUR + 6):
        fails(throttle, 'ivanov', f'203.0.113.{number}')
    clock.seconds += 2 * PACE_SECONDS + 1
    assert signs_in(throttle, 'ivanov', '192.0.2.1')


def test_a_known_device_passes_whatever_others_do(throttle: LoginThrottle, clock: Clock) -> None:
    for second in ticks(clock, HOUR):
        fails(throttle, 'ivanov', f'203.0.113.{second % 250}')
    throttle.register_attempt('ivanov', '203.0.113.1', 'known device')
