"""Getting about: the main page, the menu, and addresses that lead nowhere."""

import pytest

from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program

STATUS = 'return performance.getEntriesByType("navigation")[0].responseStatus'
JOURNAL, EXCHANGE = 'Журнал отправленных сообщений', 'Журнал ИЭМК'


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that stories only look at."""
    return sample_journal


def test_the_tile_opens_the_journal_in_a_tab_of_its_own(operator: Operator) -> None:
    operator.open('/')
    operator.click_element(lambda: operator.find(('heading',), 'Рассылка уведомлений'))
    operator.turn_to_new_tab()
    operator.arrive('/messages')
    operator.see_title(JOURNAL)
    assert len(operator.driver.window_handles) == 2


def test_the_tile_opens_by_keyboard(operator: Operator) -> None:
    operator.open('/')
    operator.see('Рассылка уведомлений')
    operator.walk_to('Рассылка уведомлений')
    operator.press('Enter')
    operator.turn_to_new_tab()
    operator.arrive('/messages')


def test_the_menu_leads_from_journal_to_journal_and_marks_the_present_one(operator: Operator) -> None:
    assert not operator.all(('link',), EXCHANGE)
    operator.click('Меню')
    assert operator.link(JOURNAL).get_attribute('aria-current') == 'page'
    assert operator.link(EXCHANGE).get_attribute('aria-current') is None
    assert operator.button('Меню').get_attribute('aria-expanded') == 'true'
    operator.click(EXCHANGE)
    operator.arrive('/iemk')
    operator.see_title(EXCHANGE)
    assert operator.names(('heading',))[0] == EXCHANGE
    operator.click('Меню')
    assert operator.link(EXCHANGE).get_attribute('aria-current') == 'page'
    operator.click(JOURNAL)
    operator.arrive('/messages')
    operator.see_title(JOURNAL)


def test_the_menu_opens_leads_and_folds_by_keyboard(operator: Operator) -> None:
    operator.open('/iemk')
    operator.walk_to('Меню')
    operator.press('Enter')
    operator.wait(lambda: operator.all(('link',), JOURNAL), 'The menu does not open')
    operator.walk_to(JOURNAL)
    operator.press('Escape')
    operator.wait(lambda: not operator.all(('link',), JOURNAL), 'Escape does not fold the menu')
    operator.walk_to('Меню')
    operator.press('Space')
    operator.wait(lambda: operator.all(('link',), JOURNAL), 'The menu does not open again')
    operator.walk_to(JOURNAL)
    operator.press('Enter')
    operator.arrive('/messages')


@pytest.mark.parametrize('path', ['/messages/42', '/nowhere'])
def test_an_unknown_address_gets_a_plain_page_in_the_frame(operator: Operator, path: str) -> None:
    operator.open(path)
    operator.see('Страница не найдена', 'clerk', 'Выйти')
    operator.see_title('Страница не найдена')
    assert operator.driver.execute_script(STATUS) == 404
    operator.click('Меню')
    operator.click(JOURNAL)
    operator.arrive('/messages')
