"""Names that differ only in typography fold alike; all others do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dictionaries.name_folding import fold_entry_name

SPELLINGS = (
    'ГБУЗ "Областная больница"',
    'ГБУЗ «Областная больница»',
    'ГБУЗ “Областная больница”.',
    'гбуз «областная больница»',
    'ГБУЗ  „Областная\N{NO-BREAK SPACE} больница“ ',
    'ГБУЗ«Oблacтнaя бoльницa»',  # o, a and c are Latin
    'ГБУЗ Област\N{SOFT HYPHEN}ная больни\N{COMBINING ACUTE ACCENT}ца',
)


@pytest.mark.parametrize('spelling', SPELLINGS)
def test_the_spellings_of_a_hospital_fold_alike(spelling: str) -> None:
    assert fold_entry_name(spelling) == 'гбуз областная больница'


@pytest.mark.parametrize(
    ('one', 'other'),
    [
        ('Ёлка', 'ЕЛКА'),
        ('MO Химки', 'МО Химки'),  # the first MO is Latin
        ('Вакцинация COVID-19', 'вакцинация СOVID 19'),  # the second С is Cyrillic
        ('Больница № 3', 'Больница №3'),
        ('ЦРБ г. Химки', 'ЦРБ г.Химки'),
    ],
)
def test_look_alike_letters_and_punctuation_make_no_difference(one: str, other: str) -> None:
    assert fold_entry_name(one) == fold_entry_name(other)


@pytest.mark.parametrize(
    ('one', 'other'),
    [
        ('Больница № 3', 'Больница № 13'),
        ('Больница № 13', 'Больница № 1/3'),
        ('Клиника А', 'Клиника А+'),
        ('Больница', 'Больницы'),
        ('Напоминание', 'Напоминание ДС'),
        ('—', '***'),
    ],
)
def test_different_names_remain_different(one: str, other: str) -> None:
    assert fold_entry_name(one) != fold_entry_name(other)


@given(st.text(max_size=40))
def test_folding_is_idempotent_and_empty_only_for_blanks(name: str) -> None:
    folded = fold_entry_name(name)
    assert fold_entry_name(folded) == folded
    assert bool(folded) is bool(name.split())
