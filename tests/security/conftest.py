"""The running program over a filled database on each engine, shared by the tests of a module."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import count

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import Session

from services.access_scope.organization_scope import set_account_scope
from services.accounts.identity import find_account
from services.database.engine import Database
from services.database.tables import ORGANIZATION_TABLE
from tests.helpers.attacked_program import Entrance, SignIn
from tests.helpers.journal_operator import CLERK_NAME, PASSWORD
from tests.helpers.nginx import Nginx
from tests.helpers.page_requests import HTML_HEADERS
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.program import Program
from tests.helpers.sample_data import ROLES, fill_journal, sample_messages

_database_numbers = count(1)


@pytest.fixture(scope='module', params=('sqlite', 'postgresql'))
def journal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A running journal with sample messages; the tests of the module run on each engine."""
    folder = tmp_path_factory.mktemp('attacked')
    if request.param == 'sqlite':
        shutil.copy(request.getfixturevalue('sqlite_template'), folder / 'journal.db')
        url = f'sqlite:///{folder}/journal.db'
    else:
        server: PostgresServer = request.getfixturevalue('postgres')
        name = f'attacked_{next(_database_numbers)}'
        url = server.create(name, request.getfixturevalue('postgresql_template'))
    fill_journal(url, sample_messages())
    (folder / 'temporary').mkdir()
    with Program(
        folder,
        url,
        JOURNAL_STATE_FOLDER=str(folder),
        JOURNAL_RECEIPT_KEYS='{"smsc": "a key of sixteen", "kannel": "a key of sixteen"}',
        TMPDIR=str(folder / 'temporary'),
    ) as running:
        # The anchor of the start is the last line that no test causes.
        running.wait_for_output('audit log anchor')
        yield running


@pytest.fixture(scope='package', params=('sqlite', 'postgresql', 'nginx'))
def entrance(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Entrance]:
    """A running journal on each engine, and one on SQLite behind nginx; its database was readable by everybody.

    Behind nginx users may sign in at an identity provider too, and the operator is bound to every organisation by name.
    """
    folder = tmp_path_factory.mktemp('entrance')
    settings = {'JOURNAL_STATE_FOLDER': str(folder)}
    if request.param == 'postgresql':
        server: PostgresServer = request.getfixturevalue('postgres')
        name = f'attacked_{next(_database_numbers)}'
        url = server.create(name, request.getfixturevalue('postgresql_template'))
        settings['PATH'] = f'{server.binaries}{os.pathsep}{os.environ["PATH"]}'  # pg_dump of the server's version
    else:
        shutil.copy(request.getfixturevalue('sqlite_template'), folder / 'journal.db')
        (folder / 'journal.db').chmod(0o644)
        url = f'sqlite:///{folder}/journal.db'
    if request.param == 'nginx':
        settings |= {
            'JOURNAL_TLS': 'true', 'JOURNAL_TRUSTED_PROXY': '127.0.0.1', 'JOURNAL_ALLOWED_HOSTS': '127.0.0.1',
            'JOURNAL_OIDC_ISSUER': 'https://provider.invalid', 'JOURNAL_OIDC_CLIENT_ID': 'journal',
            'JOURNAL_OIDC_CLIENT_SECRET': 'a secret', 'JOURNAL_OIDC_ORGANIZATIONS_CLAIM': 'organizations',
        }  # fmt: skip
    fill_journal(url, sample_messages(), ROLES | {'victim': 'User', 'flooded': 'User', 'mover': 'User'})
    if request.param == 'nginx':
        _bind_to_all_organizations(url, CLERK_NAME)
    program = Program(folder, url, **settings)
    program.umask = 0
    with ExitStack() as stack:
        stack.enter_context(program)
        reached_at = program.url
        if request.param == 'nginx':
            nginx = Nginx(tmp_path_factory.mktemp('nginx'), (program.port, program.port))
            reached_at = stack.enter_context(nginx).url
        yield Entrance(program, url, reached_at, stack)


@pytest.fixture
def sign_in(journal: Program) -> Iterator[SignIn]:
    """Return a function that signs a person of the sample in: chief, clerk or guest."""
    clients: list[httpx.Client] = []

    def sign_in(name: str) -> httpx.Client:
        client = httpx.Client(base_url=journal.url, headers=HTML_HEADERS, timeout=30)
        clients.append(client)
        client.get('/login')
        assert client.post('/login', data={'name': name, 'password': PASSWORD}).headers['location'] == '/'
        return client

    yield sign_in
    for client in clients:
        client.close()


@pytest.fixture
def stranger(journal: Program) -> Iterator[httpx.Client]:
    """A client that has not signed in."""
    with httpx.Client(base_url=journal.url, headers=HTML_HEADERS, timeout=30) as client:
        yield client


def _bind_to_all_organizations(url: str, user_name: str) -> None:
    """Bind a user to each organisation that the journal has, so that they read the same data within a scope."""

    def bind(session: Session) -> None:
        account = find_account(session, user_name)
        assert account is not None
        names = session.execute(select(ORGANIZATION_TABLE.c.name)).scalars().all()
        assert not set_account_scope(session, account, names)

    with closing(Database(url)) as database:
        database.write_sync(bind)
