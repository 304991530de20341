"""axe-core finds no serious violation in any state of a page, in the light and in the dark scheme."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.browser.axe import assert_accessible, is_dark, prefer_color_scheme, serious_violations
from tests.helpers.factories import message_cells, write_csv
from tests.helpers.journal_operator import Cookies, Operator, session_cookies
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOVA, KOROLEVA, MONTH


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The sample journal, which the tests of this module only read."""
    return sample_journal


@pytest.fixture
def visitor(driver: Chrome, journal: Program) -> Iterator[Operator]:
    """A visitor who has not signed in."""
    prefer_color_scheme(driver, 'light')
    yield Operator(driver, journal.url)
    driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': []})


def test_sign_in_and_the_pages_of_every_user_are_accessible(visitor: Operator) -> None:
    visitor.open('/login')
    assert_accessible(visitor, 'sign-in')
    visitor.sign_in('nobody')
    visitor.wait_for_text('Неверное имя пользователя или пароль.')
    assert_accessible(visitor, 'wrong password')
    visitor.sign_in()
    visitor.wait_for_path('/')
    assert_accessible(visitor, 'main page')
    visitor.click('Меню')
    visitor.wait(lambda: visitor.find_all(('link',), 'Журнал ИЭМК'), 'The menu does not open')
    assert_accessible(visitor, 'menu')
    for path in ('/iemk', '/help', '/nowhere', '/account', '/account/password', '/account/factor'):
        visitor.open(path)
        assert_accessible(visitor, path)


def test_the_messages_are_accessible(visitor: Operator, session: Cookies) -> None:
    visitor.set_session_cookies(session)
    visitor.open('/messages')
    visitor.wait_for_text('Нет данных для отображения')
    assert_accessible(visitor, 'empty')
    visitor.search_messages()
    visitor.wait_for_recipients(*MONTH)
    assert_accessible(visitor, 'full')
    for number in (1, 2):
        visitor.click_in_row('Показать сообщение')
        visitor.wait_for_expanded_rows(number)
    assert_accessible(visitor, 'details')
    visitor.click('Экспорт')
    visitor.find(('menuitem',), 'Excel')
    assert_accessible(visitor, 'export')
    visitor.press('Escape')
    visitor.click('Поиски')
    visitor.click('Ждут больше часа')
    visitor.wait_for_recipients(IVANOVA)
    visitor.click('Поиски')
    visitor.wait_for_text('Сохранить этот поиск…')
    assert_accessible(visitor, 'searches')
    visitor.click('Сохранить этот поиск…')
    visitor.field('Название')
    assert_accessible(visitor, 'dialog of a saved search')
    visitor.press('Escape')
    visitor.clear()
    visitor.wait(lambda: not visitor.driver.find_elements('css selector', '.q-dialog'), 'The dialog does not close')
    visitor.press('?')
    visitor.wait(lambda: visitor.find_all(('dialog',), texts.SHORTCUTS_TITLE), 'The shortcuts dialog does not open')
    assert_accessible(visitor, 'shortcuts')
    visitor.press('Escape')
    visitor.wait(lambda: not visitor.find_all(('dialog',)), 'The shortcuts dialog does not close')
    visitor.click(texts.COLUMNS)
    visitor.wait_for_text(texts.RESET_COLUMNS)
    assert_accessible(visitor, 'columns')
    visitor.press('Escape')
    visitor.wait(lambda: not visitor.find_all(('dialog',)), 'The menu of the columns does not close')
    visitor.search_messages(RECIPIENT='нет такого')
    visitor.wait_for_no_results()
    assert_accessible(visitor, 'nothing found')
    visitor.fill('Дата отправки сообщения с', '31.02.2026')
    visitor.search_messages()
    visitor.wait_for_text('Такой даты нет')
    assert_accessible(visitor, 'wrong date')
    visitor.click('Календарь с')
    visitor.wait_for_text('Пн')
    assert_accessible(visitor, 'calendar')


def test_the_documents_are_accessible(visitor: Operator, session: Cookies) -> None:
    visitor.set_session_cookies(session)
    visitor.open('/iemk')
    visitor.wait_for_text('Нет данных для отображения')
    assert_accessible(visitor, 'empty')
    visitor.click('Найти')
    visitor.wait_for_text('1–3 из 3')
    visitor.click_in_row('Показать документ')
    visitor.wait_for_text('История')
    assert_accessible(visitor, 'details')
    visitor.fill('СНИЛС', '11223344596')
    visitor.click('Найти')
    visitor.wait_for_text('Контрольное число не сходится')
    assert_accessible(visitor, 'wrong СНИЛС')


