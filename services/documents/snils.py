"""СНИЛС, the number of a person's insurance account: eleven digits, of which the last two are check digits."""

import re

LENGTH = 11
VISIBLE_DIGITS = 5
"""Visible digits at the end of a masked number: enough to distinguish two patients, not enough to identify one."""
LAST_WITHOUT_CHECK_DIGITS = 1_001_998
"""Numbers up to 001-001-998 were issued before check digits were introduced."""


def extract_digits(text: str) -> str:
    """Return the digits of a text, at most eleven: «112-233-445 95» → «11223344595»."""
    return re.sub(r'[^0-9]', '', text)[:LENGTH]


def check_digits(number: str) -> str:
    """Compute the check digits of the first nine: the sum of digit × position from the right, modulo 101; 100 is 00."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:9], range(9, 0, -1), strict=True))
    return f'{total % 101 % 100:02}'


def is_valid(number: str) -> bool:
    """Return whether a text of digits is a СНИЛС."""
    if len(number) != LENGTH:
        return False
    return int(number[:9]) <= LAST_WITHOUT_CHECK_DIGITS or number[9:] == check_digits(number)


def format_snils(number: str) -> str:
    """Format eleven digits or asterisks: «112-233-445 95»."""
    return f'{number[:3]}-{number[3:6]}-{number[6:9]} {number[9:]}'


def mask_snils(number: str | None) -> str:
    """Format a masked СНИЛС: «***-***-445 95»; an empty text for None."""
    return format_snils('*' * (LENGTH - VISIBLE_DIGITS) + number[-VISIBLE_DIGITS:]) if number else ''
