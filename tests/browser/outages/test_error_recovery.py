"""What the person sees when something breaks: a word about it, a number, and a page that goes on."""

import os
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext

import pytest
from selenium.webdriver import Chrome

from tests.helpers.cuttable_proxy import CuttableProxy
from tests.helpers.journal_operator import Cookies, Operator
from tests.helpers.program import Program
from tests.helpers.repeated_clicks import click_two_hundred_times
from tests.helpers.sample_data import (
    IVANOV,
    IVANOVA,
    KOROLEVA,
    KOROLYOV,
    MONTH,
    fill_journal,
    sample_messages,
)

SECRET = 'Тайнова Секрета Скрытовна'
REFERENCE = re.compile(r'сообщите администратору номер ([0-9A-F]{6})')
RESPONSE_STATUS = 'return performance.getEntriesByType("navigation")[0].responseStatus'
TABLE_AWAY = ('ALTER TABLE message RENAME TO message_away', 'ALTER TABLE message_away RENAME TO message')
BreakDatabase = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample that every story knows."""
    return fill_journal(journal_url, sample_messages())


@pytest.fixture
def break_database(journal_url: str) -> BreakDatabase:
    """Break the database behind the program's back for a while: one statement breaks it, the other mends it."""

    def execute(statement: str) -> None:
        with closing(sqlite3.connect(journal_url.removeprefix('sqlite:///'))) as connection, connection:
            connection.execute(statement)

    @contextmanager
    def break_temporarily(statement: str, mending: str) -> Iterator[None]:
        execute(statement)
        try:
            yield
        finally:
            execute(mending)

    return break_temporarily


def test_an_exception_is_told_with_a_number_that_the_log_has_and_nothing_of_patients(
    operator: Operator, journal: Program, break_database: BreakDatabase
) -> None:
    with break_database(
        f"UPDATE message SET kind = '{SECRET}' WHERE recipient_name = '{KOROLYOV}'",
        f"UPDATE message SET kind = 2 WHERE kind = '{SECRET}'",
    ):
        operator.search_messages(RECIPIENT='королёв')
        operator.wait_for_text('Действие не выполнено из-за ошибки в программе.', 'Что-то пошло не так')
        (number,) = set(REFERENCE.findall(operator.text))
        operator.wait_for_recipients()
        operator.click('Закрыть')
        operator.wait_for_no_text('Действие не выполнено')
        operator.wait_for_value('ФИО получателя', 'королёв')
        operator.search_messages(RECIPIENT='иванов')
        operator.wait_for_recipients(IVANOV, IVANOVA)
        operator.wait_for_no_text('Что-то пошло не так')
    assert f'reference {number}' in journal.output
    assert 'in read' in journal.output, 'The log has no trace'
    for patients in ('Тайнова', 'оролёв', 'оролев'):
        assert patients not in journal.output
    operator.search_messages(RECIPIENT='королёв')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)


def test_a_database_that_does_not_answer_is_told_and_searched_again(
    operator: Operator, break_database: BreakDatabase
) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    with break_database(*TABLE_AWAY):
        operator.click('Найти')
        operator.wait_for_text('База данных не отвечает', 'нажмите «Найти» ещё раз')
        operator.wait_for_recipients()
        operator.wait_for_value('ФИО получателя', 'королев')
    operator.click('Найти')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait_for_no_text('База данных не отвечает')


def test_a_search_waits_its_turn_while_another_process_holds_the_database_and_the_page_lives(
    operator: Operator, journal_url: str
) -> None:
    with closing(sqlite3.connect(journal_url.removeprefix('sqlite:///'))) as holding:
        # All that SQLite lets another do: whoever writes waits, and a search writes that it was made.
        holding.execute('BEGIN EXCLUSIVE')
        operator.search_messages(RECIPIENT='королев')
        operator.find(('button',), 'Отменить')
        operator.wait_for_recipients()
        operator.fill('Номер телефона', '903')
        operator.wait_for_value('Номер телефона', '+7 (903) ___-__-__')
        assert operator.shows('Отправлено сообщений на сумму: 15,50 руб.')
        holding.rollback()
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait_for_value('Номер телефона', '+7 (903) ___-__-__')
    operator.click('Найти')
    operator.wait_for_recipients(KOROLEVA)


def test_a_row_whose_details_cannot_be_had_says_so_and_opens_later(
    operator: Operator, break_database: BreakDatabase
) -> None:
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
    with break_database(*TABLE_AWAY):
        operator.click('Показать сообщение')
        operator.wait_for_text('Подробности не получены: база данных не отвечает.')
        operator.wait_for_recipients(*MONTH)
    operator.click('Показать сообщение')
    operator.wait_for_expanded_rows(1)


