"""The columns of the list as a person likes them: hidden, moved, widened, dense or roomy, on whatever machine."""

from collections.abc import Callable, Iterator

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains

from services import texts
from tests.helpers.browser_user import Person
from tests.helpers.journal_operator import Operator, session_cookies
from tests.helpers.program import Program
from tests.helpers.sample_data import MONTH, fill, messages

DECLARED = [
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


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample, whose clerk may set up his list."""
    return fill(journal_url, messages())


@pytest.fixture
def clerk(operator: Operator) -> Iterator[Operator]:
    """Somebody with the month before him, who leaves the columns as they were."""
    operator.find_messages()
    operator.see_found(*MONTH)
    yield operator
    operator.open('/messages')
    operator.find_messages()
    open_menu(operator)
    operator.click(texts.AS_DECLARED)
    see_columns(operator, DECLARED)
    # kept once a page that is built after it shows it so
    operator.wait(lambda: columns_of_a_new_page(operator) == DECLARED, 'The columns are not kept as they were')


def open_menu(operator: Operator) -> None:
    """Open the menu of the columns."""
    operator.click(texts.COLUMNS)
    operator.wait(lambda: operator.all(('dialog',), texts.COLUMNS), 'The menu does not open')


def shut_menu(operator: Operator) -> None:
    """Shut the menu of the columns."""
    operator.press('Escape')
    operator.wait(lambda: not operator.all(('dialog',)), 'The menu does not close')


def columns(operator: Operator) -> list[str]:
    """The titles of the columns in sight, from left to right."""
    return [title for title in (operator.rows or [{}])[0] if title != texts.DETAILS]


def columns_of_a_new_page(operator: Operator) -> list[str]:
    """The titles of the columns of a page that is built now."""
    operator.open('/messages')
    operator.find_messages()
    operator.see_found(*MONTH)
    return columns(operator)


def see_columns(operator: Operator, expected: list[str]) -> None:
    """Wait until exactly these columns are in sight, in this order."""
    operator.wait(lambda: columns(operator) == expected, lambda: f'The columns: {columns(operator)}')


def tick(operator: Operator, *titles: str) -> None:
    """Press the check boxes of columns."""
    for title in titles:
        operator.click_element(lambda title=title: operator.check_box(title))  # type: ignore[misc]


def width(operator: Operator, title: str) -> int:
    """How wide a column is, in pixels."""
    return int(operator.find(('columnheader',), title).size['width'])


def test_what_is_arranged_is_so_on_another_machine(
    clerk: Operator, journal: Program, another_person: Callable[[str], Person]
) -> None:
    open_menu(clerk)
    tick(clerk, texts.CODE, texts.APPOINTMENT, texts.KIND, texts.SENT_AT)
    for place in (2, 1):
        clerk.walk_to(texts.COLUMN_EARLIER.format(column=texts.PHONE), steps=60)
        clerk.press('Enter')
        clerk.see(texts.COLUMN_PLACE.format(column=texts.PHONE, place=place, count=9))
    assert clerk.focus == texts.COLUMN_EARLIER.format(column=texts.PHONE), 'The focus goes away with the column'
    clerk.click_element(lambda: clerk.find(('radio',), texts.ROOMY))
    arranged = [texts.PHONE, texts.RECIPIENT, texts.ORGANIZATION, texts.STATUS, texts.COST]
    see_columns(clerk, arranged)
    clerk.wait(lambda: clerk.driver.execute_script(ROW_HEIGHT) == ROOMY, 'The rows do not grow')
    shut_menu(clerk)

    clerk.wait(lambda: columns_of_a_new_page(clerk) == arranged, 'The columns are not kept')
    elsewhere = another_person(journal.url)
    other = Operator(elsewhere.driver, journal.url)
    other.be_signed_in(session_cookies(journal.url))
    assert columns_of_a_new_page(other) == arranged
    assert other.driver.execute_script(ROW_HEIGHT) == ROOMY
    chief = Operator(elsewhere.driver, journal.url)
    chief.be_signed_in(session_cookies(journal.url, 'chief'))
    assert columns_of_a_new_page(chief) == DECLARED, 'What one likes is not for all'
    assert chief.driver.execute_script(ROW_HEIGHT) == DENSE


def test_a_column_is_moved_and_widened_on_its_header(clerk: Operator) -> None:
    header = clerk.find(('columnheader',), texts.STATUS)
    kind = clerk.find(('columnheader',), texts.KIND)
    ActionChains(clerk.driver).click_and_hold(header).move_to_element(kind).move_by_offset(-40, 0).release().perform()
    moved = [*DECLARED[:5], texts.STATUS, texts.KIND, texts.SENT_AT, texts.COST]
    see_columns(clerk, moved)
    clerk.see_column(texts.RECIPIENT, MONTH)

    before = width(clerk, texts.RECIPIENT)
    edge = clerk.find(('columnheader',), texts.RECIPIENT)
    mouse = ActionChains(clerk.driver).move_to_element_with_offset(edge, before // 2 - 1, 0)
    mouse.click_and_hold().move_by_offset(60, 0).release().perform()
    clerk.wait(lambda: width(clerk, texts.RECIPIENT) == before + 60, lambda: f'{width(clerk, texts.RECIPIENT)}')
    wide = width(clerk, texts.PHONE)
    clerk.click(texts.PHONE)
    clerk.press('Alt+ArrowRight')
    clerk.wait(lambda: width(clerk, texts.PHONE) > wide, 'The column does not widen by keyboard')
    widths = [width(clerk, title) for title in (texts.RECIPIENT, texts.PHONE)]

    def kept() -> bool:
        same = columns_of_a_new_page(clerk) == moved
        return same and [width(clerk, title) for title in (texts.RECIPIENT, texts.PHONE)] == widths

    clerk.wait(kept, 'The columns are not kept')
    clerk.click(texts.COST)
    clerk.wait(lambda: clerk.column(texts.COST)[0] == '0,00', 'The list is not sorted')


def test_what_is_hidden_stands_in_the_opened_row(clerk: Operator) -> None:
    code = clerk.button(clerk.column(texts.CODE)[0]).get_attribute('title')
    clerk.press('ArrowDown', 'Space')
    clerk.see_opened(1)
    clerk.wait(lambda: clerk.opened, 'The row does not open')
    assert texts.CODE not in clerk.opened[0]
    open_menu(clerk)
    tick(clerk, texts.CODE, texts.COST)
    clerk.wait(lambda: clerk.opened[0].get(texts.CODE) == code, lambda: str(clerk.opened))
    clerk.wait(lambda: clerk.opened[0].get(texts.COST) == '3,10', lambda: str(clerk.opened))
    tick(clerk, texts.CODE)
    clerk.wait(lambda: texts.CODE not in clerk.opened[0], 'What is in sight stands there too')
    clerk.see_column(texts.RECIPIENT, MONTH)


def test_no_list_stands_in_the_order_of_a_hidden_column(clerk: Operator) -> None:
    newest_first = clerk.column(texts.KIND)
    clerk.click(texts.RECIPIENT)
    clerk.wait(lambda: clerk.column(texts.RECIPIENT) != list(MONTH), 'The list is not sorted')
    by_name = clerk.column(texts.RECIPIENT)
    open_menu(clerk)
    tick(clerk, texts.PHONE)
    see_columns(clerk, [title for title in DECLARED if title != texts.PHONE])
    assert clerk.column(texts.RECIPIENT) == by_name, 'Another column has nothing to do with it'
    tick(clerk, texts.RECIPIENT)
    clerk.see_column(texts.KIND, newest_first)
    tick(clerk, texts.RECIPIENT)
    see_columns(clerk, [title for title in DECLARED if title != texts.PHONE])
    clerk.see_column(texts.RECIPIENT, MONTH)


def test_a_phone_has_its_own_columns(clerk: Operator, driver: Chrome) -> None:
    open_menu(clerk)
    tick(clerk, texts.RECIPIENT)
    see_columns(clerk, [title for title in DECLARED if title != texts.RECIPIENT])
    shut_menu(clerk)
    size = {'width': 360, 'height': 740, 'deviceScaleFactor': 1, 'mobile': False}
    driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', size)
    try:
        see_columns(clerk, [texts.RECIPIENT, texts.SENT_AT, texts.STATUS])
        assert not clerk.all(('button',), texts.COLUMNS)
        clerk.click(texts.SHOW_MESSAGE)
        clerk.wait(lambda: clerk.opened, 'The row does not open')
        assert clerk.opened[0][texts.PHONE] == '+7 (916) 123-45-67'
    finally:
        driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})
    see_columns(clerk, [title for title in DECLARED if title != texts.RECIPIENT])
