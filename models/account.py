"""Who may sign in, and what each has set up for himself."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, ForeignKey, Integer, String
from sqlmodel import Field, SQLModel

from models.columns import UtcTime


class Role(StrEnum):
    """What a signed-in person may enter (spec S1)."""

    ADMIN = 'Admin'
    WEB_ADMIN = 'WebAdmin'
    USER = 'User'


class Account(SQLModel, table=True):
    """A person who may sign in."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(String, nullable=False, unique=True))
    """«Имя пользователя», in lower case: names differ by more than case."""
    password_hash: str = Field(sa_column=Column(String, nullable=False))
    """argon2id, by passlib."""
    role: Role = Field(sa_column=Column(String, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))


class Preference(SQLModel, table=True):
    """One thing that an account has set up for itself, such as the number of rows on a page (spec S12)."""

    account_id: int = Field(sa_column=Column(Integer, ForeignKey('account.id', ondelete='CASCADE'), primary_key=True))
    name: str = Field(sa_column=Column(String, primary_key=True))
    value: int | str | bool = Field(sa_column=Column(JSON, nullable=False))
