"""Printed pages: the content is complete, and there are no controls."""

import re
from collections.abc import Callable, Iterator

import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import KOROLEVA, MONTH

PAPER_SIZE = {'width': 1047, 'height': 718, 'deviceScaleFactor': 1, 'mobile': False}
"""A4 in landscape without margins, in CSS pixels."""
TRUNCATED_CELLS = """
const visible = each => each.getClientRects().length > 0;
return [...document.querySelectorAll('.ag-row .ag-cell, .ag-row .detail, .ag-header-cell')].filter(visible)
    .filter(each => each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1
        || each.getBoundingClientRect().right > innerWidth || each.getBoundingClientRect().left < 0)
    .map(each => each.innerText);
"""
OVERLAPPING_ROW_COUNT = """
const rows = [...document.querySelectorAll('.ag-row')].map(each => each.getBoundingClientRect());
return rows.filter((row, i) => i && row.top < rows[i - 1].bottom - 1).length;
"""
INK_COLOURS = """
const number = colour => colour.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => +a + +b, 0);
return [...document.querySelectorAll('h1, .summary .description, .ag-cell, .detail dd, .foot *')]
    .map(each => number(getComputedStyle(each).color));
"""
LayOutForPrint = Callable[[], None]


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The sample journal, which the tests of this module only read."""
    return sample_journal


@pytest.fixture
def print_layout(driver: Chrome) -> Iterator[LayOutForPrint]:
    """A function that switches the open page to the layout for printing."""

    def apply() -> None:
        driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', PAPER_SIZE)
        driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'print'})

    yield apply
    driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': '', 'features': []})
    driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


@pytest.mark.parametrize('look', ['light', 'dark'])
def test_a_list_is_printed_completely_and_without_controls(
    operator: Operator, print_layout: LayOutForPrint, look: str
) -> None:
    feature = {'name': 'prefers-color-scheme', 'value': look}
    operator.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [feature]})
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
    operator.click_in_row(texts.SHOW_MESSAGE)
    operator.wait_for_expanded_rows(1)
    print_layout()
    operator.wait_for_text(
        texts.JOURNAL_TITLE, *MONTH, '1–6 из 6', 'Иван Петрович, ждём Вас', 'Отправлено сообщений на сумму'
    )
    assert re.search(r'С \d\d\.\d\d\.\d{4} по \d\d\.\d\d\.\d{4}', operator.text), 'The period of the search is missing'
    assert operator.column(texts.RECIPIENT) == list(MONTH)
    assert operator.driver.execute_script(TRUNCATED_CELLS) == []
    assert operator.driver.execute_script(OVERLAPPING_ROW_COUNT) == 0
    assert max(operator.driver.execute_script(INK_COLOURS)) < 3 * 190, 'Some text has a light colour'
    for text in (texts.FIND, texts.CLEAR, texts.SIGN_OUT, texts.EXPORT, texts.PAGE_SIZE, texts.SUMMARY_TITLE):
        assert text not in operator.text
    assert not operator.find_all(('textbox', 'combobox', 'checkbox', 'link'))
    assert operator.driver.execute_script('return document.documentElement.scrollWidth') <= PAPER_SIZE['width']


@pytest.mark.parametrize(
    ('path', 'expected'), [('/summary', texts.SUMMARY_BY_KIND), ('/callbacks', KOROLEVA)], ids=['sums', 'calls']
)
def test_other_pages_are_printed_without_controls(
    operator: Operator, print_layout: LayOutForPrint, path: str, expected: str
) -> None:
    operator.open(path)
    operator.wait_for_text(expected)
    print_layout()
    operator.wait_for_text(expected)
    for text in (texts.FIND, texts.CLEAR, texts.SIGN_OUT, texts.CALLS_CLAIM):
        assert text not in operator.text.split()
    is_complete = (
        'return document.querySelector(".board").scrollHeight <= document.querySelector(".board").clientHeight'
    )
    assert operator.driver.execute_script(is_complete)
    assert operator.driver.execute_script('return document.documentElement.scrollWidth') <= PAPER_SIZE['width']
