"""Two hundred clicks on «Найти» in ten seconds, and the check that they cost no more than one."""

import re
import time
from contextlib import AbstractContextManager
from pathlib import Path

from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOV, IVANOVA, KOROLEVA, KOROLYOV, SEMYONOV

CLICK_200_TIMES = """
    const [button, done] = arguments;
    let left = 200;
    const clicking = setInterval(() => {
        button.click();
        if (!--left) { clearInterval(clicking); done(); }
    }, 50);
"""
"""Two hundred clicks in ten seconds."""
MAX_MEMORY_GROWTH = 48 << 20
"""Bytes by which the memory of the server may grow; a page takes half a million."""


def click_two_hundred_times(operator: Operator, journal: Program, background: AbstractContextManager[None]) -> None:
    """Click «Найти» 200 times; check that the list, the server's memory and its log are as after one click.

    Args:
        operator: the user who clicks; no list needs to be open.
        journal: the program that the user works with.
        background: a condition that holds during the clicks; it ends after the last one.
    """
    operator.search_messages(RECIPIENT='иванов')
    operator.wait_for_recipients(IVANOV, IVANOVA)
    output, memory = journal.output, resident_memory(journal.process_id)
    operator.fill('ФИО получателя', 'королев')
    with background:
        operator.driver.execute_async_script(CLICK_200_TIMES, operator.button('Найти'))
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait_for_text('1–2 из 2')
    started = time.monotonic()
    operator.search_messages(RECIPIENT='семенов')
    operator.wait_for_recipients(SEMYONOV)
    operator.wait_for_text('1–1 из 1')
    assert time.monotonic() - started < 5, 'searches that nobody waits for any more still run'
    assert resident_memory(journal.process_id) - memory < MAX_MEMORY_GROWTH
    assert journal.output == output
    result = journal.run('verify')
    assert result.returncode == 0, result.stdout


def resident_memory(process_id: int) -> int:
    """Return the resident memory of a process in bytes."""
    (kilobytes,) = re.findall(r'VmRSS:\s+(\d+) kB', Path(f'/proc/{process_id}/status').read_text())
    return int(kilobytes) << 10
