"""Who looked at what: one record an act, each chained to the one before by a hash."""

from datetime import datetime
from enum import IntEnum

from sqlalchemy import Column, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY, FOLDED, Enumerated, UtcTime


class Act(IntEnum):
    """What somebody did; the numbers are in every hash, and none is ever given to another act."""

    SIGNED_IN = 1
    SIGN_IN_REFUSED = 2
    SIGNED_OUT = 3
    PAGE_REFUSED = 4
    SEARCHED = 5
    FOUND = 6
    """How many rows a search found: known after the search was recorded, and a record can never be changed."""
    OPENED = 7
    EXPORTED = 8
    USER_CHANGED = 9
    PERSONS_REMOVED = 10
    """Old messages and documents were blanked: see services.retention."""


class AccessRecord(SQLModel, table=True):
    """An act. The database itself refuses to change or remove a record."""

    __tablename__ = 'access_record'

    number: int = Field(sa_column=Column(BIG_KEY, primary_key=True, autoincrement=False))
    """One more than that of the record before: a number that is missing was removed."""
    at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    account_id: int | None = Field(sa_column=Column(Integer))
    """No foreign key: an account may be removed, what it did may not."""
    name: str = Field(sa_column=Column(FOLDED, nullable=False))
    """As the account was called then."""
    address: str = Field(sa_column=Column(String, nullable=False))
    """Of the computer; nothing for what was done on the server itself."""
    act: Act = Field(sa_column=Column(Enumerated(Act), nullable=False))
    section: str = Field(sa_column=Column(String, nullable=False))
    """The journal, or the page, in which it was done."""
    what: str = Field(sa_column=Column(String, nullable=False))
    """In words: the conditions of a search, a change to a user."""
    words: str = Field(sa_column=Column(FOLDED, nullable=False))
    """`what` and `about` folded, by which records are found."""
    about: str | None = Field(sa_column=Column(String))
    """The key of the row, or the name of the account, that the act was about."""
    found: int | None = Field(sa_column=Column(BIG_KEY))
    """How many rows were found or exported."""
    continues: int | None = Field(sa_column=Column(BIG_KEY))
    """The number of the record that this one goes on from: a search's, for FOUND."""
    previous: str = Field(sa_column=Column(String, nullable=False))
    """The hash of the record before."""
    hash: str = Field(sa_column=Column(String, nullable=False))
    """SHA-256 in hexadecimal over all of the above but `words`."""


class AccessHead(SQLModel, table=True):
    """One row: the newest record. Who holds its lock writes the next one; without it a cut-off end would go unseen."""

    __tablename__ = 'access_head'

    id: int = Field(default=1, primary_key=True)
    number: int = Field(sa_column=Column(BIG_KEY, nullable=False))
    hash: str = Field(sa_column=Column(String, nullable=False))
