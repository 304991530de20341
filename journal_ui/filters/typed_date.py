"""A date as people type it, and the periods that they ask for most."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from services import texts
from services.lists.query_protocol import Period

DATE_PATTERN: Final = re.compile(r'(\d{1,2})[./\-, ](\d{1,2})(?:[./\-, ](\d+))?', re.ASCII)
DIGITS_PATTERN: Final = re.compile(r'(\d\d)(\d\d)((?:\d\d){0,2})', re.ASCII)
ISO_DATE_PATTERN: Final = re.compile(r'(\d{4})-(\d{2})-(\d{2})', re.ASCII)
DAYS_AHEAD: Final = timedelta(days=31)
"""How far a date without a year may be in the future: the end of a month, for example."""
DAY_WORDS: Final = {texts.TODAY: 0, texts.YESTERDAY: 1, texts.DAY_BEFORE_YESTERDAY: 2}
"""Days before today."""
CENTURY: Final = 2000


def parse_date(text: str, today: date) -> date | None:
    """Parse a date: `22.11.2026`, `1.2.26`, `22112026`, `2211`, `23.11`, `2026-11-22`, «вчера»; None for an empty text.

    A date without a year is the last one, or one of the next few weeks.

    Raises:
        ValueError: there is no such date; the message is a sentence for the user.
    """
    text = text.strip()
    if not text:
        return None
    days_ago = {word.lower(): days for word, days in DAY_WORDS.items()}.get(text.lower())
    if days_ago is not None:
        return today - timedelta(days=days_ago)
    if iso := ISO_DATE_PATTERN.fullmatch(text):
        year, month, day_number = iso.groups()
    elif match := DATE_PATTERN.fullmatch(text.rstrip('.')) or DIGITS_PATTERN.fullmatch(text):
        day_number, month, year = match.groups(default='')
    else:
        raise ValueError(texts.DAY_UNREADABLE)
    if len(year) not in (0, 2, 4):
        raise ValueError(texts.YEAR_UNREADABLE)
    try:
        if year:
            return date(int(year) + (CENTURY if len(year) == 2 else 0), int(month), int(day_number))
        latest = today + DAYS_AHEAD
        is_before_latest = (int(month), int(day_number)) <= (latest.month, latest.day)
        return date(latest.year if is_before_latest else latest.year - 1, int(month), int(day_number))
    except ValueError:
        raise ValueError(texts.NO_SUCH_DAY.format(day=text)) from None


def quick_periods(today: date) -> Mapping[str, Period]:
    """Return the periods that one click chooses, by their names."""
    yesterday = today - timedelta(days=1)
    first_of_month = today.replace(day=1)
    last_of_previous = first_of_month - timedelta(days=1)
    return {
        texts.TODAY: Period(today, today),
        texts.YESTERDAY: Period(yesterday, yesterday),
        texts.SEVEN_DAYS: Period(today - timedelta(days=6), today),
        texts.THIS_MONTH: Period(first_of_month, today),
        texts.PREVIOUS_MONTH: Period(last_of_previous.replace(day=1), last_of_previous),
        texts.ALL_TIME: Period(),
    }
