"""Parsing of phone numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.formats import phone
from services.phones import PhoneDigits, parse_digits, to_e164, to_national_digits

NOTATIONS = (
    '+7{0}',
    '8{0}',
    '7{0}',
    '+7 ({0[0]}{0[1]}{0[2]}) {0[3]}{0[4]}{0[5]}-{0[6]}{0[7]}-{0[8]}{0[9]}',
    '8 {0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]} {0[6]}{0[7]} {0[8]}{0[9]}',
)


@given(st.integers(0, 999_999_999), st.sampled_from(NOTATIONS))
def test_one_number_in_any_notation(tail: int, notation: str) -> None:
    digits = f'9{tail:09}'
    typed = notation.format(digits)
    assert to_e164(typed) == f'+7{digits}'
    assert parse_digits(typed) == PhoneDigits(f'7{digits}', is_full_number=True)
    assert to_national_digits(typed) == digits
    assert parse_digits(phone(f'+7{digits}')) == PhoneDigits(f'7{digits}', is_full_number=True)


@pytest.mark.parametrize('typed', ['+7 (916) 12', '', 'телефон', '12345', '+7916123456789012', '８９１６'])
def test_invalid_numbers_are_rejected(typed: str) -> None:
    with pytest.raises(ValueError, match='phone number'):
        to_e164(typed)


@pytest.mark.parametrize(
    ('typed', 'expected'),
    [
        ('', None),
        ('+', None),
        ('(___) ___', None),
        ('1234', PhoneDigits('1234', is_full_number=False)),
        ('12-34', PhoneDigits('1234', is_full_number=False)),
        ('9161234567', PhoneDigits('79161234567', is_full_number=True)),
        ('+7 916 12', PhoneDigits('791612', is_full_number=False)),
        ('1' * 40, PhoneDigits('1' * 15, is_full_number=False)),
    ],
)
def test_digits_are_parsed(typed: str, expected: PhoneDigits | None) -> None:
    assert parse_digits(typed) == expected


@pytest.mark.parametrize(
    ('pasted', 'digits'),
    [
        ('89161234567', '9161234567'),
        ('+7 916 123-45-67', '9161234567'),
        ('+7916', '916'),
        ('8123', '8123'),
        ('тел. 8 (916) 123-45-67', '9161234567'),
    ],
)
def test_pasted_text_fits_the_mask(pasted: str, digits: str) -> None:
    assert to_national_digits(pasted) == digits
