"""Folding and understanding names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.names import NamePattern, fold, initials, matches, parse_name

NAMES = st.text(alphabet=st.sampled_from('абвгдеёжзийАБЁИЙ’\'-. ХанМариянO%_*"'), max_size=40)


@pytest.mark.parametrize(
    ('name', 'folded'),
    [
        ('Иванов Иван Петрович', 'иванов иван петрович'),
        ('  СЕМЁНОВА   Алёна ', 'семенова алена'),
        ('О’Нил Пётр', 'онил петр'),
        ("О'Нил", 'онил'),
        ('Салтыков-Щедрин М.Е.', 'салтыковщедрин м е'),
        ('Салтыков\N{EN DASH}Щедрин', 'салтыковщедрин'),
        ('И\N{COMBINING BREVE}огурт', 'йогурт'),
        ('Е\N{COMBINING DIAERESIS}лкин', 'елкин'),
        ('Иванов\x00Иван\tПетрович\n', 'иванов иван петрович'),
        ('100% _ *', '100% _ *'),
        ('\ud800Иванов', 'иванов'),
        ('', ''),
    ],
)
def test_a_name_is_folded(name: str, folded: str) -> None:
    assert fold(name) == folded


@given(st.text(max_size=60))
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ('typed', 'name'),
    [
        ('иванов', 'Иванов Иван Петрович'),
        ('ВАНО', 'Иванов Иван Петрович'),
        ('петр иван', 'Иванов Иван Петрович'),
        ('bdfyjd', 'Иванов Иван Петрович'),
        ('Bdfyjd Bdfy', 'Иванов Иван Петрович'),
        (',jhbcjd', 'Борисов Пётр'),
        ('{f,fhjd', 'Хабаров Пётр'),
        ("'lefhl", 'Иванов Эдуард'),
        ('Smith', 'Smith John'),
        ('семенова алена', 'Семёнова Алёна Петровна'),
        ('онил', 'О’Нил Анна'),
        ("о'нил", 'О’Нил Анна'),
        ('салтыков-щедрин', 'Салтыков-Щедрин Михаил'),
        ('щедрин-салтыков', 'Салтыков-Щедрин Михаил'),
        ('салтыков щедрин', 'Салтыков-Щедрин Михаил'),
        ('салтыковщедрин', 'Салтыков-Щедрин Михаил'),
        ('салтыков-щедрин', 'Салтыков Щедрин'),
        ('Иванов И П', 'Иванов Иван Петрович'),
        ('Иванов И.П.', 'Иванов Иван Петрович'),
        ('И.П. Иванов', 'Иванов Иван Петрович'),
        ('Иванов И', 'Иванов Иван Петрович'),
        ('Иванов Иван П', 'Иванов Иван Петрович'),
        ('%', 'ООО 100%'),
        ('_', 'А_Б'),
        ('*', 'Звезда*'),
        ('"', 'Иванов "Старший"'),
    ],
)
def test_a_name_is_found(typed: str, name: str) -> None:
    assert any(matches(reading, fold(name)) for reading in parse_name(typed))


@pytest.mark.parametrize(
    ('typed', 'name'),
    [
        ('Иванов И П', 'Иванов Пётр Ильич'),
        ('Иванов И П', 'Иванов Пётр Сергеевич'),
        ('Иванов П', 'Иванов Иван Петрович'),
        ('Иванов Иван С', 'Иванов Иван Петрович'),
        ('%', 'Иванов Иван'),
        ('_', 'Иванов Иван'),
        ('иванов сидоров', 'Иванов Иван Петрович'),
    ],
)
def test_another_name_is_not_found(typed: str, name: str) -> None:
    assert not any(matches(reading, fold(name)) for reading in parse_name(typed))


@pytest.mark.parametrize('typed', ['', '   ', '.', "'", '-', '\x00'])
def test_nothing_typed_is_no_condition(typed: str) -> None:
    assert parse_name(typed) == ()


@given(NAMES, st.data())
def test_any_part_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(len(name) - 2, 0)))
    part = name[start : data.draw(st.integers(start + 2, len(name) + 2))]
    found = parse_name(part)
    if any(len(word) == 1 for reading in found for word in reading.fragments) or any(
        reading.given_initial or reading.patronymic_initial for reading in found
    ):
        return  # a letter alone is an initial, which must stand in its own place
    assert not found or any(matches(reading, fold(name)) for reading in found)


def test_initials_are_the_second_and_the_third_word() -> None:
    assert initials('иванов иван петрович') == 'ип'
    assert initials('иванов') == ''


def test_five_thousand_letters_are_cut() -> None:
    (reading,) = parse_name('и' * 5000)
    assert reading == NamePattern(('и' * 300,))
