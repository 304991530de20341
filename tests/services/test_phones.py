"""Reading phone numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.formats import phone
from services.phones import Digits, e164, known_digits, national_digits

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
    assert e164(typed) == f'+7{digits}'
    assert known_digits(typed) == Digits(f'7{digits}', whole=True)
    assert national_digits(typed) == digits
    assert known_digits(phone(f'+7{digits}')) == Digits(f'7{digits}', whole=True)


@pytest.mark.parametrize('typed', ['+7 (916) 12', '', 'телефон', '12345', '+7916123456789012', '８９１６'])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match='phone number'):
        e164(typed)


@pytest.mark.parametrize(
    ('typed', 'known'),
    [
        ('', None),
        ('+', None),
        ('(___) ___', None),
        ('1234', Digits('1234', whole=False)),
        ('12-34', Digits('1234', whole=False)),
        ('9161234567', Digits('79161234567', whole=True)),
        ('+7 916 12', Digits('791612', whole=False)),
        ('1' * 40, Digits('1' * 15, whole=False)),
    ],
)
def test_some_digits_are_known(typed: str, known: Digits | None) -> None:
    assert known_digits(typed) == known


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
def test_what_is_pasted_fits_the_mask(pasted: str, digits: str) -> None:
    assert national_digits(pasted) == digits
