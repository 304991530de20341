"""Parser of the times in a file: as people and programs write them, and the serial numbers of spreadsheets."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal

from services.ingest.message_parsing import VALID_YEARS, join_words
from services.ingest.validation import IncomingField, InvalidValueError, InvalidValueReason

TIME_OF_DAY = r'(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?'
TIME_PATTERNS = (
    re.compile(
        rf'(?P<day>\d{{1,2}})([./-])(?P<month>\d{{1,2}})\2(?P<year>\d{{4}}|\d{{2}})(?:,? |T){TIME_OF_DAY}', re.A
    ),
    re.compile(rf'(?P<year>\d{{4}})([./-])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}})(?:,? |T){TIME_OF_DAY}', re.A),
)
USUAL_TIME = re.compile(r'(\d\d)\.(\d\d)\.(\d{4}) (\d\d):(\d\d)(?::(\d\d))?', re.A)
"""The time as the journal and most spreadsheets write it, which is parsed without trying the other patterns."""
OFFSET_PATTERN = re.compile(r' ?(?:Z|(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2}))$', re.A)
SERIAL_PATTERN = re.compile(r'(\d{5})[.,](\d{1,20})', re.A)
SERIAL_EPOCH = datetime(1899, 12, 30)
MAX_SERIAL_ERROR = Decimal('0.5')
"""Seconds; a number that is less precise does not determine the second."""
SECONDS_PER_DAY, SECONDS_PER_MINUTE = 86_400, 60


def parse_local_time(value: str, field: IncomingField, zone: tzinfo) -> datetime | None:
    """Parse a time; return UTC in whole seconds, or None for an empty value.

    The day comes first, unless the year does. Without an offset the time is the local time of `zone`; one that occurs
    twice, because the clock was set back, is taken as the first. A date alone is rejected, because its midnight would
    be a guess.
    """
    usual = USUAL_TIME.fullmatch(value)
    line = value if usual else join_words(value)
    if not line:
        return None
    try:
        local = _parse_usual(usual) if usual else _parse_serial(line) or _parse_written(line)
    except (ValueError, OverflowError):
        local = None
    if local is None:
        raise InvalidValueError(field, InvalidValueReason.NOT_TIME, line)
    if local.year not in VALID_YEARS:
        raise InvalidValueError(field, InvalidValueReason.YEAR_OUT_OF_RANGE, line)
    if local.tzinfo:
        return local.astimezone(UTC)
    of_zone = local.replace(tzinfo=zone)
    moment = of_zone.astimezone(UTC)
    # Two times with the same `tzinfo` are compared as they are written.
    if moment.astimezone(zone) != of_zone:
        raise InvalidValueError(field, InvalidValueReason.SKIPPED_BY_CLOCK, line)
    return moment


def _parse_usual(match: re.Match[str]) -> datetime:
    day, month, year, hour, minute, second = map(int, match.groups('0'))
    return datetime(year, month, day, hour, minute, second)


def _parse_written(line: str) -> datetime | None:
    zone = None
    if ':' in line and (offset := OFFSET_PATTERN.search(line)):
        line = line[: offset.start()]
        minutes = int(offset['hours'] or 0) * 60 + int(offset['minutes'] or 0)
        zone = timezone(timedelta(minutes=-minutes if offset['sign'] == '-' else minutes))
    match = next(filter(None, (pattern.fullmatch(line) for pattern in TIME_PATTERNS)), None)
    if match is None:
        return None
    parts = {name: int(text or 0) for name, text in match.groupdict().items()}
    if len(match['year']) == 2:
        parts['year'] += 2000
    return datetime(**parts, tzinfo=zone)


def _parse_serial(line: str) -> datetime | None:
    """Parse the days since SERIAL_EPOCH, as a whole minute if the last digit is not precise enough for more."""
    match = SERIAL_PATTERN.fullmatch(line)
    if match is None:
        return None
    seconds = Decimal(f'0.{match[2]}') * SECONDS_PER_DAY
    precision = Decimal(5).scaleb(-len(match[2]) - 1) * SECONDS_PER_DAY
    whole_minute = round(seconds / SECONDS_PER_MINUTE) * SECONDS_PER_MINUTE
    if abs(seconds - whole_minute) <= precision:
        rounded = whole_minute
    elif precision < MAX_SERIAL_ERROR:
        rounded = round(seconds)
    else:
        rounded = int(seconds) // SECONDS_PER_MINUTE * SECONDS_PER_MINUTE
    return SERIAL_EPOCH + timedelta(days=int(match[1]), seconds=rounded)
