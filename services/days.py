"""Days of the local calendar, and where they begin and end in UTC."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def local_day_number(moment: datetime, zone: tzinfo) -> int:
    """Give the local day of an aware moment as a number: 20261122."""
    return to_number(moment.astimezone(zone).date())


def to_number(day: date) -> int:
    """Give a day as a number that sorts: 22.11.2026 → 20261122."""
    return day.year * 10000 + day.month * 100 + day.day


def from_number(value: int) -> date:
    """Give the day back: 20261122 → 22.11.2026."""
    return date(value // 10000, value // 100 % 100, value % 100)


def day_start(day: date, zone: tzinfo) -> datetime:
    """Give the moment (UTC) at which a local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_end(day: date, zone: tzinfo) -> datetime:
    """Give the moment (UTC) at which the next local day begins."""
    return day_start(day + timedelta(days=1), zone)


def one_month_earlier(day: date) -> date:
    """Give the same day a month earlier, or the last one of a shorter month: 31.03 → 28.02 (spec S7)."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))
