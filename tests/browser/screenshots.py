"""Screenshots for the README and the guide, or of every page at every width, with demonstration data.

Usage: python -m tests.browser.screenshots FOLDER [--pages]
"""

import base64
import re
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

from services import texts
from tests.helpers.journal_operator import Operator, session_cookies
from tests.helpers.running_demo import ADMIN_NAME, running_demo

WIDTH, HEIGHT = 1366, 768
GUIDE_WIDTH = 1000
"""Almost the width of the column of the guide, so that text in a screenshot is legible there."""
SIZES = ((1920, 1080), (WIDTH, HEIGHT), (360, 740))
COLOR_SCHEMES = ('light', 'dark')
PAGE_IS_IDLE = """
return document.getAnimations().length === 0 && [...document.images].every(each => each.complete);
"""


def main(folder: Path, draw: Callable[[Operator, Path], None]) -> None:
    """Start the program and a browser, and run `draw`, which saves screenshots to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_demo() as (program, driver):
        draw(Operator(driver, program.url), folder)


def draw_documentation(operator: Operator, folder: Path) -> None:
    """Save the screenshots of the README and of the guide."""
    set_viewport(operator, WIDTH, HEIGHT)
    operator.set_session_cookies(session_cookies(operator.base_url, ADMIN_NAME))
    draw_journal(operator, folder)
    draw_menus(operator, folder)
    set_viewport(operator, 1100, HEIGHT)
    operator.open('/summary')
    operator.wait_for_text(texts.SUMMARY_BY_DAY)
    operator.wait(lambda: operator.driver.find_elements('css selector', '.chart svg'), 'There are no charts')
    draw_element(operator, 'body', folder / 'guide-summary.png', height=640)
    operator.open('/callbacks')
    operator.wait_for_text(texts.CALLS_PERSON)
    operator.click_element(lambda: operator.driver.find_element('css selector', '.call .act button'))
    note = operator.field(texts.CALLS_NOTE)
    # Others are calling the first recipients of the list.
    operator.driver.execute_script("arguments[0].closest('.call').scrollIntoView({block: 'center'})", note)
    draw_element(operator, 'body', folder / 'guide-callbacks.png', height=640)


def draw_journal(operator: Operator, folder: Path) -> None:
    """Save the journal after a search, and with the details of a failed message."""
    search_month(operator)
    draw_page(operator, folder / 'journal.png')
    set_viewport(operator, GUIDE_WIDTH, HEIGHT)
    draw_element(operator, '.paging', folder / 'guide-paging.png')
    operator.fill(texts.RECIPIENT, 'иванов')
    operator.click_element(lambda: operator.check_box('Ошибка отправки'))
    draw_element(operator, '.panel', folder / 'guide-search.png')
    set_viewport(operator, WIDTH, HEIGHT)
    operator.click(texts.FIND)
    operator.wait(lambda: not operator.find_all(('gridcell',), 'Отправлено'), 'The list still shows what was sent')
    operator.click_in_row(texts.SHOW_MESSAGE)
    operator.wait_for_text(texts.ERROR_CODE)
    draw_page(operator, folder / 'message.png')
    draw_element(operator, '.list', folder / 'guide-row.png', width=1080, height=300)


def draw_menus(operator: Operator, folder: Path) -> None:
    """Save the menus over the list."""
    for name, button, entry in (('export', texts.EXPORT, texts.EXCEL), ('searches', texts.SEARCHES, texts.SAVE_SEARCH)):
        operator.click(button)
        operator.wait_for_text(entry)
        menu_box = operator.driver.find_element('css selector', '.q-menu').rect
        box = {'x': WIDTH - 700, 'y': max(0, menu_box['y'] - 90), 'width': 700, 'height': menu_box['height'] + 110}
        draw_page(operator, folder / f'guide-{name}.png', box)
        operator.press('Escape')


def search_month(operator: Operator) -> None:
    """Search for all messages of the default month."""
    operator.open('/messages')
    operator.wait_for_text('Баланс: 15 240,50 руб.')
    operator.click(texts.FIND)
    operator.wait_for_text('1–20 из')


def draw_pages(operator: Operator, folder: Path) -> None:
    """Save every page at every width, in both color schemes."""
    for (width, height), color_scheme in product(SIZES, COLOR_SCHEMES):
        set_viewport(operator, width, height)
        feature = {'name': 'prefers-color-scheme', 'value': color_scheme}
        operator.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [feature]})
        operator.driver.execute_cdp_cmd('Network.clearBrowserCookies', {})

        def draw(name: str, scheme: str = color_scheme, width: int = width) -> None:
            draw_page(operator, folder / f'{name}-{width}-{scheme}.png')

        operator.open('/login')
        draw('login')
        operator.set_session_cookies(session_cookies(operator.base_url, ADMIN_NAME))
        for path, ready in PAGE_READY_TEXTS.items():
            operator.open(path)
            operator.wait_for_text(ready)
            draw(re.sub(r'\W', '', path) or 'home')
        search_month(operator)
        draw('messages-found')
        operator.click_in_row(texts.SHOW_MESSAGE)
        operator.wait_for_expanded_rows(1)
        draw('messages-opened')
        operator.press('?')
        operator.wait(
            lambda: operator.find_all(('dialog',), texts.SHORTCUTS_TITLE), 'The dialog of shortcuts does not open'
        )
        draw('keys')


PAGE_READY_TEXTS = {
    '/': texts.SECTION_TITLE,
    '/messages': texts.NO_DATA,
    '/summary': texts.SUMMARY_BY_DAY,
    '/callbacks': texts.CALLS_CLAIM,
    '/iemk': texts.NO_DATA,
    '/access': texts.NO_DATA,
    '/import': texts.UPLOAD_DROP,
    '/users': texts.USER_ADD,
    '/error-codes': texts.UNMATCHED_TITLE,
    '/dictionaries': texts.KIND_ADD,
    '/account': texts.SESSIONS_TITLE,
    '/help': texts.GUIDE_TITLE,
    '/nowhere': texts.NOT_FOUND_TITLE,
}
"""The path of every page, and a text that shows that the page is complete."""


def set_viewport(operator: Operator, width: int, height: int) -> None:
    """Set the size of the viewport in CSS pixels."""
    operator.driver.execute_cdp_cmd(
        'Emulation.setDeviceMetricsOverride',
        {'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': False},
    )


def draw_element(operator: Operator, selector: str, path: Path, **box: float) -> None:
    """Save a screenshot of an element; `box` may override its position and size."""
    draw_page(operator, path, {**operator.driver.find_element('css selector', selector).rect, **box})


def draw_page(operator: Operator, path: Path, box: dict[str, float] | None = None) -> None:
    """Save a screenshot of the page, or of a box in it, after all animations and images have finished."""
    operator.wait(lambda: operator.driver.execute_script(PAGE_IS_IDLE), 'The animations of the page do not end')
    clip = {'clip': {**box, 'scale': 1}} if box else {}
    screenshot = operator.driver.execute_cdp_cmd('Page.captureScreenshot', {'format': 'png', **clip})
    path.write_bytes(base64.b64decode(screenshot['data']))


if __name__ == '__main__':
    main(Path(sys.argv[1]), draw_pages if '--pages' in sys.argv else draw_documentation)
