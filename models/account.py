"""User accounts and what belongs to them: sessions, tokens, recovery codes, known devices and preferences."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, false
from sqlmodel import Field, SQLModel

from models.column_types import UtcTime


class Role(StrEnum):
    """The role of a user, which decides the pages they may open (S1)."""

    ADMIN = 'Admin'
    WEB_ADMIN = 'WebAdmin'
    USER = 'User'


def _account_key_column(primary_key: bool = False) -> Column[int]:
    """Build a foreign key to an account; its row is deleted together with the account."""
    return Column(Integer, ForeignKey('account.id', ondelete='CASCADE'), primary_key=primary_key, nullable=False)


class Account(SQLModel, table=True):
    """A user account: a local one with a password, or one of the identity provider, without a password."""

    __table_args__ = (Index('account_oidc', 'oidc_issuer', 'oidc_subject', unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(String, nullable=False, unique=True))
    """«Имя пользователя», stored in lower case, so that names are unique regardless of case."""
    password_hash: str = Field(sa_column=Column(String, nullable=False))
    """An argon2id hash made by passlib; empty for an account of the identity provider, which no password matches."""
    role: Role = Field(sa_column=Column(String, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    password_set_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    must_change: bool = Field(default=False, sa_column=Column(Boolean, nullable=False))
    """Whether the user must change the password before anything else, because another person knows it."""
    blocked_at: datetime | None = Field(default=None, sa_column=Column(UtcTime()))
    """When the account was blocked; None for an account that may sign in."""
    signed_in_at: datetime | None = Field(default=None, sa_column=Column(UtcTime()))
    totp_secret: str | None = Field(default=None, sa_column=Column(String))
    """The TOTP secret of the second factor, encrypted; see services.accounts.second_factor."""
    totp_step: int | None = Field(default=None, sa_column=Column(BigInteger))
    """The 30-second step of the last accepted code; codes of this and earlier steps are rejected as replayed."""
    failed_count: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default='0'))
    """The recorded failed sign-ins since the last sign-in."""
    failed_at: datetime | None = Field(default=None, sa_column=Column(UtcTime()))
    """When the newest of them happened."""
    failed_address: str | None = Field(default=None, sa_column=Column(String))
    """The IP address of the newest of them."""
    is_bound: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """Whether the user reads only the data of the organisations in AccountOrganization."""
    oidc_issuer: str | None = Field(default=None, sa_column=Column(String))
    """The identity provider that the user signs in at (OpenID Connect); None for a local account."""
    oidc_subject: str | None = Field(default=None, sa_column=Column(String))
    """The identifier of the user at this provider, which never changes, unlike a name."""


class AccountOrganization(SQLModel, table=True):
    """An organisation whose data a bound account may read."""

    __tablename__ = 'account_organization'

    account_id: int = Field(sa_column=_account_key_column(primary_key=True))
    organization_id: int = Field(
        sa_column=Column(Integer, ForeignKey('organization.id'), primary_key=True, nullable=False)
    )
    """A row of any spelling of the organisation."""


class AccountSession(SQLModel, table=True):
    """The session of a signed-in browser; the row is deleted when the session ends."""

    __tablename__ = 'account_session'

    hash: str = Field(sa_column=Column(String, primary_key=True))
    """SHA-256 of the identifier in the cookie, in hexadecimal, so that reading the table does not give access."""
    account_id: int = Field(sa_column=_account_key_column())
    begun_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    seen_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """The time of the last activity, at most a minute out of date."""
    address: str = Field(sa_column=Column(String, nullable=False))
    agent: str = Field(sa_column=Column(String, nullable=False))
    """The User-Agent header, shortened."""
    code_due: bool = Field(sa_column=Column(Boolean, nullable=False))
    """Whether the password was correct but the second factor is still missing; such a session opens no page."""
    pending_secret: str | None = Field(default=None, sa_column=Column(String))
    """The TOTP secret of a second factor that the user is setting up in this session, encrypted."""
    code_failures: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default='0'))
    """The wrong codes of the second factor that were entered while it was due."""


class OidcSession(SQLModel, table=True):
    """What the identity provider issued for a session; the row is deleted together with the session."""

    __tablename__ = 'oidc_session'

    hash: str = Field(
        sa_column=Column(String, ForeignKey('account_session.hash', ondelete='CASCADE'), primary_key=True)
    )
    """The key of the session in AccountSession."""
    sid: str | None = Field(default=None, sa_column=Column(String))
    """The identifier of the session at the identity provider, by which it announces the end; None if it sent none."""
    tokens: str = Field(sa_column=Column(String, nullable=False))
    """The tokens as JSON, encrypted with the data key; see services.oidc.token_set."""
    read_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When the role of the user was last read at the identity provider."""
    due_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When it is to be read again."""


class OidcUsedValue(SQLModel, table=True):
    """A value that was used once and must not be used again: the `state` of a sign-in, the `jti` of a logout token."""

    __tablename__ = 'oidc_used_value'

    hash: str = Field(sa_column=Column(String, primary_key=True))
    """SHA-256 of the kind and the value, in hexadecimal."""
    expires_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When the value is refused because of its age, so that the row is no longer needed."""


class RecoveryCode(SQLModel, table=True):
    """A one-time code that replaces the second factor; the row is deleted when the code is used."""

    __tablename__ = 'recovery_code'

    account_id: int = Field(sa_column=_account_key_column(primary_key=True))
    hash: str = Field(sa_column=Column(String, primary_key=True))
    """SHA-256 in hexadecimal; a fast hash is enough, because the code has 80 random bits."""


class KnownDevice(SQLModel, table=True):
    """A browser from which the account has signed in before; failed sign-ins elsewhere do not throttle it."""

    __tablename__ = 'known_device'

    account_id: int = Field(sa_column=_account_key_column(primary_key=True))
    hash: str = Field(sa_column=Column(String, primary_key=True))
    """SHA-256 of the device cookie, in hexadecimal."""
    seen_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    address: str | None = Field(default=None, sa_column=Column(String))
    """The IP address of the last sign-in from the device; None if it was before this was stored."""


class Preference(SQLModel, table=True):
    """One preference of a user, such as the number of rows on a page (S12)."""

    account_id: int = Field(sa_column=_account_key_column(primary_key=True))
    name: str = Field(sa_column=Column(String, primary_key=True))
    value: int | str | bool = Field(sa_column=Column(JSON, nullable=False))
