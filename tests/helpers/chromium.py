"""A headless Chromium that behaves alike on every machine, and starts a test as a person who has never been here."""

import os
import shutil
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.helpers.ports import free_port

BINARY_NAMES = ('chromium', 'chromium-browser', 'google-chrome')
CHROMIUM_ARGUMENTS = (
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    # Nothing leaves this machine, and nothing asks a question of its own.
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--lang=ru',
    '--window-size=1366,768',
)


def options(profile: Path) -> ChromeOptions:
    """Give the options of a browser that keeps its things in the folder `profile`.

    Raises:
        FileNotFoundError: there is no Chromium on this machine.
    """
    binary = os.environ.get('CHROME_BINARY_LOCATION') or next(filter(None, map(shutil.which, BINARY_NAMES)), None)
    if not binary:
        raise FileNotFoundError('Chromium is not on the PATH: run .ci/chromium, or name it in CHROME_BINARY_LOCATION.')
    chosen = ChromeOptions()
    chosen.binary_location = binary
    for argument in (*CHROMIUM_ARGUMENTS, f'--user-data-dir={profile}'):
        chosen.add_argument(argument)
    chosen.add_experimental_option('prefs', {'intl.accept_languages': 'ru,ru-RU'})
    chosen.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    return chosen


def launch(profile: Path) -> Chrome:
    """Start a browser that keeps its things in the folder `profile`; the caller quits it."""
    return Chrome(options=options(profile), service=Service(shutil.which('chromedriver'), port=free_port()))


def reset(browser: Chrome) -> None:
    """Leave one new, empty tab and nothing that an earlier page has stored: quicker than a new browser by seconds."""
    earlier = browser.window_handles
    browser.switch_to.new_window('tab')
    new_tab = browser.current_window_handle
    for window in earlier:
        browser.switch_to.window(window)
        browser.close()
    browser.switch_to.window(new_tab)
    browser.execute_cdp_cmd('Network.clearBrowserCookies', {})
    browser.execute_cdp_cmd('Storage.clearDataForOrigin', {'origin': '*', 'storageTypes': 'all'})
    console_entries(browser)


def console_entries(browser: Chrome) -> list[dict[str, Any]]:
    """Give what pages have written to the console since it was asked last: `level` and `message` of each entry."""
    entries: list[dict[str, Any]] = browser.get_log('browser')  # type: ignore[no-untyped-call]
    return entries
