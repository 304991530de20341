"""The identity of a user and of a client, and the errors of accounts: plain values without services."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlmodel import Session, col, select

from models import Account, Role
from services.access_scope.organization_scope import OrganizationScope, read_account_scope
from services.audit.hash_chain import Actor
from services.errors import InvalidInputError

MAX_NAME_LENGTH: Final = 64
NAME_PATTERN: Final = re.compile(rf'[\w.@-]{{1,{MAX_NAME_LENGTH}}}')
JOURNAL_ROLES: Final = frozenset({Role.ADMIN, Role.WEB_ADMIN})
"""Roles that may open the journals (docs/manual.md S1)."""


@dataclass(frozen=True)
class Identity:
    """A user who has signed in."""

    id: int
    name: str
    role: Role
    address: str = field(default='', compare=False)
    """The IP address of the sign-in, where it is known."""
    scope: OrganizationScope | None = None
    """The only organisations whose data the user may read; None for all."""
    is_external: bool = False
    """Whether the user signs in at the identity provider, so that the program knows no password of theirs."""

    @property
    def actor(self) -> Actor:
        """The user as recorded in the audit log."""
        return Actor(self.id, self.name, self.address)

    @property
    def may_read_journals(self) -> bool:
        """Whether the user may open the journals (docs/manual.md S1)."""
        return self.role in JOURNAL_ROLES


@dataclass(frozen=True)
class AllowedAccounts:
    """The accounts that may sign in, by the settings."""

    only_local: str = ''
    """The name of the only account with a password that may sign in; empty for all of them."""
    issuer: str = ''
    """The identity provider at which users may sign in; empty for none."""

    def include(self, name: str, issuer: str | None) -> bool:
        """Return whether the account with a name may sign in; `issuer` is its identity provider, None without one."""
        if issuer is not None:
            return issuer == self.issuer
        return self.only_local in ('', name)


ALL_ACCOUNTS: Final = AllowedAccounts()
"""Every account with a password, without an identity provider."""


class RequiredStep(StrEnum):
    """What a user must do after entering the password before any page opens."""

    CODE = 'code'
    """Enter the code of the second factor; the user is not signed in until then."""
    FIRST_PASSWORD = 'first password'
    """Change a password that somebody else knows."""
    EXPIRED_PASSWORD = 'old password'
    """Change a password that is older than the installation allows."""
    SECOND_FACTOR = 'second factor'
    """Set up the second factor, because the installation requires it."""


@dataclass(frozen=True)
class ClientInfo:
    """The client that a request comes from, as far as it is known."""

    address: str
    user_agent: str
    """The User-Agent header of the browser."""
    device_token: str
    """The value of the known-device cookie; empty if there is none."""
    browser: str = ''
    """What distinguishes the browsers of one IP address until they have signed in; empty if there is nothing."""


@dataclass(frozen=True)
class VerifiedAccount:
    """An account as it was when its password was checked; a session begins only if it is still the same."""

    identity: Identity
    password_hash: str
    totp_secret: str | None
    """The stored secret of the second factor; None without one."""

    def is_unchanged(self, account: Account | None) -> bool:
        """Return whether password, second factor and role are still the same, and the account is not blocked."""
        return (
            account is not None
            and account.blocked_at is None
            and account.password_hash == self.password_hash
            and account.totp_secret == self.totp_secret
            and account.role == self.identity.role
        )


@dataclass(frozen=True)
class FailedAttempts:
    """The failed sign-ins of an account since its last sign-in."""

    count: int
    last_at: datetime
    last_address: str


class AccountError(InvalidInputError):
    """An operation on an account is rejected; the message is for the user."""


class SignInThrottledError(AccountError):
    """A sign-in attempt is rejected because it follows failures too closely; the message contains the wait."""


def normalize_name(name: str) -> str:
    """Return the name as stored: names that differ only by case or Unicode form are the same name."""
    return unicodedata.normalize('NFKC', name[: 4 * MAX_NAME_LENGTH]).strip().lower()


def find_account(session: Session, name: str) -> Account | None:
    """Return the account with this normalized name."""
    return session.exec(select(Account).where(col(Account.name) == name)).first()


def identity_of(session: Session, account: Account) -> Identity:
    """Return the identity of a stored account."""
    assert account.id is not None
    return Identity(
        id=account.id,
        name=account.name,
        role=Role(account.role),
        scope=read_account_scope(session, account),
        is_external=account.oidc_issuer is not None,
    )


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a long random secret; unlike a password, it cannot be guessed from its hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class UserAccount:
    """An account as an administrator sees it."""

    identity: Identity
    must_change: bool
    blocked_at: datetime | None
    signed_in_at: datetime | None
    second_factor: bool
    sessions: int
    """The number of sessions at this moment."""
    organizations: Sequence[str] | None = None
    """The names of the organisations to which the user is bound; None for all organisations."""
