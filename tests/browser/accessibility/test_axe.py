"""What would stop a person who cannot see the page, or sees it badly: axe-core on every state, light and dark."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.browser.axe import serious_violations
from tests.helpers.journal_operator import Cookies, Operator, session_cookies
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOVA, KOROLEVA, MONTH

CONTROLS = ('button', 'link', 'textbox', 'combobox', 'checkbox', 'radio', 'option', 'columnheader')
LOOKS = ('light', 'dark')


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that stories only look at."""
    return sample_journal


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest, driver: Chrome) -> Iterator[str]:
    """The look that the system asks for."""
    chosen: str = request.param
    feature = {'name': 'prefers-color-scheme', 'value': chosen}
    driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [feature]})
    yield chosen
    driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': []})


@pytest.fixture
def visitor(driver: Chrome, journal: Program, look: str) -> Operator:
    """Somebody who has not signed in yet, and whose system has this look."""
    return Operator(driver, journal.url)


def assert_open_to_all(person: Operator, state: str) -> None:
    """See that axe finds nothing serious, and every control in sight has a name."""
    person.wait(lambda: person.driver.execute_script('return document.getAnimations().length === 0'), 'It keeps moving')
    assert serious_violations(person.driver) == [], state
    nameless = [role for role in CONTROLS if '' in person.names((role,))]
    assert not nameless, f'{state}: of these some have no name: {nameless}'


def test_the_way_in_is_open_to_all(visitor: Operator, look: str) -> None:
    visitor.open('/login')
    assert_open_to_all(visitor, 'sign-in')
    visitor.sign_in('nobody')
    visitor.see('Неверное имя пользователя или пароль.')
    assert_open_to_all(visitor, 'refused')
    visitor.sign_in()
    visitor.arrive('/')
    assert is_dark(visitor) == (look == 'dark')
    assert_open_to_all(visitor, 'main page')
    visitor.click('Меню')
    visitor.wait(lambda: visitor.all(('link',), 'Журнал ИЭМК'), 'The menu does not open')
    assert_open_to_all(visitor, 'menu')
    for path in ('/iemk', '/help', '/nowhere', '/account', '/account/password', '/account/factor'):
        visitor.open(path)
        assert_open_to_all(visitor, path)


def test_the_journal_is_open_to_all(visitor: Operator, session: Cookies, look: str) -> None:
    visitor.be_signed_in(session)
    visitor.open('/messages')
    visitor.see('Нет данных для отображения')
    assert is_dark(visitor) == (look == 'dark')
    assert_open_to_all(visitor, 'empty')
    visitor.find_messages()
    visitor.see_found(*MONTH)
    assert_open_to_all(visitor, 'full')
    for number in (1, 2):
        visitor.click('Показать сообщение')
        visitor.see_opened(number)
    assert_open_to_all(visitor, 'opened')
    visitor.click('Экспорт')
    visitor.find(('menuitem',), 'Excel')
    assert_open_to_all(visitor, 'export')
    visitor.press('Escape')
    visitor.click('Поиски')
    visitor.click('Ждут больше часа')
    visitor.see_found(IVANOVA)
    visitor.click('Поиски')
    visitor.see('Сохранить этот поиск…')
    assert_open_to_all(visitor, 'searches')
    visitor.click('Сохранить этот поиск…')
    visitor.field('Название')
    assert_open_to_all(visitor, 'a name for a search')
    visitor.press('Escape')
    visitor.clear()
    visitor.press('?')
    visitor.wait(lambda: visitor.all(('dialog',), texts.KEYS_TITLE), 'The window of the keys does not open')
    assert_open_to_all(visitor, 'keys')
    visitor.press('Escape')
    visitor.wait(lambda: not visitor.all(('dialog',)), 'The window of the keys does not close')
    visitor.click(texts.COLUMNS)
    visitor.see(texts.AS_DECLARED)
    assert_open_to_all(visitor, 'columns')
    visitor.press('Escape')
    visitor.wait(lambda: not visitor.all(('dialog',)), 'The menu of the columns does not close')
    visitor.find_messages(RECIPIENT='нет такого')
    visitor.see_nothing_found()
    assert_open_to_all(visitor, 'nothing found')
    visitor.fill('Дата отправки сообщения с', '31.02.2026')
    visitor.find_messages()
    visitor.see('Такой даты нет')
    assert_open_to_all(visitor, 'wrong date')
    visitor.click('Календарь с')
    visitor.see('Пн')
    assert_open_to_all(visitor, 'calendar')