def test_the_summary_and_the_call_list_are_accessible(visitor: Operator, session: Cookies) -> None:
    visitor.set_session_cookies(session)
    visitor.open('/summary')
    visitor.wait_for_text('Сообщения по дням')
    visitor.wait(
        lambda: len(visitor.driver.find_elements('css selector', '[role=img][aria-label] svg')) == 2,
        'Charts are missing',
    )
    assert_accessible(visitor, 'summary')
    visitor.open('/callbacks')
    visitor.wait_for_text(KOROLEVA)
    assert_accessible(visitor, 'calls')
    visitor.click(f'Взять: {KOROLEVA}')
    visitor.wait_for_text('Звоните вы')
    assert_accessible(visitor, 'claimed call')
    visitor.click(f'Не дозвонились: {KOROLEVA}')
    visitor.wait_for_text(texts.CALLS_NO_RETURN)
    assert_accessible(visitor, 'return times')
    visitor.press('Escape')
    visitor.click(f'Вернуть в список: {KOROLEVA}')
    visitor.click('Обзвонены')
    visitor.wait_for_text('Звонков ещё не было')
    assert_accessible(visitor, 'no completed calls')
    visitor.click('Обзвонить')
    visitor.click_element(lambda: visitor.link(KOROLEVA))
    visitor.wait_for_text(texts.PERSON_SHOWN_ALL)
    assert_accessible(visitor, 'person')


def test_the_audit_log_is_accessible(visitor: Operator, journal: Program) -> None:
    visitor.set_session_cookies(session_cookies(journal.url, 'chief'))
    visitor.open('/access')
    visitor.wait_for_text('Нет данных для отображения')
    assert_accessible(visitor, 'empty')
    visitor.click('Найти')
    visitor.wait(lambda: visitor.rows, 'Nothing is found')
    visitor.click_in_row('Показать запись')
    visitor.wait(lambda: visitor.expanded_rows, 'The record does not open')
    assert_accessible(visitor, 'details')


def test_the_page_without_access_is_accessible(visitor: Operator, journal: Program) -> None:
    visitor.set_session_cookies(session_cookies(journal.url, 'guest'))
    visitor.open('/messages')
    visitor.wait_for_text('Нет доступа')
    assert_accessible(visitor, 'no access')


def test_the_users_are_accessible(visitor: Operator, journal: Program) -> None:
    visitor.set_session_cookies(session_cookies(journal.url, 'chief'))
    visitor.open('/users')
    visitor.wait_for_text('guest')
    assert_accessible(visitor, 'users')
    visitor.click('Действия: guest')
    visitor.wait_for_text('Сменить роль')
    assert_accessible(visitor, 'menu of a user')
    visitor.click('Сменить роль')
    visitor.wait_for_text('Новая роль пользователя guest')
    assert_accessible(visitor, 'dialog')


def test_the_import_is_accessible(visitor: Operator, journal: Program, tmp_path: Path) -> None:
    visitor.set_session_cookies(session_cookies(journal.url, 'chief'))
    visitor.open('/import')
    visitor.wait_for_text(texts.UPLOAD_DROP)
    assert_accessible(visitor, 'import')
    path = write_csv(tmp_path / 'a.csv', [message_cells(), message_cells({texts.PHONE: '123'})])
    visitor.driver.find_element('css selector', 'input[type=file]').send_keys(str(path))
    visitor.wait_for_text(texts.UPLOAD_FIRST_ROWS)
    assert_accessible(visitor, 'preview')


def test_the_error_codes_are_accessible(visitor: Operator, journal: Program) -> None:
    visitor.set_session_cookies(session_cookies(journal.url, 'chief'))
    visitor.open('/error-codes')
    visitor.wait_for_text('Отчёты без сообщения')
    assert_accessible(visitor, 'error codes')
    visitor.click('Добавить код')
    visitor.wait_for_text('Отмена')
    assert_accessible(visitor, 'dialog')


def test_the_dictionaries_are_accessible(visitor: Operator, journal: Program) -> None:
    visitor.set_session_cookies(session_cookies(journal.url, 'chief'))
    visitor.open('/dictionaries')
    visitor.wait_for_text('Напоминание ДС')
    assert_accessible(visitor, 'dictionaries')
    visitor.click('Действия: Прикрепление')
    visitor.wait_for_text(texts.ENTRY_RENAME)
    assert_accessible(visitor, 'menu of an entry')
    visitor.click(texts.ENTRY_MERGE)
    visitor.wait_for_text(texts.ENTRY_MERGE_TITLE)
    assert_accessible(visitor, 'dialog of a merge')


def test_the_color_scheme_is_switched_and_stored(driver: Chrome, journal: Program) -> None:
    operator = Operator(driver, journal.url)
    operator.set_session_cookies(session_cookies(journal.url, 'chief'))
    operator.open('/messages')
    assert not is_dark(operator)
    operator.click('Тёмное оформление')
    operator.wait(lambda: is_dark(operator), 'The page does not become dark')
    operator.open('/messages')
    operator.wait(lambda: is_dark(operator), 'The dark scheme is not stored')
    assert serious_violations(driver) == []
    operator.click('Светлое оформление')
    operator.wait(lambda: not is_dark(operator), 'The page does not become light')
