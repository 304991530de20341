"""The code of a message as people write it: a whole UUID in any notation, or its first characters."""

import re
from itertools import pairwise
from typing import Final
from uuid import UUID

from services import names

MIN_PREFIX_LENGTH: Final = 8
"""The fewest hexadecimal digits that are a code: those that the list displays."""
CODE_LENGTH: Final = 32
UUID_IN_TEXT: Final = re.compile(r'(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])')
WRAPPING: Final = ' \t"\'`«»“”„‘’()[]{}<>.,;:#№…'
"""Blanks, quotes and brackets around a code, and an ellipsis after the first characters."""
LABEL: Final = re.compile(r'^(?:код|id|uuid|urn:uuid)(?:[ :№#=]+|$)')
BEGINS_LIKE_UUID: Final = re.compile(r'[0-9a-f]{8}-[0-9a-f-]*')
HEXADECIMAL: Final = re.compile(f'[0-9a-f]{{{MIN_PREFIX_LENGTH},{CODE_LENGTH}}}')
MAX_PHONE_DIGITS: Final = 15
MAX_DECIMAL_PREFIX: Final = 10


def find_code(typed: str) -> str | None:
    """Return the hexadecimal digits of a typed code in lower case; None if the text is something else.

    The text is a UUID with or without hyphens, a text with one (a link, a line of a ticket), or at least the first
    eight digits of a code. Decimal digits without a hyphen after the eighth are rather a phone, if not too many.
    """
    text = names.visible_text(typed).lower()
    if found := UUID_IN_TEXT.findall(text):
        return found[0].replace('-', '') if len(set(found)) == 1 else None
    text = LABEL.sub('', text.strip(WRAPPING)).strip(WRAPPING)
    digits = re.sub(r'[\s-]', '', text)
    if not HEXADECIMAL.fullmatch(digits):
        return None
    if digits.isdecimal():
        return digits if len(digits) > MAX_PHONE_DIGITS or BEGINS_LIKE_UUID.fullmatch(text) else None
    return digits if any(digit.isdecimal() for digit in digits) else None


def find_decimal_code(typed: str) -> str | None:
    """Return the beginning of a code if what was typed as a phone may be one: eight to ten decimal digits."""
    digits = re.sub(r'\D', '', typed.strip().removeprefix('+7'))
    return digits if digits.isascii() and MIN_PREFIX_LENGTH <= len(digits) <= MAX_DECIMAL_PREFIX else None


def code_range(code: str) -> tuple[UUID, UUID]:
    """Return the first and the last id that begin with the digits of a code."""
    return UUID(hex=code.ljust(CODE_LENGTH, '0')), UUID(hex=code.ljust(CODE_LENGTH, 'f'))


def format_code(code: str) -> str:
    """Format the digits of a code: a UUID, or its beginning with an ellipsis."""
    parts = (code[start:end] for start, end in pairwise((0, 8, 12, 16, 20, CODE_LENGTH)))
    written = '-'.join(part for part in parts if part)
    return written if len(code) == CODE_LENGTH else f'{written}…'
