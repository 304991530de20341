"""A running journal under a root path, whose users sign in at a certified provider."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.helpers.oidc_provider import OidcProvider, new_browser
from tests.helpers.program import Program
from tests.helpers.sample_data import fill_journal, sample_messages

ROOT_PATH = '/journal'


@pytest.fixture(scope='module')
def program(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Program:
    """A journal that is not started yet."""
    folder = tmp_path_factory.mktemp('program')
    (folder / 'journal.db').write_bytes(sqlite_template.read_bytes())
    url = fill_journal(f'sqlite:///{folder}/journal.db', sample_messages())
    return Program(folder, url, JOURNAL_ROOT_PATH=ROOT_PATH)


@pytest.fixture(scope='module')
def provider(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    """A provider at which the users of the journal sign in."""
    provider = OidcProvider(tmp_path_factory.mktemp('provider'), program.url + ROOT_PATH)
    program.environment |= provider.environment
    with provider:
        yield provider


@pytest.fixture(scope='module')
def journal(program: Program, provider: OidcProvider) -> Iterator[str]:
    """The URL of the running journal, with its root path."""
    url = program.url + ROOT_PATH
    with program:
        yield url


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    """A browser without cookies."""
    with new_browser() as opened:
        yield opened
