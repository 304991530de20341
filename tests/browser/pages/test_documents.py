"""«Журнал ИЭМК»: found, sorted, opened; and the region's own in its place."""

import pytest

from services import texts
from tests.browser.conftest import Serve
from tests.helpers.journal_operator import Cookies, Operator, session_cookies
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOV, KOROLEVA, KOROLYOV, SOKOLOVA, moment

OPENED = {
    'Регистрационный номер РЭМД': 'Не указан',
    'Врач': 'Павлов Иван Ильич',
    'Код ошибки': 'E7',
    'Текст ошибки': 'Подпись не верна',
}
ELSEWHERE = 'http://127.0.0.1:9/iemk'


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that stories only look at."""
    return sample_journal


@pytest.fixture
def operator(operator: Operator) -> Operator:
    """Somebody in front of the journal of documents."""
    operator.open('/iemk')
    return operator


def see_patients(operator: Operator, *names: str) -> None:
    """Wait until the list has these patients, from top to bottom."""
    operator.see_column(texts.PATIENT, names)


def test_documents_are_found_sorted_and_opened(operator: Operator) -> None:
    operator.see_title('Журнал ИЭМК')
    operator.see('Нет данных для отображения')
    operator.click('Найти')
    see_patients(operator, KOROLYOV, KOROLEVA, IVANOV)
    assert operator.column(texts.SNILS) == ['***-***-445 95', '***-***-303 00', '']
    assert operator.column(texts.DOCUMENT_STATUS) == ['Зарегистрирован', 'Ошибка регистрации', 'В обработке']
    operator.not_see('Баланс')
    operator.click('Наименование МО')
    see_patients(operator, KOROLEVA, KOROLYOV, IVANOV)
    operator.click_element(lambda: operator.check_box('Ошибка регистрации'))
    operator.fill(texts.PATIENT, 'rjhjktdf')
    operator.press('Enter')
    see_patients(operator, KOROLEVA)
    operator.click('Показать документ')
    operator.see('История')
    opened = operator.opened[0]
    history = opened.pop('История')
    assert opened == OPENED
    assert 'В обработке' in history.splitlines()[0]
    assert history.splitlines()[-1].endswith('Ошибка регистрации: Подпись не верна')
    operator.fill(texts.PATIENT, 'rjhjktdf f')
    operator.driver.refresh()
    see_patients(operator, KOROLEVA)
    operator.see_value(texts.PATIENT, 'rjhjktdf f')
    operator.open('/iemk')
    operator.see_value(texts.PATIENT, 'rjhjktdf f')
    operator.see('Нет данных для отображения')


def test_a_snils_is_checked_at_its_field_and_found_whole_or_in_part(operator: Operator) -> None:
    operator.fill(texts.SNILS, '11223344596')
    operator.click('Найти')
    operator.see_at_field(texts.SNILS, 'Контрольное число не сходится. Проверьте цифры СНИЛС или оставьте их часть.')
    operator.see('Нет данных для отображения')
    operator.fill(texts.PATIENT, '112 233 445-95')
    operator.press('Control+a', 'Control+x')
    operator.field(texts.SNILS).click()
    operator.press('Control+a', 'Control+v')
    operator.see_value(texts.SNILS, '112-233-445 95')
    operator.erase(f'{texts.EXCHANGE_PERIOD} с')
    operator.click('Найти')
    see_patients(operator, KOROLYOV, SOKOLOVA)
    operator.fill(texts.SNILS, '7654')
    operator.click('Найти')
    see_patients(operator, KOROLEVA)
    operator.fill(texts.SNILS, '0000')
    operator.click('Найти')
    operator.see_nothing_found('Оставьте меньше цифр или сотрите СНИЛС')


def test_a_kind_is_chosen_by_any_part_of_its_name(operator: Operator) -> None:
    operator.click_element(lambda: operator.field(texts.DOCUMENT_KIND))
    operator.type('выпис')
    operator.click_element(lambda: operator.find(('option',), 'Эпикриз в стационаре выписной'))
    operator.click('Найти')
    see_patients(operator, KOROLEVA)
    assert operator.column(texts.EXCHANGED_AT)[0].startswith(f'{moment(2):%d.%m.%Y}')


def test_the_regions_own_journal_takes_its_place(serve: Serve, journal: Program, operator: Operator) -> None:
    url = journal.environment['JOURNAL_DATABASE_URL']
    program = serve(url, JOURNAL_IEMK_URL=ELSEWHERE)
    cookies: Cookies = session_cookies(program.url)
    there = Operator(operator.driver, program.url)
    there.be_signed_in(cookies)
    there.open('/')
    tile = there.driver.find_element('css selector', f'.tiles a[href="{ELSEWHERE}"]')
    assert (tile.get_attribute('target'), tile.get_attribute('rel')) == ('_blank', 'noopener')
    there.click('Меню')
    link = there.link('Журнал ИЭМК')
    assert (link.get_attribute('href'), link.get_attribute('target')) == (ELSEWHERE, '_blank')
    assert link.get_attribute('rel') == 'noopener'
