"""СНИЛС, the number of a person's insurance account: eleven digits, of which the last two check the others."""

import re

LENGTH = 11
SHOWN = 5
"""Digits at the end that a screen shows: enough to tell two patients apart, not enough to name one."""
LAST_UNCHECKED = 1_001_998
"""Numbers up to 001-001-998 were given before there were check digits."""


def digits(typed: str) -> str:
    """Give the digits of what was typed or pasted, eleven at most: «112-233-445 95» → «11223344595»."""
    return re.sub(r'[^0-9]', '', typed)[:LENGTH]


def check_digits(number: str) -> str:
    """Give the check digits of the first nine: each times its place from the right, summed, modulo 101; 100 is 00."""
    total = sum(int(digit) * place for digit, place in zip(number[:9], range(9, 0, -1), strict=True))
    return f'{total % 101 % 100:02}'


def is_right(number: str) -> bool:
    """Say whether eleven digits are a СНИЛС."""
    if len(number) != LENGTH:
        return False
    return int(number[:9]) <= LAST_UNCHECKED or number[9:] == check_digits(number)


def written(number: str) -> str:
    """Write eleven digits, or stars in the place of some: «112-233-445 95»."""
    return f'{number[:3]}-{number[3:6]}-{number[6:9]} {number[9:]}'


def masked(number: str | None) -> str:
    """Write a СНИЛС as a screen may show it: «***-***-445 95»; nothing for None."""
    return written('*' * (LENGTH - SHOWN) + number[-SHOWN:]) if number else ''
