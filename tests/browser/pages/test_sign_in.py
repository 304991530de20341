"""Who gets in, who does not, and whose things stay apart."""

from collections.abc import Callable

import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.helpers.browser_user import Person
from tests.helpers.journal_operator import PASSWORD, Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOV, KOROLEVA, KOROLYOV

REFUSED = 'Неверное имя пользователя или пароль.'
DRAW_ANEW = """
const drawn = [...document.querySelectorAll('[id^="c"]')].map(one => getElement(Number(one.id.slice(1))));
drawn.find(one => one?.$root).$root.$forceUpdate();
"""
"""Draws the page anew, as any change to anything on it does."""
STATUS = 'return performance.getEntriesByType("navigation")[0].responseStatus'


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that stories only look at."""
    return sample_journal


@pytest.fixture
def visitor(driver: Chrome, journal: Program) -> Operator:
    """Somebody who has not signed in yet."""
    return Operator(driver, journal.url)


def test_a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words(visitor: Operator) -> None:
    visitor.open('/login')
    visitor.see_title('Вход в систему')
    for name, password in {'clerk': 'guess', 'nobody': PASSWORD, 'o\'clock"; --': '%'}.items():
        visitor.sign_in(name, password)
        visitor.see(REFUSED)
        visitor.see_value('Имя пользователя', name)
        visitor.see_value('Пароль', '')
        visitor.open('/login')
        visitor.not_see(REFUSED)
    visitor.open('/messages')
    visitor.arrive('/login?redirect_to=/messages')


@pytest.mark.parametrize('name', ['chief', 'Clerk'])
def test_admin_and_webadmin_enter_the_journals(visitor: Operator, name: str) -> None:
    visitor.open('/login')
    visitor.sign_in(name)
    visitor.arrive('/')
    visitor.see('Рассылка уведомлений', 'Журнал ИЭМК', name.lower())
    for path, title in {'/messages': 'Журнал отправленных сообщений', '/iemk': 'Журнал ИЭМК'}.items():
        visitor.open(path)
        visitor.see_title(title)
        assert visitor.path == path


def test_a_user_is_told_plainly_that_the_journals_are_not_his(visitor: Operator) -> None:
    visitor.open('/login')
    visitor.sign_in('guest')
    visitor.arrive('/')
    visitor.see('guest')
    assert not visitor.shows('Рассылка уведомлений')
    for path in ('/messages', '/iemk'):
        visitor.open(path)
        visitor.see('Нет доступа', 'у вас роль User', 'обратитесь к администратору')
        assert visitor.driver.execute_script(STATUS) == 403
        assert not visitor.all(('button',), 'Найти')
        assert not visitor.shows('Отправлено сообщений на сумму')
    visitor.click('На главную страницу')
    visitor.arrive('/')


def test_a_visitor_signs_in_and_comes_to_where_he_wanted(visitor: Operator) -> None:
    visitor.open('/iemk?from=letter')
    visitor.arrive('/login?redirect_to=/iemk%3Ffrom%3Dletter')
    visitor.sign_in('clerk', 'guess')
    visitor.see(REFUSED)
    visitor.sign_in()
    visitor.arrive('/iemk?from=letter')


def test_what_is_typed_stays_when_the_page_is_drawn_anew(visitor: Operator) -> None:
    visitor.open('/login')
    visitor.sign_in('clerk', 'guess')
    visitor.see(REFUSED)
    assert visitor.value(texts.USER_NAME) == 'clerk', 'the name need not be typed again'
    visitor.fill(texts.USER_NAME, 'chief')
    visitor.fill(texts.PASSWORD, PASSWORD)
    visitor.driver.execute_script(DRAW_ANEW)
    assert visitor.value(texts.USER_NAME) == 'chief'
    visitor.press('Enter')
    visitor.arrive('/')
    visitor.see('chief')


@pytest.mark.parametrize(
    'wanted', ['https://evil.example/', '//evil.example', '/%5Cevil.example', 'javascript:alert(1)']
)
def test_signing_in_leads_to_no_other_site(visitor: Operator, wanted: str) -> None:
    visitor.open(f'/login?redirect_to={wanted}')
    visitor.sign_in()
    visitor.arrive('/')


@pytest.mark.console_errors('_nicegui_ws')
def test_signing_out_ends_it_in_every_tab(visitor: Operator) -> None:
    visitor.open('/login?redirect_to=/messages')
    visitor.sign_in()
    visitor.arrive('/messages')
    first = visitor.driver.current_window_handle
    visitor.driver.switch_to.new_window('tab')
    visitor.open('/')
    visitor.click('Выйти')
    visitor.arrive('/login')
    visitor.open('/messages')
    visitor.arrive('/login?redirect_to=/messages')
    visitor.driver.switch_to.window(first)
    visitor.see('Вход в систему')
    visitor.driver.back()
    visitor.see('Вход в систему')
    visitor.sign_in()
    visitor.arrive('/messages')


def test_nobody_sees_the_filters_of_another(
    operator: Operator, journal: Program, another_person: Callable[[str], Person]
) -> None:
    operator.find_messages(RECIPIENT='иванов', PHONE='926')
    operator.see_found(IVANOV)
    colleague = Operator(another_person(journal.url).driver, journal.url)
    colleague.open('/messages')
    colleague.sign_in('chief')
    colleague.arrive('/messages')
    colleague.see('chief', 'Нет данных для отображения')
    colleague.see_value(texts.RECIPIENT, '')
    assert '9' not in colleague.value(texts.PHONE)
    colleague.find_messages(RECIPIENT='анна')
    colleague.see_found(KOROLEVA)
    assert operator.value(texts.RECIPIENT) == 'иванов'
    operator.find_messages()
    operator.see_found(IVANOV)


def test_two_tabs_of_one_person_keep_their_own_filters(operator: Operator) -> None:
    operator.find_messages(RECIPIENT='иванов', PHONE='926')
    operator.see_found(IVANOV)
    first = operator.driver.current_window_handle
    operator.driver.switch_to.new_window('tab')
    operator.open('/messages')
    operator.see_value(texts.RECIPIENT, '')
    operator.find_messages(RECIPIENT='королёв')
    operator.see_found(KOROLYOV, KOROLEVA)
    operator.driver.switch_to.window(first)
    operator.see_value(texts.RECIPIENT, 'иванов')
    operator.see_found(IVANOV)
    operator.find_messages()
    operator.see_found(IVANOV)
