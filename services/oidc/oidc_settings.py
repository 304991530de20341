"""The settings of the identity provider: their fields, their validation, and the value that the services receive."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from models import Role
from services import texts
from services.accounts.identity import NAME_PATTERN, normalize_name
from services.setting_fields import SettingFields

OPENID_SCOPE: Final = 'openid'
EVERY_LOCAL_ACCOUNT: Final = 'all'
MAX_LABEL_LENGTH: Final = 40
DEFAULT_ROLES: Final[Mapping[str, Role]] = {role: role for role in (Role.ADMIN, Role.WEB_ADMIN)}
"""The roles of ИЭМК."""
SCOPE: Final = re.compile(r'[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+')
"""A scope, as RFC 6749 defines it, without commas."""


@dataclass(frozen=True)
class OidcSettings:
    """How users sign in at the identity provider."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: str = OPENID_SCOPE
    """Separated by spaces."""
    role_claim: str = 'roles'
    """The claim with the roles; dots lead into nested objects."""
    roles: Mapping[str, Role] = field(default_factory=lambda: DEFAULT_ROLES)
    """The role of an account by the value of the claim."""
    organizations_claim: str = ''
    """The claim with the names of the organisations; empty if it is not used."""
    acr_values: frozenset[str] = frozenset()
    amr_values: frozenset[str] = frozenset()
    """The values of `acr`, and those of `amr`, that prove a second factor; one of either is enough."""
    requires_second_factor: bool = False
    refresh_interval: timedelta = timedelta(minutes=15)
    """The time after which the role is read anew."""
    label: str = 'ИЭМК'
    """The name of the system that the user signs in with."""


class OidcSettingFields(SettingFields):
    """The fields of the identity provider, after those of the program itself."""

    oidc_issuer: str = Field('', description='Issuer (URL) of the OpenID Connect provider that users sign in at')
    oidc_client_id: str = Field('', description='Identifier of the journal at this provider')
    oidc_client_secret: str = Field('', repr=False, description='Secret of the journal at this provider')
    oidc_scopes: str = Field('openid,profile', description='Scopes to request, separated by commas')
    oidc_role_claim: str = Field(
        'roles', min_length=1, description='Claim with the roles of a user; dots lead into objects: realm_access.roles'
    )
    oidc_roles: dict[str, str] = Field(
        {},
        description='Roles of the journal (Admin, WebAdmin, User) by value of this claim, as JSON; '
        'by default Admin and WebAdmin have the same names there',
    )
    oidc_organizations_claim: str = Field(
        '', description='Claim with the names of the organisations that a user is bound to; by default none is'
    )
    oidc_acr_values: str = Field('', description='Values of acr that prove a second factor, separated by commas')
    oidc_amr_values: str = Field('', description='Values of amr that prove a second factor, separated by commas')
    oidc_refresh_minutes: int = Field(
        15, ge=1, le=1440, description='Minutes after which the role of a signed-in user is read anew'
    )
    oidc_label: str = Field('ИЭМК', description='Name of the system that users sign in with, on the button')
    local_accounts: str = Field(
        EVERY_LOCAL_ACCOUNT,
        description='Accounts with a password that may sign in: all, or the name of the only one, for emergencies',
    )

    @field_validator('oidc_issuer')
    @classmethod
    def _validate_issuer(cls, url: str) -> str:
        if url and not is_issuer(url):
            raise ValueError(texts.SETTING_NO_ISSUER.format(value=url))
        return url

    @field_validator('oidc_scopes', 'oidc_acr_values', 'oidc_amr_values')
    @classmethod
    def _validate_scopes(cls, text: str) -> str:
        words = text.replace(',', ' ').split()
        for word in words:
            if not SCOPE.fullmatch(word):
                raise ValueError(texts.SETTING_NO_SCOPE.format(value=word))
        return ','.join(words)

    @field_validator('oidc_roles')
    @classmethod
    def _validate_roles(cls, mapping: dict[str, str]) -> dict[str, str]:
        for value, role in mapping.items():
            if role not in set(Role):
                raise ValueError(texts.SETTING_NOT_ONE_OF.format(value=role, expected=', '.join(Role)))
            if not value.strip():
                raise ValueError(texts.SETTING_EMPTY)
        return mapping

    @field_validator('oidc_label')
    @classmethod
    def _validate_label(cls, text: str) -> str:
        if not text.strip() or not text.isprintable() or len(text) > MAX_LABEL_LENGTH:
            raise ValueError(texts.SETTING_NO_LABEL.format(longest=MAX_LABEL_LENGTH))
        return text.strip()

    @field_validator('local_accounts')
    @classmethod
    def _validate_local_accounts(cls, name: str) -> str:
        if not NAME_PATTERN.fullmatch(normalize_name(name)):
            raise ValueError(texts.SETTING_NO_ACCOUNT_NAME.format(value=name))
        return normalize_name(name)

    @model_validator(mode='after')
    def _check_oidc_settings(self) -> Self:
        if not self.oidc_issuer:
            if self.local_accounts != EVERY_LOCAL_ACCOUNT:
                raise ValueError(texts.SETTING_LOCAL_WITHOUT_OIDC)
            return self
        if missing := self.missing_variables('oidc_client_id', 'oidc_client_secret'):
            raise ValueError(texts.SETTING_FOR_OIDC.format(names=missing))
        if OPENID_SCOPE not in self.oidc_scopes.split(','):
            raise ValueError(texts.SETTING_NO_OPENID)
        if self.require_second_factor and not (self.oidc_acr_values or self.oidc_amr_values):
            raise ValueError(texts.SETTING_NO_FACTOR_VALUES)
        return self

    @property
    def oidc(self) -> OidcSettings | None:
        """How users sign in at the identity provider; None without one."""
        if not self.oidc_issuer:
            return None
        return OidcSettings(
            issuer=self.oidc_issuer,
            client_id=self.oidc_client_id,
            client_secret=self.oidc_client_secret,
            scopes=self.oidc_scopes.replace(',', ' '),
            role_claim=self.oidc_role_claim,
            roles={value: Role(role) for value, role in self.oidc_roles.items()} or DEFAULT_ROLES,
            organizations_claim=self.oidc_organizations_claim,
            acr_values=frozenset(filter(None, self.oidc_acr_values.split(','))),
            amr_values=frozenset(filter(None, self.oidc_amr_values.split(','))),
            requires_second_factor=self.require_second_factor,
            refresh_interval=timedelta(minutes=self.oidc_refresh_minutes),
            label=self.oidc_label,
        )


def is_issuer(url: str) -> bool:
    """Return whether a URL may be an issuer: HTTPS without query and fragment, or HTTP on this machine, for tests."""
    try:
        parts = urlsplit(url)
        is_bare = not (parts.query or parts.fragment or parts.username or parts.password) and '?' not in url
        return bool(parts.hostname) and is_bare and url.isprintable() and ' ' not in url and is_secure(url)
    except ValueError:
        return False


def is_secure(url: str) -> bool:
    """Return whether a URL of the identity provider is encrypted, or does not leave this machine.

    Raises:
        ValueError: it is no URL.
    """
    parts = urlsplit(url)
    _ = parts.port  # raises an error for one that is no number
    return bool(parts.hostname) and (
        parts.scheme == 'https' or (parts.scheme == 'http' and _is_loopback(parts.hostname))
    )


def _is_loopback(host: str | None) -> bool:
    try:
        return host == 'localhost' or ip_address(host or '').is_loopback
    except ValueError:
        return False
