"""When a recipient who was not reached returns to the call list: the times that an operator may choose."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from services import texts


class ReturnTime(StrEnum):
    """A time that an operator may choose."""

    HALF_AN_HOUR = 'half_an_hour'
    TWO_HOURS = 'two_hours'
    NEXT_MORNING = 'next_morning'
    """The next morning that is none of a Saturday or Sunday."""


DELAYS: Final[Mapping[ReturnTime, timedelta]] = {
    ReturnTime.HALF_AN_HOUR: timedelta(minutes=30),
    ReturnTime.TWO_HOURS: timedelta(hours=2),
}
A_DAY: Final = timedelta(days=1)
MORNING: Final = time(9)
"""The local time at which people may be called again."""
SATURDAY: Final = 5
"""By `date.weekday`; it is followed by Sunday."""


def return_time(returning: ReturnTime, now: datetime, zone: tzinfo) -> datetime:
    """Return the time (UTC) at which a recipient returns to the list.

    Nobody returns on a Saturday or Sunday; public holidays are not known, because they are announced year by year.

    Args:
        returning: what the operator has chosen.
        now: the current time (aware).
        zone: the time zone of the operator's days.
    """
    if delay := DELAYS.get(returning):
        return now + delay
    day = now.astimezone(zone).date() + A_DAY
    while day.weekday() >= SATURDAY:
        day += A_DAY
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def describe_return(returning: ReturnTime, now: datetime, zone: tzinfo) -> str:
    """Describe a time that an operator may choose: «Через 2 часа, в 15:30»; see `return_time`."""
    at = return_time(returning, now, zone).astimezone(zone)
    is_tomorrow = at.date() == now.astimezone(zone).date() + A_DAY
    words = texts.CALLS_RETURN_TIMES[returning]
    if returning is ReturnTime.NEXT_MORNING and not is_tomorrow:
        words = texts.CALLS_RETURN_ON_MONDAY
    return texts.CALLS_RETURN_CHOICE.format(words=words, time=f'{at:%H:%M}')
