"""Who calls whom about a message that did not get through, and what came of the call."""

from datetime import datetime
from enum import IntEnum
from uuid import UUID

from sqlalchemy import Column, String
from sqlmodel import Field, SQLModel

from models.column_types import FOLDED, Enumerated, UtcTime, UuidKey


class CallOutcome(IntEnum):
    """How a call ended."""

    REACHED = 1
    NOT_REACHED = 2
    WRONG_NUMBER = 3


class CallClaim(SQLModel, table=True):
    """Somebody has taken a person to call: the key lets nobody else take him too. It goes with the end of the call."""

    __tablename__ = 'call_claim'

    name_key: str = Field(sa_column=Column(FOLDED, primary_key=True))
    """As a message has it."""
    phone: str = Field(sa_column=Column(FOLDED, primary_key=True))
    """E.164."""
    claimed_by: str = Field(sa_column=Column(String, nullable=False))
    """The name of an account."""
    claimed_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))


class CallBack(SQLModel, table=True):
    """A call about one message has been made; without a row the message still waits for its call."""

    __tablename__ = 'call_back'

    message_id: UUID = Field(sa_column=Column(UuidKey(), primary_key=True))
    done_by: str = Field(sa_column=Column(String, nullable=False))
    """The name of an account, which this outlives."""
    done_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    outcome: CallOutcome = Field(sa_column=Column(Enumerated(CallOutcome), nullable=False))
    note: str = Field(sa_column=Column(String, nullable=False))
    """What the caller wrote down; empty for nothing."""
