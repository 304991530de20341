"""What the user does before the page is connected, while it is restored or while rows are drawn."""

from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.helpers.cuttable_proxy import CuttableProxy
from tests.helpers.journal_operator import Cookies, Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOV, IVANOVA, KOROLEVA, KOROLYOV, MANUAL_NAME

pytestmark = pytest.mark.console_errors('_nicegui_ws')

SINCE, UNTIL = f'{texts.PERIOD} с', f'{texts.PERIOD} по'
SOCKET_DELAY_SECONDS = 2
"""Seconds by which the socket is late, counted from its request."""
CPU_SLOWDOWN = 4
"""How many times slower Chromium runs the page."""
IS_CONNECTED = 'return window.did_handshake === true'
DELAYED = 'delayed'
CONDITIONS = ('normal', DELAYED, 'throttled', f'{DELAYED}, throttled')


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that tests only read."""
    return sample_journal


@pytest.fixture(params=CONDITIONS)
def conditions(request: pytest.FixtureRequest, driver: Chrome) -> Iterator[str]:
    """The speed of the socket and of the processor."""
    conditions: str = request.param
    driver.execute_cdp_cmd('Emulation.setCPUThrottlingRate', {'rate': CPU_SLOWDOWN if 'throttled' in conditions else 1})
    yield conditions
    driver.execute_cdp_cmd('Emulation.setCPUThrottlingRate', {'rate': 1})


@pytest.fixture
def operator(driver: Chrome, journal: Program, session: Cookies, conditions: str) -> Iterator[Operator]:
    """A user who is signed in, and whose socket may be late."""
    delay = SOCKET_DELAY_SECONDS if DELAYED in conditions else 0
    with CuttableProxy(journal.port, websocket_delay_seconds=delay) as proxy:
        operator = Operator(driver, proxy.url)
        operator.set_session_cookies(session)
        yield operator
        driver.get('about:blank')  # so that no page loses its socket


def open_early(operator: Operator, path: str, label: str) -> None:
    """Open a page, and wait for a field but not for the connection."""
    operator.driver.get(operator.base_url + path)
    operator.field(label)


def check_early(operator: Operator, conditions: str) -> None:
    """Check that a delayed page is not connected yet."""
    assert DELAYED not in conditions or not operator.driver.execute_script(IS_CONNECTED), 'The socket is too quick'


def wait_for_connection(operator: Operator) -> None:
    """Wait until the page is connected."""
    operator.wait(lambda: operator.driver.execute_script(IS_CONNECTED), 'The page is not connected')


def test_a_search_typed_before_the_page_is_connected_finds_what_was_typed(operator: Operator, conditions: str) -> None:
    open_early(operator, '/messages', texts.RECIPIENT)
    operator.clear_field(SINCE)
    operator.clear_field(UNTIL)
    operator.field(texts.RECIPIENT).click()
    check_early(operator, conditions)
    operator.type(MANUAL_NAME)
    operator.press('Enter')
    operator.wait_for_recipients(MANUAL_NAME)
    operator.wait_for_value(texts.RECIPIENT, MANUAL_NAME)
    operator.wait_for_value(SINCE, '')
    operator.wait_for_value(UNTIL, '')


def test_what_is_typed_while_the_url_is_read_remains(operator: Operator, conditions: str) -> None:
    open_early(operator, '/messages?kind=vaccination', texts.RECIPIENT)
    operator.type('иван')
    check_early(operator, conditions)
    operator.wait_for_value(texts.KIND, texts.KINDS[vaccination()])
    operator.wait_for_value(texts.RECIPIENT, 'иван')
    operator.wait(lambda: 'page=1' in operator.path, 'The search in the URL has not been run')
    operator.wait_for_value(texts.RECIPIENT, 'иван')


def vaccination() -> Any:
    """Return the kind of message that the URL names."""
    (kind,) = (kind for kind, words in texts.KINDS.items() if words == 'Вакцинация COVID-19')
    return kind


def test_a_search_made_while_the_url_is_read_remains(operator: Operator, conditions: str) -> None:
    open_early(operator, '/messages?from=2020-01-01', texts.RECIPIENT)
    operator.type('королев')
    operator.press('Enter')
    check_early(operator, conditions)
    wait_for_connection(operator)
    operator.wait_for_value(texts.RECIPIENT, 'королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait_for_value(texts.RECIPIENT, 'королев')


def test_what_is_typed_while_a_draft_is_restored_is_added_to_it(operator: Operator, conditions: str) -> None:
    operator.open('/messages')
    operator.fill(texts.PHONE, '916')
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV)
    open_early(operator, '/messages', texts.RECIPIENT)
    operator.fill(texts.RECIPIENT, 'иван')
    check_early(operator, conditions)
    operator.wait_for_value(texts.PHONE, '+7 (916) ___-__-__')
    operator.wait_for_value(texts.RECIPIENT, 'иван')
    operator.clear()


def test_a_summary_shows_what_was_chosen_before_it_was_connected(operator: Operator, conditions: str) -> None:
    operator.open('/summary')
    operator.click(texts.CLEAR)
    operator.link('Отправлено: 4')
    open_early(operator, '/summary', texts.KIND)
    operator.choose(texts.KIND, 'Вакцинация COVID-19')
    operator.click(texts.FIND)
    check_early(operator, conditions)
    operator.link('Отправлено: 1')
    operator.wait_for_value(texts.KIND, 'Вакцинация COVID-19')
    operator.click(texts.CLEAR)
    operator.link('Отправлено: 4')


def test_a_check_box_shows_each_click_before_the_page_is_connected(operator: Operator, conditions: str) -> None:
    open_early(operator, '/messages', texts.RECIPIENT)
    failed = 'Ошибка отправки'
    operator.click(failed)
    operator.wait(lambda: is_checked(operator, failed), 'The box is not checked')
    operator.click(failed)
    operator.wait(lambda: not is_checked(operator, failed), 'The box is not unchecked')
    operator.click(failed)
    operator.wait(lambda: is_checked(operator, failed), 'The box is not checked again')
    check_early(operator, conditions)
    wait_for_connection(operator)
    operator.click(texts.FIND)
    operator.wait_for_recipients(KOROLEVA)
    assert is_checked(operator, failed)


def is_checked(operator: Operator, label: str) -> bool:
    """Return whether a check box is checked."""
    return operator.check_box(label).get_attribute('aria-checked') == 'true'


def test_keys_pressed_as_soon_as_the_rows_are_announced_reach_the_rows(operator: Operator, conditions: str) -> None:
    operator.open('/messages')
    operator.search_messages()
    operator.wait(lambda: operator.column(texts.RECIPIENT), 'No rows')
    operator.fill(texts.RECIPIENT, 'иванов')
    operator.driver.execute_script(PRESS_KEYS_AT_ONCE)
    operator.press('Enter')
    operator.wait_for_expanded_rows(1)
    assert set(operator.column(texts.RECIPIENT)) <= {IVANOV, IVANOVA}


PRESS_KEYS_AT_ONCE = """
const press = key => document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true})
) && key === ' ' && document.activeElement.matches('button') && document.activeElement.click();
const range = document.querySelector('.paging .found');
new MutationObserver((_, observer) => {
    if (!range.innerText.includes('1–2')) return;
    observer.disconnect();
    press('ArrowDown');
    press(' ');
}).observe(range, {childList: true, subtree: true, characterData: true});
"""
"""The keys are pressed in the same turn in which the paging bar describes the new rows."""
