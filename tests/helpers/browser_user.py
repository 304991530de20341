"""Somebody in front of the browser: finds things by the name and role that a screen reader would say, and waits.

Names and roles come from Chromium's accessibility tree, so that a thing without an accessible name cannot be found, and
a thing hidden from a screen reader neither. Nothing here knows the framework's classes.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

T = TypeVar('T')

TIMEOUT = 10
"""Seconds that somebody is ready to wait for anything, on the slowest machine that runs the tests."""
POLL = 0.05
LAST_OF_THE_COMMON_PLANE = '\uffff'
FIELDS = ('textbox', 'combobox', 'searchbox', 'spinbutton', 'Date')
CLICKABLE = ('button', 'link', 'menuitem', 'checkbox', 'option', 'tab', 'radio', 'switch', 'gridcell', 'columnheader')
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
# A page of the product listens once its socket has shaken hands; a plain page has no socket to wait for.
LISTENS = 'return document.readyState === "complete" && window.did_handshake !== false'


class Person:
    """Somebody with a keyboard, a mouse and some patience; every failure says what was there instead."""

    def __init__(self, driver: Chrome, base_url: str) -> None:
        """Sit down at a browser, to use the program at `base_url`."""
        self.driver = driver
        self.base_url = base_url

    # Going somewhere

    def open(self, path: str = '/') -> None:
        """Go to an address of the program, and wait until the page listens."""
        self.driver.get(self.base_url + path)
        self.wait(lambda: self.driver.execute_script(LISTENS), f'{path} does not begin to listen')

    @property
    def path(self) -> str:
        """Where in the program the browser is, without the host."""
        return self.driver.current_url.removeprefix(self.base_url)

    def arrive(self, path: str) -> None:
        """Wait until the browser is at `path`, and the page there listens."""

        def there() -> bool:
            # A list adds its page and size to its address as soon as it has rows, which may be before this looks.
            return self.path == path or ('?' in path and self.path.startswith(f'{path}&page='))

        self.wait(there, lambda: f'The browser is at {self.path}, not at {path}')
        self.wait(lambda: self.driver.execute_script(LISTENS), f'{path} does not begin to listen')

    def turn_to_new_tab(self) -> None:
        """Wait for the tab that the page opens, and go on there."""
        here = self.driver.current_window_handle
        others = self.wait(
            lambda: [tab for tab in self.driver.window_handles if tab != here], 'No other tab has been opened'
        )
        self.driver.switch_to.window(others[-1])
        self.wait(lambda: self.driver.execute_script(LISTENS), 'The new tab does not begin to listen')

    # Finding, by role and by the whole accessible name

    def field(self, label: str, inside: WebElement | None = None) -> WebElement:
        """Find the field, of text or of choice, that is labelled so."""
        return self.find(FIELDS, label, inside)

    def button(self, name: str, inside: WebElement | None = None) -> WebElement:
        """Find the first button of this name."""
        return self.find(('button',), name, inside)

    def link(self, name: str, inside: WebElement | None = None) -> WebElement:
        """Find the first link of this name."""
        return self.find(('link',), name, inside)

    def check_box(self, label: str, inside: WebElement | None = None) -> WebElement:
        """Find the check box that is labelled so."""
        return self.find(('checkbox', 'switch'), label, inside)

    def find(self, roles: Sequence[str], name: str, inside: WebElement | None = None) -> WebElement:
        """Find the first thing of a role and a name."""
        return self.wait(
            lambda: self.all(roles, name, inside)[0],
            lambda: f'No {" or ".join(roles)} «{name}»; there are: {", ".join(self.names(roles, inside)) or "none"}',
        )

    def all(self, roles: Sequence[str], name: str | None = None, inside: WebElement | None = None) -> list[WebElement]:
        """Give what is there at this moment, of some roles, and of a name if one is given; waits for nothing."""
        return [self._element(node) for node in self._nodes(roles, name, inside)]

    def names(self, roles: Sequence[str], inside: WebElement | None = None) -> list[str]:
        """Give the accessible names of all that is there at this moment, of some roles."""
        return [_name(node) for node in self._nodes(roles, None, inside)]

    # Doing

    def click(self, name: str, inside: WebElement | None = None) -> None:
        """Click what is named so: a button, a link, a check box, a cell, whichever there is."""

        def done() -> bool:
            found = self.all(CLICKABLE, name, inside)
            if found:
                found[0].click()
            return bool(found)

        self.wait(
            done, lambda: f'Nothing to click is named «{name}»; there are: {", ".join(self.names(CLICKABLE, inside))}'
        )

    def fill(self, label: str, text: str, inside: WebElement | None = None) -> None:
        """Replace what is in a field."""

        def done() -> bool:
            found = self.field(label, inside)
            found.send_keys(Keys.CONTROL, 'a')
            found.send_keys(Keys.DELETE)
            # A list that folds up may take the focus back between two keys, and then nothing was removed.
            left = str(found.get_property('value') or '').removeprefix('+7').strip(' ()_-')
            return not left and found == self.driver.switch_to.active_element

        self.wait(done, f'The field «{label}» cannot be filled')
        self.type(text)

    def type(self, text: str) -> None:
        """Type where the focus is; long text, and what no keyboard has, comes at once as if pasted."""
        if len(text) > 200 or any(letter > LAST_OF_THE_COMMON_PLANE for letter in text):
            self.driver.execute_cdp_cmd('Input.insertText', {'text': text})
        else:
            ActionChains(self.driver).send_keys(text).perform()

    def choose(self, label: str, option: str) -> None:
        """Open a field of choice and take an option from its list."""
        self.click_element(lambda: self.field(label))
        self.click_element(lambda: self.find(('option',), option))
        # Until it has folded up it may take the focus back, and with it what is typed next.
        self.wait(lambda: not self.all(('option',), option), 'The list does not fold up')

    def click_element(self, finding: Callable[[], WebElement]) -> None:
        """Click what `finding` finds, again if the page has just replaced or covered it."""

        def done() -> bool:
            finding().click()
            return True

        self.wait(done, 'It cannot be clicked')

    def press(self, *keys: str) -> None:
        """Press keys one after another where the focus is: 'Tab', 'Shift+Tab', 'Enter', 'ArrowDown', 'Control+a'."""
        for key in keys:
            *held, last = key.split('+')
            actions = ActionChains(self.driver)
            for modifier in held:
                actions.key_down(KEYS[modifier])
            actions.send_keys(KEYS.get(last, last))
            for modifier in reversed(held):
                actions.key_up(KEYS[modifier])
            actions.perform()

    # Seeing

    @property
    def text(self) -> str:
        """All text that the page shows at this moment, spaces made plain."""
        return plain(self.driver.execute_script('return document.body.innerText'))

    def shows(self, text: str) -> bool:
        """Tell whether the page shows this at this moment."""
        return plain(text) in self.text

    def see(self, *texts: str) -> None:
        """Wait until the page shows all of these."""
        self.wait(lambda: all(map(self.shows, texts)), lambda: f'Not all of {texts} in: {self.text}')

    def not_see(self, *texts: str) -> None:
        """Wait until the page shows none of these; first see what tells that the page has answered."""
        self.wait(lambda: not any(map(self.shows, texts)), lambda: f'Some of {texts} in: {self.text}')

    def see_title(self, title: str) -> None:
        """Wait until the tab is titled so."""
        self.wait(lambda: self.driver.title == title, lambda: f'The title is «{self.driver.title}», not «{title}»')

    def see_value(self, label: str, value: str) -> None:
        """Wait until a field holds this."""
        self.wait(
            lambda: self.value(label) == value,
            lambda: f'«{label}» holds «{self.value(label)}», not «{value}»',
        )

    def value(self, label: str) -> str:
        """Give what a field holds at this moment."""
        return plain(str(self.field(label).get_property('value') or ''))

    @property
    def focus(self) -> str:
        """The accessible name of what has the focus."""
        return plain(self.driver.switch_to.active_element.accessible_name)

    def wait(self, condition: Callable[[], T], otherwise: str | Callable[[], str], timeout: float = TIMEOUT) -> T:
        """Wait until `condition` gives something true; a page that is being redrawn is asked again."""
        __tracebackhide__ = True
        # The driver has an error of its own for each way in which a thing is gone or covered between two questions.
        waiting = WebDriverWait(
            self.driver, timeout, poll_frequency=POLL, ignored_exceptions=(WebDriverException, IndexError)
        )
        try:
            return waiting.until(lambda _: condition())
        except TimeoutException:
            reason = otherwise if isinstance(otherwise, str) else otherwise()
            raise AssertionError(reason) from None

    # The accessibility tree, by the browser's own protocol: the driver can name an element but not find it by name

    def _nodes(self, roles: Sequence[str], name: str | None, inside: WebElement | None) -> list[dict[str, Any]]:
        self.driver.execute_script('window.lookedInto = arguments[0] || document', inside)
        root = self._protocol('Runtime.evaluate', expression='window.lookedInto')['result']['objectId']
        if name is not None:
            # One question by name is quicker than one for each role; it knows no name with other spaces than these.
            named = [node for node in self._ask(root, accessibleName=name) if node['role']['value'] in roles]
            if named:
                return named
        found = [node for role in roles for node in self._ask(root, role=role)]
        return [node for node in found if name is None or _name(node) == plain(name)]

    def _ask(self, root: str, **asked: str) -> list[dict[str, Any]]:
        nodes = self._protocol('Accessibility.queryAXTree', objectId=root, **asked)['nodes']
        return [node for node in nodes if not node['ignored'] and 'backendDOMNodeId' in node]

    def _element(self, node: dict[str, Any]) -> WebElement:
        handle = self._protocol('DOM.resolveNode', backendNodeId=node['backendDOMNodeId'])['object']['objectId']
        self._protocol('Runtime.callFunctionOn', objectId=handle, functionDeclaration='function(){window.found=this}')
        element: WebElement = self.driver.execute_script('return window.found')
        return element

    def _protocol(self, command: str, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.driver.execute_cdp_cmd(command, arguments)
        return answer


def plain(text: str) -> str:
    """Make every run of spaces, no-break ones and line ends too, one plain space, as the eye does."""
    return ' '.join(text.split())


def _name(node: dict[str, Any]) -> str:
    return plain(str(node.get('name', {}).get('value', '')))
