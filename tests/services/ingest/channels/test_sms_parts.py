"""The number of SMS parts: the sizes of the specifications, and the same number as a split of the encoded text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.ingest.channels.sms_parts import GSM_ALPHABET, GSM_EXTENSION, count_parts, known_part_count

ESCAPE = '\x1b'
HIGH_SURROGATES = range(0xD800, 0xDC00)
GSM_TEXTS = st.text(st.sampled_from(sorted(GSM_ALPHABET | GSM_EXTENSION)), max_size=700)
LONG_GSM_TEXTS = st.text(st.sampled_from('a€'), min_size=140, max_size=340)
UNICODE_TEXTS = st.text(st.sampled_from('яё a\t😀🇷🇺\N{ZERO WIDTH JOINER}'), max_size=300).map(lambda text: f'я{text}')


@pytest.mark.parametrize(
    ('text', 'parts'),
    [
        ('', 1),
        ('a' * 160, 1),
        ('a' * 161, 2),
        ('a' * 306, 2),
        ('a' * 307, 3),
        ('я' * 70, 1),
        ('я' * 71, 2),
        ('я' * 90, 2),
        ('я' * 134, 2),
        ('я' * 135, 3),
        # One Cyrillic letter makes the whole text UCS2.
        ('a' * 70 + 'я', 2),
        # A character of the extension table takes two septets.
        ('€' * 80, 1),
        ('€' * 80 + 'a', 2),
        # The pair of septets 153 and 154 moves to the next part as a whole.
        ('a' * 152 + '€' + 'a' * 152, 3),
        ('a' * 153 + '€' + 'a' * 151, 2),
        # So does a surrogate pair.
        ('😀' * 35, 1),
        ('😀' * 36, 2),
        ('я' * 66 + '😀' + 'я' * 66, 3),
        ('я' * 67 + '😀' + 'я' * 65, 2),
        # Not in the default alphabet, although they look as if they were.
        ('`' * 71, 2),
        ('ç' * 71, 2),
        ('Ç' * 160, 1),
        ('«»—' * 24, 2),
        ('\n\r' * 80, 1),
        ('\t' * 71, 2),
    ],
)
def test_the_sizes_of_the_specifications(text: str, parts: int) -> None:
    assert count_parts(text) == parts


def gsm_parts(text: str) -> list[str]:
    """Split the septets of a text, one character for each, between which no escape code is the last of a part."""
    septets = ''.join(f'{ESCAPE}{letter}' if letter in GSM_EXTENSION else letter for letter in text)
    if len(septets) <= 160:
        return [septets]
    parts = []
    while septets:
        end = 152 if septets[152:153] == ESCAPE else 153
        parts.append(septets[:end])
        septets = septets[end:]
    return parts


def ucs2_parts(text: str) -> list[bytes]:
    """Split the octets of a text in UTF-16, so that no part ends in the first half of a surrogate pair."""
    octets = text.encode('utf-16-be')
    if len(octets) <= 140:
        return [octets]
    parts = []
    while octets:
        last = int.from_bytes(octets[132:134], 'big') if len(octets) >= 134 else 0
        end = 132 if last in HIGH_SURROGATES else 134
        parts.append(octets[:end])
        octets = octets[end:]
    return parts


@given(GSM_TEXTS | LONG_GSM_TEXTS)
@example('a' * 152 + '€' * 77)
def test_a_text_of_the_default_alphabet_is_counted_as_its_septets_are_split(text: str) -> None:
    parts = gsm_parts(text)
    assert count_parts(text) == len(parts)
    assert not [part for part in parts if part.endswith(ESCAPE)]


@given(UNICODE_TEXTS)
@example('я' * 66 + '😀' * 40)
def test_another_text_is_counted_as_its_code_units_are_split(text: str) -> None:
    parts = ucs2_parts(text)
    assert count_parts(text) == len(parts)
    assert ''.join(part.decode('utf-16-be') for part in parts) == text


@given(st.text(max_size=400), st.text(max_size=40))
def test_a_longer_text_has_no_fewer_parts(text: str, more: str) -> None:
    assert count_parts(text) <= count_parts(text + more)


def test_what_the_sender_reports_counts_and_nothing_follows_from_no_text() -> None:
    assert known_part_count(5, 'я') == 5
    assert known_part_count(None, 'я' * 71) == 2
    assert known_part_count(None, '') is None
