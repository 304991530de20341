"""Elements by role and accessible name, as Chromium computes them for screen readers.

WebDriver cannot find elements by name, so that a script of the page looks for them: one command, of which only the
names of the elements with the wanted roles take time.
"""

import json
from collections.abc import Sequence

from selenium.webdriver import Chrome
from selenium.webdriver.remote.webelement import WebElement

DEFINE_NAMED_ELEMENTS = """
const [roles, root] = arguments;
if (!('computedName' in Element.prototype)) throw new Error('Start Chromium with ComputedAccessibilityInfo');
const isHidden = element =>
    !element.checkVisibility({visibilityProperty: true}) || element.closest('[aria-hidden=true], [inert]');
// Most elements are plain ones without a role, for each of which the browser would first check the whole page.
const isPlain = ':is(div, span, i, p, label):is(:not([role]), [role=presentation], [role=none]), svg *, head, head *';
const named = [...(root ?? document).querySelectorAll(`:not(${isPlain}, script, style)`)]
    .filter(element => roles.includes(element.computedRole) && !isHidden(element))
    .map(element => [element, element.computedName.trim().replace(/\\s+/g, ' ')]);
"""
"""The elements with one of the roles that are not hidden, each with its name, whose whitespace is collapsed."""
FIND_NAMED = DEFINE_NAMED_ELEMENTS + 'return named.filter(([, name]) => name === arguments[2]).map(([found]) => found);'
FIND_STARTING = (
    DEFINE_NAMED_ELEMENTS + 'return named.filter(([, name]) => name.startsWith(arguments[2])).map(([found]) => found);'
)
READ_NAMES = DEFINE_NAMED_ELEMENTS + 'return JSON.stringify(named.map(([, name]) => name));'
READ_FOCUSED_NAME = "return document.activeElement?.computedName ?? '';"


class AccessibilityTree:
    """The accessibility tree of the page that is open in a browser."""

    def __init__(self, driver: Chrome) -> None:
        """Read the pages of a browser that is running with ComputedAccessibilityInfo."""
        self._driver = driver

    def find(self, roles: Sequence[str], name: str, inside: WebElement | None) -> list[WebElement]:
        """Return the elements with one of the roles and with this name, in the page or in an element."""
        found: list[WebElement] = self._driver.execute_script(FIND_NAMED, roles, inside, collapse_whitespace(name))
        return found

    def find_starting(self, roles: Sequence[str], words: str, inside: WebElement | None = None) -> list[WebElement]:
        """Return the elements with one of the roles whose names start with words, in the page or in an element."""
        found: list[WebElement] = self._driver.execute_script(FIND_STARTING, roles, inside, words)
        return found

    def names(self, roles: Sequence[str], inside: WebElement | None) -> list[str]:
        """Return the names of the elements with one of the roles, in the page or in an element."""
        # The driver looks at each part of what a script returns, so that one text takes less time than a list.
        names: list[str] = json.loads(self._driver.execute_script(READ_NAMES, roles, inside))
        return names

    @property
    def focused_name(self) -> str:
        """The name of the focused element."""
        return collapse_whitespace(self._driver.execute_script(READ_FOCUSED_NAME))


def collapse_whitespace(text: str) -> str:
    """Replace every run of whitespace, including no-break spaces and line ends, by one space."""
    return ' '.join(text.split())
