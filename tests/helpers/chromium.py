"""A headless Chromium that behaves alike on every machine, and that starts each test without stored state."""

import os
import shutil
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.helpers.ports import free_port
from tests.helpers.process_guard import end_with_tests

BINARIES = ('/usr/lib/chromium/chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome')
"""The first that is installed is started.

The first one has no windows, and takes a quarter less CPU time to open a page. Its name on the PATH is a script of
Debian, which the driver would end alone.
"""
CHROMIUM_ARGUMENTS = (
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    # The browser connects to nothing outside this machine and shows no dialogs of its own.
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    # What the stories do not use costs processes and time at each start.
    '--disable-extensions',
    '--disable-default-apps',
    '--disable-breakpad',
    # All pages run in one process, which has compiled the scripts of earlier pages: a third of the CPU time is saved.
    '--renderer-process-limit=1',
    '--disable-site-isolation-trials',
    # A script can read the names of elements for screen readers; without the tree, each of them would compute it anew.
    '--enable-blink-features=ComputedAccessibilityInfo',
    '--force-renderer-accessibility',
    # Dialogs and menus open at once: a click does not meet one that still moves.
    '--force-prefers-reduced-motion',
    '--lang=ru',
    '--window-size=1366,768',
)


def launch(downloads: Path) -> Chrome:
    """Start a browser that saves downloaded files in a folder; the caller quits it.

    Its profile is a temporary folder that the driver makes: the driver finds no page of a browser without windows whose
    profile has another place.

    Raises:
        FileNotFoundError: there is no Chromium on this machine.
    """
    binary = os.environ.get('CHROME_BINARY_LOCATION') or next(filter(None, map(shutil.which, BINARIES)), None)
    if not binary:
        raise FileNotFoundError('Chromium is not on the PATH: run .ci/chromium, or name it in CHROME_BINARY_LOCATION.')
    options = ChromeOptions()
    options.binary_location = binary
    for argument in CHROMIUM_ARGUMENTS:
        options.add_argument(argument)
    preferences = {'intl.accept_languages': 'ru,ru-RU', 'download.default_directory': str(downloads)}
    options.add_experimental_option('prefs', preferences)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    driver = Chrome(options=options, service=Service(shutil.which('chromedriver'), port=free_port()))
    assert driver.service.process is not None
    # The browser is a child of the driver.
    end_with_tests(driver.service.process.pid)
    return driver


def reset(browser: Chrome) -> None:
    """Open one new, empty tab and delete cookies and stored data: this takes seconds less than a new browser."""
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
    """Return what pages wrote to the console since the last call: `level` and `message` of each entry."""
    entries: list[dict[str, Any]] = browser.get_log('browser')  # type: ignore[no-untyped-call]
    return entries
