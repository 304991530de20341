"""Phone calls to patients whose messages were not delivered: claims by operators, and outcomes."""

from datetime import datetime
from enum import IntEnum
from uuid import UUID

from sqlalchemy import Boolean, Column, String, false
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY, CODE_POINT_TEXT, IntEnumType, UtcTime, UuidKey


class CallOutcome(IntEnum):
    """The outcome of a call."""

    REACHED = 1
    NOT_REACHED = 2
    WRONG_NUMBER = 3


class CallClaim(SQLModel, table=True):
    """A claim of an operator to call a patient; deleted when the call ends.

    The primary key guarantees that only one operator claims a patient.
    """

    __tablename__ = 'call_claim'

    name_key: str = Field(sa_column=Column(CODE_POINT_TEXT, primary_key=True))
    """The folded name, as in `message.name_key`."""
    phone: str = Field(sa_column=Column(CODE_POINT_TEXT, primary_key=True))
    """The phone number in E.164."""
    claimed_by: str = Field(sa_column=Column(String, nullable=False))
    """The account name of the operator."""
    claimed_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))


class CallRecord(SQLModel, table=True):
    """A completed call about one message; a message without such a row may be on the call list."""

    __tablename__ = 'call_back'

    message_id: UUID = Field(sa_column=Column(UuidKey(), primary_key=True))
    done_by: str = Field(sa_column=Column(String, nullable=False))
    """The account name of the operator; the record outlives the account."""
    done_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    outcome: CallOutcome = Field(sa_column=Column(IntEnumType(CallOutcome), nullable=False))
    note: str = Field(sa_column=Column(String, nullable=False))
    """The note of the operator; may be empty."""
    again_at: datetime | None = Field(default=None, sa_column=Column(UtcTime()))
    """The time from which the recipient is on the call list again; None if the call is final."""


class ReopenedCall(SQLModel, table=True):
    """A completed call about one message whose recipient is on the list again; what was noted then remains."""

    __tablename__ = 'call_back_reopened'

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    message_id: UUID = Field(sa_column=Column(UuidKey(), nullable=False))
    done_by: str = Field(sa_column=Column(String, nullable=False))
    done_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    outcome: CallOutcome = Field(sa_column=Column(IntEnumType(CallOutcome), nullable=False))
    note: str = Field(sa_column=Column(String, nullable=False))
    reopened_by: str = Field(sa_column=Column(String, nullable=False))
    """The account name of the operator who put it back; empty if it returned at the time that was chosen."""
    reopened_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    is_undone: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """Whether the operator undid the call at once: it then counts as no attempt."""
