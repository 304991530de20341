"""What the person sees when something breaks: a word about it, a number, and a page that goes on."""

import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.helpers.cuttable_proxy import Wire
from tests.helpers.journal_operator import Cookies, Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOV, IVANOVA, KOROLEVA, KOROLYOV, MONTH, SEMYONOV, fill, messages

SECRET = 'Тайнова Секрета Скрытовна'
REFERENCE = re.compile(r'сообщите администратору номер ([0-9A-F]{6})')
STATUS = 'return performance.getEntriesByType("navigation")[0].responseStatus'
CLICK = """
    const [button, done] = arguments;
    let left = 200;
    const clicking = setInterval(() => {
        button.click();
        if (!--left) { clearInterval(clicking); done(); }
    }, 50);
"""
"""Two hundred clicks in ten seconds."""
MOST_MEMORY = 48 << 20
"""Bytes that they may leave behind; a page has half a million."""
AWAY = ('ALTER TABLE message RENAME TO message_away', 'ALTER TABLE message_away RENAME TO message')
Break = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample that every story knows."""
    return fill(journal_url, messages())


@pytest.fixture
def broken(journal_url: str) -> Break:
    """Break the database behind the program's back for a while: one statement breaks it, the other mends it."""

    def execute(statement: str) -> None:
        with closing(sqlite3.connect(journal_url.removeprefix('sqlite:///'))) as connection, connection:
            connection.execute(statement)

    @contextmanager
    def breaking(statement: str, mending: str) -> Iterator[None]:
        execute(statement)
        try:
            yield
        finally:
            execute(mending)

    return breaking


def test_an_exception_is_told_with_a_number_that_the_log_has_and_nothing_of_patients(
    operator: Operator, journal: Program, broken: Break
) -> None:
    with broken(
        f"UPDATE message SET kind = '{SECRET}' WHERE recipient_name = '{KOROLYOV}'",
        f"UPDATE message SET kind = 2 WHERE kind = '{SECRET}'",
    ):
        operator.find_messages(RECIPIENT='королёв')
        operator.see('Действие не выполнено из-за ошибки в программе.', 'Что-то пошло не так')
        (number,) = set(REFERENCE.findall(operator.text))
        operator.see_found()
        operator.click('Закрыть')
        operator.not_see('Действие не выполнено')
        operator.see_value('ФИО получателя', 'королёв')
        operator.find_messages(RECIPIENT='иванов')
        operator.see_found(IVANOV, IVANOVA)
        operator.not_see('Что-то пошло не так')
    assert f'reference {number}' in journal.output
    assert 'in read' in journal.output, 'The log has no trace'
    for patients in ('Тайнова', 'оролёв', 'оролев'):
        assert patients not in journal.output
    operator.find_messages(RECIPIENT='королёв')
    operator.see_found(KOROLYOV, KOROLEVA)


def test_a_database_that_does_not_answer_is_told_and_searched_again(operator: Operator, broken: Break) -> None:
    operator.find_messages(RECIPIENT='королев')
    operator.see_found(KOROLYOV, KOROLEVA)
    with broken(*AWAY):
        operator.click('Найти')
        operator.see('База данных не отвечает', 'нажмите «Найти» ещё раз')
        operator.see_found()
        operator.see_value('ФИО получателя', 'королев')
    operator.click('Найти')
    operator.see_found(KOROLYOV, KOROLEVA)
    operator.not_see('База данных не отвечает')


def test_a_search_waits_its_turn_while_another_process_holds_the_database_and_the_page_lives(
    operator: Operator, journal_url: str
) -> None:
    with closing(sqlite3.connect(journal_url.removeprefix('sqlite:///'))) as holding:
        # All that SQLite lets another do: whoever writes waits, and a search writes that it was made.
        holding.execute('BEGIN EXCLUSIVE')
        operator.find_messages(RECIPIENT='королев')
        operator.find(('button',), 'Отменить')
        operator.see_found()
        operator.fill('Номер телефона', '903')
        operator.see_value('Номер телефона', '+7 (903) ___-__-__')
        assert operator.shows('Отправлено сообщений на сумму: 15,50 руб.')
        holding.rollback()
    operator.see_found(KOROLYOV, KOROLEVA)
    operator.see_value('Номер телефона', '+7 (903) ___-__-__')
    operator.click('Найти')
    operator.see_found(KOROLEVA)


def test_a_row_whose_details_cannot_be_had_says_so_and_opens_later(operator: Operator, broken: Break) -> None:
    operator.find_messages()
    operator.see_found(*MONTH)
    with broken(*AWAY):
        operator.click('Показать сообщение')
        operator.see('Подробности не получены: база данных не отвечает.')
        operator.see_found(*MONTH)
    operator.click('Показать сообщение')
    operator.see_opened(1)


@pytest.mark.console_errors('status of 500')
def test_a_page_that_cannot_be_built_says_so_with_a_number(operator: Operator, journal: Program, broken: Break) -> None:
    with broken(
        "INSERT INTO preference SELECT id, 'look', '{broken' FROM account WHERE name = 'clerk'",
        "DELETE FROM preference WHERE name = 'look'",
    ):
        operator.open('/messages')
        operator.see('Что-то пошло не так', 'Страница не открылась')
        assert operator.driver.execute_script(STATUS) == 500
        (number,) = set(REFERENCE.findall(operator.text))
        assert f'reference {number}' in journal.output
    operator.open('/messages')
    operator.see('Нет данных для отображения')


