"""Phone numbers: parsing in any notation into E.164, and the meaning of typed digits in a search.

Numbering plans change more often than this program is updated, so a number with a known country is rejected only if its
length is impossible. For +7 (Russia and Kazakhstan) the first digit is checked too, because this rule does not change.
Where no country is written and the country is a guess, the metadata of `phonenumbers` must know the number.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, ValidationResult
from phonenumbers.phonenumberutil import normalize_digits_only

from services.errors import InvalidInputError

SUBSCRIBER_LINES = PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE
MIN_DIGITS, MAX_DIGITS = 7, 15
"""The numbers of digits of the shortest national numbers with their country code, and of the longest (E.164)."""
MAX_TYPED_LENGTH = 200
"""Characters of a typed text that are parsed; the rest is ignored."""
MAX_DIALLED_DIGITS = MAX_DIGITS + 3
"""The number of digits of the longest number with the prefix that is dialled before its country code."""
RUSSIAN_LENGTH = 10
"""The number of digits of a Russian or Kazakh number after +7."""
RUSSIAN_FIRST_DIGITS = '3456789'
"""0 and 1 begin prefixes and short numbers; 2 is a reserve of the numbering plan."""
CIS_CODES = ('373', '374', '375', '380', '992', '993', '994', '995', '996', '998')
"""Country codes that providers and people write without a plus.

