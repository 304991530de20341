"""Money, dates and phones as a Russian reads them, and as he types them."""

from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_percent
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

LOCALE = 'ru'
RUSSIAN_SEPARATORS = str.maketrans({',': '\N{NO-BREAK SPACE}', '.': ','})
"""Turns the signs in a number as Python writes it: Babel takes ten times as long, and a list has one a row."""


def amount(value: Decimal) -> str:
    """Write roubles without their name: Decimal('339578.83') → «339 578,83», with no-break blanks inside."""
    return f'{value:,.2f}'.translate(RUSSIAN_SEPARATORS)


def money(value: Decimal) -> str:
    """Write roubles: «339 578,83 руб.»."""
    return f'{amount(value)}\N{NO-BREAK SPACE}руб.'


def integer(value: int) -> str:
    """Write a whole number: 12345 → «12 345»."""
    return f'{value:,}'.translate(RUSSIAN_SEPARATORS)


def percent(value: Decimal, decimals: int = 0) -> str:
    """Write a share of one: Decimal('0.051') → «5 %», or «5,1 %» with one place."""
    pattern = '#,##0' + ('.' + '0' * decimals if decimals else '')
    return format_percent(value, format=f'{pattern}\N{NO-BREAK SPACE}%', locale=LOCALE)


def month(value: date) -> str:
    """Write the month of a day: «ноябрь 2026»."""
    return format_date(value, 'LLLL y', locale=LOCALE)


def day(value: date) -> str:
    """Write a day: «22.11.2026»."""
    return f'{value.day:02}.{value.month:02}.{value.year:04}'


def date_and_minute(value: datetime | None, zone: tzinfo) -> str:
    """Write a moment to the minute on the clock of `zone`: «22.11.2026 18:48»; nothing for None."""
    if value is None:
        return ''
    local = value.astimezone(zone)
    return f'{day(local)} {local.hour:02}:{local.minute:02}'


def duration(value: timedelta) -> str:
    """Write how long something takes by its largest unit: «8 дн.», «3 ч», «5 мин»; less than a minute is none."""
    minutes = max(int(value.total_seconds()), 0) // 60
    for each, unit in ((24 * 60, 'дн.'), (60, 'ч')):
        if minutes >= each:
            return f'{integer(minutes // each)}\N{NO-BREAK SPACE}{unit}'
    return f'{minutes}\N{NO-BREAK SPACE}мин'


def phone(e164: str) -> str:
    """Write a stored number: «+7 (916) 123-45-67»; a foreign one in its own country's way."""
    if e164.startswith('+7') and len(e164) == 12:
        return f'+7 ({e164[2:5]}) {e164[5:8]}-{e164[8:10]}-{e164[10:]}'
    try:
        return format_number(parse(e164), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return e164
