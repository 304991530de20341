"""What the person sees when something breaks: a word about it, a number, and a page that goes on."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import pytest
from selenium.webdriver import Chrome

from tests.browser.operator import Cookies, Operator
from tests.browser.program import Program
from tests.browser.sample import IVANOV, IVANOVA, KOROLEVA, KOROLYOV, MONTH, fill, messages
from tests.browser.wire import Wire

SECRET = 'Тайнова Секрета Скрытовна'
REFERENCE = re.compile(r'сообщите администратору номер ([0-9A-F]{6})')
STATUS = 'return performance.getEntriesByType("navigation")[0].responseStatus'
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
