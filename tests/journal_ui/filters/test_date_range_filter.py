"""Days as people type them (docs/manual.md S7)."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal_ui.filters.date_range_filter import parse_date
from services.formats import day


@pytest.mark.parametrize(
    'typed', ['22.11.2026', ' 22.11.2026 ', '22/11/2026', '22-11-2026', '22 11 2026', '22112026', '2026-11-22']
)
def test_a_day_is_read_in_any_notation(typed: str) -> None:
    assert parse_date(typed) == date(2026, 11, 22)


def test_a_day_needs_no_zeros() -> None:
    assert parse_date('1.2.2026') == date(2026, 2, 1)


@pytest.mark.parametrize('typed', ['', '   '])
def test_nothing_is_no_day(typed: str) -> None:
    assert parse_date(typed) is None


@pytest.mark.parametrize(
    ('typed', 'said'),
    [
        ('31.02.2026', 'Такой даты нет: 31.02.2026.'),
        ('29.02.2025', 'Такой даты нет: 29.02.2025.'),
        ('01.13.2026', 'Такой даты нет: 01.13.2026.'),
        ('00.00.0000', 'Такой даты нет: 00.00.0000.'),
        ('22.11.20266', 'Год — четыре цифры'),
        ('22.11.26', 'Год — четыре цифры'),
        ('вчера', 'Дата не распознана'),
        ('22.11', 'Дата не распознана'),
        ('2211202', 'Дата не распознана'),
        ('²².11.2026', 'Дата не распознана'),
        ('\x00', 'Дата не распознана'),
    ],
)
def test_what_is_no_day_is_refused_in_words(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_date(typed)


@given(st.dates())
def test_a_written_day_is_read_back(chosen: date) -> None:
    assert parse_date(day(chosen)) == chosen


@given(st.text(max_size=30))
def test_anything_typed_is_a_day_or_refused(typed: str) -> None:
    with suppress(ValueError):
        assert isinstance(parse_date(typed), date | None)
