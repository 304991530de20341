"""The columns of the list as a person likes them: hidden, moved, widened, dense or roomy, on whatever machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains

from services import texts
from tests.browser.screenshots import set_viewport
from tests.helpers.browser_user import BrowserUser
from tests.helpers.journal_operator import Operator, session_cookies
from tests.helpers.program import Program
from tests.helpers.sample_data import MONTH, fill_journal, sample_messages

DEFINED_COLUMNS = [
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
ROW_HEIGHT = "return document.querySelector('[role=row]:has([role=gridcell])').getBoundingClientRect().height"
DENSE, ROOMY = 32, 40


@contextmanager
def viewport(operator: Operator, width: int, height: int) -> Iterator[None]:
    """Give the page another size, in CSS pixels, for the time of the block."""
    set_viewport(operator, width, height)
    try:
        yield
    finally:
        operator.driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample, whose clerk may set up his list."""
    return fill_journal(journal_url, sample_messages())


@pytest.fixture
def clerk(operator: Operator) -> Iterator[Operator]:
    """Somebody with the month before him, who leaves the columns as they were."""
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
    yield operator
    operator.open('/messages')
    operator.search_messages()
    open_menu(operator)
    operator.click(texts.RESET_COLUMNS)
    wait_for_columns(operator, DEFINED_COLUMNS)
    # kept once a page that is built after it shows it so
    operator.wait(lambda: columns_of_a_new_page(operator) == DEFINED_COLUMNS, 'The columns are not kept as they were')


def open_menu(operator: Operator) -> None:
    """Open the menu of the columns."""
    operator.click(texts.COLUMNS)
    operator.wait(lambda: operator.find_all(('dialog',), texts.COLUMNS), 'The menu does not open')


def close_menu(operator: Operator) -> None:
    """Shut the menu of the columns."""
    operator.press('Escape')
    operator.wait(lambda: not operator.find_all(('dialog',)), 'The menu does not close')


def displayed_columns(operator: Operator) -> list[str]:
    """The titles of the columns in sight, from left to right."""
    return [title for title in (operator.rows or [{}])[0] if title != texts.DETAILS]


def columns_of_a_new_page(operator: Operator) -> list[str]:
    """The titles of the columns of a page that is built now."""
    operator.open('/messages')
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
    return displayed_columns(operator)


def wait_for_columns(operator: Operator, expected: list[str]) -> None:
    """Wait until exactly these columns are in sight, in this order."""
    operator.wait(
        lambda: displayed_columns(operator) == expected, lambda: f'The columns: {displayed_columns(operator)}'
    )


def toggle_columns(operator: Operator, *titles: str) -> None:
    """Press the check boxes of columns."""
    for title in titles:
        operator.click_element(lambda title=title: operator.check_box(title))  # type: ignore[misc]


def column_width(operator: Operator, title: str) -> int:
    """How wide a column is, in pixels."""
    return int(operator.find(('columnheader',), title).size['width'])


def test_what_is_arranged_is_so_on_another_machine(
    clerk: Operator, journal: Program, another_user: Callable[[str], BrowserUser]
) -> None:
    open_menu(clerk)
    toggle_columns(clerk, texts.CODE, texts.APPOINTMENT, texts.KIND, texts.SENT_AT)
    for place in (2, 1):
        clerk.focus_by_keyboard(texts.COLUMN_EARLIER.format(column=texts.PHONE), steps=60)
        clerk.press('Enter')
        clerk.wait_for_text(texts.COLUMN_POSITION.format(column=texts.PHONE, position=place, count=13))
    # The browser sets it in the frame after the one that shows the text.
    clerk.wait(
        lambda: clerk.focused_name == texts.COLUMN_EARLIER.format(column=texts.PHONE),
        'The focus goes away with the column',
    )
    clerk.click_element(lambda: clerk.find(('radio',), texts.ROWS_COMFORTABLE))
    arranged = [texts.PHONE, texts.RECIPIENT, texts.ORGANIZATION, texts.STATUS, texts.COST]
    wait_for_columns(clerk, arranged)
    clerk.wait(lambda: clerk.driver.execute_script(ROW_HEIGHT) == ROOMY, 'The rows do not grow')
    close_menu(clerk)

    clerk.wait(lambda: columns_of_a_new_page(clerk) == arranged, 'The columns are not kept')
    elsewhere = another_user(journal.url)
    other = Operator(elsewhere.driver, journal.url)
    other.set_session_cookies(session_cookies(journal.url))
    assert columns_of_a_new_page(other) == arranged
    assert other.driver.execute_script(ROW_HEIGHT) == ROOMY
    chief = Operator(elsewhere.driver, journal.url)
    chief.set_session_cookies(session_cookies(journal.url, 'chief'))
    assert columns_of_a_new_page(chief) == DEFINED_COLUMNS, 'What one likes is not for all'
    assert chief.driver.execute_script(ROW_HEIGHT) == DENSE


