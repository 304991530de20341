"""A day of an operator of one hospital, in the system of the region.

The journal is under `/journal/` behind nginx, beside the portal of the region. The operator signs in at the region's
identity provider, which binds them to their hospital, and opens the journal from the card of a patient. The database is
PostgreSQL, as in a region; the other tests of the identity provider start the program on SQLite.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from secrets import token_hex
from urllib.parse import unquote
from uuid import UUID

import httpx
import pytest
from selenium.webdriver import Chrome
from sqlalchemy import select

from services import texts
from services.accounts.api_tokens import ApiTokens
from services.database.engine import Database
from services.messages.message_tables import message
from tests.helpers.journal_operator import Operator
from tests.helpers.nginx import Nginx
from tests.helpers.oidc_provider import OidcProvider
from tests.helpers.portal import Portal, running_portal
from tests.helpers.program import Program
from tests.helpers.provider_user import enter_login, sign_out_in_new_tab
from tests.helpers.sample_data import IVANOV, KHIMKI, KOROLEVA, KOROLYOV, SOKOLOVA, fill_journal, sample_messages

OTHER_WORDS = ('Подольская', 'Дубненская', 'Иванов')
"""Words of the names of the other organisations, and of one of their patients."""
PAGES = ('/', '/messages', '/summary', '/callbacks', '/iemk')


@pytest.fixture
def portal() -> Iterator[Portal]:
    """The other application, running."""
    with running_portal() as server:
        yield server


@pytest.fixture
def program(tmp_path: Path, postgresql_url: str) -> Program:
    """A journal for a host with other applications, not started yet; only `chief` has a password."""
    return Program(
        tmp_path,
        fill_journal(postgresql_url, sample_messages()),
        JOURNAL_ROOT_PATH='/journal',
        JOURNAL_STORAGE_SECRET=token_hex(32),
        JOURNAL_TLS='true',
        JOURNAL_TRUSTED_PROXY='127.0.0.1',
        JOURNAL_ALLOWED_HOSTS='127.0.0.1',
        JOURNAL_LOCAL_ACCOUNTS='chief',
        JOURNAL_OIDC_ORGANIZATIONS_CLAIM='organizations',
    )


@pytest.fixture
def nginx(program: Program, portal: Portal, tmp_path: Path) -> Iterator[Nginx]:
    """nginx in front of the journal, which is not started yet, and of the portal."""
    (tmp_path / 'nginx').mkdir()
    with Nginx(tmp_path / 'nginx', (program.port, program.port), portal.server_port) as running:
        yield running


@pytest.fixture
def provider(program: Program, nginx: Nginx, tmp_path: Path) -> Iterator[OidcProvider]:
    """The identity provider; it announces a sign-out to the program itself, because nginx's certificate is a test's."""
    (tmp_path / 'provider').mkdir()
    direct = f'{program.url}/journal/login/oidc/backchannel'
    running = OidcProvider(tmp_path / 'provider', f'{nginx.url}/journal', backchannel_logout_uri=direct)
    with running:
        claims = {'preferred_username': 'boris', 'roles': ['WebAdmin'], 'organizations': [KHIMKI]}
        running.change_user('boris', claims=claims)
        program.environment |= running.environment
        yield running


@pytest.fixture
def journal(program: Program, provider: OidcProvider, nginx: Nginx) -> Iterator[str]:
    """The URL of the running journal."""
    with program:
        yield f'{nginx.url}/journal'


@pytest.fixture
def operator(driver: Chrome, journal: str) -> Iterator[Operator]:
    """A user whose browser accepts the self-signed certificate of the test."""
    driver.execute_cdp_cmd('Security.setIgnoreCertificateErrors', {'ignore': True})
    yield Operator(driver, journal)
    driver.execute_cdp_cmd('Security.setIgnoreCertificateErrors', {'ignore': False})


def sign_in_at_provider(operator: Operator) -> None:
    """Press the button of the provider, and enter the operator there."""
    operator.click(texts.OIDC_SIGN_IN.format(label='ИЭМК'))
    enter_login(operator, 'boris')


def message_to(program: Program, phone: str) -> UUID:
    """Return the code of the message to a phone."""
    with closing(Database(program.environment['JOURNAL_DATABASE_URL'])) as database:
        statement = select(message.c.id).where(message.c.phone == phone)
        id: UUID = database.read_sync(lambda session: session.execute(statement).scalar_one())
    return id


def launch_url(program: Program, journal: str, **patient: str) -> str:
    """Return the URL that the portal receives for the card of a patient."""
    with closing(Database(program.environment['JOURNAL_DATABASE_URL'])) as database:
        token = ApiTokens(database).add(f'card{token_hex(4)}')
    headers = {'Authorization': f'Bearer {token}'}
    response = httpx.post(f'{journal}/api/v1/links', json=patient, headers=headers, verify=False)
    assert response.status_code == 201, response.text
    return str(response.json()['url'])


def test_an_operator_of_one_hospital_works_in_the_system_of_the_region(
    operator: Operator, program: Program, journal: str, portal: Portal, provider: OidcProvider
) -> None:
    operator.driver.get(launch_url(program, journal, phone='8 916 888-11-22', name=SOKOLOVA))
    sign_in_at_provider(operator)
    operator.wait_for_recipients(SOKOLOVA)
    assert not [part for part in ('Соколова', '916') if part in unquote(operator.driver.current_url)]

    operator.open('/messages')
    operator.wait_for_text('Химкинская')
    operator.search_messages()
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    for path in PAGES:
        operator.open(path)
        operator.wait_for_text('Химкинская')
        assert not [word for word in OTHER_WORDS if word in operator.text], path

    operator.driver.get(launch_url(program, journal, phone='8 926 111-22-33', name=IVANOV))
    operator.wait_for_no_results()
    other = message_to(program, '+79261112233')
    operator.open(f'/messages/{other}')
    operator.wait_for_no_results()
    operator.open(f'/messages/{other}/person')
    operator.wait(lambda: 'Подольская' not in operator.text and operator.text, 'The page does not open')
    for path in ('/users', '/access', '/import'):
        operator.open(path)
        operator.wait_for_text(texts.FORBIDDEN_TITLE)

    operator.open('/messages')
    operator.wait_for_text('Химкинская')
    sign_out_in_new_tab(operator, provider, 'boris')
    operator.wait_for_path('/login')
    assert not [path for path, _ in portal.requests if 'journal' in path]
