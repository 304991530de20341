"""Russian formats of money, numbers, dates, durations, phones and names in little space."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_percent
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

LOCALE = 'ru'
PLURAL_FORM = Locale(LOCALE).plural_form
MAX_CACHED_NAMES = 4096
QUOTED_NAME = re.compile(r'(?P<form>[^«"“„]*[^«"“„\s])\s*(?P<name>[«"“„].+)')
CLOSING_QUOTES = {'«': '»', '"': '"', '“': '”', '„': '“'}
LEGAL_FORM_WORDS = frozenset({'учреждение', 'общество', 'организация', 'предприятие'})
MAX_INITIALS = 2
"""Those of the given name and of the patronymic."""
RUSSIAN_SEPARATORS = str.maketrans({',': '\N{NO-BREAK SPACE}', '.': ','})
"""Replaces the separators of Python's format; Babel takes ten times as long, and a list formats one number a row."""


def amount(value: Decimal) -> str:
    """Format roubles without the unit: Decimal('339578.83') → «339 578,83», with no-break spaces."""
    return f'{value:,.2f}'.translate(RUSSIAN_SEPARATORS)


def money(value: Decimal) -> str:
    """Format roubles: «339 578,83 руб.»."""
    return f'{amount(value)}\N{NO-BREAK SPACE}руб.'


def integer(value: int) -> str:
    """Format a whole number: 12345 → «12 345»."""
    return f'{value:,}'.translate(RUSSIAN_SEPARATORS)


def plural(count: int, forms: Mapping[str, str]) -> str:
    """Format a number with its noun, with a no-break space: «2 части».

    Args:
        count: the number.
        forms: the noun by the plural category of CLDR: `one` (1, 21), `few` (2 to 4, 22), `many` (5 to 20, 25).
    """
    return f'{integer(count)}\N{NO-BREAK SPACE}{forms[PLURAL_FORM(count)]}'


def percent(value: Decimal, decimals: int = 0) -> str:
    """Format a fraction of 1 as percent: Decimal('0.051') → «5 %», or «5,1 %» with one decimal place."""
    pattern = '#,##0' + ('.' + '0' * decimals if decimals else '')
    return format_percent(value, format=f'{pattern}\N{NO-BREAK SPACE}%', locale=LOCALE)


def month(value: date) -> str:
    """Format the month of a date: «ноябрь 2026»."""
    return format_date(value, 'LLLL y', locale=LOCALE)


def day(value: date) -> str:
    """Format a date: «22.11.2026»."""
    return f'{value.day:02}.{value.month:02}.{value.year:04}'


def day_and_month(value: datetime, zone: tzinfo) -> str:
    """Format the day of an aware datetime in the time zone, without its year: «22.11»."""
    local = value.astimezone(zone)
    return f'{local.day:02}.{local.month:02}'


def day_and_minute(value: datetime, zone: tzinfo) -> str:
    """Format an aware datetime in the time zone, to the minute and without its year: «22.11 18:48»."""
    local = value.astimezone(zone)
    return f'{day_and_month(local, zone)} {local.hour:02}:{local.minute:02}'


def date_and_minute(value: datetime | None, zone: tzinfo) -> str:
    """Format an aware datetime in the time zone, to the minute: «22.11.2026 18:48»; empty for None."""
    if value is None:
        return ''
    local = value.astimezone(zone)
    return f'{day(local)} {local.hour:02}:{local.minute:02}'


@lru_cache(MAX_CACHED_NAMES)
def distinctive_part_first(organization: str) -> str:
    """Move the legal form of an organisation, which most of them share, behind its name, for a narrow column.

    «ГБУЗ МО «Химкинская областная больница»» → «Химкинская областная больница, ГБУЗ МО». Any other name is unchanged.
    """
    match = QUOTED_NAME.fullmatch(organization)
    if match is None or not _is_legal_form(match['form']):
        return organization
    name = match['name']
    closing, inner = CLOSING_QUOTES[name[0]], name[1:-1]
    # with more quotation marks, the first and the last one need not be a pair
    is_quoted_alone = name[-1] == closing and closing not in inner
    return f'{inner if is_quoted_alone else name}, {match["form"]}'


def _is_legal_form(words: str) -> bool:
    """Return whether the words before a quoted name are a legal form: abbreviations such as ГБУЗ, or written out."""
    return words.isupper() or not LEGAL_FORM_WORDS.isdisjoint(words.lower().split())


def surname_and_initials(name: str) -> str:
    """Shorten a name that begins with the surname: «Иванова Мария Игоревна» → «Иванова М. И.»."""
    surname, *others = name.split() or ['']
    initials = [f'{word[0].upper()}.' for word in others if word[0].isalpha()][:MAX_INITIALS]
    return ' '.join((surname, *initials))


def duration(value: timedelta, *, days_from: int = 1) -> str:
    """Format a duration in its largest unit, rounded down: «8 дн.», «3 ч», «5 мин»; «0 мин» below a minute.

    Fewer than `days_from` days are written in hours: «30 ч».
    """
    minutes = max(int(value.total_seconds()), 0) // 60
    for unit_minutes, unit, first in ((24 * 60, 'дн.', days_from), (60, 'ч', 1)):
        if minutes >= first * unit_minutes:
            return f'{integer(minutes // unit_minutes)}\N{NO-BREAK SPACE}{unit}'
    return f'{minutes}\N{NO-BREAK SPACE}мин'


def phone(e164: str) -> str:
    """Format a number in E.164: «+7 (916) 123-45-67»; a foreign number in its international format."""
    if e164.startswith('+7') and len(e164) == 12:
        return f'+7 ({e164[2:5]}) {e164[5:8]}-{e164[8:10]}-{e164[10:]}'
    try:
        return format_number(parse(e164), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return e164
