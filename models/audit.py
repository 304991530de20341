"""The audit log of access to personal data: records linked into a hash chain."""

from datetime import datetime
from enum import IntEnum
from uuid import UUID

from sqlalchemy import Column, Integer, LargeBinary, SmallInteger, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY, CODE_POINT_TEXT, IntEnumType, UtcTime, UuidKey


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
    """Old messages and documents were anonymised, or a person was forgotten on request; see services.retention."""
    REFERENCE_DATA_CHANGED = 11
    """A dictionary that administrators maintain was changed."""
    ROWS_SHOWN = 31
    """Rows of a search were shown after its record was written: another page, another order."""
    ROWS_UPDATED = 32
    """Rows on an open page were replaced because their messages changed."""
    CALLS_SHOWN = 33
    """Entries of the call list were shown, with the whole texts of their messages."""
    CALL_CLAIMED = 34
    CALL_RELEASED = 35
    CALL_COMPLETED = 36
    CALL_REOPENED = 37
    API_TOKEN_CHANGED = 38
    DATA_IMPORTED = 39
    """Rows of a file were recorded; the record has their number, also if the import was interrupted."""
    BALANCE_SET = 40
    DATABASE_COPIED = 41
    """A backup of the database was begun. The record precedes the copy, which therefore contains it."""
    DATABASE_RESTORED = 42
    """The database was replaced by a backup; the record is in the restored database."""
    DATABASE_VERIFIED = 43
    API_READ = 50
    """Messages or documents were returned to a program by the API."""
    CALL_UNDONE = 51
    """An operator undid the outcome of a call."""
    PERSON_SHOWN = 52
    """Messages to one person and the calls about them were shown, with the whole texts."""
    API_CORRECTED = 60
    """A program replaced the phone, recipient or text of stored messages, or the patient of documents, by the API."""
    LINK_CREATED = 62
    """A program created a link that opens the journal with a search for a person."""
    SEARCH_SUGGESTED = 55
    """A search for another phone or name was offered with the number of its rows, beside one that found nothing."""
    WEBHOOK_CHANGED = 56
    """A webhook was added or removed, or what it had given up was queued again."""
    OIDC_SIGN_IN_REFUSED = 57
    """The identity provider knows the user, but nothing entitles them to enter; see services.oidc."""
    OIDC_SESSIONS_ENDED = 58
    """Sessions ended because of the identity provider: the user signed out there, or lost what entitled them."""
    OIDC_ACCOUNT_CHANGED = 59
    """The role or the organisations of an account were changed by what the identity provider states."""


class ConditionKind(IntEnum):
    """What a row of `access_condition` holds. The numbers are part of hashes, so a number is never reused.

    Below 100 are the conditions of a search in words; from 100 on, what the program understood by them.
    """

    NAME = 1
    PHONE = 2
    SNILS = 3
    TEXT = 4
    """The text that was searched for in the audit log itself."""
    ORGANIZATION = 5
    MESSAGE_KIND = 6
    DOCUMENT_KIND = 7
    PERIOD = 8
    STATUS = 9
    DELIVERY = 10
    WAITING = 11
    ACCOUNT = 12
    ADDRESS = 13
    EVENT = 14
    ERROR = 15
    APPOINTMENT = 16
    SURNAME = 18
    """Only people whose surname was typed."""
    MESSAGE_CODE = 50

    NAME_WORD = 101
    """A folded word of a name, in each reading: `Bdfyjd` is read as «bdfyjd» and as «иванов»."""
    PHONE_NUMBER = 102
    """A whole number in E.164."""
    PHONE_DIGITS = 103
    """A part of a number; with a plus, its beginning."""
    SNILS_NUMBER = 104
    SNILS_DIGITS = 105
    """A part of a СНИЛС."""
    ORGANIZATION_NAME = 106
    """The folded name of an organisation."""
    SINCE = 107
    """The first day, as 2026-10-22."""
    UNTIL = 108
    ERROR_KEY = 109
    """The code of an error; empty for a failed message that has neither a code nor a name of the error."""
    APPOINTMENT_SINCE = 110
    """The first day of appointments, as 2026-10-22."""
    APPOINTMENT_UNTIL = 111
    ERROR_TEXT = 112
    """The name of an error without a code: free text of a sender, which may be about a person."""
    SURNAME_WORD = 118
    """A folded surname that the typed name may mean."""
    WHOLE_WORD = 119
    """A folded word that was typed in quotation marks."""

    REDACTED_RECORD = 201
    """The number of a record whose description was removed; the digest vouches for what is left of the record."""


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
    """A description in Russian: a change of a user, the conditions of a search without the person searched for.

    In version 1 the conditions of a search are complete.
    """
    words: str = Field(sa_column=Column(CODE_POINT_TEXT, nullable=False))
    """`what` and `about`, folded for searching."""
    about: str | None = Field(sa_column=Column(String))
    """The subject of the event: the key of a row, the name of an account, or the digest of the rows in ShownRows."""
    found: int | None = Field(sa_column=Column(BIG_KEY))
    """The number of rows found or exported."""
    continues: int | None = Field(sa_column=Column(BIG_KEY))
    """The number of the record that this one completes: the search record of a RESULT_COUNT."""
    previous: str = Field(sa_column=Column(String, nullable=False))
    """The hash of the previous record."""
    hash: str = Field(sa_column=Column(String, nullable=False))
    """SHA-256 in hexadecimal over all columns except `words` and, from version 2 on, over the conditions."""
    version: int = Field(default=1, sa_column=Column(SmallInteger, nullable=False, server_default='1'))
    """The version of the hash; see services.audit.hash_chain."""


