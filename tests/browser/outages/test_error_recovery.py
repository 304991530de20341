"""Errors as the user sees them: an explanation, a reference number, and a page that still works."""

import os
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext

import pytest

from services import texts
from tests.helpers.cuttable_proxy import CuttableProxy
from tests.helpers.journal_operator import Operator
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
RENAME_TABLE = ('ALTER TABLE message RENAME TO message_away', 'ALTER TABLE message_away RENAME TO message')
BreakDatabase = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample."""
    return fill_journal(journal_url, sample_messages())


@pytest.fixture
def break_database(journal_url: str) -> BreakDatabase:
    """Return a context manager that runs one statement to break the database, and another to repair it."""

    def execute(statement: str) -> None:
        with closing(sqlite3.connect(journal_url.removeprefix('sqlite:///'))) as connection, connection:
            connection.execute(statement)

    @contextmanager
    def break_temporarily(statement: str, repair: str) -> Iterator[None]:
        execute(statement)
        try:
            yield
        finally:
            execute(repair)

    return break_temporarily


def test_an_exception_shows_a_reference_of_the_log_which_has_no_data_of_patients(
    operator: Operator, journal: Program, break_database: BreakDatabase
) -> None:
    with break_database(
        f"UPDATE message SET delivery = '{SECRET}' WHERE recipient_name = '{KOROLYOV}'",
        f"UPDATE message SET delivery = NULL WHERE delivery = '{SECRET}'",
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
    assert 'in read' in journal.output, 'The log has no traceback'
    for personal_data in ('Тайнова', 'оролёв', 'оролев'):
        assert personal_data not in journal.output
    operator.search_messages(RECIPIENT='королёв')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)


def test_an_unavailable_database_is_reported_and_a_later_search_succeeds(
    operator: Operator, break_database: BreakDatabase
) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    with break_database(*RENAME_TABLE):
        operator.click('Найти')
        operator.wait_for_text('База данных не отвечает', 'нажмите «Найти» ещё раз')
        operator.wait_for_recipients()
        operator.wait_for_value('ФИО получателя', 'королев')
    operator.click('Найти')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait_for_no_text('База данных не отвечает')


def test_a_search_waits_for_the_lock_of_another_process_and_the_page_stays_responsive(
    operator: Operator, journal_url: str
) -> None:
    with closing(sqlite3.connect(journal_url.removeprefix('sqlite:///'))) as blocker:
        # This is the strongest lock of SQLite: writers wait, and a search writes its record to the audit log.
        blocker.execute('BEGIN EXCLUSIVE')
        operator.search_messages(RECIPIENT='королев')
        operator.find(('button',), 'Отмена')
        operator.wait_for_recipients()
        operator.fill('Номер телефона', '903')
        operator.wait_for_value('Номер телефона', '+7 (903) ___-__-__')
        assert operator.shows('Отправлено сообщений на сумму: 15,50 руб.')
        blocker.rollback()
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait_for_value('Номер телефона', '+7 (903) ___-__-__')
    operator.click('Найти')
    operator.wait_for_recipients(KOROLEVA)


def test_unavailable_details_of_a_row_are_reported_and_open_later(
    operator: Operator, break_database: BreakDatabase
) -> None:
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
    with break_database(*RENAME_TABLE):
        operator.click_in_row('Показать сообщение')
        operator.wait_for_text(texts.DATABASE_DOWN_RETRY)
        operator.wait_for_recipients(*MONTH)
    operator.click_in_row('Показать сообщение')
    operator.wait_for_expanded_rows(1)


@pytest.mark.console_errors('status of 500')
def test_a_page_that_fails_to_build_shows_a_reference(
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


def test_two_hundred_clicks_cost_no_more_than_one(operator: Operator, journal: Program) -> None:
    click_two_hundred_times(operator, journal, nullcontext())


@pytest.mark.console_errors('_nicegui_ws')
def test_input_and_results_survive_a_lost_connection(proxied_operator: Operator, cuttable_proxy: CuttableProxy) -> None:
    proxied_operator.search_messages(RECIPIENT='иван')
    proxied_operator.wait_for_recipients(KOROLYOV, IVANOV, IVANOVA)
    cuttable_proxy.cut()
    proxied_operator.wait(
        lambda: not proxied_operator.driver.execute_script('return window.socket.connected'),
        'Still connected',
    )
    proxied_operator.fill('ФИО получателя', 'королёв')
    cuttable_proxy.restore()
    proxied_operator.wait(
        lambda: proxied_operator.driver.execute_script('return window.socket.connected'), 'The page does not reconnect'
    )
    proxied_operator.wait_for_value('ФИО получателя', 'королёв')
    proxied_operator.wait_for_recipients(KOROLYOV, IVANOV, IVANOVA)
    proxied_operator.click('Найти')
    proxied_operator.wait_for_recipients(KOROLYOV, KOROLEVA)


@pytest.mark.console_errors('_nicegui_ws', 'ERR_CONNECTION_REFUSED')
def test_an_open_page_reconnects_after_a_restart_of_the_program(operator: Operator, journal: Program) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait(lambda: 'who=' in operator.path, 'The URL does not contain the search')
    operator.fill('Номер телефона', '91612')
    operator.wait_for_value('Номер телефона', '+7 (916) 12_-__-__')
    operator.driver.execute_script('window.beforeRestart = true')
    journal.stop()
    journal.start()
    operator.wait(lambda: not operator.driver.execute_script('return window.beforeRestart'), 'The page does not reload')
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
def test_results_and_expanded_rows_are_restored_after_the_program_was_killed(
    operator: Operator, journal: Program
) -> None:
    operator.search_messages(RECIPIENT='королев', PHONE='9035554433')
    operator.wait_for_recipients(KOROLEVA)
    operator.click_in_row('Показать сообщение')
    operator.wait_for_expanded_rows(1)
    operator.wait(lambda: 'open=' in operator.path, 'The URL does not contain the expanded row')
    operator.driver.execute_script('window.beforeRestart = true')
    os.kill(journal.process_id, signal.SIGKILL)
    assert journal.stop() == -signal.SIGKILL
    journal.start()
    operator.wait(lambda: not operator.driver.execute_script('return window.beforeRestart'), 'The page does not reload')
    operator.wait_for_recipients(KOROLEVA)
    operator.wait_for_expanded_rows(1)
    operator.wait_for_value('ФИО получателя', 'королев')
    operator.wait_for_value('Номер телефона', '+7 (903) 555-44-33')
    operator.wait_for_text('1–1 из 1')
    result = journal.run('verify')
    assert result.returncode == 0, result.stdout
