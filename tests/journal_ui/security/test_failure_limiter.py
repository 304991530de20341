"""The limit of failed requests for each IP address."""

from journal_ui.security.failure_limiter import MAX_ADDRESSES, FailureLimiter


class Clock:
    """A clock that a test sets."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_an_address_has_a_number_of_failures_a_minute() -> None:
    clock = Clock()
    limiter = FailureLimiter(3, clock)
    for _ in range(3):
        assert not limiter.is_exceeded('a')
        limiter.count('a')
    assert limiter.is_exceeded('a')
    assert not limiter.is_exceeded('b')
    clock.seconds += 20
    assert not limiter.is_exceeded('a')
    limiter.count('a')
    assert limiter.is_exceeded('a')


def test_the_memory_is_bounded() -> None:
    clock = Clock()
    limiter = FailureLimiter(3, clock)
    for number in range(2 * MAX_ADDRESSES):
        limiter.count(str(number))
        clock.seconds += 0.001
    assert len(limiter._failures) <= MAX_ADDRESSES + 1
    clock.seconds += 3600
    limiter.count('later')
    assert len(limiter._failures) == 1
