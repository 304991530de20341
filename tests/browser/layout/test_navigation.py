"""Getting about: the main page, the menu, and addresses that lead nowhere."""

import pytest

from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program

RESPONSE_STATUS = 'return performance.getEntriesByType("navigation")[0].responseStatus'
JOURNAL, DOCUMENTS = 'Журнал отправленных сообщений', 'Журнал ИЭМК'


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that stories only look at."""
    return sample_journal


def test_the_tile_opens_the_journal_in_a_tab_of_its_own(operator: Operator) -> None:
    operator.open('/')
    operator.click_element(lambda: operator.find(('heading',), 'Рассылка уведомлений'))
    operator.switch_to_new_tab()
    operator.wait_for_path('/messages')
    operator.wait_for_title(JOURNAL)
    assert len(operator.driver.window_handles) == 2


def test_the_tile_opens_by_keyboard(operator: Operator) -> None:
    operator.open('/')
    operator.wait_for_text('Рассылка уведомлений')
    operator.focus_by_keyboard('Рассылка уведомлений')
    operator.press('Enter')
    operator.switch_to_new_tab()
    operator.wait_for_path('/messages')


def test_the_menu_leads_from_journal_to_journal_and_marks_the_present_one(operator: Operator) -> None:
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


def test_the_menu_opens_leads_and_folds_by_keyboard(operator: Operator) -> None:
    operator.open('/iemk')
    operator.focus_by_keyboard('Меню')
    operator.press('Enter')
    operator.wait(lambda: operator.find_all(('link',), JOURNAL), 'The menu does not open')
    operator.focus_by_keyboard(JOURNAL)
    operator.press('Escape')
    operator.wait(lambda: not operator.find_all(('link',), JOURNAL), 'Escape does not fold the menu')
    operator.focus_by_keyboard('Меню')
    operator.press('Space')
    operator.wait(lambda: operator.find_all(('link',), JOURNAL), 'The menu does not open again')
    operator.focus_by_keyboard(JOURNAL)
    operator.press('Enter')
    operator.wait_for_path('/messages')


@pytest.mark.parametrize('path', ['/messages/42', '/nowhere'])
def test_an_unknown_address_gets_a_plain_page_in_the_frame(operator: Operator, path: str) -> None:
    operator.open(path)
    operator.wait_for_text('Страница не найдена', 'clerk', 'Выйти')
    operator.wait_for_title('Страница не найдена')
    assert operator.driver.execute_script(RESPONSE_STATUS) == 404
    operator.click('Меню')
    operator.click(JOURNAL)
    operator.wait_for_path('/messages')
