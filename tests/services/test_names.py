"""Folding, parsing and matching of names."""

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
def test_folding_is_idempotent(text: str) -> None:
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
def test_a_typed_name_matches(typed: str, name: str) -> None:
    assert any(matches(pattern, fold(name)) for pattern in parse_name(typed))


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
def test_a_typed_name_does_not_match_another_name(typed: str, name: str) -> None:
    assert not any(matches(pattern, fold(name)) for pattern in parse_name(typed))


@pytest.mark.parametrize('typed', ['', '   ', '.', "'", '-', '\x00'])
def test_nothing_typed_is_no_condition(typed: str) -> None:
    assert parse_name(typed) == ()


@given(NAMES, st.data())
def test_any_part_of_a_name_matches_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(len(name) - 2, 0)))
    part = name[start : data.draw(st.integers(start + 2, len(name) + 2))]
    patterns = parse_name(part)
    if any(len(word) == 1 for pattern in patterns for word in pattern.fragments) or any(
        pattern.given_initial or pattern.patronymic_initial for pattern in patterns
    ):
        return  # a single letter is an initial, which does not match at any other position
    assert not patterns or any(matches(pattern, fold(name)) for pattern in patterns)


def test_initials_are_the_second_and_the_third_word() -> None:
    assert initials('иванов иван петрович') == 'ип'
    assert initials('иванов') == ''


def test_long_input_is_truncated() -> None:
    (pattern,) = parse_name('и' * 5000)
    assert pattern == NamePattern(('и' * 300,))
