"""The periods with which a period is compared: the one before, and the same one a year ago.

A period that begins on the first day of a month is compared by dates, any other period by weekdays, because hardly
anything is sent on a weekend.
"""

from datetime import date, timedelta
from typing import Final

from services.lists.query_protocol import Period

WEEK_DAYS: Final = 7
YEAR_OF_WEEKS: Final = timedelta(weeks=52)
MONTHS_PER_YEAR: Final = 12
FIRST_YEAR: Final = 1901
"""Earlier periods are not compared: there is nothing to compare them with."""


def passed_part(period: Period, today: date) -> Period | None:
    """Return the part of a period up to today; None if it has no start, or lies in the future."""
    until = min(period.until or today, today)
    if period.since is None or not date(FIRST_YEAR, 1, 1) <= period.since <= until:
        return None
    return Period(period.since, until)


def is_compared_by_dates(period: Period) -> bool:
    """Return whether a closed period is compared with the same dates, and not with the same weekdays."""
    since, until = _ends(period)
    return since.day == 1 and since != until


def previous_period(period: Period) -> Period:
    """Return the closed period before a closed period, which has the same dates or the same weekdays.

    November up to the 29th has October up to the 29th before it, a whole month has the whole month, seven days have the
    seven days, and a day the same weekday of the week before.
    """
    since, until = _ends(period)
    if is_compared_by_dates(period):
        return _months_earlier(period, _month_number(until) - _month_number(since) + 1)
    weeks = -(-((until - since).days + 1) // WEEK_DAYS)
    return _earlier(period, timedelta(weeks=weeks))


def year_before(period: Period) -> Period:
    """Return the same dates of the year before, or the same weekdays 52 weeks before."""
    if is_compared_by_dates(period):
        return _months_earlier(period, MONTHS_PER_YEAR)
    return _earlier(period, YEAR_OF_WEEKS)


def day_count(period: Period) -> int:
    """Return the number of days of a closed period."""
    since, until = _ends(period)
    return (until - since).days + 1


def _earlier(period: Period, shift: timedelta) -> Period:
    since, until = _ends(period)
    return Period(since - shift, until - shift)


def _months_earlier(period: Period, months: int) -> Period:
    """Return the same dates some months earlier; the last day of a month becomes the last day of the other."""
    since, until = _ends(period)
    last_day = _month_end(_first_of_month(_month_number(until) - months))
    ends_month = until == _month_end(until)
    return Period(
        _first_of_month(_month_number(since) - months),
        last_day if ends_month else last_day.replace(day=min(until.day, last_day.day)),
    )


def _ends(period: Period) -> tuple[date, date]:
    assert period.since is not None
    assert period.until is not None
    return period.since, period.until


def _month_number(day: date) -> int:
    return day.year * MONTHS_PER_YEAR + day.month - 1


def _first_of_month(number: int) -> date:
    return date(number // MONTHS_PER_YEAR, number % MONTHS_PER_YEAR + 1, 1)


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
