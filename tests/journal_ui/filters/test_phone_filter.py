"""How the phone field shows a phone, and what the query receives from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal_ui.filters.phone_filter import EMPTY_MASK, draw_phone, read_phone
from services.phones import parse_search


@pytest.mark.parametrize(
    ('typed', 'shown'),
    [
        ('', EMPTY_MASK),
        ('+7', EMPTY_MASK),
        ('916', '+7 (916) ___-__-__'),
        ('91612', '+7 (916) 12_-__-__'),
        ('+791612', '+7 (916) 12_-__-__'),
        ('+7 495', '+7 (495) ___-__-__'),
        ('9161234567', '+7 (916) 123-45-67'),
        ('8 916 123-45-67', '+7 (916) 123-45-67'),
        ('4567', '4567'),
        ('9540', '9540'),
        ('495', '495'),
        ('8916', '8916'),
        ('998', '998'),
        ('99890', '99890'),
        ('+99890', '+99890'),
        ('998901234567', '+998 90 123 45 67'),
        ('80291234567', '+375 29 123-45-67'),
    ],
)
def test_a_restored_phone_is_drawn_in_the_mask_or_as_it_was_typed(typed: str, shown: str) -> None:
    assert draw_phone(typed) == shown


@given(st.text('+0123456789 ()-', max_size=20) | st.text('0123456789', max_size=12))
def test_what_is_drawn_means_what_was_typed(typed: str) -> None:
    shown = draw_phone(typed)
    assert parse_search(read_phone(shown)) == parse_search(typed)
    assert draw_phone(read_phone(shown)) == shown


@pytest.mark.parametrize(
    ('shown', 'phone'),
    [(EMPTY_MASK, ''), ('+7 (916) 12_-__-__', '+791612'), (' +998 90 ', '+998 90'), ('4567', '4567'), ('+7', '+7')],
)
def test_the_query_receives_what_was_typed(shown: str, phone: str) -> None:
    assert read_phone(shown) == phone
