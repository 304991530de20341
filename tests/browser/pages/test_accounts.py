"""Accounts as people meet them: a first sign-in, an administrator at work, the second factor."""

import re
from collections.abc import Callable

import pyotp
import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.helpers import sample_data
from tests.helpers.browser_user import Person
from tests.helpers.journal_operator import PASSWORD, Operator, session_cookies
from tests.helpers.program import Program

NEW = 'двенадцать и ещё'
FEW_SECONDS = 4


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The accounts of the sample and no message, for these stories alone."""
    return sample_data.fill(journal_url, [])


@pytest.fixture
def visitor(driver: Chrome, journal: Program) -> Operator:
    """Somebody who has not signed in yet."""
    return Operator(driver, journal.url)


@pytest.mark.console_errors('_nicegui_ws')
def test_a_new_user_sets_a_password_of_his_own_and_leaves_when_he_is_blocked(
    visitor: Operator, journal: Program, another_person: Callable[[str], Person]
) -> None:
    chief = Operator(another_person(journal.url).driver, journal.url)
    chief.be_signed_in(session_cookies(journal.url, 'chief'))
    chief.open('/')
    chief.click('Меню')
    chief.click(texts.USERS_TITLE)
    chief.arrive('/users')
    chief.click(texts.USER_ADD)
    chief.fill(texts.USER_NAME, 'Petrov')
    chief.click(texts.USER_ADD_DO)
    chief.see('Пользователь petrov добавлен.', 'Временный пароль показан один раз')
    found = re.search(r'Временный пароль: (\S+)', chief.text)
    assert found
    chief.press('Escape')
    chief.see(texts.USER_MUST_CHANGE)

    visitor.open('/messages')
    visitor.sign_in('petrov', found[1])
    visitor.see_title(texts.PASSWORD_TITLE)
    visitor.see('Ваш пароль знает не только вы')
    assert not visitor.all(('button',), 'Меню')
    visitor.fill(texts.PASSWORD_NOW, found[1])
    visitor.fill(texts.PASSWORD_NEW, NEW)
    visitor.fill(texts.PASSWORD_NEW_AGAIN, NEW)
    visitor.press('Enter')
    visitor.see_title(texts.JOURNAL_TITLE)
    visitor.see('petrov', 'Нет данных для отображения')

    chief.click(texts.USER_ACTIONS_OF.format(name='petrov'))
    chief.click(texts.USER_BLOCK)
    chief.see('его открытые страницы закроются сразу')
    chief.click(texts.USER_BLOCK)
    chief.see('Пользователь petrov заблокирован.')
    visitor.wait(lambda: visitor.path == '/login', 'The open page of a blocked user stays', FEW_SECONDS)
    visitor.sign_in('petrov', NEW)
    visitor.see('Учётная запись заблокирована.')


def test_the_second_factor_is_set_up_and_asked_for(visitor: Operator) -> None:
    visitor.open('/login')
    visitor.sign_in('guest')
    visitor.arrive('/')
    visitor.click('guest')
    visitor.arrive('/account')
    visitor.click(texts.FACTOR_SET_UP)
    visitor.arrive('/account/factor')
    assert visitor.all(('image', 'img'), texts.FACTOR_PICTURE)
    found = re.search(r'Ключ: ((?:[A-Z2-7]{4} ){8})', visitor.text)
    assert found
    visitor.fill(texts.CODE, pyotp.TOTP(found[1].replace(' ', '')).now())
    visitor.fill(texts.PASSWORD, PASSWORD)
    visitor.click(texts.FACTOR_SET_UP)
    visitor.see('Второй фактор включён.')
    codes = re.findall(r'(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}', visitor.text)
    visitor.click(texts.FACTOR_CODES_KEPT)
    visitor.arrive('/account')
    visitor.see('Запасных кодов осталось: 10.')
    visitor.click(texts.SIGN_OUT)
    visitor.arrive('/login')

    visitor.sign_in('guest')
    visitor.arrive('/login/code')
    visitor.fill(texts.CODE, '123')
    visitor.press('Enter')
    visitor.see('Код не подходит.')
    visitor.fill(texts.CODE, codes[0])
    visitor.press('Enter')
    visitor.arrive('/')
    visitor.open('/account')
    visitor.see('Запасных кодов осталось: 9.')
