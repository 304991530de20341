"""A user of the browser who finds elements by role and accessible name, as a screen reader does, and waits for them.

Roles and names come from Chromium's accessibility tree. An element without an accessible name, or hidden from screen
readers, is therefore not found. Nothing here depends on the CSS classes of the framework.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.helpers import element_actions
from tests.helpers.accessibility_tree import AccessibilityTree, collapse_whitespace

T = TypeVar('T')

WAIT_TIMEOUT_SECONDS = 10
"""Seconds after which a wait fails, on the slowest machine that runs the tests."""
POLL_INTERVAL_SECONDS = 0.05
LAST_BMP_CHARACTER = '\uffff'
FIELD_ROLES = ('textbox', 'combobox', 'searchbox', 'spinbutton', 'Date')
CLICKABLE_ROLES = (
    'button',
    'link',
    'menuitem',
    'checkbox',
    'option',
    'tab',
    'radio',
    'switch',
    'gridcell',
    'columnheader',
)
KEYS = {
    'Tab': Keys.TAB,
    'Enter': Keys.ENTER,
    'Space': Keys.SPACE,
    'Escape': Keys.ESCAPE,
    'Backspace': Keys.BACKSPACE,
    'Delete': Keys.DELETE,
    'Home': Keys.HOME,
    'End': Keys.END,
    'PageUp': Keys.PAGE_UP,
    'PageDown': Keys.PAGE_DOWN,
    'ArrowUp': Keys.ARROW_UP,
    'ArrowDown': Keys.ARROW_DOWN,
    'ArrowLeft': Keys.ARROW_LEFT,
    'ArrowRight': Keys.ARROW_RIGHT,
    'Shift': Keys.SHIFT,
    'Control': Keys.CONTROL,
    'Alt': Keys.ALT,
}
# A page of the program reacts to input after the handshake of its socket; a plain page has no socket.
PAGE_IS_READY = 'return document.readyState === "complete" && window.did_handshake !== false'


class BrowserUser:
    """A user with a keyboard and a mouse, who waits; every failure names what the page has instead."""

    def __init__(self, driver: Chrome, base_url: str) -> None:
        """Use the program at `base_url` in a browser that is running."""
        self.driver = driver
        self.base_url = base_url
        self._accessibility = AccessibilityTree(driver)

    # Navigation

    def open(self, path: str = '/') -> None:
        """Open a page of the program, and wait until it reacts to input."""
        self.driver.get(self.base_url + path)
        self.wait(lambda: self.driver.execute_script(PAGE_IS_READY), f'{path} does not become ready')

    @property
    def path(self) -> str:
        """The path and query of the open page, without the host."""
        return self.driver.current_url.removeprefix(self.base_url)

    def wait_for_path(self, path: str) -> None:
        """Wait until the browser is at `path`, and that page reacts to input."""

        def is_at_path() -> bool:
            # A list adds its page and size to the URL when it has rows, which may be before this check.
            return self.path == path or ('?' in path and self.path.startswith(f'{path}&page='))

        self.wait(is_at_path, lambda: f'The browser is at {self.path}, not at {path}')
        self.wait(lambda: self.driver.execute_script(PAGE_IS_READY), f'{path} does not become ready')

    def wait_for_url_parts(self, *parts: str) -> None:
        """Wait until the URL has all of these; a list changes its URL a moment after it shows its rows."""
        self.wait(lambda: all(part in self.path for part in parts), lambda: f'{parts} are not in {self.path}')

    def switch_to_new_tab(self) -> None:
        """Wait for the tab that the page opens, and switch to it."""
        current = self.driver.current_window_handle
        others = self.wait(
            lambda: [tab for tab in self.driver.window_handles if tab != current], 'No other tab is open'
        )
        self.driver.switch_to.window(others[-1])
        self.wait(lambda: self.driver.execute_script(PAGE_IS_READY), 'The new tab does not become ready')

    # Search by role and by the whole accessible name

    def field(self, label: str, inside: WebElement | None = None) -> WebElement:
        """Find the text or select field with a label."""
        return self.find(FIELD_ROLES, label, inside)

    def button(self, name: str, inside: WebElement | None = None) -> WebElement:
        """Find the first button with a name."""
        return self.find(('button',), name, inside)

    def link(self, name: str, inside: WebElement | None = None) -> WebElement:
        """Find the first link with a name."""
        return self.find(('link',), name, inside)

    def check_box(self, label: str, inside: WebElement | None = None) -> WebElement:
        """Find the check box with a label."""
        return self.find(('checkbox', 'switch'), label, inside)

    def find(self, roles: Sequence[str], name: str, inside: WebElement | None = None) -> WebElement:
        """Find the first element with one of the roles and with this name; wait until there is one."""
        return self.wait(
            lambda: self._accessibility.find(roles, name, inside)[0],
            lambda: f'No {" or ".join(roles)} «{name}»; there are: {", ".join(self.names(roles, inside)) or "none"}',
        )

    def find_all(
        self, roles: Sequence[str], name: str | None = None, inside: WebElement | None = None
    ) -> list[WebElement]:
        """Return the elements with one of the roles, and with this name if it is given, without waiting."""
        if name is not None:
            return self._accessibility.find(roles, name, inside)
        return self._accessibility.find_starting(roles, '', inside)

    def names(self, roles: Sequence[str], inside: WebElement | None = None) -> list[str]:
        """Return the accessible names of the elements with one of the roles, without waiting."""
        return self._accessibility.names(roles, inside)

    def find_starting(self, roles: Sequence[str], words: str) -> list[WebElement]:
        """Return the elements with one of the roles whose names start with words, without waiting."""
        return self._accessibility.find_starting(roles, words)

    # Input

    def click(self, name: str, inside: WebElement | None = None) -> None:
        """Click the first element with this name that can be clicked: a button, a link, a check box, a cell..."""

        def clicked() -> bool:
            elements = self._accessibility.find(CLICKABLE_ROLES, name, inside)
            if elements:
                element_actions.click(self.driver, elements[0])
            return bool(elements)

        self.wait(
            clicked,
            lambda: f'Nothing to click is named «{name}»; there are: {", ".join(self.names(CLICKABLE_ROLES, inside))}',
        )

    def fill(self, label: str, text: str, inside: WebElement | None = None) -> None:
        """Replace the text of a field."""

        def cleared() -> bool:
            element = self.field(label, inside)
            if not element_actions.focus(self.driver, element):
                return False
            select_all = ActionChains(self.driver).key_down(Keys.CONTROL).send_keys('a').key_up(Keys.CONTROL)
            select_all.send_keys(Keys.DELETE).perform()
            # A list that closes may regain the focus between two keys, and then nothing was removed.
            remaining = element_actions.focused_value(self.driver, element)
            return remaining is not None and not remaining.removeprefix('+7').strip(' ()_-')

        self.wait(cleared, f'The field «{label}» cannot be filled')
        self.type(text)

    def type(self, text: str) -> None:
        """Type into the focused element; long text, and characters that no keyboard has, are inserted at once."""
        if len(text) > 200 or any(letter > LAST_BMP_CHARACTER for letter in text):
            self.driver.execute_cdp_cmd('Input.insertText', {'text': text})
        else:
            ActionChains(self.driver).send_keys(text).perform()

    def choose(self, label: str, option: str) -> None:
        """Open a select field and choose an option from its list."""
        self.click_element(lambda: self.field(label))
        self.click_element(lambda: self.find(('option',), option))
        # Until the list has closed, it may regain the focus, and with it the text that is typed next.
        self.wait(lambda: not self.find_all(('option',), option), 'The list does not close')

    def click_element(self, find: Callable[[], WebElement]) -> None:
        """Click the element that `find` returns; try again if the page has just replaced or covered it."""

        def clicked() -> bool:
            element_actions.click(self.driver, find())
            return True

        self.wait(clicked, 'It cannot be clicked')

    def press(self, *keys: str) -> None:
        """Press keys one after another in the focused element: 'Tab', 'Shift+Tab', 'ArrowDown', 'Control+a'."""
        for key in keys:
            *modifiers, last = key.split('+')
            actions = ActionChains(self.driver)
            for modifier in modifiers:
                actions.key_down(KEYS[modifier])
            actions.send_keys(KEYS.get(last, last))
            for modifier in reversed(modifiers):
                actions.key_up(KEYS[modifier])
            actions.perform()

    # Output

    @property
    def text(self) -> str:
        """The visible text of the page, with whitespace collapsed."""
        return collapse_whitespace(self.driver.execute_script('return document.body.innerText'))

    def shows(self, text: str) -> bool:
        """Return whether the page shows a text now."""
        return collapse_whitespace(text) in self.text

    def wait_for_text(self, *texts: str) -> None:
        """Wait until the page shows all of the texts."""
        self.wait(lambda: all(map(self.shows, texts)), lambda: f'Not all of {texts} in: {self.text}')

    def wait_for_no_text(self, *texts: str) -> None:
        """Wait until the page shows none of the texts; wait first for a sign that the page has responded."""
        self.wait(lambda: not any(map(self.shows, texts)), lambda: f'Some of {texts} in: {self.text}')

    def wait_for_title(self, title: str) -> None:
        """Wait until the tab has a title."""
        self.wait(lambda: self.driver.title == title, lambda: f'The title is «{self.driver.title}», not «{title}»')

    def wait_for_focus(self, words: str) -> None:
        """Wait until an element whose accessible name starts with words has the focus."""
        self.wait(lambda: self.focused_name.startswith(words), lambda: f'The focus is on «{self.focused_name}»')

    def wait_for_value(self, label: str, value: str) -> None:
        """Wait until a field has a value."""
        self.wait(
            lambda: self.value(label) == value,
            lambda: f'«{label}» holds «{self.value(label)}», not «{value}»',
        )

    def value(self, label: str) -> str:
        """Return the value of a field now."""
        return collapse_whitespace(str(self.field(label).get_property('value') or ''))

    @property
    def focused_name(self) -> str:
        """The accessible name of the focused element."""
        return self._accessibility.focused_name

    def wait(
        self, condition: Callable[[], T], failure: str | Callable[[], str], timeout: float = WAIT_TIMEOUT_SECONDS
    ) -> T:
        """Return the first true result of `condition`; errors while the page is redrawn count as not yet true."""
        __tracebackhide__ = True
        # The driver has several errors for an element that is removed or covered between two commands.
        waiting = WebDriverWait(
            self.driver,
            timeout,
            poll_frequency=POLL_INTERVAL_SECONDS,
            ignored_exceptions=(WebDriverException, IndexError),
        )
        try:
            return waiting.until(lambda _: condition())
        except TimeoutException:
            reason = failure if isinstance(failure, str) else failure()
            raise AssertionError(reason) from None
