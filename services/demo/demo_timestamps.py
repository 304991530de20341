"""Generate the times of a demonstration's messages, distributed over weekdays and hours up to the present."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import accumulate
from random import Random

from services import days
from services.demo.demo_patients import weighted_table

WEEKDAY_WEIGHTS = (1.0, 1.05, 1.0, 1.0, 0.95, 0.4, 0.2)
"""The relative number of messages on each day of the week, Monday first."""
DAY_VARIATION = 0.15
"""The largest relative deviation of a day from the weight of its weekday."""
HOUR_WEIGHTS = (1, 1, 1, 1, 1, 2, 6, 20, 60, 95, 100, 95, 80, 70, 80, 85, 80, 65, 45, 25, 12, 6, 3, 2)
"""The relative number of messages in each hour of the day."""
MIN_TODAY = 12
"""The smallest number of messages today, even just after midnight, unless there are few messages in all."""
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class BusyDay:
    """A local day with the sorted times (seconds since 1970) of its messages."""

    day: date
    moments: Sequence[int]


def spread_over_days(
    random: Random, count: int, *, last: date, length: int, now: datetime, zone: tzinfo
) -> Iterator[BusyDay]:
    """Spread `count` moments over `length` days that end with `last`, none of them after `now`.

    Raises:
        ValueError: none of these days has started by `now`.
    """
    calendar = [last - timedelta(days=back) for back in reversed(range(length))]
    elapsed_days = [_ElapsedDay(day, zone, now) for day in calendar]
    weights = [elapsed.weight * (1 + DAY_VARIATION * (2 * random.random() - 1)) for elapsed in elapsed_days]
    if not any(weights):
        raise ValueError('none of the days has started')
    for elapsed, size in zip(elapsed_days, _split_by_weight(count, weights), strict=True):
        yield BusyDay(elapsed.day, elapsed.moments(random, size))


def _split_by_weight(count: int, weights: Sequence[float]) -> list[int]:
    """Split a count by weights without a remainder; the last day first receives its minimum."""
    today = min(MIN_TODAY, count // 10) if weights[-1] else 0
    ends = [round(end / sum(weights) * (count - today)) for end in accumulate(weights)]
    ends[-1] = count
    return [end - start for start, end in zip([0, *ends[:-1]], ends, strict=True)]


class _ElapsedDay:
    """The part of a local day that is over at a given time."""

    def __init__(self, day: date, zone: tzinfo, now: datetime) -> None:
        self.day = day
        self._start = int(days.day_start(day, zone).timestamp())
        self._length = min(int(days.day_end(day, zone).timestamp()), int(now.timestamp()) + 1) - self._start
        whole, part = divmod(max(self._length, 0), SECONDS_PER_HOUR)
        self._hours: list[float] = list(HOUR_WEIGHTS[:whole])
        if whole < len(HOUR_WEIGHTS):
            self._hours.append(HOUR_WEIGHTS[whole] * part / SECONDS_PER_HOUR)
        self.weight = WEEKDAY_WEIGHTS[day.weekday()] * sum(self._hours)

    def moments(self, random: Random, size: int) -> list[int]:
        """Generate `size` sorted times (seconds since 1970) within the elapsed part of the day."""
        hours = weighted_table(range(len(self._hours)), self._hours, 1024) if size else []
        random_bits = random.getrandbits
        seconds: list[int] = []
        while len(seconds) < size:
            second = hours[random_bits(10)] * SECONDS_PER_HOUR + (random_bits(22) * SECONDS_PER_HOUR >> 22)
            if second < self._length:
                seconds.append(self._start + second)
        seconds.sort()
        return seconds
