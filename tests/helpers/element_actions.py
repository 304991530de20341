"""Clicks on an element, and its focus, as WebDriver defines them, in a few commands to the browser.

Before a click or a key on an element, the driver runs up to eleven of its own scripts in the page, each of 30 KB. Here
one short script checks the same, and the browser receives the same events of the mouse.
"""

from selenium.common.exceptions import ElementClickInterceptedException
from selenium.webdriver import Chrome
from selenium.webdriver.remote.webelement import WebElement

FIND_CLICK_POINT = """
const [element] = arguments;
const middle = () => {
    const {left, top, right, bottom} = element.getClientRects()[0];
    return [
        Math.floor((Math.max(0, left) + Math.min(innerWidth, right)) / 2),
        Math.floor((Math.max(0, top) + Math.min(innerHeight, bottom)) / 2),
    ];
};
const inFront = () => document.elementFromPoint(...middle());
if (!element.isConnected || !element.getClientRects().length) return {obstacle: 'it is not displayed'};
if (!element.contains(inFront())) element.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
if (!element.contains(inFront())) return {obstacle: inFront()?.outerHTML.slice(0, 200) ?? 'it is outside the window'};
return {point: middle()};
"""
"""The middle of the visible part of an element, after scrolling to it if needed; or what prevents a click there."""
FOCUS = 'arguments[0].focus(); return document.activeElement === arguments[0];'
READ_FOCUSED_VALUE = 'return document.activeElement === arguments[0] ? arguments[0].value ?? "" : null;'


def click(driver: Chrome, element: WebElement) -> None:
    """Move the mouse to an element, and press and release its left button.

    Raises:
        ElementClickInterceptedException: another element is in front of it, or it is not displayed.
    """
    found = driver.execute_script(FIND_CLICK_POINT, element)
    if 'obstacle' in found:
        raise ElementClickInterceptedException(f'The element cannot be clicked: {found["obstacle"]}')
    x, y = found['point']
    button = {'button': 'left', 'clickCount': 1}
    for event in (
        {'type': 'mouseMoved'},
        {'type': 'mousePressed', 'buttons': 1, **button},
        {'type': 'mouseReleased', 'buttons': 0, **button},
    ):
        driver.execute_cdp_cmd('Input.dispatchMouseEvent', {'x': x, 'y': y, 'pointerType': 'mouse', **event})


def focus(driver: Chrome, element: WebElement) -> bool:
    """Focus an element, and return whether it has the focus."""
    return bool(driver.execute_script(FOCUS, element))


def focused_value(driver: Chrome, element: WebElement) -> str | None:
    """Return the value of a field if it has the focus, or nothing if it has not."""
    value: str | None = driver.execute_script(READ_FOCUSED_VALUE, element)
    return value
