"""What the claims of the identity provider mean for the program: role, organisations, name, second factor.

A provider may state anything, of any type and length; what is no expected value is ignored.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models import Role
from services.accounts.identity import MAX_NAME_LENGTH, normalize_name
from services.oidc.oidc_settings import OidcSettings
from services.oidc.token_validation import Claims, identifier

MAX_VALUES: Final = 2000
"""Values of a claim; further ones are ignored."""
MAX_VALUE_LENGTH: Final = 500
"""Characters of a value; a longer one is ignored."""
NAME_CLAIMS: Final = ('preferred_username', 'email', 'name')
"""The claims that may name an account, the best first."""
NOT_IN_NAMES: Final = re.compile(r'[^\w.@-]+')
FALLBACK_NAME: Final = 'user'
ROLES_BY_RANK: Final = (Role.ADMIN, Role.WEB_ADMIN, Role.USER)


@dataclass(frozen=True)
class ClaimedUser:
    """A user as the identity provider describes them."""

    subject: str
    name: str
    """A valid name of an account, which another account may already have."""
    role: Role | None
    """None if nothing entitles the user to enter."""
    organizations: frozenset[str] | None
    """The names of the organisations to which the user is bound; None if they are bound to none."""


def claimed_user(claims: Claims, settings: OidcSettings) -> ClaimedUser:
    """Return what the claims say about a user.

    Raises:
        InvalidTokenError: they do not identify the user.
    """
    role = claimed_role(claims, settings)
    is_bound = bool(settings.organizations_claim) and role is not Role.ADMIN
    organizations = frozenset(_values(claims, settings.organizations_claim)) if is_bound else None
    return ClaimedUser(identifier(claims, 'sub'), account_name(claims), role, organizations)


def claimed_role(claims: Claims, settings: OidcSettings) -> Role | None:
    """Return the highest role that the claims entitle to; None for no role."""
    values = _values(claims, settings.role_claim)
    roles = {settings.roles[value] for value in values if value in settings.roles}
    return next((role for role in ROLES_BY_RANK if role in roles), None)


def has_second_factor(claims: Claims, settings: OidcSettings) -> bool:
    """Return whether the user has proved a second factor at the identity provider."""
    methods = claims.get('amr')
    is_method_known = not settings.amr_values.isdisjoint(_texts(methods if isinstance(methods, list) else []))
    return is_method_known or not settings.acr_values.isdisjoint(_texts([claims.get('acr')]))


def lacks_claims(claims: Claims, settings: OidcSettings) -> bool:
    """Return whether a configured claim, or the best name, is missing: the user info endpoint is asked then."""
    configured = filter(None, (settings.role_claim, settings.organizations_claim))
    return NAME_CLAIMS[0] not in claims or any(claim_at(claims, path) is None for path in configured)


def account_name(claims: Claims) -> str:
    """Return a valid name for a new account: what the provider calls the user, without what a name must not have."""
    for claim in NAME_CLAIMS:
        value = claims.get(claim)
        if isinstance(value, str):
            visible = ''.join(filter(_is_visible, normalize_name(value)))
            if name := NOT_IN_NAMES.sub('.', visible).strip('.')[:MAX_NAME_LENGTH]:
                return name
    return FALLBACK_NAME


def claim_at(claims: Claims, path: str) -> object:
    """Return the claim with this name or at this path of nested objects; None if there is none."""
    if path in claims:  # a name may contain dots: https://example.ru/roles
        return claims[path]
    value: object = claims
    for name in path.split('.'):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _is_visible(letter: str) -> bool:
    return letter.isprintable() or letter.isspace()


def _values(claims: Claims, path: str) -> Sequence[str]:
    value = claim_at(claims, path)
    return _texts(value if isinstance(value, list) else [value])


def _texts(values: Sequence[Any]) -> Sequence[str]:
    return [
        value.strip()
        for value in values[:MAX_VALUES]
        if isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= MAX_VALUE_LENGTH
    ]
