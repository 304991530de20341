"""Fixtures of the browser tests: the running program, a browser and its user."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from nicegui.testing import Screen
from selenium.webdriver import Chrome
from urllib3.exceptions import HTTPError

from tests.helpers import chromium, sample_data
from tests.helpers.browser_user import BrowserUser
from tests.helpers.journal_operator import Cookies, Operator, session_cookies
from tests.helpers.program import PROJECT_ROOT, Program, StartProgram

SCREENSHOTS = PROJECT_ROOT / 'screenshots'
LOG_LINES = 40
EXPECTED_CONSOLE_ERRORS = re.compile(r'favicon|^(?!\S*/_nicegui)\S+ - Failed to load resource: .* status of 4\d\d')
"""Expected console errors: a page (not a part of one) that is refused or does not exist."""


@pytest.fixture(scope='module')
def start_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartProgram]:
    """Start any number of journals, which stop after the last test of the module."""
    with ExitStack() as running_programs:

        def start(database_url: str, **environment: str) -> Program:
            return running_programs.enter_context(
                Program(tmp_path_factory.mktemp('program'), database_url, **environment)
            )

        yield start


@pytest.fixture(scope='module')
def journal_url(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> str:
    """The URL of the database of `journal`: migrated and empty; a module may override it."""
    path = tmp_path_factory.mktemp('journal') / 'journal.db'
    path.write_bytes(sqlite_template.read_bytes())
    return f'sqlite:///{path}'


@pytest.fixture(scope='module')
def journal(start_program: StartProgram, journal_url: str) -> Program:
    """A running journal that the tests of a module share."""
    return start_program(journal_url)


@pytest.fixture(scope='session')
def sample_journal(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Program]:
    """A running journal over the sample, for modules whose tests do not change the database."""
    path = tmp_path_factory.mktemp('sample') / 'journal.db'
    path.write_bytes(sqlite_template.read_bytes())
    with Program(
        tmp_path_factory.mktemp('program'), sample_data.fill_journal(f'sqlite:///{path}', sample_data.sample_messages())
    ) as running:
        yield running


@pytest.fixture(scope='session')
def download_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for what the browser downloads in the whole run; tests use `downloads`."""
    return tmp_path_factory.mktemp('downloads')


@pytest.fixture
def downloads(download_folder: Path) -> Path:
    """The folder for what the browser downloads, empty at first."""
    for path in download_folder.iterdir():
        path.unlink()
    return download_folder


@pytest.fixture(scope='session')
def browser(download_folder: Path) -> Iterator[Chrome]:
    """One browser for the whole run; tests use `driver`, which resets it."""
    chrome = chromium.launch(download_folder)
    try:
        yield chrome
    finally:
        chrome.quit()


@pytest.fixture
def driver(request: pytest.FixtureRequest, browser: Chrome) -> Iterator[Chrome]:
    """The browser with one empty tab and no stored data; the test fails if the console of a page has an error.

    Replaces the fixture of pytest-selenium, which starts a browser for each test; the reports of failures still work.
    """
    chromium.reset(browser)
    request.node._driver = browser
    yield browser
    errors = _console_errors(browser, request.node)
    assert not errors, 'The browser console has errors:\n' + '\n'.join(errors)


@pytest.fixture
def browser_user(driver: Chrome, journal: Program) -> BrowserUser:
    """A user of the module's `journal`, not signed in, with no page open."""
    return BrowserUser(driver, journal.url)


@pytest.fixture(scope='module')
def session(journal: Program) -> Cookies:
    """A session of a WebAdmin at the module's `journal`, which needs the accounts of tests.helpers.sample_data."""
    return session_cookies(journal.url)


@pytest.fixture
def operator(driver: Chrome, journal: Program, session: Cookies) -> Operator:
    """A user with that session, with the list of messages open."""
    return Operator.open_signed_in(driver, journal.url, session)


@pytest.fixture
def another_user(tmp_path: Path) -> Iterator[Callable[[str], BrowserUser]]:
    """Return a function that starts a browser of another user; it takes the URL of the program."""
    with ExitStack() as open_browsers:

        def open_browser(url: str) -> BrowserUser:
            chrome = chromium.launch(tmp_path)
            open_browsers.callback(chrome.quit)
            return BrowserUser(chrome, url)

        yield open_browser


@pytest.fixture(scope='session')
def nicegui_driver(download_folder: Path) -> Iterator[Chrome]:
    """The browser of NiceGUI's fixture `screen`, in which a component is tested without the program.

    Replaces the fixture of NiceGUI, which tries to download a driver before it uses the installed one.
    """
    chrome = chromium.launch(download_folder)
    chrome.implicitly_wait(Screen.IMPLICIT_WAIT)
    yield chrome
    chrome.quit()


@pytest.hookimpl
def pytest_selenium_capture_debug(item: pytest.Item, report: pytest.TestReport, extra: list[Any]) -> None:
    """Save a screenshot of the page on which a test failed, and show the last output of the program."""
    driver: Chrome | None = getattr(item, '_driver', None)
    if driver is None:
        return
    SCREENSHOTS.mkdir(exist_ok=True)
    test_name = re.sub(r'[^\w-]+', '-', item.nodeid)
    screenshot = SCREENSHOTS / f'{test_name}-{report.when}.png'
    # After the last test of a run, the browser has quit when its teardown is reported.
    with suppress(HTTPError):
        if driver.save_screenshot(str(screenshot)):
            report.sections.append(('screenshot of the page', str(screenshot)))
    for value in getattr(item, 'funcargs', {}).values():
        if isinstance(value, Program):
            tail = '\n'.join(value.output.splitlines()[-LOG_LINES:])
            report.sections.append((f'the program at {value.url}', tail))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test in this folder, so that `-m 'not browser'` leaves it out."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _console_errors(browser: Chrome, node: pytest.Item) -> list[str]:
    allowed = [part for marker in node.iter_markers('console_errors') for part in marker.args]
    return [
        entry['message']
        for entry in chromium.console_entries(browser)
        if entry['level'] == 'SEVERE'
        and not EXPECTED_CONSOLE_ERRORS.search(entry['message'])
        and not any(part in entry['message'] for part in allowed)
    ]
