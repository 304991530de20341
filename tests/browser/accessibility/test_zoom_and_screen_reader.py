"""The page at a zoom of 200 %, and the list in the accessibility tree that screen readers use."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from services import texts
from services.formats import distinctive_part_first
from tests.helpers.accessibility_tree import collapse_whitespace
from tests.helpers.journal_operator import Cookies, Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import KHIMKI, KOROLYOV, MONTH

ZOOMED_VIEWPORT = {'width': 683, 'height': 384, 'deviceScaleFactor': 2, 'mobile': False}
"""The screen of a laptop at a zoom of 200 %."""
UNREACHABLE_CONTROLS = """
const isReachable = each => {
  each.scrollIntoView({block: 'center'});
  const box = each.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
  const hit = document.elementFromPoint(x, y);
  return hit && (each.closest('label') ?? each).contains(hit);
};
return [...document.querySelectorAll('button, a, input, [role=button]')]
    .filter(each => each.getClientRects().length && getComputedStyle(each).visibility === 'visible')
    .filter(each => !each.closest('.ag-tab-guard') && !isReachable(each))
    .map(each => each.outerHTML.slice(0, 120));
"""
COLUMN_HEADERS = [
    texts.DETAILS,
    texts.CODE,
    texts.RECIPIENT,
    texts.PHONE,
    texts.APPOINTMENT,
    texts.ORGANIZATION,
    texts.KIND,
    texts.SENT_AT,
    texts.STATUS,
    texts.COST,
]


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The sample journal, which the tests of this module only read."""
    return sample_journal


@pytest.fixture
def zoomed_operator(driver: Chrome, journal: Program, session: Cookies) -> Iterator[Operator]:
    """A signed-in user with a zoom of 200 %."""
    driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', ZOOMED_VIEWPORT)
    operator = Operator(driver, journal.url)
    operator.set_session_cookies(session)
    yield operator
    driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


@pytest.mark.parametrize('path', ['/messages', '/summary', '/callbacks', '/iemk', '/help', '/'])
def test_at_200_per_cent_every_control_is_reachable(zoomed_operator: Operator, path: str) -> None:
    zoomed_operator.open(path)
    if path == '/messages':
        zoomed_operator.search_messages()
        zoomed_operator.wait_for_recipients(*MONTH)
        zoomed_operator.click_in_row(texts.SHOW_MESSAGE)
        zoomed_operator.wait_for_expanded_rows(1)
    assert (
        zoomed_operator.driver.execute_script('return document.documentElement.scrollWidth') <= ZOOMED_VIEWPORT['width']
    )
    assert zoomed_operator.driver.execute_script(UNREACHABLE_CONTROLS) == []


def test_screen_readers_get_the_list_as_a_table(operator: Operator) -> None:
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
    heads = operator.find_all(('columnheader',))
    assert operator.names(('columnheader',)) == COLUMN_HEADERS
    assert [head.get_attribute('aria-colindex') for head in heads] == [str(number) for number in range(1, 11)]
    rows = operator.find_all(('row',))
    assert [int(row.get_attribute('aria-rowindex') or 0) for row in rows] == list(range(1, len(MONTH) + 2))
    grid = operator.find(('grid', 'treegrid'), texts.JOURNAL_TITLE)
    assert grid.get_attribute('aria-rowcount') == str(len(MONTH) + 1)
    assert grid.get_attribute('aria-colcount') == str(len(COLUMN_HEADERS))
    cells = operator.find_all(('gridcell',), inside=rows[1])
    values = {
        COLUMN_HEADERS[int(cell.get_attribute('aria-colindex') or 0) - 1]: collapse_whitespace(cell.text)
        for cell in cells
    }
    assert values[texts.RECIPIENT] == KOROLYOV
    assert values[texts.PHONE] == '+7 (916) 123-45-67'
    assert values[texts.ORGANIZATION] == distinctive_part_first(KHIMKI)
    assert values[texts.STATUS] == 'Отправлено'


def test_screen_readers_get_the_details_as_a_row_below_the_message(operator: Operator) -> None:
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
    operator.click_in_row(texts.SHOW_MESSAGE)
    operator.wait_for_expanded_rows(1)
    operator.wait(lambda: len(operator.find_all(('row',))) == len(MONTH) + 2, 'The details are not a row')
    row = operator.find_all(('row',))[2]
    assert row.get_attribute('aria-rowindex') == '3'
    (cell,) = operator.find_all(('gridcell',), inside=row)
    assert 'Иван Петрович, ждём Вас' in collapse_whitespace(cell.text)
    (opener,) = operator.find_starting(('button',), texts.HIDE_MESSAGE)
    assert opener.get_attribute('aria-expanded') == 'true'
