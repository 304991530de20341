"""Local calendar days: their numbers, and their bounds in UTC."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def local_day_number(moment: datetime, zone: tzinfo) -> int:
    """Return the local day of an aware datetime as a number: 20261122."""
    return to_number(moment.astimezone(zone).date())


def to_number(day: date) -> int:
    """Convert a date to a sortable number: 22.11.2026 → 20261122."""
    return day.year * 10000 + day.month * 100 + day.day


def from_number(value: int) -> date:
    """Convert a number to a date: 20261122 → 22.11.2026."""
    return date(value // 10000, value // 100 % 100, value % 100)


def day_start(day: date, zone: tzinfo) -> datetime:
    """Return the time (UTC) at which a local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_end(day: date, zone: tzinfo) -> datetime:
    """Return the time (UTC) at which the next local day begins."""
    return day_start(day + timedelta(days=1), zone)


def one_month_earlier(day: date) -> date:
    """Return the same day of the previous month, or its last day if it is shorter: 31.03 → 28.02 (S7)."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))
