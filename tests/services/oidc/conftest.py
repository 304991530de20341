"""Fixtures of these tests: the services over a database of the test's own, on each engine."""

import pytest

from services.database.engine import Database
from tests.helpers.fake_identity_provider import OidcServices


@pytest.fixture
def oidc(database: Database) -> OidcServices:
    """The services with the default settings; the test runs on each engine."""
    return OidcServices(database)
