"""The surname of a name, the surnames that were typed, and words in quotation marks."""

import pytest

from services import names
from services.name_parts.quoted_words import unquote
from services.name_parts.surnames import surname_of, typed_surnames


@pytest.mark.parametrize(
    ('name', 'surname'),
    [
        ('Иванов Пётр Сергеевич', 'иванов'),
        ('Пётр Сергеевич Иванов', 'иванов'),
        ('Иванов Иван Иванович', 'иванов'),
        ('Иван Иванович Иванов', 'иванов'),
        ('Иванова Ирина Игоревна', 'иванова'),
        ('Ирина Игоревна Иванова', 'иванова'),
        ('Иванов И. И.', 'иванов'),
        ('И. И. Иванов', 'иванов'),
        ('Иванов ИП', 'иванов'),
        ('Иванов', 'иванов'),
        ('Салтыков-Щедрин Михаил', 'салтыковщедрин'),
        ('Алиев Вагиф Гасан оглы', 'алиев'),
        ('', ''),
    ],
)
def test_the_surname_is_found_in_either_order(name: str, surname: str) -> None:
    folded = names.fold_name(name)
    assert surname_of(folded, names.initials(folded)) == surname


@pytest.mark.parametrize(
    ('typed', 'surnames'),
    [
        ('иванов', {'иванов', 'иванова'}),
        ('иванова', {'иванова'}),
        ('Королёв', {'королев', 'королева'}),
        ('ким', {'ким'}),
        ('"иванов"', {'иванов'}),
        ('bdfyjd', {'bdfyjd', 'иванов', 'иванова'}),
        ('Иванов И.П.', {'иванов', 'иванова'}),
        ('салтыков-щедрин', {'салтыков', 'салтыкова', 'щедрин', 'щедрина', 'салтыковщедрин', 'салтыковщедрина'}),
        ('%', set()),
    ],
)
def test_a_typed_surname_is_that_of_a_man_and_of_a_woman(typed: str, surnames: set[str]) -> None:
    assert set(typed_surnames(names.parse_name(typed))) == surnames


@pytest.mark.parametrize(
    ('typed', 'text', 'quoted'),
    [
        ('"иванов" п', ' иванов  п', ('иванов',)),
        ('«иванов» “пётр”', ' иванов   пётр ', ('иванов', 'пётр')),
        ('Д"Артаньян "', 'Д"Артаньян "', ()),
        ('и"в"а', 'и"в"а', ()),
        ('иванов', 'иванов', ()),
    ],
)
def test_quotation_marks_within_a_word_are_part_of_it(typed: str, text: str, quoted: tuple[str, ...]) -> None:
    assert unquote(typed) == (text, quoted)


def test_a_quoted_word_is_a_whole_word_in_either_layout() -> None:
    patterns = names.parse_name('"Bdfyjd" п')
    assert {pattern.words for pattern in patterns} == {('bdfyjd',), ('иванов',)}
    assert {pattern.given_initial for pattern in patterns} == {'п'}
    assert names.parse_name('«Салтыков-Щедрин»')[0].words == ('салтыковщедрин',)
