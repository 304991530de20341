"""Searching: what each field finds, what all of them find, and what is said when nothing can be found."""

from datetime import date

import pytest

from services import texts
from services.days import one_month_earlier
from services.formats import day
from services.names import MAX_NAME_LENGTH
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
    MANUAL_NAME,
    MONTH,
    PODOLSK,
    SEMYONOV,
    SOKOLOVA,
    SPECIAL_CHARACTERS,
    moment,
    today,
)

SINCE, UNTIL = 'Дата отправки сообщения с', 'Дата отправки сообщения по'


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that stories only look at."""
    return sample_journal


TOP_OF_LIST = "return document.querySelector('.list').getBoundingClientRect().top"


def default_dates(last: date) -> tuple[str, str]:
    """Give the dates that a page begins with on a day."""
    return day(one_month_earlier(last)), day(last)


def wait_for_default_dates(operator: Operator, before: date) -> None:
    """See the dates that a page begins with; it was opened on the day `before`, or after the midnight since."""
    assert (operator.value(SINCE), operator.value(UNTIL)) in {default_dates(before), default_dates(today())}


def clear_dates(operator: Operator) -> None:
    """Clear both dates."""
    operator.clear_field(SINCE)
    operator.clear_field(UNTIL)


def test_the_journal_is_empty_at_first_and_asks_about_the_last_month(operator: Operator) -> None:
    operator.wait_for_text('Нет данных для отображения')
    assert operator.rows == []
    assert not operator.shows('1–')
    wait_for_default_dates(operator, today())


def test_find_gives_the_month_newest_first(operator: Operator) -> None:
    operator.search_messages()
    operator.wait_for_column(texts.RECIPIENT, MONTH)
    operator.wait_for_no_text(texts.NO_DATA)


def test_a_row_says_all_that_the_manual_shows(operator: Operator) -> None:
    clear_dates(operator)
    operator.search_messages(RECIPIENT=MANUAL_NAME)
    operator.wait_for_recipients(MANUAL_NAME)
    (row,) = operator.rows
    assert row.pop(texts.DETAILS) == ''
    assert list(row.items()) == [
        ('Код', 'c51fca97'),
        ('ФИО получателя', 'Семёнова Алёна Петровна'),
        ('Номер телефона', '+7 (916) 555-01-22'),
        ('Дата и время записи', '14.10.2021 18:48'),
        ('Наименование МО', 'Балашихинская областная больница, ГБУЗ МО'),
        ('Вид сообщения', 'Вакцинация COVID-19'),
        ('Дата и время отправки СМС', '11.10.2021 13:56'),
        ('Статус отправки СМС', 'Отправлено'),
        ('Стоимость СМС, руб', '0,00'),
    ]
    cell = operator.find(('gridcell',), row['Наименование МО'])
    operator.wait(
        lambda: cell.get_attribute('title') == 'ГБУЗ МО «Балашихинская областная больница»',
        'The whole name does not appear on hover',
    )


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
        operator.search_messages(RECIPIENT=typed)
        operator.wait_for_recipients(*found)


def test_signs_are_no_part_of_a_name(operator: Operator) -> None:
    for sign in ('%', '_', '*', '"', '\\'):
        operator.search_messages(RECIPIENT=sign)
        operator.wait_for_recipients(*MONTH)
        operator.clear()
    operator.search_messages(RECIPIENT='%королев%')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    for typed in ("королев'); DROP TABLE message; --", '<b>'):
        operator.search_messages(RECIPIENT=typed)
        operator.wait_for_no_results('Оставьте часть имени')
        operator.clear()
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)


def test_a_name_of_five_thousand_characters_is_refused_at_its_field(operator: Operator) -> None:
    operator.search_messages(RECIPIENT='я' * 5000)
    operator.wait_for_field_message(texts.RECIPIENT, texts.NAME_TOO_LONG.format(longest=MAX_NAME_LENGTH))
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)


def test_a_phone_is_understood_in_any_notation_it_is_pasted_in(operator: Operator) -> None:
    for pasted in ('89161234567', '+7 916 123-45-67', '7(916)1234567', '9161234567'):
        operator.paste(texts.PHONE, pasted)
        operator.wait_for_value(texts.PHONE, '+7 (916) 123-45-67')
        operator.search_messages()
        operator.wait_for_recipients(KOROLYOV)
        operator.clear()


def test_a_phone_is_found_typed_whole_or_in_part(operator: Operator) -> None:
    operator.search_messages(PHONE='89161234567')
    operator.wait_for_value(texts.PHONE, '+7 (916) 123-45-67')
    operator.wait_for_recipients(KOROLYOV)
    operator.search_messages(PHONE='4433')
    operator.wait_for_recipients(KOROLEVA)
    operator.search_messages(PHONE='916')
    operator.wait_for_recipients(KOROLYOV, SEMYONOV)
    operator.clear_field(texts.PHONE)
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)


def test_messages_of_a_kind_are_found(operator: Operator) -> None:
    kinds = {
        'Напоминание': [KOROLYOV, IVANOVA, SPECIAL_CHARACTERS],
        'Прикрепление': [KOROLEVA],
        'Напоминание ДС': [SEMYONOV],
        'Вакцинация COVID-19': [IVANOV],
    }
    for kind, found in kinds.items():
        operator.choose(texts.KIND, kind)
        operator.search_messages()
        operator.wait_for_recipients(*found)
        operator.clear_field(texts.KIND)
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)


def test_any_set_of_statuses_is_found(operator: Operator) -> None:
    operator.click('Ожидает отправки')
    operator.search_messages()
    operator.wait_for_recipients(IVANOVA)
    operator.click('Ошибка отправки')
    operator.search_messages()
    operator.wait_for_recipients(IVANOVA, KOROLEVA)
    operator.click('Ожидает отправки')
    operator.search_messages()
    operator.wait_for_recipients(KOROLEVA)
    assert operator.column(texts.SENT_AT) == ['']
    operator.click('Ошибка отправки')
    operator.click('Отправлено')
    operator.search_messages()
    operator.wait_for_recipients(KOROLYOV, IVANOV, SEMYONOV, SPECIAL_CHARACTERS)


def test_an_organisation_is_chosen_by_any_part_of_its_name(operator: Operator) -> None:
    operator.fill(texts.ORGANIZATION_FILTER, 'подоль')
    operator.wait(lambda: operator.names(('option',)) == [PODOLSK], lambda: str(operator.names(('option',))))
    operator.click(PODOLSK)
    operator.wait_for_value(texts.ORGANIZATION_FILTER, PODOLSK)
    operator.search_messages()
    operator.wait_for_recipients(IVANOV, IVANOVA)
    operator.clear_field(texts.ORGANIZATION_FILTER)
    operator.fill(texts.ORGANIZATION_FILTER, 'химкинск')
    operator.wait(lambda: operator.names(('option',)) == [KHIMKI], lambda: str(operator.names(('option',))))
    operator.press('Enter')
    operator.wait_for_value(texts.ORGANIZATION_FILTER, KHIMKI)
    operator.search_messages()
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)


def test_the_days_of_a_period_count_whole_and_neither_need_be_given(operator: Operator) -> None:
    third = day(moment(3).date())
    operator.fill(SINCE, third)
    operator.fill(UNTIL, third)
    operator.search_messages()
    operator.wait_for_recipients(IVANOV)
    operator.clear_field(SINCE)
    operator.search_messages()
    operator.wait_for_recipients(IVANOV, IVANOVA, SEMYONOV, SPECIAL_CHARACTERS, SOKOLOVA, MANUAL_NAME)
    operator.clear_field(UNTIL)
    operator.search_messages()
    operator.wait_for_recipients(*EVERYBODY)


def test_a_day_is_taken_from_the_calendar(operator: Operator) -> None:
    operator.fill(SINCE, '11.10.2021')
    operator.fill(UNTIL, '12.10.2021')
    operator.click('Календарь по')
    operator.click('11')
    operator.wait_for_value(UNTIL, '11.10.2021')
    operator.search_messages()
    operator.wait_for_recipients(MANUAL_NAME)


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
    operator.search_messages()
    operator.wait_for_recipients(KOROLEVA)
    operator.click('Ошибка отправки')
    operator.search_messages()
    operator.wait_for_no_results()


def test_enter_searches_from_a_field(operator: Operator) -> None:
    operator.fill(texts.RECIPIENT, 'семен')
    operator.press('Enter')
    operator.wait_for_recipients(SEMYONOV)
    operator.clear_field(texts.RECIPIENT)
    operator.fill(UNTIL, day(moment(5).date()))
    operator.press('Enter')
    operator.wait_for_recipients(SEMYONOV, SPECIAL_CHARACTERS)


def test_clearing_puts_everything_back_and_empties_the_list(operator: Operator) -> None:
    opened_on = today()
    operator.fill(texts.PHONE, '916')
    operator.choose(texts.KIND, 'Напоминание')
    operator.choose(texts.ORGANIZATION_FILTER, KHIMKI)
    operator.click('Отправлено')
    operator.fill(SINCE, '01.01.2021')
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV)
    operator.click('очистить')
    operator.wait_for_text('Нет данных для отображения')
    operator.wait_for_recipients()
    operator.wait_for_value(texts.RECIPIENT, '')
    operator.wait_for_value(texts.KIND, '')
    operator.wait_for_value(texts.ORGANIZATION_FILTER, '')
    assert not any(sign.isdigit() for sign in operator.value(texts.PHONE).removeprefix('+7'))
    assert operator.check_box('Отправлено').get_attribute('aria-checked') == 'false'
    wait_for_default_dates(operator, opened_on)
    assert not operator.shows('1–')
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)


def test_nothing_found_says_which_condition_to_loosen(operator: Operator) -> None:
    operator.choose(texts.ORGANIZATION_FILTER, DUBNA)
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_no_results(
        'Оставьте часть имени, например первые буквы фамилии: сейчас в условиях ФИО «королев».'
    )
    operator.search_messages(RECIPIENT='королев', PHONE='0000')
    operator.wait_for_no_results('Оставьте меньше цифр или сотрите номер: сейчас в условиях в номере телефона 0000.')


def test_wrong_dates_are_said_at_the_field_and_nothing_is_searched(operator: Operator) -> None:
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
    operator.fill(texts.RECIPIENT, 'королев')
    top_of_list = operator.driver.execute_script(TOP_OF_LIST)
    for since, said in {
        '31.02.2026': 'Такой даты нет: 31.02.2026.',
        '01.01.20266': 'Год — две или четыре цифры, например 22.11.2026.',
        'вчера вечером': 'Дата не распознана. Введите день и месяц: 22.11, или с годом: 22.11.2026.',
        '02.03.2026': 'Дата «с» позже даты «по». Поменяйте их местами.',
        '01.01.0026': 'Укажите год от 2000 до 2100.',
    }.items():
        operator.fill(SINCE, since)
        operator.fill(UNTIL, '01.03.2026')
        operator.search_messages()
        operator.wait_for_field_message(SINCE, said)
        assert operator.field(SINCE).get_attribute('aria-invalid') == 'true'
        assert operator.column(texts.RECIPIENT) == list(MONTH)
        assert operator.driver.execute_script(TOP_OF_LIST) == top_of_list, 'the message moves the list'
    clear_dates(operator)
    operator.search_messages()
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait_for_no_text('Укажите год')
    assert operator.field(SINCE).get_attribute('aria-invalid') == 'false'
