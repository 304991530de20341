"""When a demonstration's messages are sent: by day and night, on workdays and on holidays, up to the present moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import accumulate
from random import Random

from services import days
from services.demo.demo_patients import slots

WEEKDAYS = (1.0, 1.05, 1.0, 1.0, 0.95, 0.4, 0.2)
"""How busy each day of the week is, Monday first."""
NOISE = 0.15
"""Days differ by up to so much from what their weekday says."""
HOURS = (1, 1, 1, 1, 1, 2, 6, 20, 60, 95, 100, 95, 80, 70, 80, 85, 80, 65, 45, 25, 12, 6, 3, 2)
"""How busy each hour of the day is."""
FEWEST_TODAY = 12
"""Today has some messages even just after midnight, unless there are few in all."""
HOUR = 3600


@dataclass(frozen=True)
class BusyDay:
    """A local day, and the moments (seconds since 1970, in order) at which its messages are filed."""

    day: date
    moments: Sequence[int]


def busy_days(random: Random, count: int, *, last: date, length: int, now: datetime, zone: tzinfo) -> Iterator[BusyDay]:
    """Spread `count` moments over `length` days that end with `last`, none of them after `now`.

    Raises:
        ValueError: none of these days has begun.
    """
    calendar = [last - timedelta(days=back) for back in reversed(range(length))]
    opened = [_Open(day, zone, now) for day in calendar]
    weights = [each.weight * (1 + NOISE * (2 * random.random() - 1)) for each in opened]
    if not any(weights):
        raise ValueError('none of the days has begun')
    for each, size in zip(opened, _shares(count, weights), strict=True):
        yield BusyDay(each.day, each.moments(random, size))


def _shares(count: int, weights: Sequence[float]) -> list[int]:
    """Part a count by weights, to the last one; the last day gets its fewest first."""
    today = min(FEWEST_TODAY, count // 10) if weights[-1] else 0
    ends = [round(end / sum(weights) * (count - today)) for end in accumulate(weights)]
    ends[-1] = count
    return [end - start for start, end in zip([0, *ends[:-1]], ends, strict=True)]


class _Open:
    """That part of a local day which is over at a moment."""

    def __init__(self, day: date, zone: tzinfo, now: datetime) -> None:
        self.day = day
        self._start = int(days.start(day, zone).timestamp())
        self._length = min(int(days.end(day, zone).timestamp()), int(now.timestamp()) + 1) - self._start
        whole, part = divmod(max(self._length, 0), HOUR)
        self._hours = [*HOURS[:whole], *([HOURS[whole] * part / HOUR] if whole < len(HOURS) else [])]
        self.weight = WEEKDAYS[day.weekday()] * sum(self._hours)

    def moments(self, random: Random, size: int) -> list[int]:
        hours = slots(range(len(self._hours)), self._hours, 1024) if size else []
        below = random.getrandbits
        found: list[int] = []
        while len(found) < size:
            second = hours[below(10)] * HOUR + (below(22) * HOUR >> 22)
            if second < self._length:
                found.append(self._start + second)
        found.sort()
        return found
