"""Fixtures for the tests of accounts: passwords are hashed at low cost."""

from collections.abc import Iterator

import pytest

from tests.helpers.auth_services import fast_password_hashing


@pytest.fixture(autouse=True)
def _fast_hashing() -> Iterator[None]:
    with fast_password_hashing():
        yield