class AuditCondition(SQLModel, table=True):
    """A condition of a recorded search, or one reading of it.

    Triggers of the database reject every change, except that a value with a digest is removed.
    """

    __tablename__ = 'access_condition'
    __table_args__ = {'sqlite_with_rowid': False}

    number: int = Field(sa_column=Column(BIG_KEY, primary_key=True, autoincrement=False))
    """The number of the record."""
    position: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    kind: ConditionKind = Field(sa_column=Column(IntEnumType(ConditionKind), nullable=False))
    value: str | None = Field(sa_column=Column(CODE_POINT_TEXT))
    """None if it was removed because of its age or on request, and always for a СНИЛС."""
    digest: str | None = Field(sa_column=Column(CODE_POINT_TEXT))
    """A keyed digest of kind and value where the value is personal data; it answers who searched for a person."""


class AuditAnchor(SQLModel, table=True):
    """The number and the hash of a record, sealed with the data key, which is outside the database.

    Whoever rewrites the chain without the key cannot seal the new hashes. Triggers reject changes and deletions.
    """

    __tablename__ = 'access_anchor'

    number: int = Field(sa_column=Column(BIG_KEY, primary_key=True, autoincrement=False))
    hash: str = Field(sa_column=Column(String, nullable=False))
    at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    mac: str = Field(sa_column=Column(String, nullable=False))
    """A keyed digest of the columns above and of the `mac` of the previous anchor."""


class ShownRows(SQLModel, table=True):
    """The rows that were shown or changed by the event of a record. Triggers reject changes and deletions.

    The digest of the keys is `about` of the record, so that the hash chain covers them.
    """

    __tablename__ = 'access_shown'

    number: int = Field(sa_column=Column(BIG_KEY, primary_key=True, autoincrement=False))
    """The number of the record."""
    row_keys: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """The ids of the messages or documents, 16 bytes each."""


class ShownKey(SQLModel, table=True):
    """The lookup table of ShownRows and of opened rows: which records are about a message or a document."""

    __tablename__ = 'access_shown_key'
    __table_args__ = {'sqlite_with_rowid': False}

    key: UUID = Field(sa_column=Column(UuidKey(), primary_key=True))
    number: int = Field(sa_column=Column(BIG_KEY, primary_key=True, autoincrement=False))
    """The number of the record."""


class AuditChainHead(SQLModel, table=True):
    """The single row that points to the newest record of the chain.

    A writer locks the row before it appends. The row also reveals that the newest records were removed.
    """

    __tablename__ = 'access_head'

    id: int = Field(default=1, primary_key=True)
    number: int = Field(sa_column=Column(BIG_KEY, nullable=False))
    hash: str = Field(sa_column=Column(String, nullable=False))
