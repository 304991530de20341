"""The journal of access on the screen: what was done stands in it, and what is not on record is not shown."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.helpers.journal_operator import Operator, session_cookies
from tests.helpers.program import Program
from tests.helpers.sample_data import KOROLEVA, KOROLYOV, MONTH, fill_journal, sample_messages

INJECTED = """
const box = document.createElement('div');
box.innerHTML = '<img src="/favicon.ico?" onload="window.ran = true">';
document.body.append(box);
const script = document.createElement('script');
script.textContent = 'window.ran = true';
document.body.append(script);
"""


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample that every story knows."""
    return fill_journal(journal_url, sample_messages())


@pytest.fixture
def chief(driver: Chrome, journal: Program) -> Operator:
    """An Admin, signed in."""
    admin = Operator(driver, journal.url)
    admin.set_session_cookies(session_cookies(journal.url, 'chief'))
    return admin


@contextmanager
def audit_unwritable(url: str) -> Iterator[None]:
    """Make the audit log unwritable for the duration of a block."""
    with closing(sqlite3.connect(url.removeprefix('sqlite:///'))) as connection:
        connection.execute('ALTER TABLE access_head RENAME TO access_head_away')
        try:
            yield
        finally:
            connection.execute('ALTER TABLE access_head_away RENAME TO access_head')


def test_what_is_not_on_record_is_not_shown(operator: Operator, journal_url: str) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    with audit_unwritable(journal_url):
        operator.click_in_row('Показать сообщение')
        operator.wait_for_text(texts.DATABASE_DOWN_RETRY)
        operator.wait_for_expanded_rows(0)
        operator.fill(texts.RECIPIENT, '')
        operator.click('Найти')
        operator.wait_for_text('База данных не отвечает', 'нажмите «Найти» ещё раз')
        operator.wait_for_recipients()
        operator.wait_for_no_text('из 6')
    operator.click('Найти')
    operator.wait_for_recipients(*MONTH)


def test_an_admin_sees_who_looked_at_what(chief: Operator) -> None:
    chief.open('/messages')
    chief.search_messages(RECIPIENT='соколова')
    chief.wait_for_text(texts.NO_RESULTS)
    chief.search_messages(RECIPIENT='королёва')
    chief.wait_for_recipients(KOROLEVA)
    chief.click_in_row('Показать сообщение')
    chief.wait_for_expanded_rows(1)
    chief.click('Меню')
    chief.click(texts.ACCESS_TITLE)
    chief.wait_for_path('/access')
    chief.wait_for_title(texts.ACCESS_TITLE)
    chief.wait_for_text(texts.NO_DATA)
    chief.focus_by_keyboard(texts.ACCESS_USER_NAME)
    chief.type('Chief')
    chief.press('Enter')
    chief.wait(lambda: len(chief.rows) >= 4, 'Nothing is found')
    acts = [(row[texts.ACCESS_EVENT], row[texts.ACCESS_RESULT_COUNT]) for row in chief.rows]
    assert acts[-4:] == [('Открыта запись', ''), ('Поиск', '1'), ('Поиск', '0'), ('Вход', '')]
    assert 'ФИО «королёва», с ' in chief.rows[-3][texts.ACCESS_DETAILS]
    chief.choose(texts.ACCESS_EVENT, 'Поиск')
    chief.fill(texts.ACCESS_SEARCH_TEXT, 'КОРОЛЕВА')
    chief.click('Найти')
    chief.wait_for_text('1–2 из 2')  # this search is one of them: whoever looks is on record before he sees
    chief.click_in_row(texts.SHOW_RECORD)
    chief.wait(lambda: chief.expanded_rows, 'The record does not open')
    (opened,) = chief.expanded_rows
    assert opened[texts.ACCESS_RESULT_RECORD].startswith('в записи ')
    assert len(opened[texts.ACCESS_HASH]) == len(opened[texts.ACCESS_PREVIOUS]) == 64
    chief.click('очистить')
    chief.choose(texts.ACCESS_EVENT, 'Поиск')
    chief.fill(texts.ACCESS_SEARCH_TEXT, 'пользователь chief')
    chief.click('Найти')
    chief.wait(lambda: chief.rows, 'Looking at the journal is not on record itself')
    assert {row[texts.ACCESS_SECTION] for row in chief.rows} == {texts.ACCESS_TITLE}


def test_the_list_of_calls_is_on_record_before_it_is_shown(chief: Operator, journal_url: str) -> None:
    chief.open('/callbacks')
    chief.wait_for_text(KOROLEVA)
    with audit_unwritable(journal_url):
        chief.open('/callbacks')
        chief.wait_for_text('База данных не отвечает')
        chief.wait_for_no_text(KOROLEVA)
    chief.open('/access')
    chief.choose(texts.ACCESS_EVENT, 'Поиск')
    chief.click('Найти')
    chief.wait(lambda: texts.CALLS_TITLE in chief.column(texts.ACCESS_SECTION), 'The list is on no record')


def test_what_is_taken_away_is_on_record(operator: Operator, chief: Operator) -> None:
    chief.open('/messages')
    chief.search_messages(RECIPIENT='королев')
    chief.wait_for_recipients(KOROLYOV, KOROLEVA)
    chief.click(texts.EXPORT)
    chief.click(texts.CSV)
    chief.wait_for_text('Файл готов, строк: 2')
    chief.open('/access')
    chief.choose(texts.ACCESS_EVENT, 'Экспорт')
    chief.click('Найти')
    chief.wait_for_text('1–1 из 1')
    assert chief.column(texts.ACCESS_RESULT_COUNT) == ['2']
    assert 'ФИО «королев»' in chief.column(texts.ACCESS_DETAILS)[0]


def test_every_page_loads_and_runs_nothing_that_its_policy_refuses(chief: Operator) -> None:
    """What a policy refuses is an error in the console, and that fails the story: see `driver`."""
    for path in ('/', '/summary', '/callbacks', '/iemk', '/access', '/dictionaries', '/messages'):
        chief.open(path)
        chief.wait_for_text('chief')
    chief.click('Тёмное оформление')
    chief.click('Календарь с')
    chief.wait_for_text('Пн')
    chief.driver.get(f'{chief.base_url}/api/v1/docs')
    chief.wait_for_text('/messages/{id}/status')


@pytest.mark.console_errors('Content Security Policy')
def test_a_script_that_got_into_a_page_does_not_run(chief: Operator) -> None:
    chief.open('/messages')
    chief.driver.execute_script(INJECTED)
    chief.wait(lambda: chief.driver.execute_script('return document.images[0].complete'), 'The picture does not come')
    assert chief.driver.execute_script('return window.ran') is None
