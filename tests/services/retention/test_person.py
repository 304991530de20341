"""Which texts name a person who is to be forgotten."""

import pytest

from services import names
from services.retention.person import InvalidPersonError, Person, PersonKey

PERSON = Person(
    phones=frozenset({'+79995550147'}),
    names=frozenset({names.fold_name('Щукарь Ждан Львович'), names.fold_name('Салтыков-Щедрин Ян')}),
    snils=frozenset({'11223344595'}),
)


@pytest.mark.parametrize(
    'value',
    [
        '+7 (999) 555-01-47',
        '89995550147',
        'доб. 12, 8 999 555 01 47',
        '5550147',
        'Щукарь Ждан',
        'Ждан Щукарь',
        'щукарь ж.л.',
        'Oerfhm ;lfy',
        'Щукарь просил Ждана не будить, Львович',
        'Салтыков-Щедрин Я.',
        '112-233-445 95',
        {'name': '', 'queries': [None, {'phone': '9995550147'}]},
    ],
)
def test_a_text_names_the_person(value: object) -> None:
    assert PERSON.is_named_in(value)


@pytest.mark.parametrize(
    'value',
    [
        '',
        'Щукарь',
        'Ждан Львович',
        'Королёв Ждан Львович',
        '0147',
        '89995550148',
        'в 18:48 24.11.2026',
        {'days': '7'},
        5,
    ],
)
def test_a_text_does_not_name_the_person(value: object) -> None:
    assert not PERSON.is_named_in(value)


def test_a_surname_that_nobody_else_has_names_the_person() -> None:
    assert Person(names=PERSON.names, words=frozenset({'щукарь'})).is_named_in('щукарь')


@pytest.mark.parametrize(
    ('reason', 'is_hint'),
    [('Заявление Щукаря', True), ('т. 8-999-555-01-47', True), ('Заявление № 7 от 1.11.2026', False)],
)
def test_a_reason_may_name_the_person_in_any_case(reason: str, is_hint: bool) -> None:
    assert PERSON.is_hinted_at(reason) is is_hint


@pytest.mark.parametrize(
    ('phone', 'name', 'problem'),
    [
        (None, None, '--phone или --name'),
        ('5550147', None, 'номер целиком'),
        (None, 'Щукарь', 'полное имя'),
        ('', '', '--'),
    ],
)
def test_neither_a_phone_nor_a_whole_name_is_rejected(phone: str | None, name: str | None, problem: str) -> None:
    with pytest.raises(InvalidPersonError, match=problem):
        PersonKey.parse(phone, name)
