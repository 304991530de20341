"""Sign-in, sign-out and roles; the filters of different users and tabs stay separate."""

from collections.abc import Callable

import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.helpers.browser_user import BrowserUser
from tests.helpers.journal_operator import PASSWORD, Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOV, KOROLEVA, KOROLYOV

SIGN_IN_REJECTED = 'Неверное имя пользователя или пароль.'
RESPONSE_STATUS = 'return performance.getEntriesByType("navigation")[0].responseStatus'


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The sample journal, which the tests of this module only read."""
    return sample_journal


@pytest.fixture
def visitor(driver: Chrome, journal: Program) -> Operator:
    """A visitor who has not signed in."""
    return Operator(driver, journal.url)


def test_the_sign_in_page_runs_no_script_and_opens_no_socket(visitor: Operator) -> None:
    visitor.open('/login')
    visitor.field(texts.PASSWORD)
    assert visitor.driver.execute_script('return document.scripts.length') == 0
    loaded = visitor.driver.execute_script('return performance.getEntriesByType("resource").map(each => each.name)')
    assert not [url for url in loaded if url.endswith('.js') or '_nicegui_ws' in url]


def test_a_wrong_password_and_an_unknown_name_have_the_same_error_message(visitor: Operator) -> None:
    visitor.open('/login')
    visitor.wait_for_title('Вход в систему')
    for name, password in {'clerk': 'guess', 'nobody': PASSWORD, 'o\'clock"; --': '%'}.items():
        visitor.sign_in(name, password)
        visitor.wait_for_text(SIGN_IN_REJECTED)
        visitor.wait_for_value('Имя пользователя', name)
        visitor.wait_for_value('Пароль', '')
        visitor.open('/login')
        visitor.wait_for_no_text(SIGN_IN_REJECTED)
    visitor.open('/messages')
    visitor.wait_for_path('/login?redirect_to=/messages')


@pytest.mark.parametrize('name', ['chief', 'Clerk'])
def test_admins_and_web_admins_open_the_journals(visitor: Operator, name: str) -> None:
    visitor.open('/login')
    visitor.sign_in(name)
    visitor.wait_for_path('/')
    visitor.wait_for_text('Рассылка уведомлений', 'Журнал ИЭМК', name.lower())
    for path, title in {'/messages': 'Журнал отправленных сообщений', '/iemk': 'Журнал ИЭМК'}.items():
        visitor.open(path)
        visitor.wait_for_title(title)
        assert visitor.path == path


def test_other_roles_get_an_explanation_in_place_of_the_journals(visitor: Operator) -> None:
    visitor.open('/login')
    visitor.sign_in('guest')
    visitor.wait_for_path('/')
    visitor.wait_for_text('guest')
    assert not visitor.shows('Рассылка уведомлений')
    for path in ('/messages', '/iemk'):
        visitor.open(path)
        visitor.wait_for_text('Нет доступа', 'у вас роль User', 'обратитесь к администратору')
        assert visitor.driver.execute_script(RESPONSE_STATUS) == 403
        assert not visitor.find_all(('button',), 'Найти')
        assert not visitor.shows('Отправлено сообщений на сумму')
    visitor.click('На главную страницу')
    visitor.wait_for_path('/')


def test_after_the_sign_in_the_requested_page_opens(visitor: Operator) -> None:
    visitor.open('/iemk?from=letter')
    visitor.wait_for_path('/login?redirect_to=/iemk%3Ffrom%3Dletter')
    visitor.sign_in('clerk', 'guess')
    visitor.wait_for_text(SIGN_IN_REJECTED)
    visitor.sign_in()
    visitor.wait_for_path('/iemk?from=letter')


def test_a_rejected_user_name_stays_and_may_be_changed(visitor: Operator) -> None:
    visitor.open('/login')
    visitor.sign_in('clerk', 'guess')
    visitor.wait_for_text(SIGN_IN_REJECTED)
    assert visitor.value(texts.USER_NAME) == 'clerk', 'The user name is lost'
    visitor.fill(texts.USER_NAME, 'chief')
    visitor.fill(texts.PASSWORD, PASSWORD)
    assert visitor.value(texts.USER_NAME) == 'chief'
    visitor.press('Enter')
    visitor.wait_for_path('/')
    visitor.wait_for_text('chief')


@pytest.mark.parametrize(
    'target', ['https://evil.example/', '//evil.example', '/%5Cevil.example', 'javascript:alert(1)']
)
def test_the_sign_in_redirects_to_no_other_site(visitor: Operator, target: str) -> None:
    visitor.open(f'/login?redirect_to={target}')
    visitor.sign_in()
    visitor.wait_for_path('/')


@pytest.mark.console_errors('_nicegui_ws')
def test_signing_out_closes_the_pages_in_every_tab(visitor: Operator) -> None:
    visitor.open('/login?redirect_to=/messages')
    visitor.sign_in()
    visitor.wait_for_path('/messages')
    first = visitor.driver.current_window_handle
    visitor.driver.switch_to.new_window('tab')
    visitor.open('/')
    visitor.click('Выйти')
    visitor.wait_for_path('/login')
    visitor.open('/messages')
    visitor.wait_for_path('/login?redirect_to=/messages')
    visitor.driver.switch_to.window(first)
    visitor.wait_for_text('Вход в систему')
    visitor.driver.back()
    visitor.wait_for_text('Вход в систему')
    visitor.sign_in()
    visitor.wait_for_path('/messages')


def test_users_do_not_see_the_filters_of_others(
    operator: Operator, journal: Program, another_user: Callable[[str], BrowserUser]
) -> None:
    operator.search_messages(RECIPIENT='иванов', PHONE='926')
    operator.wait_for_recipients(IVANOV)
    colleague = Operator(another_user(journal.url).driver, journal.url)
    colleague.open('/messages')
    colleague.sign_in('chief')
    colleague.wait_for_path('/messages')
    colleague.wait_for_text('chief', 'Нет данных для отображения')
    colleague.wait_for_value(texts.RECIPIENT, '')
    assert '9' not in colleague.value(texts.PHONE)
    colleague.search_messages(RECIPIENT='анна')
    colleague.wait_for_recipients(KOROLEVA)
    assert operator.value(texts.RECIPIENT) == 'иванов'
    operator.search_messages()
    operator.wait_for_recipients(IVANOV)


def test_two_tabs_of_one_user_have_separate_filters(operator: Operator) -> None:
    operator.search_messages(RECIPIENT='иванов', PHONE='926')
    operator.wait_for_recipients(IVANOV)
    first = operator.driver.current_window_handle
    operator.driver.switch_to.new_window('tab')
    operator.open('/messages')
    operator.wait_for_value(texts.RECIPIENT, '')
    operator.search_messages(RECIPIENT='королёв')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.driver.switch_to.window(first)
    operator.wait_for_value(texts.RECIPIENT, 'иванов')
    operator.wait_for_recipients(IVANOV)
    operator.search_messages()
    operator.wait_for_recipients(IVANOV)
