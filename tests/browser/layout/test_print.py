"""What comes out of a printer: the sheet holds what was found, and nothing of what only a screen is for."""

import re
from collections.abc import Callable, Iterator

import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import KOROLEVA, MONTH

SHEET = {'width': 1047, 'height': 718, 'deviceScaleFactor': 1, 'mobile': False}
"""A4, lying, without its margins."""
CUT = """
const shown = each => each.getClientRects().length > 0;
return [...document.querySelectorAll('.ag-row .ag-cell, .ag-row .detail, .ag-header-cell')].filter(shown)
    .filter(each => each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1
        || each.getBoundingClientRect().right > innerWidth || each.getBoundingClientRect().left < 0)
    .map(each => each.innerText);
"""
OVERLAPPING = """
const rows = [...document.querySelectorAll('.ag-row')].map(each => each.getBoundingClientRect());
return rows.filter((row, i) => i && row.top < rows[i - 1].bottom - 1).length;
"""
INK = """
const number = colour => colour.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => +a + +b, 0);
return [...document.querySelectorAll('h1, .said, .ag-cell, .detail dd, .foot *')]
    .map(each => number(getComputedStyle(each).color));
"""
Print = Callable[[], None]


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that stories only look at."""
    return sample_journal


@pytest.fixture
def on_paper(driver: Chrome) -> Iterator[Print]:
    """Gives what lays the open page out as on a sheet."""

    def lay() -> None:
        driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', SHEET)
        driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'print'})

    yield lay
    driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': '', 'features': []})
    driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


@pytest.mark.parametrize('look', ['light', 'dark'])
def test_a_list_is_printed_whole_and_without_controls(operator: Operator, on_paper: Print, look: str) -> None:
    feature = {'name': 'prefers-color-scheme', 'value': look}
    operator.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [feature]})
    operator.find_messages()
    operator.see_found(*MONTH)
    operator.click(texts.SHOW_MESSAGE)
    operator.see_opened(1)
    on_paper()
    operator.see(texts.JOURNAL_TITLE, *MONTH, '1–6 из 6', 'Иван Петрович, ждём Вас', 'Отправлено сообщений на сумму')
    assert re.search(r'С \d\d\.\d\d\.\d{4} по \d\d\.\d\d\.\d{4}', operator.text), 'What was asked is not said'
    assert operator.column(texts.RECIPIENT) == list(MONTH)
    assert operator.driver.execute_script(CUT) == []
    assert operator.driver.execute_script(OVERLAPPING) == 0
    assert max(operator.driver.execute_script(INK)) < 3 * 190, 'Something is written in a light colour'
    for words in (texts.FIND, texts.CLEAR, texts.SIGN_OUT, texts.EXPORT, texts.PAGE_SIZE, texts.SUMMARY_TITLE):
        assert words not in operator.text
    assert not operator.all(('textbox', 'combobox', 'checkbox', 'link'))
    assert operator.driver.execute_script('return document.documentElement.scrollWidth') <= SHEET['width']


@pytest.mark.parametrize(
    ('path', 'expected'), [('/summary', texts.SUMMARY_BY_ORGANIZATION), ('/callbacks', KOROLEVA)], ids=['sums', 'calls']
)
def test_other_pages_are_printed_without_controls(
    operator: Operator, on_paper: Print, path: str, expected: str
) -> None:
    operator.open(path)
    operator.see(expected)
    on_paper()
    operator.see(expected)
    for words in (texts.FIND, texts.CLEAR, texts.SIGN_OUT, texts.CALLS_TAKE):
        assert words not in operator.text.split()
    whole = 'return document.querySelector(".board").scrollHeight <= document.querySelector(".board").clientHeight'
    assert operator.driver.execute_script(whole)
    assert operator.driver.execute_script('return document.documentElement.scrollWidth') <= SHEET['width']