@pytest.mark.console_errors('status of 500')
def test_a_page_that_cannot_be_built_says_so_with_a_number(
    operator: Operator, journal: Program, break_database: BreakDatabase
) -> None:
    with break_database(
        "INSERT INTO preference SELECT id, 'look', '{broken' FROM account WHERE name = 'clerk'",
        "DELETE FROM preference WHERE name = 'look'",
    ):
        operator.open('/messages')
        operator.wait_for_text('Что-то пошло не так', 'Страница не открылась')
        assert operator.driver.execute_script(RESPONSE_STATUS) == 500
        (number,) = set(REFERENCE.findall(operator.text))
        assert f'reference {number}' in journal.output
    operator.open('/messages')
    operator.wait_for_text('Нет данных для отображения')


def test_two_hundred_clicks_find_once_and_leave_nothing_behind(operator: Operator, journal: Program) -> None:
    click_two_hundred_times(operator, journal, nullcontext())


@pytest.fixture
def cuttable_proxy(journal: Program) -> Iterator[CuttableProxy]:
    """The wire to the journal."""
    with CuttableProxy(journal.port) as whole:
        yield whole


@pytest.fixture
def proxied_operator(driver: Chrome, cuttable_proxy: CuttableProxy, session: Cookies) -> Operator:
    """Somebody who uses the journal through a wire that may be cut."""
    operator = Operator(driver, cuttable_proxy.url)
    operator.set_session_cookies(session)
    operator.open('/messages')
    return operator


@pytest.mark.console_errors('_nicegui_ws')
def test_what_is_typed_and_found_survives_a_cut_wire(proxied_operator: Operator, cuttable_proxy: CuttableProxy) -> None:
    proxied_operator.search_messages(RECIPIENT='иван')
    proxied_operator.wait_for_recipients(KOROLYOV, IVANOV, IVANOVA)
    cuttable_proxy.cut()
    proxied_operator.wait(
        lambda: not proxied_operator.driver.execute_script('return window.socket.connected'), 'The page holds on'
    )
    proxied_operator.fill('ФИО получателя', 'королёв')
    cuttable_proxy.restore()
    proxied_operator.wait(
        lambda: proxied_operator.driver.execute_script('return window.socket.connected'), 'The page does not come back'
    )
    proxied_operator.wait_for_value('ФИО получателя', 'королёв')
    proxied_operator.wait_for_recipients(KOROLYOV, IVANOV, IVANOVA)
    proxied_operator.click('Найти')
    proxied_operator.wait_for_recipients(KOROLYOV, KOROLEVA)


@pytest.mark.console_errors('_nicegui_ws', 'ERR_CONNECTION_REFUSED')
def test_an_open_page_comes_back_by_itself_after_the_program_was_started_anew(
    operator: Operator, journal: Program
) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait(lambda: 'who=' in operator.path, 'The address does not tell of the search')
    operator.fill('Номер телефона', '91612')
    operator.wait_for_value('Номер телефона', '+7 (916) 12_-__-__')
    operator.driver.execute_script('window.old = true')
    journal.stop()
    journal.start()
    operator.wait(lambda: not operator.driver.execute_script('return window.old'), 'The page is not built anew')
    operator.wait_for_path(operator.path)
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait_for_value('ФИО получателя', 'королев')
    operator.wait_for_value('Номер телефона', '+7 (916) 12_-__-__')
    operator.click('Найти')
    operator.wait_for_recipients(KOROLYOV)
    operator.clear()
    operator.search_messages(RECIPIENT='иванов')
    operator.wait_for_recipients(IVANOV, IVANOVA)


@pytest.mark.console_errors('_nicegui_ws', 'ERR_CONNECTION_REFUSED')
def test_what_was_found_and_opened_is_there_again_after_the_program_was_killed(
    operator: Operator, journal: Program
) -> None:
    operator.search_messages(RECIPIENT='королев', PHONE='9035554433')
    operator.wait_for_recipients(KOROLEVA)
    operator.click('Показать сообщение')
    operator.wait_for_expanded_rows(1)
    operator.wait(lambda: 'open=' in operator.path, 'The address does not tell of the opened row')
    operator.driver.execute_script('window.old = true')
    os.kill(journal.process_id, signal.SIGKILL)
    assert journal.stop() == -signal.SIGKILL
    journal.start()
    operator.wait(lambda: not operator.driver.execute_script('return window.old'), 'The page is not built anew')
    operator.wait_for_recipients(KOROLEVA)
    operator.wait_for_expanded_rows(1)
    operator.wait_for_value('ФИО получателя', 'королев')
    operator.wait_for_value('Номер телефона', '+7 (903) 555-44-33')
    operator.wait_for_text('1–1 из 1')
    checked = journal.run('verify')
    assert checked.returncode == 0, checked.stdout
