"""Those who see badly: the page at 200 %, and the list as a screen reader has it from the accessibility tree."""

from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.helpers.browser_user import plain
from tests.helpers.journal_operator import Cookies, Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import KHIMKI, KOROLYOV, MONTH

ENLARGED = {'width': 683, 'height': 384, 'deviceScaleFactor': 2, 'mobile': False}
"""A laptop's screen at 200 %."""
OUT_OF_REACH = """
const reached = each => {
  each.scrollIntoView({block: 'center'});
  const box = each.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
  const there = document.elementFromPoint(x, y);
  return there && (each.closest('label') ?? each).contains(there);
};
return [...document.querySelectorAll('button, a, input, [role=button]')]
    .filter(each => each.getClientRects().length && getComputedStyle(each).visibility === 'visible')
    .filter(each => !each.closest('.ag-tab-guard') && !reached(each))
    .map(each => each.outerHTML.slice(0, 120));
"""
HEADS = [
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
    """The journal that stories only look at."""
    return sample_journal


@pytest.fixture
def enlarged(driver: Chrome, journal: Program, session: Cookies) -> Iterator[Operator]:
    """Somebody signed in who has enlarged the page twice."""
    driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', ENLARGED)
    person = Operator(driver, journal.url)
    person.be_signed_in(session)
    yield person
    driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


@pytest.mark.parametrize('path', ['/messages', '/summary', '/callbacks', '/iemk', '/help', '/'])
def test_at_200_per_cent_nothing_is_beside_the_screen_or_out_of_reach(enlarged: Operator, path: str) -> None:
    enlarged.open(path)
    if path == '/messages':
        enlarged.find_messages()
        enlarged.see_found(*MONTH)
        enlarged.click(texts.SHOW_MESSAGE)
        enlarged.see_opened(1)
    assert enlarged.driver.execute_script('return document.documentElement.scrollWidth') <= ENLARGED['width']
    assert enlarged.driver.execute_script(OUT_OF_REACH) == []


def test_a_screen_reader_has_the_list_as_a_table(operator: Operator) -> None:
    operator.find_messages()
    operator.see_found(*MONTH)
    heads = operator.all(('columnheader',))
    assert operator.names(('columnheader',)) == HEADS
    assert [head.get_attribute('aria-colindex') for head in heads] == [str(place) for place in range(1, 11)]
    rows = operator.all(('row',))
    assert [int(row.get_attribute('aria-rowindex') or 0) for row in rows] == list(range(1, len(MONTH) + 2))
    grid = operator.find(('grid', 'treegrid'), texts.JOURNAL_TITLE)
    assert grid.get_attribute('aria-rowcount') == str(len(MONTH) + 1)
    assert grid.get_attribute('aria-colcount') == str(len(HEADS))
    cells = operator.all(('gridcell',), inside=rows[1])
    said = {HEADS[int(cell.get_attribute('aria-colindex') or 0) - 1]: plain(cell.text) for cell in cells}
    assert said[texts.RECIPIENT] == KOROLYOV
    assert said[texts.PHONE] == '+7 (916) 123-45-67'
    assert said[texts.ORGANIZATION] == KHIMKI
    assert said[texts.STATUS] == 'Отправлено'


def test_a_screen_reader_has_the_opened_message_as_a_row_below_its_own(operator: Operator) -> None:
    operator.find_messages()
    operator.see_found(*MONTH)
    operator.click(texts.SHOW_MESSAGE)
    operator.see_opened(1)
    operator.wait(lambda: len(operator.all(('row',))) == len(MONTH) + 2, 'The opened message is no row')
    row = operator.all(('row',))[2]
    assert row.get_attribute('aria-rowindex') == '3'
    (cell,) = operator.all(('gridcell',), inside=row)
    assert 'Иван Петрович, ждём Вас' in plain(cell.text)
    opener: Any = operator.button(texts.HIDE_MESSAGE)
    assert opener.get_attribute('aria-expanded') == 'true'
