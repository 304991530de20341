"""Fixtures for the tests of accounts, which change the parameters of the password hash."""

from collections.abc import Iterator

import pytest

from tests.helpers.auth_services import fast_password_hashing


@pytest.fixture(autouse=True)
def _restored_hash_parameters() -> Iterator[None]:
    with fast_password_hashing():
        yield
