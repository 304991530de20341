"""Parsing of phone numbers in any notation; numbers are stored as E.164."""

import re
from dataclasses import dataclass

import phonenumbers

REGION = 'RU'
MAX_DIGITS = 15
"""The maximum number of digits in E.164."""


@dataclass(frozen=True)
class PhoneDigits:
    """The typed digits of a phone number: the full number in E.164, or consecutive digits anywhere in it."""

    digits: str
    is_full_number: bool


def to_e164(text: str) -> str:
    """Parse a phone number in any notation: «8 916 123-45-67» → «+79161234567».

    Raises:
        ValueError: the text is not a possible phone number.
    """
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException as error:
        raise ValueError('not a phone number') from error
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise ValueError('not a possible phone number')
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def parse_digits(typed: str) -> PhoneDigits | None:
    """Parse a typed part of a phone number; return None if there are no digits.

    A full Russian number is recognised with 8, with +7 and without a prefix; other digits are searched for unchanged.
    """
    digits = _digits(typed)
    if not digits:
        return None
    if len(digits) == 11 and digits[0] in '78':
        return PhoneDigits(f'7{digits[1:]}', is_full_number=True)
    if len(digits) == 10 and digits[0] == '9':
        return PhoneDigits(f'7{digits}', is_full_number=True)
    return PhoneDigits(digits[:MAX_DIGITS], is_full_number=False)


def to_national_digits(typed: str) -> str:
    """Return the digits for the mask `+7 (___) ___-__-__` of typed or pasted text, ten at most."""
    digits = _digits(typed)
    if (len(digits) >= 11 and digits[0] in '78') or typed.lstrip().startswith('+7'):
        digits = digits[1:]
    return digits[:10]


def _digits(text: str) -> str:
    return re.sub(r'[^0-9]', '', text)
