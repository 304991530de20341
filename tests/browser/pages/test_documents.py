"""«Журнал ИЭМК»: found, sorted, opened; and the region's own in its place."""

import pytest

from services import texts
from tests.helpers.journal_operator import Cookies, Operator, session_cookies
from tests.helpers.program import Program, StartProgram
from tests.helpers.sample_data import IVANOV, KOROLEVA, KOROLYOV, SOKOLOVA, moment

EXPANDED_DOCUMENT = {
    'Регистрационный номер РЭМД': 'Не указан',
    'Врач': 'Павлов Иван Ильич',
    'Код ошибки': 'E7',
    'Текст ошибки': 'Подпись не верна',
}
EXTERNAL_URL = 'http://127.0.0.1:9/iemk'


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that stories only look at."""
    return sample_journal


@pytest.fixture
def operator(operator: Operator) -> Operator:
    """Somebody in front of the journal of documents."""
    operator.open('/iemk')
    return operator


def wait_for_patients(operator: Operator, *names: str) -> None:
    """Wait until the list has these patients, from top to bottom."""
    operator.wait_for_column(texts.PATIENT, names)


def test_documents_are_found_sorted_and_opened(operator: Operator) -> None:
    operator.wait_for_title('Журнал ИЭМК')
    operator.wait_for_text('Нет данных для отображения')
    operator.click('Найти')
    wait_for_patients(operator, KOROLYOV, KOROLEVA, IVANOV)
    assert operator.column(texts.SNILS) == ['***-***-445 95', '***-***-303 00', '']
    assert operator.column(texts.DOCUMENT_STATUS) == ['Зарегистрирован', 'Ошибка регистрации', 'В обработке']
    operator.wait_for_no_text('Баланс')
    operator.click('Наименование МО')
    wait_for_patients(operator, KOROLEVA, KOROLYOV, IVANOV)
    operator.click_element(lambda: operator.check_box('Ошибка регистрации'))
    operator.fill(texts.PATIENT, 'rjhjktdf')
    operator.press('Enter')
    wait_for_patients(operator, KOROLEVA)
    operator.click_in_row('Показать документ')
    operator.wait_for_text('История')
    opened = operator.expanded_rows[0]
    history = opened.pop('История')
    assert opened == EXPANDED_DOCUMENT
    assert 'В обработке' in history.splitlines()[0]
    assert history.splitlines()[-1].endswith('Ошибка регистрации: Подпись не верна')
    operator.fill(texts.PATIENT, 'rjhjktdf f')
    operator.driver.refresh()
    wait_for_patients(operator, KOROLEVA)
    operator.wait_for_value(texts.PATIENT, 'rjhjktdf f')
    operator.open('/iemk')
    operator.wait_for_value(texts.PATIENT, 'rjhjktdf f')
    operator.wait_for_text('Нет данных для отображения')


def test_only_a_snils_that_was_typed_can_be_cleared(operator: Operator) -> None:
    def can_be_cleared() -> bool:
        return bool(operator.find_all(('button',), 'Очистить', operator.field_container(texts.SNILS)))

    operator.field(texts.PATIENT).click()
    assert not can_be_cleared(), 'there is only the mask'
    operator.fill(texts.SNILS, '112')
    operator.field(texts.PATIENT).click()
    operator.wait(can_be_cleared, 'There is no button that clears the field')
    operator.clear_field(texts.SNILS)
    operator.field(texts.PATIENT).click()
    operator.wait(lambda: not can_be_cleared(), 'The button stays')


def test_a_snils_is_checked_at_its_field_and_found_whole_or_in_part(operator: Operator) -> None:
    operator.fill(texts.SNILS, '11223344596')
    operator.click('Найти')
    operator.wait_for_field_message(
        texts.SNILS, 'Контрольное число не сходится. Проверьте цифры СНИЛС или оставьте их часть.'
    )
    operator.wait_for_text('Нет данных для отображения')
    operator.fill(texts.PATIENT, '112 233 445-95')
    operator.press('Control+a', 'Control+x')
    operator.field(texts.SNILS).click()
    operator.press('Control+a', 'Control+v')
    operator.wait_for_value(texts.SNILS, '112-233-445 95')
    operator.clear_field(f'{texts.DOCUMENT_PERIOD} с')
    operator.click('Найти')
    wait_for_patients(operator, KOROLYOV, SOKOLOVA)
    operator.fill(texts.SNILS, '7654')
    operator.click('Найти')
    wait_for_patients(operator, KOROLEVA)
    operator.fill(texts.SNILS, '0000')
    operator.click('Найти')
    operator.wait_for_no_results('Оставьте меньше цифр или сотрите СНИЛС')


def test_a_kind_is_chosen_by_any_part_of_its_name(operator: Operator) -> None:
    operator.click_element(lambda: operator.field(texts.DOCUMENT_KIND))
    operator.type('выпис')
    kind = 'Эпикриз в стационаре выписной'
    operator.wait(lambda: operator.names(('option',)) == [kind], lambda: str(operator.names(('option',))))
    operator.click_element(lambda: operator.find(('option',), kind))
    operator.wait_for_value(texts.DOCUMENT_KIND, kind)
    operator.click('Найти')
    wait_for_patients(operator, KOROLEVA)
    assert operator.column(texts.DOCUMENT_AT)[0].startswith(f'{moment(2):%d.%m.%Y}')


def test_the_regions_own_journal_takes_its_place(
    start_program: StartProgram, journal: Program, operator: Operator
) -> None:
    url = journal.environment['JOURNAL_DATABASE_URL']
    program = start_program(url, JOURNAL_IEMK_URL=EXTERNAL_URL)
    cookies: Cookies = session_cookies(program.url)
    there = Operator(operator.driver, program.url)
    there.set_session_cookies(cookies)
    there.open('/')
    tile = there.driver.find_element('css selector', f'.tiles a[href="{EXTERNAL_URL}"]')
    assert (tile.get_attribute('target'), tile.get_attribute('rel')) == ('_blank', 'noopener')
    there.click('Меню')
    link = there.link('Журнал ИЭМК')
    assert (link.get_attribute('href'), link.get_attribute('target')) == (EXTERNAL_URL, '_blank')
    assert link.get_attribute('rel') == 'noopener'
