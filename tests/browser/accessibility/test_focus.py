"""Enter and Space in the conditions, and where the focus is after an action: never on the body."""

from functools import partial

import pytest

from services import texts
from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import fill_journal, sample_messages

CONTROLS = '.panel .fields input:not([type=hidden]), .panel .fields [role=checkbox]'
FOCUS_CONTROL = (
    'const each = [...document.querySelectorAll(arguments[0])][arguments[1]]; each.focus(); return each.outerHTML'
)
REVISION = 'return document.querySelector(".list").dataset.rows ?? ""'
FOCUSED_CLASSES = """
const focused = document.activeElement;
return focused === document.body ? 'body' : ['turn', 'summary', 'actions', 'fields']
  .find(name => focused.closest('.' + name)) ?? focused.className;
"""
IS_ROW_TINTED = """
const tint = row => getComputedStyle(row).backgroundColor, row = document.activeElement.closest('.ag-row');
return tint(row) !== tint([...document.querySelectorAll('.ag-row')].find(each => each !== row));
"""


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample."""
    return fill_journal(journal_url, sample_messages())


def wait_for_focus(operator: Operator, place: str) -> None:
    """Wait until the focus is in a part of the page."""

    def focused() -> str:
        return str(operator.driver.execute_script(FOCUSED_CLASSES))

    operator.wait(lambda: focused() == place, lambda: f'The focus is in {focused()}, not in {place}')


def test_enter_searches_from_every_condition_and_space_ticks(operator: Operator, journal: Program) -> None:
    operator.field(texts.RECIPIENT)
    count = len(operator.driver.find_elements('css selector', CONTROLS))
    assert count > 10
    for number in range(count):
        before = operator.driver.execute_script(REVISION)
        html = operator.driver.execute_script(FOCUS_CONTROL, CONTROLS, number)
        operator.press('Enter')
        operator.wait(
            partial(lambda before: operator.driver.execute_script(REVISION) != before, before),
            f'Enter does not search in {html}',
        )
    box = operator.check_box('Отправлено')
    assert box.get_attribute('aria-checked') == 'false', 'Enter does not tick'
    operator.driver.execute_script('arguments[0].focus()', box)
    operator.press('Space')
    operator.wait(
        lambda: operator.check_box('Отправлено').get_attribute('aria-checked') == 'true', 'Space does not tick'
    )


def test_the_focus_stays_in_the_page_after_paging_folding_and_saving(operator: Operator, journal: Program) -> None:
    since = f'{texts.PERIOD} с'
    operator.fill(since, '01.10.2021')
    operator.click(texts.FIND)
    operator.wait_for_text('1–')
    operator.choose(texts.PAGE_SIZE, '5')
    operator.wait_for_text('1–5 из')
    operator.click(texts.LAST_PAGE)
    operator.wait(lambda: not operator.button(texts.LAST_PAGE).is_enabled(), 'The last page does not come')
    wait_for_focus(operator, 'turn')
    operator.press('ArrowDown')
    operator.wait(
        lambda: operator.driver.execute_script(IS_ROW_TINTED),
        'The row of the keyboard cursor is not tinted',
    )
    operator.click(texts.COLLAPSE_PANEL)
    wait_for_focus(operator, 'summary')
    operator.press('Enter')
    wait_for_focus(operator, 'fields')

    operator.click(texts.SEARCHES)
    operator.click(texts.SAVE_SEARCH)
    operator.wait_for_text('по сегодняшний')
    operator.fill(texts.SEARCH_NAME, 'мой')
    operator.press('Enter')
    operator.wait(lambda: not operator.find_all(('dialog',), texts.SAVE_SEARCH_TITLE), 'The dialog stays')
    wait_for_focus(operator, 'actions')
