"""The work without a mouse, from the sign-in to the details of a message; and the work on the screen of a phone."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from services import texts
from services.formats import day
from tests.helpers.journal_operator import CLERK_NAME, PASSWORD, Cookies, Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import KHIMKI, KOROLEVA, KOROLYOV, MONTH, moment

WIDTH, HEIGHT = 360, 740
FOCUS_STYLES = """
const done = arguments[0];
const look = root => root && [root, ...root.querySelectorAll('*')].flatMap(each =>
    [null, '::before', '::after'].map(part => {
        const {outline, boxShadow, border, backgroundColor} = getComputedStyle(each, part);
        return [outline, boxShadow, border, backgroundColor].join();
    })).join();
const report = () => {
    document.getAnimations().forEach(animation => animation.finish());
    const focused = document.activeElement;
    const root = focused === document.body ? null
        : focused.closest('label, [role=gridcell], [role=columnheader]') ?? focused;
    done([look(root), look(window.left)]);
    window.left = root;
};
requestAnimationFrame(() => requestAnimationFrame(report));
"""
"""Returns the styles of the focused element with its field or cell, and those of the previously focused one."""


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The sample journal, which the tests of this module only read."""
    return sample_journal


def test_a_message_is_found_and_read_by_keyboard_only(driver: Chrome, journal: Program) -> None:
    operator = Operator(driver, journal.url)
    operator.open('/login')
    operator.wait(lambda: operator.focused_name == texts.USER_NAME, 'The first field does not have the focus')
    operator.type(CLERK_NAME)
    operator.press('Tab')
    operator.type(PASSWORD)
    operator.press('Enter')
    operator.wait_for_path('/')
    operator.focus_by_keyboard(texts.SECTION_TITLE)
    operator.press('Enter')
    operator.switch_to_new_tab()

    operator.focus_by_keyboard(texts.RECIPIENT)
    operator.type('королев')
    operator.focus_by_keyboard(texts.PHONE)
    operator.type('903')
    operator.focus_by_keyboard(texts.KIND)
    operator.press('ArrowDown')
    operator.wait(lambda: operator.find_all(('option',), 'Прикрепление'), 'The list of kinds does not open')
    choose_by_arrows(operator, 'Прикрепление')
    operator.wait_for_value(texts.KIND, 'Прикрепление')
    operator.focus_by_keyboard('Дата отправки сообщения с')
    operator.press('Control+a')
    operator.type(day(moment(2).date()))
    operator.focus_by_keyboard(texts.ORGANIZATION_FILTER)
    operator.type('химк')
    operator.wait(lambda: operator.names(('option',)) == [KHIMKI], lambda: str(operator.names(('option',))))
    operator.press('Enter')
    operator.wait_for_value(texts.ORGANIZATION_FILTER, KHIMKI)
    operator.focus_by_keyboard('Ошибка отправки')
    operator.press('Space')
    operator.focus_by_keyboard(texts.FIND)
    operator.press('Enter')
    operator.wait_for_recipients(KOROLEVA)

    operator.focus_by_keyboard(texts.SHOW_MESSAGE)
    operator.press('Enter')
    operator.wait_for_expanded_rows(1)
    operator.wait_for_text('Абонент не в сети')
    operator.focus_by_keyboard(texts.CLEAR, 'Shift+Tab', steps=60)
    operator.press('Enter')
    operator.wait_for_text(texts.NO_DATA)
    operator.focus_by_keyboard(texts.FIND, 'Shift+Tab')
    operator.press('Space')
    operator.wait_for_recipients(*MONTH)


def test_the_focus_is_always_visible(operator: Operator) -> None:
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
    operator.field(texts.RECIPIENT).click()
    name, focused_style = '', ''
    for _ in range(30):
        operator.press('Tab')
        current_style, previous_style = operator.driver.execute_async_script(FOCUS_STYLES)
        assert not focused_style or previous_style != focused_style, f'«{name}» looks the same without the focus'
        name, focused_style = operator.focused_name, current_style


@pytest.fixture
def phone_screen(driver: Chrome, journal: Program, session: Cookies) -> Iterator[Operator]:
    """A signed-in user with the screen of a phone."""
    size = {'width': WIDTH, 'height': HEIGHT, 'deviceScaleFactor': 1, 'mobile': False}
    driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', size)
    operator = Operator(driver, journal.url)
    operator.set_session_cookies(session)
    operator.open('/messages')
    yield operator
    driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


def test_a_message_is_found_and_read_on_a_phone(phone_screen: Operator) -> None:
    phone_screen.wait_for_text(texts.NO_DATA)
    assert_no_horizontal_overflow(phone_screen)
    phone_screen.search_messages(RECIPIENT='королев')
    phone_screen.wait(
        lambda: phone_screen.column(texts.RECIPIENT) == [KOROLYOV, KOROLEVA],
        lambda: f'The list: {phone_screen.rows}',
    )
    assert_no_horizontal_overflow(phone_screen)
    phone_screen.click_in_row(texts.SHOW_MESSAGE, 1)
    phone_screen.wait_for_expanded_rows(1)
    phone_screen.wait_for_text('Иван Петрович, ждём Вас', 'Абонент не в сети')
    phone_screen.wait_for_text(KHIMKI, '+7 (903) 555-44-33', 'Прикрепление')
    assert_no_horizontal_overflow(phone_screen)


def choose_by_arrows(operator: Operator, option: str) -> None:
    """Press ArrowDown in an open list until the option is the active descendant, then Enter."""
    active = 'return document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.innerText'
    for _ in operator.names(('option',)):
        if operator.driver.execute_script(active) == option:
            break
        operator.press('ArrowDown')
    operator.press('Enter')


def assert_no_horizontal_overflow(operator: Operator) -> None:
    """Check that the page is not wider than the screen."""
    assert operator.driver.execute_script('return document.documentElement.scrollWidth') <= WIDTH
