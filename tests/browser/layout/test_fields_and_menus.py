"""The fields of a search and their menus have enough space: nothing wraps or scrolls sideways for lack of it."""

import pytest

from services import texts
from tests.browser.screenshots import set_viewport
from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program

FIELD_LINES = """
return new Set([...document.querySelectorAll('.fields > *')].map(field => field.getBoundingClientRect().bottom)).size;
"""
"""The number of lines of the panel: the fields of a line have a common lower edge."""
NEIGHBOURS_OF_FIND = """
const find = document.querySelector('.panel .find').getBoundingClientRect();
return [...document.querySelectorAll('.panel .fields :is(.q-field, .q-checkbox, [role=checkbox])')].filter(field => {
  const {top, bottom} = field.getBoundingClientRect();
  return top < find.bottom && bottom > find.top;
}).length;
"""
"""The number of fields and check boxes in the line of «Найти»."""
MENU_SIZE = """
const menu = document.querySelector('.q-menu:has(.q-date, .q-item)');
const isDrawn = menu && document.fonts.status === 'loaded' && document.getAnimations().length === 0;
return isDrawn && [menu.scrollWidth - menu.clientWidth, menu.offsetWidth];
"""
MAX_MENU_WIDTH = 640


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The sample journal, which the tests of this module only read."""
    return sample_journal


@pytest.mark.parametrize(('width', 'height'), [(1366, 768), (1280, 720)], ids=['1366', '1920 at 150 %'])
def test_the_fields_of_the_journal_need_two_lines(operator: Operator, width: int, height: int) -> None:
    set_viewport(operator, width, height)
    try:
        assert operator.driver.execute_script(FIELD_LINES) == 2
    finally:
        operator.driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


@pytest.mark.parametrize('width', [1920, 1366, 1280, 1024])
def test_the_button_of_the_summary_does_not_stand_alone_in_a_line(operator: Operator, width: int) -> None:
    operator.open('/summary')
    operator.button(texts.FIND)
    set_viewport(operator, width, 768)
    try:
        assert operator.driver.execute_script(NEIGHBOURS_OF_FIND) > 1
    finally:
        operator.driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


@pytest.mark.parametrize('field', [f'{texts.PERIOD} с', texts.ORGANIZATION_FILTER])
def test_a_menu_does_not_scroll_sideways_and_leaves_the_buttons_in_sight(operator: Operator, field: str) -> None:
    if field == texts.ORGANIZATION_FILTER:
        operator.click_element(lambda: operator.field(field))
    else:
        operator.click(f'{texts.CALENDAR} с')
    overflow, width = operator.wait(lambda: operator.driver.execute_script(MENU_SIZE), 'There is no menu')
    assert overflow <= 0
    assert width <= MAX_MENU_WIDTH
    operator.press('Escape')
