"""The audit log of access to personal data: records linked into a hash chain."""

from datetime import datetime
from enum import IntEnum

from sqlalchemy import Column, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY, CODE_POINT_TEXT, IntEnumType, UtcTime


class AuditEvent(IntEnum):
    """The kind of an audited event. The numbers are part of every hash, so a number is never reused."""

    SIGNED_IN = 1
    SIGN_IN_FAILED = 2
    SIGNED_OUT = 3
    PAGE_FORBIDDEN = 4
    SEARCHED = 5
    RESULT_COUNT = 6
    """The number of rows found by a search, recorded separately: it is known later, and records are append-only."""
    DETAILS_VIEWED = 7
    EXPORTED = 8
    USER_CHANGED = 9
    PATIENTS_ANONYMIZED = 10
    """Old messages and documents were anonymised; see services.retention."""
    DICTIONARY_CHANGED = 11
    """An entry of a dictionary was added, renamed, merged or separated; see services.dictionaries."""


class AuditRecord(SQLModel, table=True):
    """A record of one audited event. Triggers of the database reject changes and deletions."""

    __tablename__ = 'access_record'

    number: int = Field(sa_column=Column(BIG_KEY, primary_key=True, autoincrement=False))
    """One more than the number of the previous record; a gap proves that a record was removed."""
    at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    account_id: int | None = Field(sa_column=Column(Integer))
    """Not a foreign key, because records outlive the account."""
    name: str = Field(sa_column=Column(CODE_POINT_TEXT, nullable=False))
    """The name of the account at the time of the event."""
    address: str = Field(sa_column=Column(String, nullable=False))
    """The IP address of the client; empty for commands run on the server."""
    act: AuditEvent = Field(sa_column=Column(IntEnumType(AuditEvent), nullable=False))
    section: str = Field(sa_column=Column(String, nullable=False))
    """The list page, or another page, on which the event happened."""
    what: str = Field(sa_column=Column(String, nullable=False))
    """A description in Russian: the conditions of a search, a change of a user."""
    words: str = Field(sa_column=Column(CODE_POINT_TEXT, nullable=False))
    """`what` and `about`, folded for searching."""
    about: str | None = Field(sa_column=Column(String))
    """The subject of the event: the key of a row or the name of an account."""
    found: int | None = Field(sa_column=Column(BIG_KEY))
    """The number of rows found or exported."""
    continues: int | None = Field(sa_column=Column(BIG_KEY))
    """The number of the record that this one completes: the search record of a RESULT_COUNT."""
    previous: str = Field(sa_column=Column(String, nullable=False))
    """The hash of the previous record."""
    hash: str = Field(sa_column=Column(String, nullable=False))
    """SHA-256 in hexadecimal over all columns above except `words`."""


class AuditChainHead(SQLModel, table=True):
    """The single row that points to the newest record of the chain.

    A writer locks the row before it appends. The row also reveals that the newest records were removed.
    """

    __tablename__ = 'access_head'

    id: int = Field(default=1, primary_key=True)
    number: int = Field(sa_column=Column(BIG_KEY, nullable=False))
    hash: str = Field(sa_column=Column(String, nullable=False))
