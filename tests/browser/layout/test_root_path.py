"""The journal under `/journal/` behind nginx with the shipped configuration, beside another application at `/`."""

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.helpers.journal_operator import Operator
from tests.helpers.nginx import Nginx
from tests.helpers.portal import Portal, running_portal
from tests.helpers.program import Program
from tests.helpers.sample_data import KOROLEVA, KOROLYOV, fill_journal, sample_messages

DOWNLOAD_TIMEOUT = 60
"""Seconds for a file: its process gives way to everybody else's, on a busy machine for long."""
REMEMBER_COPIED = "addEventListener('copy', e => { window.copied = e.clipboardData.getData('text/plain') })"


def links(operator: Operator) -> list[str]:
    """Return the URLs of all links of the open page that lead to a page."""
    found: list[str] = operator.driver.execute_script('return [...document.links].map(link => link.href)')
    return [url for url in found if not url.startswith('tel:')]


def check_links(operator: Operator, path: str, part: str) -> None:
    """Open a page, wait for a link whose URL contains `part`, and check that all links lead into the journal.

    `ui.link` adds the root path a moment after it was drawn.
    """

    def outside() -> list[str]:
        return [url for url in links(operator) if not url.startswith(f'{operator.base_url}/')]

    operator.open(path)
    operator.wait(lambda: any(part in url for url in links(operator)), lambda: f'No {part} in {links(operator)}')
    operator.wait(lambda: not outside(), lambda: f'Links lead outside: {outside()}')


@pytest.fixture
def portal() -> Iterator[Portal]:
    """The other application, running."""
    with running_portal() as server:
        yield server


@pytest.fixture
def nginx(portal: Portal, tmp_path: Path, sqlite_template: Path) -> Iterator[Nginx]:
    """nginx in front of the journal and of the portal."""
    (tmp_path / 'journal.db').write_bytes(sqlite_template.read_bytes())
    settings = {
        'JOURNAL_ROOT_PATH': '/journal',
        'JOURNAL_STORAGE_SECRET': token_hex(32),
        'JOURNAL_TLS': 'true',
        'JOURNAL_TRUSTED_PROXY': '127.0.0.1',
        'JOURNAL_ALLOWED_HOSTS': '127.0.0.1',
    }
    url = fill_journal(f'sqlite:///{tmp_path}/journal.db', sample_messages())
    (tmp_path / 'nginx').mkdir()
    with (
        Program(tmp_path, url, **settings) as program,
        Nginx(tmp_path / 'nginx', (program.port, program.port), portal.server_port) as running,
    ):
        yield running


@pytest.fixture
def operator(driver: Chrome, nginx: Nginx) -> Iterator[Operator]:
    """A user whose browser accepts the self-signed certificate of the test."""
    driver.execute_cdp_cmd('Security.setIgnoreCertificateErrors', {'ignore': True})
    yield Operator(driver, f'{nginx.url}/journal')
    driver.execute_cdp_cmd('Security.setIgnoreCertificateErrors', {'ignore': False})


def test_the_journal_works_under_a_path_beside_another_application(
    operator: Operator, nginx: Nginx, portal: Portal, downloads: Path
) -> None:
    operator.driver.get(nginx.url)
    operator.open('/messages')
    operator.sign_in()
    operator.wait_for_path('/messages')
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.click(texts.COST)
    operator.wait_for_column(texts.RECIPIENT, [KOROLEVA, KOROLYOV])
    operator.wait(lambda: 'sort=cost' in operator.path, lambda: f'The URL does not contain the order: {operator.path}')
    shared_search = operator.path

    operator.click(texts.EXPORT)
    operator.click(texts.CSV)
    operator.wait(lambda: list(downloads.glob('*.csv')), 'No file has come', timeout=DOWNLOAD_TIMEOUT)

    operator.driver.execute_script(REMEMBER_COPIED)
    operator.click_in_row(texts.SHOW_MESSAGE)
    operator.click_in_row(texts.COPY_LINK)
    link = str(operator.wait(lambda: operator.driver.execute_script('return window.copied'), 'The link is not copied'))
    assert link.startswith(f'{operator.base_url}/messages/')
    operator.click_in_row(texts.PERSON_LINK)
    operator.wait_for_path(f'{link.removeprefix(operator.base_url)}/person')
    operator.driver.get(link)
    operator.wait_for_recipients(KOROLEVA)
    operator.open(shared_search)
    operator.wait_for_column(texts.RECIPIENT, [KOROLEVA, KOROLYOV])

    check_links(operator, '/', '/summary')
    check_links(operator, '/summary', '/messages?')
    check_links(operator, '/callbacks', '/person')
    operator.driver.get(f'{operator.base_url}/api/v1/docs')
    operator.wait_for_text('/receipts/{provider}')

    operator.driver.get(nginx.url)
    operator.open('/')
    cookies = {cookie['name']: cookie['path'] for cookie in operator.driver.get_cookies()}
    assert cookies.pop('session') == '/'
    assert cookies == dict.fromkeys(
        ('__Secure-journal_session', '__Secure-journal_device', '__Secure-journal_node'), '/journal'
    )
    operator.click(texts.SIGN_OUT)
    operator.wait_for_path('/login')
    operator.open('/messages')
    operator.wait_for_path('/login?redirect_to=/messages')
    assert portal.requests == [('/', ''), ('/', 'session=portal')]
