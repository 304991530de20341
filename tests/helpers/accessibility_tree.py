"""Elements by role and accessible name, as Chromium computes them for screen readers.

WebDriver cannot find elements by name, so that a script of the page looks for them: one command, of which only the
names of the elements with the wanted roles take time.
"""

from collections.abc import Sequence

from selenium.webdriver import Chrome
from selenium.webdriver.remote.webelement import WebElement

DEFINE_NAMED_ELEMENTS = """
const [roles, root] = arguments;
if (!('computedName' in Element.prototype)) throw new Error('Start Chromium with ComputedAccessibilityInfo');
const isHidden = element =>
    !element.checkVisibility({visibilityProperty: true}) || element.closest('[aria-hidden=true], [inert]');
const named = [...(root ?? document).querySelectorAll('*')]
    .filter(element => roles.includes(element.computedRole) && !isHidden(element))
    .map(element => [element, element.computedName.trim().replace(/\\s+/g, ' ')]);
"""
"""The elements with one of the roles that are not hidden, each with its name, whose whitespace is collapsed."""
FIND_NAMED = DEFINE_NAMED_ELEMENTS + 'return named.filter(([, name]) => name === arguments[2]).map(([found]) => found);'
READ_NAMED = DEFINE_NAMED_ELEMENTS + 'return named;'


class AccessibilityTree:
    """The accessibility tree of the page that is open in a browser."""

    def __init__(self, driver: Chrome) -> None:
        """Read the pages of a browser that is running with ComputedAccessibilityInfo."""
        self._driver = driver

    def find(self, roles: Sequence[str], name: str, inside: WebElement | None) -> list[WebElement]:
        """Return the elements with one of the roles and with this name, in the page or in an element."""
        found: list[WebElement] = self._driver.execute_script(FIND_NAMED, roles, inside, collapse_whitespace(name))
        return found

    def read(self, roles: Sequence[str], inside: WebElement | None) -> list[tuple[WebElement, str]]:
        """Return the elements with one of the roles, each with its name, in the page or in an element."""
        return [(element, name) for element, name in self._driver.execute_script(READ_NAMED, roles, inside)]


def collapse_whitespace(text: str) -> str:
    """Replace every run of whitespace, including no-break spaces and line ends, by one space."""
    return ' '.join(text.split())