def test_two_hundred_clicks_find_once_and_leave_nothing_behind(operator: Operator, journal: Program) -> None:
    click_two_hundred_times(operator, journal, nullcontext())


def click_two_hundred_times(operator: Operator, journal: Program, meanwhile: AbstractContextManager[None]) -> None:
    """Press «Найти» over and over, and see that the list, the server and its log are as after one click.

    Nobody clicks any more when `meanwhile` ends.
    """
    operator.find_messages(RECIPIENT='иванов')
    operator.see_found(IVANOV, IVANOVA)
    said, memory = journal.output, resident(journal.process_id)
    operator.fill('ФИО получателя', 'королев')
    with meanwhile:
        operator.driver.execute_async_script(CLICK, operator.button('Найти'))
    operator.see_found(KOROLYOV, KOROLEVA)
    operator.see('1–2 из 2')
    began = time.monotonic()
    operator.find_messages(RECIPIENT='семенов')
    operator.see_found(SEMYONOV)
    operator.see('1–1 из 1')
    assert time.monotonic() - began < 5, 'what nobody waits for is searched on'
    assert resident(journal.process_id) - memory < MOST_MEMORY
    assert journal.output == said
    checked = journal.run('verify')
    assert checked.returncode == 0, checked.stdout


def resident(process_id: int) -> int:
    """Give how many bytes of memory a process holds."""
    (kilobytes,) = re.findall(r'VmRSS:\s+(\d+) kB', Path(f'/proc/{process_id}/status').read_text())
    return int(kilobytes) << 10


@pytest.fixture
def wire(journal: Program) -> Iterator[Wire]:
    """The wire to the journal."""
    with Wire(journal.port) as whole:
        yield whole


@pytest.fixture
def remote(driver: Chrome, wire: Wire, session: Cookies) -> Operator:
    """Somebody who uses the journal through a wire that may be cut."""
    far = Operator(driver, wire.url)
    far.be_signed_in(session)
    far.open('/messages')
    return far


@pytest.mark.console_errors('_nicegui_ws')
def test_what_is_typed_and_found_survives_a_cut_wire(remote: Operator, wire: Wire) -> None:
    remote.find_messages(RECIPIENT='иван')
    remote.see_found(KOROLYOV, IVANOV, IVANOVA)
    wire.cut()
    remote.wait(lambda: not remote.driver.execute_script('return window.socket.connected'), 'The page holds on')
    remote.fill('ФИО получателя', 'королёв')
    wire.mend()
    remote.wait(lambda: remote.driver.execute_script('return window.socket.connected'), 'The page does not come back')
    remote.see_value('ФИО получателя', 'королёв')
    remote.see_found(KOROLYOV, IVANOV, IVANOVA)
    remote.click('Найти')
    remote.see_found(KOROLYOV, KOROLEVA)


@pytest.mark.console_errors('_nicegui_ws', 'ERR_CONNECTION_REFUSED')
def test_an_open_page_comes_back_by_itself_after_the_program_was_started_anew(
    operator: Operator, journal: Program
) -> None:
    operator.find_messages(RECIPIENT='королев')
    operator.see_found(KOROLYOV, KOROLEVA)
    operator.wait(lambda: 'who=' in operator.path, 'The address does not tell of the search')
    operator.fill('Номер телефона', '91612')
    operator.see_value('Номер телефона', '+7 (916) 12_-__-__')
    operator.driver.execute_script('window.old = true')
    journal.stop()
    journal.start()
    operator.wait(lambda: not operator.driver.execute_script('return window.old'), 'The page is not built anew')
    operator.arrive(operator.path)
    operator.see_found(KOROLYOV, KOROLEVA)
    operator.see_value('ФИО получателя', 'королев')
    operator.see_value('Номер телефона', '+7 (916) 12_-__-__')
    operator.click('Найти')
    operator.see_found(KOROLYOV)
    operator.clear()
    operator.find_messages(RECIPIENT='иванов')
    operator.see_found(IVANOV, IVANOVA)


@pytest.mark.console_errors('_nicegui_ws', 'ERR_CONNECTION_REFUSED')
def test_what_was_found_and_opened_is_there_again_after_the_program_was_killed(
    operator: Operator, journal: Program
) -> None:
    operator.find_messages(RECIPIENT='королев', PHONE='9035554433')
    operator.see_found(KOROLEVA)
    operator.click('Показать сообщение')
    operator.see_opened(1)
    operator.wait(lambda: 'open=' in operator.path, 'The address does not tell of the opened row')
    operator.driver.execute_script('window.old = true')
    os.kill(journal.process_id, signal.SIGKILL)
    assert journal.stop() == -signal.SIGKILL
    journal.start()
    operator.wait(lambda: not operator.driver.execute_script('return window.old'), 'The page is not built anew')
    operator.see_found(KOROLEVA)
    operator.see_opened(1)
    operator.see_value('ФИО получателя', 'королев')
    operator.see_value('Номер телефона', '+7 (903) 555-44-33')
    operator.see('1–1 из 1')
    checked = journal.run('verify')
    assert checked.returncode == 0, checked.stdout
