"""Navigation: the main page, the menu, and unknown paths."""

import pytest

from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program

RESPONSE_STATUS = 'return performance.getEntriesByType("navigation")[0].responseStatus'
JOURNAL, DOCUMENTS = 'Журнал отправленных сообщений', 'Журнал ИЭМК'


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The sample journal, which the tests of this module only read."""
    return sample_journal


def test_a_tile_opens_its_section_in_a_new_tab(operator: Operator) -> None:
    operator.open('/')
    operator.click_element(lambda: operator.find(('heading',), 'Рассылка уведомлений'))
    operator.switch_to_new_tab()
    operator.wait_for_path('/messages')
    operator.wait_for_title(JOURNAL)
    assert len(operator.driver.window_handles) == 2


def test_a_tile_opens_by_keyboard(operator: Operator) -> None:
    operator.open('/')
    operator.wait_for_text('Рассылка уведомлений')
    operator.focus_by_keyboard('Рассылка уведомлений')
    operator.press('Enter')
    operator.switch_to_new_tab()
    operator.wait_for_path('/messages')


def test_the_menu_switches_sections_and_marks_the_current_one(operator: Operator) -> None:
    assert not operator.find_all(('link',), DOCUMENTS)
    operator.click('Меню')
    assert operator.link(JOURNAL).get_attribute('aria-current') == 'page'
    assert operator.link(DOCUMENTS).get_attribute('aria-current') is None
    assert operator.button('Меню').get_attribute('aria-expanded') == 'true'
    operator.click(DOCUMENTS)
    operator.wait_for_path('/iemk')
    operator.wait_for_title(DOCUMENTS)
    assert operator.names(('heading',))[0] == DOCUMENTS
    operator.click('Меню')
    assert operator.link(DOCUMENTS).get_attribute('aria-current') == 'page'
    operator.click(JOURNAL)
    operator.wait_for_path('/messages')
    operator.wait_for_title(JOURNAL)


def test_the_menu_works_by_keyboard(operator: Operator) -> None:
    operator.open('/iemk')
    operator.focus_by_keyboard('Меню')
    operator.press('Enter')
    operator.wait(lambda: operator.find_all(('link',), JOURNAL), 'The menu does not open')
    operator.focus_by_keyboard(JOURNAL)
    operator.press('Escape')
    operator.wait(lambda: not operator.find_all(('link',), JOURNAL), 'Escape does not close the menu')
    operator.focus_by_keyboard('Меню')
    operator.press('Space')
    operator.wait(lambda: operator.find_all(('link',), JOURNAL), 'The menu does not open again')
    operator.focus_by_keyboard(JOURNAL)
    operator.press('Enter')
    operator.wait_for_path('/messages')


@pytest.mark.parametrize('path', ['/messages/42', '/nowhere'])
def test_an_unknown_path_shows_an_error_page_with_the_header(operator: Operator, path: str) -> None:
    operator.open(path)
    operator.wait_for_text('Страница не найдена', 'clerk', 'Выйти')
    operator.wait_for_title('Страница не найдена')
    assert operator.driver.execute_script(RESPONSE_STATUS) == 404
    operator.click('Меню')
    operator.click(JOURNAL)
    operator.wait_for_path('/messages')
