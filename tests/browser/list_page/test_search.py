"""Searching: what each field finds, what all of them find, and what is said when nothing can be found."""

from datetime import date

import pytest

from services import texts
from services.days import month_before
from services.formats import day
from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import (
    DUBNA,
    EVERYBODY,
    IVANOV,
    IVANOVA,
    KHIMKI,
    KOROLEVA,
    KOROLYOV,
    MANUAL,
    MONTH,
    PODOLSK,
    SEMYONOV,
    SIGNS,
    SOKOLOVA,
    moment,
    today,
)

SINCE, UNTIL = 'Дата отправки сообщения с', 'Дата отправки сообщения по'


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that stories only look at."""
    return sample_journal


def default_dates(last: date) -> tuple[str, str]:
    """Give the dates that a page begins with on a day."""
    return day(month_before(last)), day(last)


def see_default_dates(operator: Operator, before: date) -> None:
    """See the dates that a page begins with; it was opened on the day `before`, or after the midnight since."""
    assert (operator.value(SINCE), operator.value(UNTIL)) in {default_dates(before), default_dates(today())}


def whole_journal(operator: Operator) -> None:
    """Clear both dates."""
    operator.erase(SINCE)
    operator.erase(UNTIL)


def test_the_journal_is_empty_at_first_and_asks_about_the_last_month(operator: Operator) -> None:
    operator.see('Нет данных для отображения')
    assert operator.rows == []
    assert not operator.shows('1–')
    see_default_dates(operator, today())


def test_find_gives_the_month_newest_first(operator: Operator) -> None:
    operator.find_messages()
    operator.see_column(texts.RECIPIENT, MONTH)
    operator.not_see(texts.NO_DATA)


def test_a_row_says_all_that_the_manual_shows(operator: Operator) -> None:
    whole_journal(operator)
    operator.find_messages(RECIPIENT=MANUAL)
    operator.see_found(MANUAL)
    (row,) = operator.rows
    assert row.pop(texts.DETAILS) == ''
    assert list(row.items()) == [
        ('Код', 'c51fca97'),
        ('ФИО получателя', 'Семёнова Алёна Петровна'),
        ('Номер телефона', '+7 (916) 555-01-22'),
        ('Дата и время записи', '14.10.2021 18:48'),
        ('Наименование МО', 'ГБУЗ МО «Балашихинская областная больница»'),
        ('Вид сообщения', 'Вакцинация COVID-19'),
        ('Дата и время отправки СМС', '11.10.2021 13:56'),
        ('Статус отправки СМС', 'Отправлено'),
        ('Стоимость СМС, руб', '0,00'),
    ]


def test_a_name_is_found_however_it_is_typed(operator: Operator) -> None:
    cases = {
        'королев': [KOROLYOV, KOROLEVA],
        'КОРОЛЁВ ИВАН': [KOROLYOV],
        'петр семен': [SEMYONOV],
        'Иванов С Ю': [IVANOV],
        'иванова петрова': [IVANOVA],
        'bdfyjd': [IVANOV, IVANOVA],
        'Иванов С.Ю.': [IVANOV],
        '  ': MONTH,
    }
    for typed, found in cases.items():
        operator.find_messages(RECIPIENT=typed)
        operator.see_found(*found)


def test_signs_in_a_name_are_taken_literally(operator: Operator) -> None:
    for sign in ('%', '_', '*'):
        operator.find_messages(RECIPIENT=sign)
        operator.see_found(SIGNS)
        operator.clear()
    for typed in ('"', '\\', '%королев%', "королев'); DROP TABLE message; --", '<b>'):
        operator.find_messages(RECIPIENT=typed)
        operator.see_nothing_found('Оставьте часть имени')
        operator.clear()
    operator.find_messages()
    operator.see_found(*MONTH)


def test_a_name_of_five_thousand_characters_finds_nothing_and_harms_nothing(operator: Operator) -> None:
    operator.find_messages(RECIPIENT='я' * 5000)
    operator.see_nothing_found('Оставьте часть имени')
    operator.find_messages(RECIPIENT='королев')
    operator.see_found(KOROLYOV, KOROLEVA)


def test_a_phone_is_understood_in_any_notation_it_is_pasted_in(operator: Operator) -> None:
    for pasted in ('89161234567', '+7 916 123-45-67', '7(916)1234567', '9161234567'):
        operator.paste(texts.PHONE, pasted)
        operator.see_value(texts.PHONE, '+7 (916) 123-45-67')
        operator.find_messages()
        operator.see_found(KOROLYOV)
        operator.clear()


def test_a_phone_is_found_typed_whole_or_in_part(operator: Operator) -> None:
    operator.find_messages(PHONE='89161234567')
    operator.see_value(texts.PHONE, '+7 (916) 123-45-67')
    operator.see_found(KOROLYOV)
    operator.find_messages(PHONE='4433')
    operator.see_found(KOROLEVA)
    operator.find_messages(PHONE='916')
    operator.see_found(KOROLYOV, SEMYONOV)
    operator.erase(texts.PHONE)
    operator.find_messages()
    operator.see_found(*MONTH)


def test_messages_of_a_kind_are_found(operator: Operator) -> None:
    kinds = {
        'Напоминание': [KOROLYOV, IVANOVA, SIGNS],
        'Прикрепление': [KOROLEVA],
        'Напоминание ДС': [SEMYONOV],
        'Вакцинация COVID-19': [IVANOV],
    }
    for kind, found in kinds.items():
        operator.choose(texts.KIND, kind)
        operator.find_messages()
        operator.see_found(*found)
    operator.erase(texts.KIND)
    operator.find_messages()
    operator.see_found(*MONTH)


def test_any_set_of_statuses_is_found(operator: Operator) -> None:
    operator.click('Ожидает отправки')
    operator.find_messages()
    operator.see_found(IVANOVA)
    operator.click('Ошибка отправки')
    operator.find_messages()
    operator.see_found(IVANOVA, KOROLEVA)
    operator.click('Ожидает отправки')
    operator.find_messages()
    operator.see_found(KOROLEVA)
    assert operator.column(texts.SENT_AT) == ['']
    operator.click('Ошибка отправки')
    operator.click('Отправлено')
    operator.find_messages()
    operator.see_found(KOROLYOV, IVANOV, SEMYONOV, SIGNS)


def test_an_organisation_is_chosen_by_any_part_of_its_name(operator: Operator) -> None:
    operator.fill(texts.ORGANIZATION_FILTER, 'подоль')
    operator.wait(lambda: operator.names(('option',)) == [PODOLSK], lambda: str(operator.names(('option',))))
    operator.click(PODOLSK)
    operator.see_value(texts.ORGANIZATION_FILTER, PODOLSK)
    operator.find_messages()
    operator.see_found(IVANOV, IVANOVA)
    operator.erase(texts.ORGANIZATION_FILTER)
    operator.fill(texts.ORGANIZATION_FILTER, 'химкинск')
    operator.wait(lambda: operator.names(('option',)) == [KHIMKI], lambda: str(operator.names(('option',))))
    operator.press('Enter')
    operator.see_value(texts.ORGANIZATION_FILTER, KHIMKI)
    operator.find_messages()
    operator.see_found(KOROLYOV, KOROLEVA)


def test_the_days_of_a_period_count_whole_and_neither_need_be_given(operator: Operator) -> None:
    third = day(moment(3).date())
    operator.fill(SINCE, third)
    operator.fill(UNTIL, third)
    operator.find_messages()
    operator.see_found(IVANOV)
    operator.erase(SINCE)
    operator.find_messages()
    operator.see_found(IVANOV, IVANOVA, SEMYONOV, SIGNS, SOKOLOVA, MANUAL)
    operator.erase(UNTIL)
    operator.find_messages()
    operator.see_found(*EVERYBODY)


def test_a_day_is_taken_from_the_calendar(operator: Operator) -> None:
    operator.fill(SINCE, '11.10.2021')
    operator.fill(UNTIL, '12.10.2021')
    operator.click('Календарь по')
    operator.click('11')
    operator.see_value(UNTIL, '11.10.2021')
    operator.find_messages()
    operator.see_found(MANUAL)


def test_all_conditions_hold_at_once(operator: Operator) -> None:
    operator.fill(texts.RECIPIENT, 'королев')
    operator.fill(texts.PHONE, '903')
    operator.choose(texts.KIND, 'Прикрепление')
    second = day(moment(2).date())
    operator.fill(SINCE, second)
    operator.fill(UNTIL, second)
    operator.choose(texts.ORGANIZATION_FILTER, KHIMKI)
    operator.click('Отправлено')
    operator.click('Ошибка отправки')
    operator.find_messages()
    operator.see_found(KOROLEVA)
    operator.click('Ошибка отправки')
    operator.find_messages()
    operator.see_nothing_found()


def test_enter_searches_from_a_field(operator: Operator) -> None:
    operator.fill(texts.RECIPIENT, 'семен')
    operator.press('Enter')
    operator.see_found(SEMYONOV)
    operator.erase(texts.RECIPIENT)
    operator.fill(UNTIL, day(moment(5).date()))
    operator.press('Enter')
    operator.see_found(SEMYONOV, SIGNS)


def test_clearing_puts_everything_back_and_empties_the_list(operator: Operator) -> None:
    opened_on = today()
    operator.fill(texts.PHONE, '916')
    operator.choose(texts.KIND, 'Напоминание')
    operator.choose(texts.ORGANIZATION_FILTER, KHIMKI)
    operator.click('Отправлено')
    operator.fill(SINCE, '01.01.2021')
    operator.find_messages(RECIPIENT='королев')
    operator.see_found(KOROLYOV)
    operator.click('очистить')
    operator.see('Нет данных для отображения')
    operator.see_found()
    operator.see_value(texts.RECIPIENT, '')
    operator.see_value(texts.KIND, '')
    operator.see_value(texts.ORGANIZATION_FILTER, '')
    assert not any(sign.isdigit() for sign in operator.value(texts.PHONE).removeprefix('+7'))
    assert operator.check_box('Отправлено').get_attribute('aria-checked') == 'false'
    see_default_dates(operator, opened_on)
    assert not operator.shows('1–')
    operator.find_messages()
    operator.see_found(*MONTH)


def test_nothing_found_says_which_condition_to_loosen(operator: Operator) -> None:
    operator.choose(texts.ORGANIZATION_FILTER, DUBNA)
    operator.find_messages(RECIPIENT='королев')
    operator.see_nothing_found('Оставьте часть имени, например первые буквы фамилии: сейчас в условиях ФИО «королев».')
    operator.find_messages(RECIPIENT='королев', PHONE='0000')
    operator.see_nothing_found('Оставьте меньше цифр или сотрите номер: сейчас в условиях в номере телефона 0000.')


def test_wrong_dates_are_said_at_the_field_and_nothing_is_searched(operator: Operator) -> None:
    operator.find_messages()
    operator.see_found(*MONTH)
    operator.fill(texts.RECIPIENT, 'королев')
    for since, said in {
        '31.02.2026': 'Такой даты нет: 31.02.2026.',
        '01.01.20266': 'Год — четыре цифры, например 22.11.2026.',
        'вчера': 'Дата не распознана. Введите день, месяц и год: 22.11.2026.',
        '02.03.2026': 'Дата «с» позже даты «по». Поменяйте их местами.',
        '01.01.0026': 'Укажите год от 2000 до 2100.',
    }.items():
        operator.fill(SINCE, since)
        operator.fill(UNTIL, '01.03.2026')
        operator.find_messages()
        operator.see_at_field(SINCE, said)
        assert operator.field(SINCE).get_attribute('aria-invalid') == 'true'
        assert operator.column(texts.RECIPIENT) == list(MONTH)
    whole_journal(operator)
    operator.find_messages()
    operator.see_found(KOROLYOV, KOROLEVA)
    operator.not_see('Укажите год')
    assert operator.field(SINCE).get_attribute('aria-invalid') == 'false'
