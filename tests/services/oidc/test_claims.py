"""Claims of any type, length and content: what is no expected value is ignored, and a name is always a valid one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import Role
from services.accounts.identity import MAX_NAME_LENGTH, NAME_PATTERN, normalize_name
from services.oidc.claims import (
    MAX_VALUES,
    account_name,
    claim_at,
    claimed_role,
    claimed_user,
    has_second_factor,
    lacks_claims,
)
from services.oidc.oidc_settings import OidcSettings

SETTINGS = OidcSettings(
    issuer='https://login.region.test',
    client_id='journal',
    client_secret='secret',
    role_claim='realm_access.roles',
    organizations_claim='organizations',
    acr_values=frozenset({'2'}),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = ('preferred_username', 'email', 'name', 'realm_access', 'roles', 'organizations', 'acr', 'amr')


@pytest.mark.parametrize(
    ('claims', 'expected'),
    [
        ({'preferred_username': 'Anna'}, 'anna'),
        ({'preferred_username': 'Иванов Иван'}, 'иванов.иван'),
        ({'preferred_username': 'REGION\\ivanov'}, 'region.ivanov'),
        ({'preferred_username': 'ad\u200bmin\u202e'}, 'admin'),
        ({'preferred_username': 'ａｄｍｉｎ'}, 'admin'),
        ({'preferred_username': '<b>anna</b>'}, 'b.anna.b'),
        ({'preferred_username': "anna'; drop table account;--"}, 'anna.drop.table.account.--'),
        ({'preferred_username': 'a\nb\x00c\ud800'}, 'a.bc'),
        ({'preferred_username': 'a' * 10_000}, 'a' * MAX_NAME_LENGTH),
        ({'preferred_username': '\u200b', 'email': 'anna@region.test'}, 'anna@region.test'),
        ({'preferred_username': ['anna'], 'name': 'Анна'}, 'анна'),
        ({'preferred_username': '...'}, 'user'),
        ({}, 'user'),
    ],
)
def test_a_name_is_made_valid(claims: dict[str, Any], expected: str) -> None:
    assert account_name(claims) == expected


def test_a_claim_is_found_by_name_or_path() -> None:
    claims = {'https://example.test/roles': 1, 'a': {'b': {'c': 2}, 'x.y': 3}, 'd': [4]}
    for path, expected in (
        ('https://example.test/roles', 1),
        ('a.b.c', 2),
        ('a.x.y', None),
        ('d.0', None),
        ('e', None),
    ):
        assert claim_at(claims, path) == expected


def test_only_a_bounded_number_of_values_is_read() -> None:
    claims = {'sub': 's', 'realm_access': {'roles': ['x'] * MAX_VALUES + ['Admin']}}
    assert claimed_role(claims, SETTINGS) is None
    claims = {'sub': 's', 'realm_access': {'roles': ['Admin']}, 'organizations': [str(i) for i in range(10**4)]}
    claims['realm_access'] = {'roles': ['WebAdmin']}
    assert len(claimed_user(claims, SETTINGS).organizations or ()) == MAX_VALUES


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_any_claims_are_understood_or_ignored(claims: dict[str, Any]) -> None:
    user = claimed_user({**claims, 'sub': 'subject'}, SETTINGS)
    assert NAME_PATTERN.fullmatch(user.name)
    assert normalize_name(user.name) == user.name
    assert user.role in (None, *Role)
    assert all(name.isprintable() for name in user.organizations or ())
    assert has_second_factor(claims, SETTINGS) in (True, False)
    assert lacks_claims(claims, SETTINGS) in (True, False)
