"""The API over a test's own database, and a client that has a token."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from services.accounts.api_tokens import ApiTokens
from services.composition import Services, compose
from services.database.engine import Database
from services.settings import Settings
from tests.helpers.api_application import ApiApplication
from tests.helpers.api_requests import ApiClock


@pytest.fixture
def settings(database: Database) -> Settings:
    """Settings of a program over the test's own database, with a rate limit that no test reaches."""
    url = database.url.render_as_string(hide_password=False)
    return Settings(
        database_url=url,
        api_rate=60_000,
        receipt_keys={
            'smsc': 'k-smsc-0123456789',
            'smsru': 'k-smsru-0123456789',
            'kannel': 'k-kannel-0123456789',
            'smsaero': 'k-aero-0123456789',
        },
    )


@pytest.fixture
def clock() -> ApiClock:
    """The clock of the API."""
    return ApiClock()


@pytest.fixture
def services(database: Database, settings: Settings, clock: ApiClock) -> Services:
    """The services behind the API."""
    return compose(settings, database, now=clock)


@pytest.fixture(scope='session')
def api_application() -> ApiApplication:
    """The application that all tests share."""
    return ApiApplication()


@pytest_asyncio.fixture
async def client(
    database: Database, services: Services, api_application: ApiApplication
) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a token for all organisations."""
    token = ApiTokens(database).add('mailer')
    transport = httpx.ASGITransport(api_application.over(services))
    headers = {'Authorization': f'Bearer {token}'}
    async with httpx.AsyncClient(transport=transport, base_url='http://journal', headers=headers) as opened:
        yield opened
