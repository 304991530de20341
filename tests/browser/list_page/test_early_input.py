"""What the user does before the page is connected, while it is restored or while rows are drawn."""

import time
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
"""The socket is held for at least so many seconds, and until the user has finished."""
CPU_SLOWDOWN = 4
"""How many times slower Chromium runs the page."""
IS_CONNECTED = 'return window.did_handshake === true'
NORMAL, SLOW = 'normal', 'slow'
"""A slow page has a socket that is held, and a throttled processor."""


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that tests only read."""
    return sample_journal


class EarlyOperator(Operator):
    """A user who acts before the page is connected."""

    def __init__(self, driver: Chrome, url: str, proxy: CuttableProxy, *, is_slow: bool) -> None:
        """Prepare to open pages through the proxy."""
        super().__init__(driver, url)
        self.proxy = proxy
        self._is_slow = is_slow

    def open_early(self, path: str, label: str) -> None:
        """Open a page, and wait for a field but not for the connection."""
        self.slow_down()
        self.early_since = time.monotonic()
        if self._is_slow:
            self.proxy.hold_websockets()
        self.driver.get(self.base_url + path)
        self.field(label)

    def slow_down(self) -> None:
        """Throttle the processor of a slow page from now on; what a test prepares needs no throttling."""
        if self._is_slow:
            self.driver.execute_cdp_cmd('Emulation.setCPUThrottlingRate', {'rate': CPU_SLOWDOWN})

    def connect_late(self) -> None:
        """Check that a slow page is not connected yet, and let it connect once the delay is over."""
        if self._is_slow:
            assert not self.driver.execute_script(IS_CONNECTED), 'The socket is not held'
            self.wait(lambda: time.monotonic() - self.early_since >= SOCKET_DELAY_SECONDS, 'The delay does not end')
            self.proxy.release_websockets()


@pytest.fixture(params=[NORMAL, SLOW])
def operator(
    request: pytest.FixtureRequest, driver: Chrome, journal: Program, session: Cookies
) -> Iterator[EarlyOperator]:
    """A user who is signed in, and whose socket and processor may be slow."""
    with CuttableProxy(journal.port) as proxy:
        operator = EarlyOperator(driver, proxy.url, proxy, is_slow=request.param == SLOW)
        operator.set_session_cookies(session)
        yield operator
        driver.execute_cdp_cmd('Emulation.setCPUThrottlingRate', {'rate': 1})
        driver.get('about:blank')  # so that no page loses its socket


def wait_for_connection(operator: Operator) -> None:
    """Wait until the page is connected."""
    operator.wait(lambda: operator.driver.execute_script(IS_CONNECTED), 'The page is not connected')


def test_a_search_typed_before_the_page_is_connected_finds_what_was_typed(operator: EarlyOperator) -> None:
    operator.open_early('/messages', texts.RECIPIENT)
    operator.clear_field(SINCE)
    operator.clear_field(UNTIL)
    operator.field(texts.RECIPIENT).click()
    operator.connect_late()
    operator.type(MANUAL_NAME)
    operator.press('Enter')
    operator.wait_for_recipients(MANUAL_NAME)
    operator.wait_for_value(texts.RECIPIENT, MANUAL_NAME)
    operator.wait_for_value(SINCE, '')
    operator.wait_for_value(UNTIL, '')


def test_what_is_typed_while_the_url_is_read_remains(operator: EarlyOperator) -> None:
    operator.open_early('/messages?kind=vaccination', texts.RECIPIENT)
    operator.type('иван')
    operator.connect_late()
    operator.wait_for_value(texts.KIND, texts.KINDS[vaccination()])
    operator.wait_for_value(texts.RECIPIENT, 'иван')
    operator.wait(lambda: 'page=1' in operator.path, 'The search in the URL has not been run')
    operator.wait_for_value(texts.RECIPIENT, 'иван')


def vaccination() -> Any:
    """Return the kind of message that the URL names."""
    (kind,) = (kind for kind, words in texts.KINDS.items() if words == 'Вакцинация COVID-19')
    return kind


def test_a_search_made_while_the_url_is_read_remains(operator: EarlyOperator) -> None:
    operator.open_early('/messages?from=2020-01-01', texts.RECIPIENT)
    operator.type('королев')
    operator.press('Enter')
    operator.connect_late()
    wait_for_connection(operator)
    operator.wait_for_value(texts.RECIPIENT, 'королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait_for_value(texts.RECIPIENT, 'королев')


def test_what_is_typed_while_a_draft_is_restored_is_added_to_it(operator: EarlyOperator) -> None:
    operator.open('/messages')
    operator.fill(texts.PHONE, '916')
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV)
    operator.open_early('/messages', texts.RECIPIENT)
    operator.type('иван')
    operator.connect_late()
    operator.wait_for_value(texts.PHONE, '+7 (916) ___-__-__')
    assert operator.value(texts.RECIPIENT) in ('иван', 'королевиван'), 'typed before or after the draft was there'
    operator.clear()


@pytest.mark.parametrize('operator', [NORMAL], indirect=True)
def test_what_is_typed_while_an_older_answer_is_on_its_way_remains(operator: EarlyOperator) -> None:
    operator.open('/messages')
    operator.search_messages(RECIPIENT='иванов')
    operator.wait_for_recipients(IVANOV, IVANOVA)
    operator.proxy.hold_answers()
    operator.click(texts.CLEAR)
    operator.wait(lambda: operator.proxy.holds_an_answer, '«очистить» is not answered')
    operator.fill(texts.RECIPIENT, 'королев')
    operator.proxy.release_answers()
    operator.wait_for_text(texts.NO_DATA)
    operator.press('Enter')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    assert operator.value(texts.RECIPIENT) == 'королев'
    operator.clear()


def test_a_summary_shows_what_was_chosen_before_it_was_connected(operator: EarlyOperator) -> None:
    operator.open('/summary')
    operator.click(texts.CLEAR)
    operator.link('Отправлено: 4')
    operator.open_early('/summary', texts.KIND)
    operator.choose(texts.KIND, 'Вакцинация COVID-19')
    operator.click(texts.FIND)
    operator.connect_late()
    operator.link('Отправлено: 1')
    operator.wait_for_value(texts.KIND, 'Вакцинация COVID-19')
    operator.click(texts.CLEAR)
    operator.link('Отправлено: 4')


def test_a_check_box_shows_each_click_before_the_page_is_connected(operator: EarlyOperator) -> None:
    operator.open_early('/messages', texts.RECIPIENT)
    failed = 'Ошибка отправки'
    operator.click(failed)
    operator.wait(lambda: is_checked(operator, failed), 'The box is not checked')
    operator.click(failed)
    operator.wait(lambda: not is_checked(operator, failed), 'The box is not unchecked')
    operator.click(failed)
    operator.wait(lambda: is_checked(operator, failed), 'The box is not checked again')
    operator.connect_late()
    wait_for_connection(operator)
    operator.click(texts.FIND)
    operator.wait_for_recipients(KOROLEVA)
    assert is_checked(operator, failed)


def is_checked(operator: Operator, label: str) -> bool:
    """Return whether a check box is checked."""
    return operator.check_box(label).get_attribute('aria-checked') == 'true'


def test_keys_pressed_as_soon_as_the_rows_are_announced_reach_the_rows(operator: EarlyOperator) -> None:
    operator.open('/messages')
    operator.search_messages()
    operator.wait(lambda: operator.column(texts.RECIPIENT), 'No rows')
    operator.fill(texts.RECIPIENT, 'иванов')
    operator.slow_down()
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
