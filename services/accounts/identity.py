"""Who somebody is: the values that accounts are asked for and answer with."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlmodel import Session, col, select

from models import Account, Role
from services.audit.hash_chain import Actor
from services.errors import InvalidInputError

MAX_NAME_LENGTH: Final = 64
NAME_PATTERN: Final = re.compile(rf'[\w.@-]{{1,{MAX_NAME_LENGTH}}}')
JOURNAL_ROLES: Final = frozenset({Role.ADMIN, Role.WEB_ADMIN})
"""Roles that may enter the journals (spec S1)."""


@dataclass(frozen=True)
class Identity:
    """Somebody who signed in."""

    id: int
    name: str
    role: Role
    address: str = field(default='', compare=False)
    """Of the computer at which he signed in, where that is known."""

    @property
    def actor(self) -> Actor:
        """Him, as the journal of access has him."""
        return Actor(self.id, self.name, self.address)

    @property
    def may_read_journals(self) -> bool:
        """Whether the journals open for this person (spec S1)."""
        return self.role in JOURNAL_ROLES


class RequiredStep(StrEnum):
    """What a person who has signed in must do before any page opens."""

    CODE = 'code'
    """Give the code of the second factor: until then nobody is signed in."""
    FIRST_PASSWORD = 'first password'
    """Change a password that somebody else knows."""
    EXPIRED_PASSWORD = 'old password'
    """Change a password that is older than the installation allows."""
    SECOND_FACTOR = 'second factor'
    """Set up the second factor that the installation asks of everybody."""


@dataclass(frozen=True)
class ClientInfo:
    """Where a request comes from, as far as one can tell."""

    address: str
    user_agent: str
    """The browser, as it calls itself."""
    device_token: str
    """What its cookie of known devices says; empty for none."""


class AccountError(InvalidInputError):
    """What was asked of an account cannot be done; the message is for the person who asked."""


class SignInThrottledError(AccountError):
    """A try that came too soon after failures; the message says how long to wait."""


def normalize_name(name: str) -> str:
    """Give a name as it is kept: what differs by case or by the keyboard alone is one name."""
    return unicodedata.normalize('NFKC', name[: 4 * MAX_NAME_LENGTH]).strip().lower()


def find_account(session: Session, name: str) -> Account | None:
    """Find an account by its kept name."""
    return session.exec(select(Account).where(col(Account.name) == name)).first()


def identity_of(account: Account) -> Identity:
    """Give whose account it is."""
    assert account.id is not None
    return Identity(id=account.id, name=account.name, role=Role(account.role))


def hash_secret(secret: str) -> str:
    """Give what is kept of a long random secret: nobody guesses what it was made of."""
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
    """Where he is signed in at this moment."""
