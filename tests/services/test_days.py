"""The bounds of local days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import days

ZONES = st.sampled_from([ZoneInfo('Europe/Moscow'), ZoneInfo('Europe/Berlin'), ZoneInfo('Asia/Kamchatka')])
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, ZONES)
def test_a_time_lies_within_exactly_one_local_day(moment: datetime, zone: ZoneInfo) -> None:
    day = days.from_number(days.local_day_number(moment, zone))
    assert days.day_start(day, zone) <= moment < days.day_end(day, zone)
    assert days.day_end(day, zone) == days.day_start(day + timedelta(days=1), zone)


@pytest.mark.parametrize(
    ('day', 'before'),
    [
        (date(2021, 11, 10), date(2021, 10, 10)),
        (date(2026, 3, 31), date(2026, 2, 28)),
        (date(2024, 3, 30), date(2024, 2, 29)),
        (date(2026, 1, 15), date(2025, 12, 15)),
    ],
)
def test_one_month_earlier(day: date, before: date) -> None:
    assert days.one_month_earlier(day) == before