Moldova, Armenia, Belarus, Ukraine, Tajikistan, Turkmenistan, Azerbaijan, Georgia, Kyrgyzstan and Uzbekistan.
"""

RUSSIAN_MOBILE = re.compile(r'(?:\+?7|8)?[ -]?\(?(9\d\d)\)?[ -]?(\d{3})[ -]?(\d\d)[ -]?(\d\d)', re.ASCII)
"""The usual notations of a Russian mobile number, which nearly all recipients have."""
NUMBER = re.compile(r'\+?[ (]*\d[\d \u00a0\u202f().\[\]\u2010-\u2015\u2212-]*')
"""The number at the beginning of a text; any other character ends it."""
LABEL = re.compile(r'\b(тел(ефон)?|моб(ильный)?|сот(овый)?|т|tel|phone|mob(ile)?)\b[.:№\s]*$|^\W*или\b', re.IGNORECASE)
"""A word right before or after a number that is not worth a note."""
WHOLE_IN_SPREADSHEET = re.compile(r'([+\d\s]+)[.,]0{1,2}')
ROUNDED_BY_SPREADSHEET = re.compile(r'(\d)(?:[.,](\d+))?e\+?(\d{1,3})', re.IGNORECASE)
NOTE_EDGES = ' ,;:/|\\\'"=«»<>()[]\N{EN DASH}\N{EM DASH}-'
"""Characters that separate a number from its note."""


class PhoneProblem(StrEnum):
    """Why a text is not a phone number; services.ingest.validation.InvalidValueReason has the same codes."""

    NOT_PHONE = 'not_phone'
    TOO_SHORT = 'phone_too_short'
    TOO_LONG = 'phone_too_long'
    NO_SUCH_NUMBER = 'no_such_phone'
    ROUNDED = 'phone_rounded'
    """A spreadsheet has rounded the number, so that its last digits are lost."""


LENGTH_PROBLEMS = {
    ValidationResult.TOO_SHORT: PhoneProblem.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: PhoneProblem.TOO_SHORT,
    ValidationResult.TOO_LONG: PhoneProblem.TOO_LONG,
}


class InvalidPhoneError(InvalidInputError):
    """A text that is not a phone number."""

    def __init__(self, problem: PhoneProblem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class ParsedPhone:
    """A phone number, and what was written with it."""

    e164: str
    note: str | None = None
    """The rest of the text: an extension or further numbers («доб. 12»)."""


@dataclass(frozen=True)
class PhonePattern:
    """What a stored number, in E.164, must contain; a plus is contained only at the beginning."""

    text: str
    is_full_number: bool = False

    @property
    def digits(self) -> str:
        """The digits without the plus."""
        return self.text.removeprefix('+')


def parse_number(text: str) -> ParsedPhone:
    """Parse a text with a phone number in any notation: «8 916 123-45-67 доб. 12» → `+79161234567`, «доб. 12».

    The first number of several is parsed; the rest of the text, up to MAX_TYPED_LENGTH, is the note.

    Raises:
        InvalidPhoneError: the text does not begin with a possible number.
    """
    line = text.strip()[:MAX_TYPED_LENGTH]
    # `phonenumbers` would return the same, but takes twenty times as long.
    if match := RUSSIAN_MOBILE.fullmatch(line):
        return ParsedPhone(f'+7{"".join(match.groups())}')
    return _parse_any_number(line)


def to_e164(text: str) -> str:
    """Return the number that a text begins with in E.164; see `parse_number`."""
    return parse_number(text).e164


def parse_search(typed: str) -> tuple[PhonePattern, ...]:
    """Parse what was typed to find a phone number; a number is found by any of the patterns, without digits by none.

    A full number is recognised in every notation. Of a part, a plus with a foreign country code is the beginning of
    the number; after +7, and without a country code, the digits are searched for anywhere in it. A part that begins
    with the trunk prefix 8 is also the beginning of a Russian number (8916 → +7916) or of a Belarusian one (8029).
    """
    typed = typed[:MAX_TYPED_LENGTH].strip()
    digits = normalize_digits_only(typed)
    if not digits:
        return ()
    # Ten digits may be a part of a number with its country code, unless they begin like a Russian mobile number.
    if len(digits) != RUSSIAN_LENGTH or digits[0] == '9' or typed.startswith('+'):
        try:
            return (PhonePattern(to_e164(typed), is_full_number=True),)
        except InvalidPhoneError:
            pass
    if typed.startswith('+7'):
        return (PhonePattern(digits[1 : MAX_DIGITS + 1]),) if digits[1:] else ()
    if typed.startswith('+'):
        return (PhonePattern(f'+{digits[:MAX_DIGITS]}'),)
    anywhere = PhonePattern(digits[:MAX_DIGITS])
    if 4 <= len(digits) <= RUSSIAN_LENGTH and digits[0] == '8':
        if digits[1] in RUSSIAN_FIRST_DIGITS:
            return (PhonePattern(f'+7{digits[1:]}'), anywhere)
        if digits[1] == '0':
            return (PhonePattern(f'+375{digits[2:]}'), anywhere)
    return (anywhere,)


def _parse_any_number(line: str) -> ParsedPhone:
    if match := WHOLE_IN_SPREADSHEET.fullmatch(line):
        line = match[1]
    elif match := ROUNDED_BY_SPREADSHEET.fullmatch(line):
        line = _expand_exponent(*match.groups(default=''))
    match = NUMBER.search(line)
    if not match:
        raise InvalidPhoneError(PhoneProblem.NOT_PHONE)
    before, after = line[: match.start()], line[match.end() :]
    try:
        e164 = _to_e164(match[0])
    except InvalidPhoneError as error:
        if error.problem is not PhoneProblem.TOO_LONG:
            raise
        e164, rest = _split_two_numbers(match[0])
        after = f'{rest} {after}'
    parts = (' '.join(LABEL.sub('', part, count=1).split()).strip(NOTE_EDGES) for part in (before, after))
    return ParsedPhone(e164, ', '.join(part for part in parts if re.search(r'\w', part)) or None)


def _expand_exponent(first: str, fraction: str, exponent: str) -> str:
    """Return the digits of a number in the scientific notation of a spreadsheet: «7.9161234567E+10»."""
    if len(fraction) < int(exponent):
        raise InvalidPhoneError(PhoneProblem.ROUNDED)
    return first + fraction[: int(exponent)]


def _split_two_numbers(text: str) -> tuple[str, str]:
    """Split two numbers with only a space between them; return the first in E.164, and the text of the second."""
    for gap in re.finditer(r'\s+', text.strip()):
        first, second = text[: gap.start()], text[gap.end() :]
        if len(normalize_digits_only(first)) > MAX_DIALLED_DIGITS:
            break  # a text may have many more gaps
        try:
            _to_e164(second)
            return _to_e164(first), second
        except InvalidPhoneError:
            continue
    raise InvalidPhoneError(PhoneProblem.TOO_LONG)


def _to_e164(written: str) -> str:
    """Convert one number to E.164.

    Raises:
        InvalidPhoneError: the number is not possible.
    """
    digits = normalize_digits_only(written)
    if len(digits) < MIN_DIGITS:
        raise InvalidPhoneError(PhoneProblem.NOT_PHONE)
    if len(digits) > MAX_DIALLED_DIGITS:
        raise InvalidPhoneError(PhoneProblem.TOO_LONG)
    international, is_guess = _add_country_code(digits, has_plus=written[0] == '+')
    try:
        number = phonenumbers.parse(international)
    except NumberParseException as error:
        problems = {
            NumberParseException.TOO_LONG: PhoneProblem.TOO_LONG,
            NumberParseException.TOO_SHORT_NSN: PhoneProblem.TOO_SHORT,
        }
        raise InvalidPhoneError(problems.get(error.error_type, PhoneProblem.NO_SUCH_NUMBER)) from None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    problem = _russian_problem(e164[2:]) if number.country_code == 7 else _length_problem(number)
    if len(e164) > MAX_DIGITS + 1:
        problem = PhoneProblem.TOO_LONG
    if problem is None and is_guess and not phonenumbers.is_valid_number(number):
        problem = PhoneProblem.NO_SUCH_NUMBER
    if problem:
        raise InvalidPhoneError(problem)
    return e164


def _add_country_code(digits: str, *, has_plus: bool) -> tuple[str, bool]:
    """Return the digits with a plus and a country code, and whether the country is a guess."""
    length = len(digits)
    if has_plus:
        return f'+{digits}', False
    if length > 11 and digits.startswith(('00', '810')):  # the international prefixes of most countries and of Russia
        return f'+{digits[2 if digits[0] == "0" else 3 :]}', False
    if length == 11 and digits.startswith('80'):
        return f'+375{digits[2:]}', True
    if length == 11 and digits[0] == '8':
        return f'+7{digits[1:]}', False
    if length == RUSSIAN_LENGTH:
        return f'+7{digits}', digits[0] != '9'
    if digits.startswith(CIS_CODES) or (length > RUSSIAN_LENGTH and digits[0] == '7'):
        return f'+{digits}', False
    return f'+7{digits}', False


def _russian_problem(national: str) -> PhoneProblem | None:
    if len(national) != RUSSIAN_LENGTH:
        return PhoneProblem.TOO_SHORT if len(national) < RUSSIAN_LENGTH else PhoneProblem.TOO_LONG
    return None if national[0] in RUSSIAN_FIRST_DIGITS else PhoneProblem.NO_SUCH_NUMBER


def _length_problem(number: phonenumbers.PhoneNumber) -> PhoneProblem | None:
    """Check the length against those of mobile and fixed lines; services such as free calls have other lengths."""
    mobile, fixed = (phonenumbers.is_possible_number_for_type_with_reason(number, each) for each in SUBSCRIBER_LINES)
    if ValidationResult.IS_POSSIBLE in (mobile, fixed):
        return None
    return LENGTH_PROBLEMS.get(mobile, PhoneProblem.NO_SUCH_NUMBER)
