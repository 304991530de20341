"""Days as people type them (docs/manual.md S7)."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal_ui.filters.typed_date import parse_date, quick_periods
from services.formats import day
from services.lists.query_protocol import Period

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    'typed',
    [
        '22.11.2026',
        ' 22.11.2026 ',
        '22/11/2026',
        '22-11-2026',
        '22 11 2026',
        '22112026',
        '2026-11-22',
        '22.11',
        '22.11.',
        '22/11',
        '2211',
        '22.11.26',
        '221126',
        'позавчера',
    ],
)
def test_a_day_is_read_in_any_notation(typed: str) -> None:
    assert parse_date(typed, TODAY) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ('typed', 'today', 'day_meant'),
    [
        ('05.01', date(2026, 12, 29), date(2027, 1, 5)),
        ('28.12', date(2026, 12, 29), date(2026, 12, 28)),
        ('28.12', date(2027, 1, 5), date(2026, 12, 28)),
        ('25.12', date(2026, 11, 24), date(2026, 12, 25)),
        ('26.12', date(2026, 11, 24), date(2025, 12, 26)),
    ],
)
def test_a_date_without_a_year_is_the_last_one_or_one_of_the_next_weeks(
    typed: str, today: date, day_meant: date
) -> None:
    assert parse_date(typed, today) == day_meant


def test_a_day_needs_no_zeros() -> None:
    assert parse_date('1.2.2026', TODAY) == date(2026, 2, 1)


@pytest.mark.parametrize('typed', ['', '   '])
def test_nothing_is_no_day(typed: str) -> None:
    assert parse_date(typed, TODAY) is None


@pytest.mark.parametrize(
    ('typed', 'said'),
    [
        ('31.02.2026', 'Такой даты нет: 31.02.2026.'),
        ('29.02.2025', 'Такой даты нет: 29.02.2025.'),
        ('01.13.2026', 'Такой даты нет: 01.13.2026.'),
        ('00.00.0000', 'Такой даты нет: 00.00.0000.'),
        ('31.02', 'Такой даты нет: 31.02.'),
        ('22.11.20266', 'Год — две или четыре цифры'),
        ('22.11.2', 'Год — две или четыре цифры'),
        ('вчера вечером', 'Дата не распознана'),
        ('22.', 'Дата не распознана'),
        ('221', 'Дата не распознана'),
        ('2211202', 'Дата не распознана'),
        ('²².11.2026', 'Дата не распознана'),
        ('\x00', 'Дата не распознана'),
    ],
)
def test_what_is_no_day_is_refused_in_words(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_date(typed, TODAY)


@pytest.mark.parametrize(
    ('typed', 'today', 'meant'),
    [
        ('сегодня', TODAY, TODAY),
        ('Вчера', TODAY, date(2026, 11, 23)),
        ('30.11', TODAY, date(2026, 11, 30)),
        ('25.12', TODAY, date(2026, 12, 25)),
        ('25.12', date(2027, 1, 10), date(2026, 12, 25)),
        ('15.05', TODAY, date(2026, 5, 15)),
        ('15.05', date(2027, 1, 10), date(2026, 5, 15)),
    ],
)
def test_a_day_without_a_year_is_the_last_one_or_one_of_the_next_weeks(typed: str, today: date, meant: date) -> None:
    assert parse_date(typed, today) == meant


def test_periods_to_choose() -> None:
    assert quick_periods(date(2026, 3, 1)) == {
        'Сегодня': Period(date(2026, 3, 1), date(2026, 3, 1)),
        'Вчера': Period(date(2026, 2, 28), date(2026, 2, 28)),
        '7 дней': Period(date(2026, 2, 23), date(2026, 3, 1)),
        'Этот месяц': Period(date(2026, 3, 1), date(2026, 3, 1)),
        'Прошлый месяц': Period(date(2026, 2, 1), date(2026, 2, 28)),
        'Всё время': Period(),
    }


@given(st.dates())
def test_a_written_day_is_read_back(chosen: date) -> None:
    assert parse_date(day(chosen), TODAY) == chosen


@given(st.text(max_size=30))
def test_anything_typed_is_a_day_or_refused(typed: str) -> None:
    with suppress(ValueError):
        assert isinstance(parse_date(typed, TODAY), date | None)
