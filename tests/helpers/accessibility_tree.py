"""Elements by role and accessible name, from Chromium's accessibility tree, which screen readers use.

It is read through the DevTools protocol, because WebDriver cannot find elements by name.
"""

from collections.abc import Sequence
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.remote.webelement import WebElement

Node = dict[str, Any]
"""A node of the tree, as the DevTools protocol describes it."""
FIND_NAMES = """
const [root, name] = arguments;
if (!('computedName' in Element.prototype)) throw new Error('Start Chromium with ComputedAccessibilityInfo');
const names = [...(root ?? document).querySelectorAll('*')].map(element => element.computedName);
return [...new Set(names)].filter(each => each.trim().replace(/\\s+/g, ' ') === name);
"""
"""The names in the page that equal a name if whitespace is collapsed."""


class AccessibilityTree:
    """The accessibility tree of the page that is open in a browser."""

    def __init__(self, driver: Chrome) -> None:
        """Read the pages of a browser that is running with ComputedAccessibilityInfo."""
        self._driver = driver

    def nodes(self, roles: Sequence[str], name: str | None, inside: WebElement | None) -> list[Node]:
        """Return the nodes with one of the roles and, if it is given, with this name, in the page or in an element."""
        if inside:
            self._driver.execute_script('window.searchRoot = arguments[0]', inside)
        expression = 'window.searchRoot' if inside else 'document'
        root = self._devtools('Runtime.evaluate', expression=expression)['result']['objectId']
        if name is None:
            return [node for role in roles for node in self._query(root, role=role)]
        if found := self._nodes_named(name, roles, root):
            return found
        # Whitespace is compared exactly above. A query takes as long as this script, so one for each role costs more.
        other_names = self._driver.execute_script(FIND_NAMES, inside, collapse_whitespace(name))
        return [node for each in other_names for node in self._nodes_named(each, roles, root)]

    def first(self, roles: Sequence[str], name: str, inside: WebElement | None) -> list[WebElement]:
        """Return the first element with one of the roles and with this name, or an empty list."""
        return self.elements(self.nodes(roles, name, inside)[:1])

    def elements(self, nodes: Sequence[Node]) -> list[WebElement]:
        """Return the elements of nodes; each takes three commands."""
        return [self._element(node) for node in nodes]

    def _nodes_named(self, name: str, roles: Sequence[str], root: str) -> list[Node]:
        return [node for node in self._query(root, accessibleName=name) if node['role']['value'] in roles]

    def _query(self, root: str, **criteria: str) -> list[Node]:
        nodes = self._devtools('Accessibility.queryAXTree', objectId=root, **criteria)['nodes']
        return [node for node in nodes if not node['ignored'] and 'backendDOMNodeId' in node]

    def _element(self, node: Node) -> WebElement:
        handle = self._devtools('DOM.resolveNode', backendNodeId=node['backendDOMNodeId'])['object']['objectId']
        store = 'function(){window.foundElement=this}'
        self._devtools('Runtime.callFunctionOn', objectId=handle, functionDeclaration=store)
        element: WebElement = self._driver.execute_script('return window.foundElement')
        return element

    def _devtools(self, command: str, **arguments: Any) -> dict[str, Any]:
        result: dict[str, Any] = self._driver.execute_cdp_cmd(command, arguments)
        return result


def accessible_name(node: Node) -> str:
    """Return the name of a node, with whitespace collapsed."""
    return collapse_whitespace(str(node.get('name', {}).get('value', '')))


def collapse_whitespace(text: str) -> str:
    """Replace every run of whitespace, including no-break spaces and line ends, by one space."""
    return ' '.join(text.split())
