"""A person without a mouse, from the sign-in page to an opened message; and one with a telephone's screen."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from services import texts
from services.formats import day
from tests.helpers.journal_operator import CLERK, PASSWORD, Cookies, Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import KHIMKI, KOROLEVA, KOROLYOV, MONTH, moment

WIDTH, HEIGHT = 360, 740
LOOKS = """
const done = arguments[0];
const look = root => root && [root, ...root.querySelectorAll('*')].flatMap(each =>
    [null, '::before', '::after'].map(part => {
        const {outline, boxShadow, border, backgroundColor} = getComputedStyle(each, part);
        return [outline, boxShadow, border, backgroundColor].join();
    })).join();
const shown = () => {
    document.getAnimations().forEach(animation => animation.finish());
    const focused = document.activeElement;
    const root = focused === document.body ? null
        : focused.closest('label, [role=gridcell], [role=columnheader]') ?? focused;
    done([look(root), look(window.left)]);
    window.left = root;
};
requestAnimationFrame(() => requestAnimationFrame(shown));
"""
"""How the thing with the focus looks, or the whole field or cell around it; and how that looks which had it before."""


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that stories only look at."""
    return sample_journal


def test_a_message_is_found_and_read_by_keyboard_alone(driver: Chrome, journal: Program) -> None:
    person = Operator(driver, journal.url)
    person.open('/login')
    person.wait(lambda: person.focus == texts.USER_NAME, 'The focus does not wait in the first field')
    person.type(CLERK)
    person.press('Tab')
    person.type(PASSWORD)
    person.press('Enter')
    person.arrive('/')
    person.walk_to(texts.SECTION_TITLE)
    person.press('Enter')
    person.turn_to_new_tab()

    person.walk_to(texts.RECIPIENT)
    person.type('королев')
    person.walk_to(texts.PHONE)
    person.type('903')
    person.walk_to(texts.KIND)
    person.press('ArrowDown')
    person.wait(lambda: person.all(('option',), 'Прикрепление'), 'The kinds do not open')
    choose_by_arrows(person, 'Прикрепление')
    person.see_value(texts.KIND, 'Прикрепление')
    person.walk_to('Дата отправки сообщения с')
    person.press('Control+a')
    person.type(day(moment(2).date()))
    person.walk_to(texts.ORGANIZATION_FILTER)
    person.type('химк')
    person.wait(lambda: person.names(('option',)) == [KHIMKI], lambda: str(person.names(('option',))))
    person.press('Enter')
    person.see_value(texts.ORGANIZATION_FILTER, KHIMKI)
    person.walk_to('Ошибка отправки')
    person.press('Space')
    person.walk_to(texts.FIND)
    person.press('Enter')
    person.see_found(KOROLEVA)

    person.walk_to(texts.SHOW_MESSAGE)
    person.press('Enter')
    person.see_opened(1)
    person.see('Абонент не в сети')
    person.walk_to(texts.CLEAR, 'Shift+Tab', steps=60)
    person.press('Enter')
    person.see(texts.NO_DATA)
    person.walk_to(texts.FIND, 'Shift+Tab')
    person.press('Space')
    person.see_found(*MONTH)


def test_the_focus_is_always_in_sight(operator: Operator) -> None:
    operator.find_messages()
    operator.see_found(*MONTH)
    operator.field(texts.RECIPIENT).click()
    focus, with_focus = '', ''
    for _ in range(30):
        operator.press('Tab')
        present, left = operator.driver.execute_async_script(LOOKS)
        assert not with_focus or left != with_focus, f'Nothing tells that the focus is on «{focus}»'
        focus, with_focus = operator.focus, present


@pytest.fixture
def telephone(driver: Chrome, journal: Program, session: Cookies) -> Iterator[Operator]:
    """Somebody signed in whose screen is as narrow as a telephone's."""
    size = {'width': WIDTH, 'height': HEIGHT, 'deviceScaleFactor': 1, 'mobile': False}
    driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', size)
    person = Operator(driver, journal.url)
    person.be_signed_in(session)
    person.open('/messages')
    yield person
    driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


def test_a_telephone_is_wide_enough_to_find_and_read_a_message(telephone: Operator) -> None:
    telephone.see(texts.NO_DATA)
    assert_nothing_beside_the_screen(telephone)
    telephone.find_messages(RECIPIENT='королев')
    telephone.wait(
        lambda: telephone.column(texts.RECIPIENT) == [KOROLYOV, KOROLEVA],
        lambda: f'The list: {telephone.rows}',
    )
    assert_nothing_beside_the_screen(telephone)
    telephone.click_element(lambda: telephone.all(('button',), texts.SHOW_MESSAGE)[1])
    telephone.see_opened(1)
    telephone.see('Иван Петрович, ждём Вас', 'Абонент не в сети')
    telephone.see(KHIMKI, '+7 (903) 555-44-33', 'Прикрепление')
    assert_nothing_beside_the_screen(telephone)


def choose_by_arrows(person: Operator, option: str) -> None:
    """Press ArrowDown in an open list until a screen reader would say the option, then Enter."""
    active = 'return document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.innerText'
    for _ in person.names(('option',)):
        if person.driver.execute_script(active) == option:
            break
        person.press('ArrowDown')
    person.press('Enter')


def assert_nothing_beside_the_screen(person: Operator) -> None:
    """See that the page is as wide as the screen."""
    assert person.driver.execute_script('return document.documentElement.scrollWidth') <= WIDTH