def test_the_documents_are_open_to_all(visitor: Operator, session: Cookies) -> None:
    visitor.be_signed_in(session)
    visitor.open('/iemk')
    visitor.see('Нет данных для отображения')
    assert_open_to_all(visitor, 'empty')
    visitor.click('Найти')
    visitor.see('1–3 из 3')
    visitor.click('Показать документ')
    visitor.see('История')
    assert_open_to_all(visitor, 'opened')
    visitor.fill('СНИЛС', '11223344596')
    visitor.click('Найти')
    visitor.see('Контрольное число не сходится')
    assert_open_to_all(visitor, 'wrong СНИЛС')


def test_the_summary_and_the_calls_are_open_to_all(visitor: Operator, session: Cookies) -> None:
    visitor.be_signed_in(session)
    visitor.open('/summary')
    visitor.see('Сообщения по дням')
    visitor.wait(
        lambda: len(visitor.driver.find_elements('css selector', '[role=img][aria-label] svg')) == 3, 'No pictures'
    )
    assert_open_to_all(visitor, 'summary')
    visitor.open('/callbacks')
    visitor.see(KOROLEVA)
    assert_open_to_all(visitor, 'calls')
    visitor.click(f'Взять: {KOROLEVA}')
    visitor.see('Звоните Вы')
    assert_open_to_all(visitor, 'taken')
    visitor.click('Вернуть в список')
    visitor.click('Обзвонены')
    visitor.see('Звонков ещё не было')
    assert_open_to_all(visitor, 'no calls made')


def test_the_journal_of_access_is_open_to_all(visitor: Operator, journal: Program) -> None:
    visitor.be_signed_in(session_cookies(journal.url, 'chief'))
    visitor.open('/access')
    visitor.see('Нет данных для отображения')
    assert_open_to_all(visitor, 'empty')
    visitor.click('Найти')
    visitor.wait(lambda: visitor.rows, 'Nothing is found')
    visitor.click('Показать запись')
    visitor.wait(lambda: visitor.opened, 'The record does not open')
    assert_open_to_all(visitor, 'opened')


def test_a_refusal_is_open_to_all(visitor: Operator, journal: Program) -> None:
    visitor.be_signed_in(session_cookies(journal.url, 'guest'))
    visitor.open('/messages')
    visitor.see('Нет доступа')
    assert_open_to_all(visitor, 'refusal')


def test_the_users_are_open_to_all(visitor: Operator, journal: Program) -> None:
    visitor.be_signed_in(session_cookies(journal.url, 'chief'))
    visitor.open('/users')
    visitor.see('guest')
    assert_open_to_all(visitor, 'users')
    visitor.click('Действия: guest')
    visitor.see('Сменить роль')
    assert_open_to_all(visitor, 'menu of a user')
    visitor.click('Сменить роль')
    visitor.see('Новая роль пользователя guest')
    assert_open_to_all(visitor, 'question')


def test_the_look_is_chosen_and_remembered(driver: Chrome, journal: Program) -> None:
    operator = Operator(driver, journal.url)
    operator.be_signed_in(session_cookies(journal.url, 'chief'))
    operator.open('/messages')
    assert not is_dark(operator)
    operator.click('Тёмное оформление')
    operator.wait(lambda: is_dark(operator), 'It does not get dark')
    operator.open('/messages')
    operator.wait(lambda: is_dark(operator), 'It is not dark any more')
    operator.click('Светлое оформление')
    operator.wait(lambda: not is_dark(operator), 'It does not get light')


def is_dark(person: Operator) -> bool:
    """Tell whether the page's ground is darker than its writing."""
    brightness: list[float] = person.driver.execute_script("""
        const style = getComputedStyle(document.body);
        const ground = [document.body, document.documentElement].map(each => getComputedStyle(each).backgroundColor)
            .find(colour => !/, 0\\)$|transparent/.test(colour)) ?? 'rgb(255, 255, 255)';
        return [ground, style.color].map(colour => colour.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => +a + +b, 0));
    """)
    return brightness[0] < brightness[1]
