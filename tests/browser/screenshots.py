"""The pictures of the README and of the guide, and every page at every width: the program with demonstration data.

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
from tests.helpers.running_demo import NAME, demonstration

WIDTH, HEIGHT = 1366, 768
GUIDE_WIDTH = 1000
"""As wide as the guide's column nearly, so that a picture's words can be read in it."""
SIZES = ((1920, 1080), (WIDTH, HEIGHT), (360, 740))
LOOKS = ('light', 'dark')
STILL = """
return document.getAnimations().length === 0 && [...document.images].every(each => each.complete);
"""


def main(folder: Path, draw: Callable[[Operator, Path], None]) -> None:
    """Let `draw` draw its pictures into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with demonstration() as (program, driver):
        draw(Operator(driver, program.url), folder)


def documentation(person: Operator, folder: Path) -> None:
    """Draw what the README and the guide show."""
    size(person, WIDTH, HEIGHT)
    person.be_signed_in(session_cookies(person.base_url, NAME))
    journal(person, folder)
    beside_the_list(person, folder)
    size(person, 1100, HEIGHT)
    person.open('/summary')
    person.see(texts.SUMMARY_BY_DAY)
    person.wait(lambda: person.driver.find_elements('css selector', '.chart svg'), 'There are no charts')
    part(person, 'body', folder / 'guide-summary.png', height=640)
    person.open('/callbacks')
    person.see(texts.CALLS_PERSON)
    person.click_element(lambda: person.driver.find_element('css selector', '.call .act button'))
    person.field(texts.CALLS_NOTE)
    part(person, 'body', folder / 'guide-callbacks.png', height=460)


def journal(person: Operator, folder: Path) -> None:
    """Draw the journal after a search, and a failed message opened."""
    found(person)
    picture(person, folder / 'journal.png')
    size(person, GUIDE_WIDTH, HEIGHT)
    part(person, '.paging', folder / 'guide-paging.png')
    person.fill(texts.RECIPIENT, 'иванов')
    person.click_element(lambda: person.check_box('Ошибка отправки'))
    part(person, '.panel', folder / 'guide-search.png')
    size(person, WIDTH, HEIGHT)
    person.click(texts.FIND)
    person.wait(lambda: not person.all(('gridcell',), 'Отправлено'), 'The list still shows what was sent')
    person.click(texts.SHOW_MESSAGE)
    person.see(texts.ERROR_CODE)
    picture(person, folder / 'message.png')
    part(person, '.list', folder / 'guide-row.png', width=1080, height=300)


def beside_the_list(person: Operator, folder: Path) -> None:
    """Draw the menus over the list."""
    for name, button, entry in (('export', texts.EXPORT, texts.EXCEL), ('searches', texts.SEARCHES, texts.SAVE_SEARCH)):
        person.click(button)
        person.see(entry)
        beside = person.driver.find_element('css selector', '.q-menu').rect
        box = {'x': WIDTH - 700, 'y': max(0, beside['y'] - 90), 'width': 700, 'height': beside['height'] + 110}
        picture(person, folder / f'guide-{name}.png', box)
        person.press('Escape')


def found(person: Operator) -> None:
    """Search the month of the journal."""
    person.open('/messages')
    person.see('Баланс: 15 240,50 руб.')
    person.click(texts.FIND)
    person.see('1–20 из')


def pages(person: Operator, folder: Path) -> None:
    """Draw every page, at every width and in both looks."""
    for (width, height), look in product(SIZES, LOOKS):
        size(person, width, height)
        feature = {'name': 'prefers-color-scheme', 'value': look}
        person.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [feature]})
        person.driver.execute_cdp_cmd('Network.clearBrowserCookies', {})

        def draw(name: str, look: str = look, width: int = width) -> None:
            picture(person, folder / f'{name}-{width}-{look}.png')

        person.open('/login')
        draw('login')
        person.be_signed_in(session_cookies(person.base_url, NAME))
        for path, ready in PAGES.items():
            person.open(path)
            person.see(ready)
            draw(re.sub(r'\W', '', path) or 'home')
        found(person)
        draw('messages-found')
        person.click(texts.SHOW_MESSAGE)
        person.see_opened(1)
        draw('messages-opened')
        person.press('?')
        person.wait(lambda: person.all(('dialog',), texts.KEYS_TITLE), 'The window of the keys does not open')
        draw('keys')


PAGES = {
    '/': texts.SECTION_TITLE,
    '/messages': texts.NO_DATA,
    '/summary': texts.SUMMARY_BY_DAY,
    '/callbacks': texts.CALLS_TAKE,
    '/iemk': texts.NO_DATA,
    '/access': texts.NO_DATA,
    '/users': texts.USER_ADD,
    '/account': texts.SESSIONS_TITLE,
    '/help': texts.GUIDE_TITLE,
    '/nowhere': texts.NOT_FOUND_TITLE,
}
"""Every address, and what it says when it is drawn."""


def size(person: Operator, width: int, height: int) -> None:
    """Make the page so large."""
    person.driver.execute_cdp_cmd(
        'Emulation.setDeviceMetricsOverride',
        {'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': False},
    )


def part(person: Operator, selector: str, path: Path, **box: float) -> None:
    """Take a picture of a part of the page; `box` may have another width or height."""
    picture(person, path, {**person.driver.find_element('css selector', selector).rect, **box})


def picture(person: Operator, path: Path, box: dict[str, float] | None = None) -> None:
    """Take a picture once nothing moves any more, of the page or of a box in it."""
    person.wait(lambda: person.driver.execute_script(STILL), 'The page keeps moving')
    clip = {'clip': {**box, 'scale': 1}} if box else {}
    taken = person.driver.execute_cdp_cmd('Page.captureScreenshot', {'format': 'png', **clip})
    path.write_bytes(base64.b64decode(taken['data']))


if __name__ == '__main__':
    main(Path(sys.argv[1]), pages if '--pages' in sys.argv else documentation)
