"""Each period is compared with the same dates of a month before, or with the same weekdays."""

from datetime import date

import pytest

from services.lists.query_protocol import Period
from services.summary.compared_periods import (
    day_count,
    is_compared_by_dates,
    passed_part,
    previous_period,
    year_before,
)


def days(since: str, until: str) -> Period:
    return Period(date.fromisoformat(since), date.fromisoformat(until))


@pytest.mark.parametrize(
    ('period', 'previous', 'last_year'),
    [
        # a month to the day, a whole month, and one that ends later than the month before
        (days('2026-11-01', '2026-11-22'), days('2026-10-01', '2026-10-22'), days('2025-11-01', '2025-11-22')),
        (days('2026-11-01', '2026-11-30'), days('2026-10-01', '2026-10-31'), days('2025-11-01', '2025-11-30')),
        (days('2026-03-01', '2026-03-30'), days('2026-02-01', '2026-02-28'), days('2025-03-01', '2025-03-30')),
        (days('2028-02-01', '2028-02-29'), days('2028-01-01', '2028-01-31'), days('2027-02-01', '2027-02-28')),
        # several months, over the turn of a year
        (days('2026-01-01', '2026-03-31'), days('2025-10-01', '2025-12-31'), days('2025-01-01', '2025-03-31')),
        (days('2026-11-01', '2027-01-15'), days('2026-08-01', '2026-10-15'), days('2025-11-01', '2026-01-15')),
        # a day, a week and other periods have the same weekdays; also a day that is the first of a month
        (days('2026-11-22', '2026-11-22'), days('2026-11-15', '2026-11-15'), days('2025-11-23', '2025-11-23')),
        (days('2026-11-01', '2026-11-01'), days('2026-10-25', '2026-10-25'), days('2025-11-02', '2025-11-02')),
        (days('2026-11-16', '2026-11-22'), days('2026-11-09', '2026-11-15'), days('2025-11-17', '2025-11-23')),
        (days('2026-10-22', '2026-11-22'), days('2026-09-17', '2026-10-18'), days('2025-10-23', '2025-11-23')),
    ],
)
def test_the_periods_compared(period: Period, previous: Period, last_year: Period) -> None:
    assert previous_period(period) == previous
    assert year_before(period) == last_year
    if is_compared_by_dates(period):
        return
    for earlier in (previous, last_year):
        assert period.since
        assert earlier.since
        assert earlier.since.weekday() == period.since.weekday()
        assert day_count(earlier) == day_count(period)


def test_only_what_has_passed_is_compared() -> None:
    today = date(2026, 11, 22)
    assert passed_part(days('2026-11-01', '2026-11-30'), today) == days('2026-11-01', '2026-11-22')
    assert passed_part(Period(date(2026, 11, 1), None), today) == days('2026-11-01', '2026-11-22')
    for period in (Period(), Period(None, today), days('2026-11-23', '2026-11-30'), days('1000-01-01', '2026-11-22')):
        assert passed_part(period, today) is None
