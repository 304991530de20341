"""A connection that is silent, closed or offline: the browser itself marks what it shows.

Engine.IO notices a silent server after 72 seconds (a ping every 48, and 24 to answer it), so that nothing happens in a
stall of 50 seconds but what this test sees in its first seconds. It therefore needs no more of them: the limits of
journal_ui.layout.connection_marks are those of the program, and are not changed.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from journal_ui.layout.connection_marks import AWAITED_SILENCE, PROBE_TIMEOUT
from services import texts
from tests.helpers.cuttable_proxy import CuttableProxy
from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOV, IVANOVA, KOROLEVA, KOROLYOV, fill_journal, sample_messages

MARGIN_SECONDS = 2.0
"""The time that a busy machine may need in addition."""
SUBMIT_AND_READ_MARKS = """
document.querySelector('.panel .find').click();
return [document.documentElement.dataset.rows, getComputedStyle(document.querySelector('.list .ag-body')).opacity];
"""
MARKS = 'return [document.documentElement.dataset.rows ?? "", document.querySelector(".connection-note").textContent]'
RECORD_TIME_OF_NOTE = """
const note = document.querySelector('.connection-note');
window.cutAt = performance.now();
new MutationObserver(() => { window.notedAt ??= performance.now() }).observe(note, {childList: true});
"""


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample."""
    return fill_journal(journal_url, sample_messages())


@contextmanager
def stopped(program: Program) -> Iterator[None]:
    """Stop the process of the program, so that its sockets stay open and it is silent."""
    os.kill(program.process_id, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(program.process_id, signal.SIGCONT)


def marks(operator: Operator) -> list[str]:
    """Return the mark of the rows, and the note about the connection."""
    found: list[str] = operator.driver.execute_script(MARKS)
    return found


def wait_for_marks(operator: Operator, rows: str, note: str, timeout: float = 10) -> None:
    """Wait for the marks."""
    operator.wait(lambda: marks(operator) == [rows, note], lambda: f'The marks are {marks(operator)}', timeout)


@pytest.mark.console_errors('_nicegui_ws', 'net::ERR_')
def test_rows_are_marked_by_the_browser_while_no_answer_comes(
    proxied_operator: Operator, journal: Program, cuttable_proxy: CuttableProxy
) -> None:
    operator = proxied_operator
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    wait_for_marks(operator, '', '')

    operator.fill(texts.RECIPIENT, 'иванов')
    with stopped(journal):
        started = time.monotonic()
        # In one script: the rows are marked in the turn of the click, whatever the server does.
        assert operator.driver.execute_script(SUBMIT_AND_READ_MARKS) == ['awaited', '0.6']
        wait_for_marks(operator, 'awaited', texts.CONNECTION_LOST, AWAITED_SILENCE + PROBE_TIMEOUT + MARGIN_SECONDS)
        assert time.monotonic() - started > PROBE_TIMEOUT, 'a short pause is no lost connection'
        assert operator.column(texts.RECIPIENT) == [KOROLYOV, KOROLEVA], 'old rows, but marked'
    operator.wait_for_recipients(IVANOV, IVANOVA)
    wait_for_marks(operator, '', '')

    until = f'{texts.PERIOD} по'
    operator.fill(until, '31.12.2999')
    operator.click(texts.FIND)
    wait_for_marks(operator, 'old', '')
    operator.wait_for_recipients(IVANOV, IVANOVA)
    operator.clear()
    wait_for_marks(operator, '', '')

    for cut, restore in (
        (cuttable_proxy.cut, cuttable_proxy.restore),
        (offline(operator, is_offline=True), offline(operator, is_offline=False)),
    ):
        operator.driver.execute_script(RECORD_TIME_OF_NOTE)
        cut()
        wait_for_marks(operator, '', texts.CONNECTION_LOST)
        milliseconds = operator.driver.execute_script('return window.notedAt - window.cutAt')
        assert milliseconds < 1000
        restore()
        wait_for_marks(operator, '', '', 20)
        operator.driver.execute_script('delete window.notedAt')


@pytest.mark.console_errors('_nicegui_ws')
def test_what_a_broken_connection_lost_is_searched_after_it(
    proxied_operator: Operator, cuttable_proxy: CuttableProxy
) -> None:
    operator = proxied_operator
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    cuttable_proxy.lose_requests()
    operator.fill(texts.RECIPIENT, 'иванов')
    cuttable_proxy.cut()
    wait_for_marks(operator, '', texts.CONNECTION_LOST)
    operator.press('Enter')
    cuttable_proxy.restore()
    operator.wait_for_recipients(IVANOV, IVANOVA)
    assert operator.value(texts.RECIPIENT) == 'иванов'
    operator.clear()


def offline(operator: Operator, *, is_offline: bool) -> Callable[[], None]:
    """Return a function that takes the browser from the network, or back to it."""

    def emulate() -> None:
        conditions = {'offline': is_offline, 'latency': 0, 'downloadThroughput': -1, 'uploadThroughput': -1}
        operator.driver.execute_cdp_cmd('Network.emulateNetworkConditions', conditions)

    return emulate
