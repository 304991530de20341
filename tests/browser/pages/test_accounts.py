"""Accounts in the browser: the first sign-in, the work of an administrator, the second factor."""

import re
from collections.abc import Callable

import pyotp
import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.helpers import sample_data
from tests.helpers.browser_user import BrowserUser
from tests.helpers.journal_operator import PASSWORD, Operator, session_cookies
from tests.helpers.program import Program

NEW_PASSWORD = 'двенадцать и ещё'
SESSION_END_SECONDS = 4


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """A journal of this module with the accounts of the sample and without messages."""
    return sample_data.fill_journal(journal_url, [])


@pytest.fixture
def visitor(driver: Chrome, journal: Program) -> Operator:
    """A visitor who has not signed in."""
    return Operator(driver, journal.url)


@pytest.mark.console_errors('_nicegui_ws')
def test_a_new_user_sets_a_password_and_is_signed_out_when_blocked(
    visitor: Operator, journal: Program, another_user: Callable[[str], BrowserUser]
) -> None:
    admin = Operator(another_user(journal.url).driver, journal.url)
    admin.set_session_cookies(session_cookies(journal.url, 'chief'))
    admin.open('/')
    admin.click('Меню')
    admin.click(texts.USERS_TITLE)
    admin.wait_for_path('/users')
    admin.click(texts.USER_ADD)
    admin.fill(texts.USER_NAME, 'Petrov')
    admin.click(texts.USER_ADD_SUBMIT)
    admin.wait_for_text('Пользователь petrov добавлен.', 'Временный пароль показан один раз')
    password_match = re.search(r'Временный пароль: (\S+)', admin.text)
    assert password_match
    admin.press('Escape')
    admin.wait_for_text(texts.USER_MUST_CHANGE)

    visitor.open('/messages')
    visitor.sign_in('petrov', password_match[1])
    visitor.wait_for_title(texts.PASSWORD_TITLE)
    visitor.wait_for_text('Ваш пароль знает не только вы')
    assert not visitor.find_all(('button',), 'Меню')
    visitor.fill(texts.PASSWORD_NOW, password_match[1])
    visitor.fill(texts.PASSWORD_NEW, NEW_PASSWORD)
    visitor.fill(texts.PASSWORD_NEW_AGAIN, NEW_PASSWORD)
    visitor.press('Enter')
    visitor.wait_for_title(texts.JOURNAL_TITLE)
    visitor.wait_for_text('petrov', 'Нет данных для отображения')

    admin.click(texts.USER_ACTIONS_OF.format(name='petrov'))
    admin.click(texts.USER_BLOCK)
    admin.wait_for_text('его открытые страницы закроются сразу')
    admin.click(texts.USER_BLOCK)
    admin.wait_for_text('Пользователь petrov заблокирован.')
    visitor.wait(lambda: visitor.path == '/login', 'The page of a blocked user stays open', SESSION_END_SECONDS)
    visitor.sign_in('petrov', NEW_PASSWORD)
    visitor.wait_for_text('Учётная запись заблокирована.')


def test_a_user_without_chosen_organizations_sees_the_data_of_none(visitor: Operator) -> None:
    visitor.open('/users')
    visitor.sign_in('chief')
    for expected in (texts.SCOPE_NONE, texts.TOKEN_ALL_ORGANIZATIONS):
        visitor.click(texts.USER_ACTIONS_OF.format(name='clerk'))
        visitor.click(texts.USER_BIND)
        visitor.wait_for_text('Без организаций он не видит ничьих')
        visitor.click(texts.USER_BIND_ALL)
        visitor.click(texts.USER_BIND)
        visitor.wait_for_text(texts.USER_BOUND.format(name='clerk', organizations=expected))


def test_the_second_factor_is_set_up_and_required(visitor: Operator) -> None:
    visitor.open('/login')
    visitor.sign_in('guest')
    visitor.wait_for_path('/')
    visitor.click('guest')
    visitor.wait_for_path('/account')
    visitor.click(texts.FACTOR_SET_UP)
    visitor.wait_for_path('/account/factor')
    assert visitor.find_all(('image', 'img'), texts.FACTOR_PICTURE)
    secret_match = re.search(r'Ключ: ((?:[A-Z2-7]{4} ){8})', visitor.text)
    assert secret_match
    visitor.fill(texts.CODE, pyotp.TOTP(secret_match[1].replace(' ', '')).now())
    visitor.fill(texts.PASSWORD, PASSWORD)
    visitor.click(texts.FACTOR_SET_UP)
    visitor.wait_for_text('Второй фактор включён.')
    codes = re.findall(r'(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}', visitor.text)
    visitor.click(texts.FACTOR_CODES_SAVED)
    visitor.wait_for_path('/account')
    visitor.wait_for_text('Запасных кодов осталось: 10.')
    visitor.click(texts.SIGN_OUT)
    visitor.wait_for_path('/login')

    visitor.sign_in('guest')
    visitor.wait_for_path('/login/code')
    visitor.fill(texts.CODE, '123')
    visitor.press('Enter')
    visitor.wait_for_text('Код не подходит.')
    visitor.fill(texts.CODE, codes[0])
    visitor.press('Enter')
    visitor.wait_for_path('/')
    visitor.open('/account')
    visitor.wait_for_text('Запасных кодов осталось: 9.')