def test_a_column_is_moved_and_widened_on_its_header(clerk: Operator) -> None:
    header = clerk.find(('columnheader',), texts.STATUS)
    kind = clerk.find(('columnheader',), texts.KIND)
    ActionChains(clerk.driver).click_and_hold(header).move_to_element(kind).move_by_offset(-40, 0).release().perform()
    moved = [*DEFINED_COLUMNS[:5], texts.STATUS, texts.KIND, texts.SENT_AT, texts.COST]
    wait_for_columns(clerk, moved)
    clerk.wait_for_column(texts.RECIPIENT, MONTH)

    before = column_width(clerk, texts.RECIPIENT)
    edge = clerk.find(('columnheader',), texts.RECIPIENT)
    mouse = ActionChains(clerk.driver).move_to_element_with_offset(edge, before // 2 - 1, 0)
    mouse.click_and_hold().move_by_offset(60, 0).release().perform()
    clerk.wait(
        lambda: column_width(clerk, texts.RECIPIENT) == before + 60, lambda: f'{column_width(clerk, texts.RECIPIENT)}'
    )
    wide = column_width(clerk, texts.PHONE)
    clerk.click(texts.PHONE)
    clerk.press('Alt+ArrowRight')
    clerk.wait(lambda: column_width(clerk, texts.PHONE) > wide, 'The column does not widen by keyboard')
    widths = [column_width(clerk, title) for title in (texts.RECIPIENT, texts.PHONE)]

    def kept() -> bool:
        same = columns_of_a_new_page(clerk) == moved
        return same and [column_width(clerk, title) for title in (texts.RECIPIENT, texts.PHONE)] == widths

    clerk.wait(kept, 'The columns are not kept')
    clerk.click(texts.COST)
    clerk.wait(lambda: clerk.column(texts.COST)[0] == '0,00', 'The list is not sorted')


def test_what_is_hidden_stands_in_the_opened_row(clerk: Operator) -> None:
    code = clerk.button(clerk.column(texts.CODE)[0]).get_attribute('title')
    clerk.press('ArrowDown', 'Space')
    clerk.wait_for_expanded_rows(1)
    clerk.wait(lambda: clerk.expanded_rows, 'The row does not open')
    assert texts.CODE not in clerk.expanded_rows[0]
    open_menu(clerk)
    toggle_columns(clerk, texts.CODE, texts.COST)
    clerk.wait(lambda: clerk.expanded_rows[0].get(texts.CODE) == code, lambda: str(clerk.expanded_rows))
    clerk.wait(lambda: clerk.expanded_rows[0].get(texts.COST) == '3,10', lambda: str(clerk.expanded_rows))
    toggle_columns(clerk, texts.CODE)
    clerk.wait(lambda: texts.CODE not in clerk.expanded_rows[0], 'What is in sight stands there too')
    clerk.wait_for_column(texts.RECIPIENT, MONTH)


def test_no_list_stands_in_the_order_of_a_hidden_column(clerk: Operator) -> None:
    newest_first = clerk.column(texts.KIND)
    clerk.click(texts.RECIPIENT)
    clerk.wait(lambda: clerk.column(texts.RECIPIENT) != list(MONTH), 'The list is not sorted')
    by_name = clerk.column(texts.RECIPIENT)
    open_menu(clerk)
    toggle_columns(clerk, texts.PHONE)
    wait_for_columns(clerk, [title for title in DEFINED_COLUMNS if title != texts.PHONE])
    assert clerk.column(texts.RECIPIENT) == by_name, 'Another column has nothing to do with it'
    toggle_columns(clerk, texts.RECIPIENT)
    clerk.wait_for_column(texts.KIND, newest_first)
    toggle_columns(clerk, texts.RECIPIENT)
    wait_for_columns(clerk, [title for title in DEFINED_COLUMNS if title != texts.PHONE])
    clerk.wait_for_column(texts.RECIPIENT, MONTH)


def test_a_phone_has_its_own_columns(clerk: Operator, driver: Chrome) -> None:
    open_menu(clerk)
    toggle_columns(clerk, texts.RECIPIENT)
    wait_for_columns(clerk, [title for title in DEFINED_COLUMNS if title != texts.RECIPIENT])
    close_menu(clerk)
    with viewport(clerk, 360, 740):
        wait_for_columns(clerk, [texts.RECIPIENT, texts.SENT_AT, texts.STATUS])
        assert not clerk.find_all(('button',), texts.COLUMNS)
        clerk.click_in_row(texts.SHOW_MESSAGE)
        clerk.wait(lambda: clerk.expanded_rows, 'The row does not open')
        assert clerk.expanded_rows[0][texts.PHONE] == '+7 (916) 123-45-67'
    wait_for_columns(clerk, [title for title in DEFINED_COLUMNS if title != texts.RECIPIENT])


@pytest.mark.parametrize(('width', 'height'), [(1024, 768), (910, 512)], ids=['1024 pixels', '1366 at 150 %'])
def test_status_and_cost_are_in_sight_in_a_window_that_is_too_narrow_for_all_columns(
    operator: Operator, width: int, height: int
) -> None:
    with viewport(operator, width, height):
        operator.open('/messages')
        operator.search_messages()
        operator.wait_for_recipients(*MONTH)
        operator.wait(
            lambda: displayed_columns(operator)[3:5] == [texts.STATUS, texts.COST],
            lambda: str(displayed_columns(operator)),
        )
        for title in (texts.STATUS, texts.COST):
            header = operator.find(('columnheader',), title).rect
            assert header['x'] + header['width'] <= width
    operator.wait(lambda: displayed_columns(operator) == DEFINED_COLUMNS, lambda: str(displayed_columns(operator)))


COUNT_BAR_FRAMES = """
window.barFrames = 0;
const countFrames = () => {
  const bar = document.querySelector('.ag-body-horizontal-scroll');
  if (bar && bar.offsetHeight > 1 && getComputedStyle(bar).visibility === 'visible') window.barFrames += 1;
  requestAnimationFrame(countFrames);
};
countFrames();
"""
"""Counts the frames in which a horizontal scroll bar is visible."""


@pytest.mark.parametrize(('width', 'height'), [(1366, 768), (1310, 768), (1280, 720)])
def test_no_horizontal_scroll_bar_flashes_in_a_window_that_has_space_for_all_columns(
    operator: Operator, width: int, height: int
) -> None:
    driver = operator.driver
    # Every test has a tab of its own, and the script ends with it.
    driver.execute_cdp_cmd('Page.addScriptToEvaluateOnNewDocument', {'source': COUNT_BAR_FRAMES})
    with viewport(operator, width, height):
        operator.open('/messages')
        operator.search_messages()
        operator.wait_for_recipients(*MONTH)
        operator.click_in_row(texts.SHOW_MESSAGE)
        operator.wait_for_expanded_rows(1)
        url = driver.current_url
        assert 'open=' in url
        assert not driver.execute_script('return window.barFrames')
        driver.get(url)
        operator.wait_for_expanded_rows(1)
        operator.wait(lambda: driver.execute_script('return !document.getAnimations().length'), 'The page moves')
        assert not driver.execute_script('return window.barFrames'), 'a link opens the row as the grid is laid out'


LENGTHEN_NOTE = """
const notes = document.querySelectorAll('.ag-cell.tone .note');
notes.forEach(note => { note.textContent = 'Ошибка конвертации или переданы не все части сообщения. '.repeat(4) });
return notes.length;
"""
LIST_WIDTHS = """
const list = document.querySelector('.ag-center-cols-viewport');
return [list.scrollWidth, list.clientWidth];
"""


@pytest.mark.parametrize(('width', 'height'), [(1366, 768), (1920, 1080)])
def test_a_long_error_below_a_status_is_cut_and_the_list_does_not_scroll_sideways(
    operator: Operator, width: int, height: int
) -> None:
    with viewport(operator, width, height):
        operator.open('/messages')
        operator.search_messages()
        operator.wait_for_recipients(*MONTH)
        assert operator.driver.execute_script(LENGTHEN_NOTE)
        needed, available = operator.driver.execute_script(LIST_WIDTHS)
        assert needed <= available
