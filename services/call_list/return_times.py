"""When a recipient who was not reached returns to the call list: the times that an operator may choose."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final


class ReturnTime(StrEnum):
    """A time that an operator may choose."""

    HALF_AN_HOUR = 'half_an_hour'
    TWO_HOURS = 'two_hours'
    TOMORROW_MORNING = 'tomorrow_morning'


DELAYS: Final[Mapping[ReturnTime, timedelta]] = {
    ReturnTime.HALF_AN_HOUR: timedelta(minutes=30),
    ReturnTime.TWO_HOURS: timedelta(hours=2),
}
MORNING: Final = time(9)
"""The local time at which people may be called again."""


def return_time(returning: ReturnTime, now: datetime, zone: tzinfo) -> datetime:
    """Return the time (UTC) at which a recipient returns to the list.

    Args:
        returning: what the operator has chosen.
        now: the current time (aware).
        zone: the time zone of the operator's days.
    """
    if delay := DELAYS.get(returning):
        return now + delay
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, MORNING, zone).astimezone(UTC)
