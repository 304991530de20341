"""Users sign in at a certified provider, and the journal knows who they are and what they may do."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services import texts
from tests.helpers.oidc_provider import OidcProvider, new_browser, sign_in
from tests.helpers.program import Program
from tests.helpers.sample_data import fill_journal, sample_messages


@pytest.fixture(scope='module')
def program(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Program:
    """A journal that is not started yet."""
    folder = tmp_path_factory.mktemp('program')
    (folder / 'journal.db').write_bytes(sqlite_template.read_bytes())
    return Program(folder, fill_journal(f'sqlite:///{folder}/journal.db', sample_messages()))


@pytest.fixture(scope='module')
def provider(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    """A provider at which the users of the journal sign in."""
    with OidcProvider(tmp_path_factory.mktemp('provider'), program.url) as provider:
        program.environment |= provider.environment
        with program:
            yield provider


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    """A browser without cookies."""
    with new_browser() as browser:
        yield browser


def test_a_user_signs_in(provider: OidcProvider, program: Program, browser: httpx.Client) -> None:
    page = sign_in(browser, program.url, 'anna', '?redirect_to=/users')
    assert (page.status_code, page.url.path) == (200, '/users'), program.output
    assert 'anna' in page.text


def test_without_a_role_nobody_enters(provider: OidcProvider, program: Program, browser: httpx.Client) -> None:
    page = sign_in(browser, program.url, 'clara')
    assert page.url.path == '/login'
    assert texts.OIDC_NO_ROLE.format(label='ИЭМК') in page.text
    assert browser.get(f'{program.url}/messages').status_code == 303
