"""Who may sign in, by what, in which sessions, and what each has set up for himself."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import UtcTime


class Role(StrEnum):
    """What a signed-in person may enter (spec S1)."""

    ADMIN = 'Admin'
    WEB_ADMIN = 'WebAdmin'
    USER = 'User'


def _of_account(primary_key: bool = False) -> Column[int]:
    """Make a column that names an account, and goes with it."""
    return Column(Integer, ForeignKey('account.id', ondelete='CASCADE'), primary_key=primary_key, nullable=False)


class Account(SQLModel, table=True):
    """A person who may sign in."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(String, nullable=False, unique=True))
    """«Имя пользователя», in lower case: names differ by more than case."""
    password_hash: str = Field(sa_column=Column(String, nullable=False))
    """argon2id, by passlib."""
    role: Role = Field(sa_column=Column(String, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    password_set_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    must_change: bool = Field(default=False, sa_column=Column(Boolean, nullable=False))
    """Whether somebody else knows the password, so that its owner has to change it before anything else."""
    blocked_at: datetime | None = Field(default=None, sa_column=Column(UtcTime()))
    """Since when the person may not sign in; None for one who may."""
    signed_in_at: datetime | None = Field(default=None, sa_column=Column(UtcTime()))
    totp_secret: str | None = Field(default=None, sa_column=Column(String))
    """What the second factor is counted from (base32); see services.accounts.accounts.second_factor for how it is kept."""
    totp_step: int | None = Field(default=None, sa_column=Column(BigInteger))
    """The step of 30 seconds whose code was used last: neither it nor an earlier one is taken again."""


class AccountSession(SQLModel, table=True):
    """A browser in which somebody is signed in; gone as soon as the session ends."""

    __tablename__ = 'account_session'

    hash: str = Field(sa_column=Column(String, primary_key=True))
    """SHA-256 of the identifier in the cookie, in hexadecimal: whoever reads the table cannot use it."""
    account_id: int = Field(sa_column=_of_account())
    begun_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    seen_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When the person last did something; at most a minute late."""
    address: str = Field(sa_column=Column(String, nullable=False))
    agent: str = Field(sa_column=Column(String, nullable=False))
    """The browser, as it calls itself, shortened."""
    code_due: bool = Field(sa_column=Column(Boolean, nullable=False))
    """Whether the password was right and the code of the second factor has still to come: opens nothing."""
    pending_secret: str | None = Field(default=None, sa_column=Column(String))
    """The secret of a second factor that is being set up in this session."""


class RecoveryCode(SQLModel, table=True):
    """What signs in once instead of the second factor; gone as soon as it was used."""

    __tablename__ = 'recovery_code'

    account_id: int = Field(sa_column=_of_account(primary_key=True))
    hash: str = Field(sa_column=Column(String, primary_key=True))
    """SHA-256 in hexadecimal: the code is 80 bits of chance."""


class KnownDevice(SQLModel, table=True):
    """A browser in which an account has signed in before: strangers' failures do not slow it."""

    __tablename__ = 'known_device'

    account_id: int = Field(sa_column=_of_account(primary_key=True))
    hash: str = Field(sa_column=Column(String, primary_key=True))
    """SHA-256 of what its cookie says, in hexadecimal."""
    seen_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))


class Preference(SQLModel, table=True):
    """One thing that an account has set up for itself, such as the number of rows on a page (spec S12)."""

    account_id: int = Field(sa_column=_of_account(primary_key=True))
    name: str = Field(sa_column=Column(String, primary_key=True))
    value: int | str | bool = Field(sa_column=Column(JSON, nullable=False))
