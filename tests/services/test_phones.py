"""Parsing of phone numbers."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.formats import phone
from services.phones import (
    CIS_CODES,
    RUSSIAN_MOBILE,
    InvalidPhoneError,
    ParsedPhone,
    PhonePattern,
    PhoneProblem,
    parse_number,
    parse_search,
    to_e164,
)

RUSSIAN_NOTATIONS = (
    '+7{0}',
    '8{0}',
    '7{0}',
    '{0}',
    '+7 8{0}',
    '+7 ({0[0]}{0[1]}{0[2]}) {0[3]}{0[4]}{0[5]}-{0[6]}{0[7]}-{0[8]}{0[9]}',
    '8 {0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]} {0[6]}{0[7]} {0[8]}{0[9]}',
    'тел. 8-{0[0]}{0[1]}{0[2]}-{0[3]}{0[4]}{0[5]}-{0[6]}{0[7]}{0[8]}{0[9]}',
    '8{0}.0',
    '7{0},00',
)
INTERNATIONAL_NOTATIONS = ('+{0}', '+{0[0]} {0[1]}-{1}', '00{0}', '8 10 {0}', '{0}', '"{0}"', '{0}.0')
NOTES = (
    '{}, {note}',
    '{}; {note}',
    '{}/{note}',
    '{} или {note}',
    '{}\n{note}',
    '{} ({note})',
)


@st.composite
def cis_phones(draw: st.DrawFn) -> str:
    """Generate the digits of a number of a CIS country, with its country code."""
    code = draw(st.sampled_from(CIS_CODES))
    (region, *_) = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)]
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example
    digits = str(example.national_number)
    tail = draw(st.integers(0, 9999))
    return f'{code}{digits[:-4]}{tail:04}'


@given(st.integers(0, 999_999_999), st.sampled_from(RUSSIAN_NOTATIONS))
def test_a_russian_number_in_any_notation(tail: int, notation: str) -> None:
    digits = f'9{tail:09}'
    typed = notation.format(digits)
    assert parse_number(typed) == ParsedPhone(f'+7{digits}')
    assert parse_search(typed) == (PhonePattern(f'+7{digits}', is_full_number=True),)
    assert parse_search(phone(f'+7{digits}')) == (PhonePattern(f'+7{digits}', is_full_number=True),)


@given(st.from_regex(RUSSIAN_MOBILE, fullmatch=True))
def test_a_usual_notation_is_parsed_as_by_the_library(written: str) -> None:
    other_notation = f'.{written}'
    assert not RUSSIAN_MOBILE.fullmatch(other_notation)
    assert parse_number(written) == parse_number(other_notation)
    number = phonenumbers.parse(to_e164(written))
    assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == to_e164(written)


@given(cis_phones(), st.sampled_from(INTERNATIONAL_NOTATIONS))
def test_a_number_of_another_country_in_any_notation(digits: str, notation: str) -> None:
    typed = notation.format(digits, digits[2:])
    assert parse_number(typed) == ParsedPhone(f'+{digits}')
    assert parse_search(typed) == (PhonePattern(f'+{digits}', is_full_number=True),)
    assert parse_search(phone(f'+{digits}')) == (PhonePattern(f'+{digits}', is_full_number=True),)


@given(cis_phones(), st.sampled_from(NOTES), st.sampled_from(['доб. 12', 'ext. 12', '#12', '8 903 123-45-67', 'мама']))
def test_the_first_number_is_parsed_and_the_rest_is_its_note(digits: str, notation: str, note: str) -> None:
    typed = notation.format(f'+{digits}', note=note)
    assert parse_number(typed) == ParsedPhone(f'+{digits}', note)
    assert parse_search(typed) == (PhonePattern(f'+{digits}', is_full_number=True),)


@given(cis_phones(), st.data())
def test_a_beginning_with_a_plus_and_any_part_find_the_number(digits: str, data: st.DataObject) -> None:
    length = data.draw(st.integers(1, len(digits) - 1))
    assert [each.text for each in parse_search(f'+{digits[:length]}')] == [f'+{digits[:length]}']
    start = data.draw(st.integers(0, len(digits) - 4))
    part = digits[start : start + 4]
    assert any(pattern.text in f'+{digits}' for pattern in parse_search(part))


@pytest.mark.parametrize(
    ('typed', 'e164'),
    [
        ('375291234567', '+375291234567'),
        ('998901234567', '+998901234567'),
        ('996555123456', '+996555123456'),
        ('994501234567', '+994501234567'),
        ('992901234567', '+992901234567'),
        ('993 65 123456', '+99365123456'),
        ('995 555 12-34-56', '+995555123456'),
        ('380 (50) 123-45-67', '+380501234567'),
        ('374 91 123456', '+37491123456'),
        ('373 68 123 456', '+37368123456'),
        ('77011234567', '+77011234567'),
        ('8 701 123 45 67', '+77011234567'),
        ('8 029 123-45-67', '+375291234567'),
        ('80 29 1234567', '+375291234567'),
        ('+375 (029) 123-45-67', '+375291234567'),
        ('+49 170 1234567', '+491701234567'),
        ('+7 999 000-00-00', '+79990000000'),
        ('8 (444) 123-45-67', '+74441234567'),
        ('+998 20 000-00-00', '+998200000000'),
        ('(495) 123-45-67', '+74951234567'),
        ('="89161234567"', '+79161234567'),
        ('８９１６１２３４５６７', '+79161234567'),
        ('7.9161234567E+10', '+79161234567'),
        ('79 161 234 567,00', '+79161234567'),
    ],
)
def test_a_possible_number_is_parsed(typed: str, e164: str) -> None:
    assert parse_number(typed) == ParsedPhone(e164)


@pytest.mark.parametrize(
    ('typed', 'parsed'),
    [
        ('+7 (495) 123-45-67 доб. 12', ParsedPhone('+74951234567', 'доб. 12')),
        ('8 495 123-45-67#12', ParsedPhone('+74951234567', '#12')),
        ('89161234567, 89031234567', ParsedPhone('+79161234567', '89031234567')),
        ('89161234567 89031234567', ParsedPhone('+79161234567', '89031234567')),
        ('8 916 123 45 67 8 903 123 45 67 доб. 3', ParsedPhone('+79161234567', '8 903 123 45 67 доб. 3')),
        ('мама: 8 916 123-45-67', ParsedPhone('+79161234567', 'мама')),
        ('8 495 123-45-67 доб. 1 или 2', ParsedPhone('+74951234567', 'доб. 1 или 2')),
        ('8 495 123-45-67/68', ParsedPhone('+74951234567', '68')),
    ],
)
def test_what_is_written_with_a_number_is_its_note(typed: str, parsed: ParsedPhone) -> None:
    assert parse_number(typed) == parsed


@pytest.mark.parametrize(
    ('typed', 'problem'),
    [
        ('', PhoneProblem.NOT_PHONE),
        ('телефон', PhoneProblem.NOT_PHONE),
        ('12345', PhoneProblem.NOT_PHONE),
        ('########', PhoneProblem.NOT_PHONE),
        ('1234567', PhoneProblem.TOO_SHORT),
        ('8 916 123-45-6', PhoneProblem.NO_SUCH_NUMBER),
        ('+7 916 123-45-6', PhoneProblem.TOO_SHORT),
        ('+998 90 123-45-6', PhoneProblem.TOO_SHORT),
        ('37529123456', PhoneProblem.TOO_SHORT),
        ('1234567, 89161234567', PhoneProblem.TOO_SHORT),
        ('+7916123456789012', PhoneProblem.TOO_LONG),
        ('891612345678', PhoneProblem.TOO_LONG),
        ('+998 90 123-45-678', PhoneProblem.TOO_LONG),
        ('491701234567', PhoneProblem.TOO_LONG),
        ('1' * 40, PhoneProblem.TOO_LONG),
        ('+7 123 456-78-90', PhoneProblem.NO_SUCH_NUMBER),
        ('0501234567', PhoneProblem.NO_SUCH_NUMBER),
        ('3752912345', PhoneProblem.NO_SUCH_NUMBER),
        ('80501234567', PhoneProblem.NO_SUCH_NUMBER),
        ('+999 12 345 67', PhoneProblem.NO_SUCH_NUMBER),
        ('7.9161E+10', PhoneProblem.ROUNDED),
        ('7,9161E+10', PhoneProblem.ROUNDED),
        ('8E+10', PhoneProblem.ROUNDED),
    ],
)
def test_an_impossible_number_is_rejected_with_its_problem(typed: str, problem: PhoneProblem) -> None:
    with pytest.raises(InvalidPhoneError) as caught:
        parse_number(typed)
    assert caught.value.problem is problem


@given(st.text(max_size=60) | st.text('+0123456789 ()-.,;/E#доб', max_size=40))
def test_any_text_is_parsed_to_a_number_or_rejected(typed: str) -> None:
    parse_search(typed)
    try:
        e164 = to_e164(typed)
    except InvalidPhoneError:
        return
    assert to_e164(e164) == e164
    assert phonenumbers.is_possible_number(phonenumbers.parse(e164))
    assert len(e164) <= 16


@pytest.mark.parametrize(
    ('typed', 'texts'),
    [
        ('', []),
        ('+', []),
        ('+7', []),
        ('(___) ___', []),
        ('1540', ['1540']),
        ('12-34', ['1234']),
        ('916', ['916']),
        ('7916', ['7916']),
        ('+7 916 12', ['91612']),
        ('+7 (916) 12_-__-__', ['91612']),
        ('8916', ['+7916', '8916']),
        ('8495', ['+7495', '8495']),
        ('8 (916) 123-45-6', ['+7916123456', '8916123456']),
        ('8123', ['8123']),
        ('8029', ['+37529', '8029']),
        ('+998', ['+998']),
        ('+99890123', ['+99890123']),
        ('99890123', ['99890123']),
        ('4951234567', ['4951234567']),
        ('1' * 40, ['1' * 15]),
    ],
)
def test_a_part_of_a_number_is_searched_for(typed: str, texts: list[str]) -> None:
    assert parse_search(typed) == tuple(PhonePattern(text) for text in texts)
