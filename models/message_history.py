"""What is told of messages after they were queued, and by whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Column, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY, Enumerated, UtcTime, UuidKey
from models.message import MessageStatus


class MessageFact(SQLModel, table=True):
    """Something that happened to a message: its status from a moment on, as somebody told it.

    A message that only a file has told of has none: what happened to it stands in its own fields.
    """

    __tablename__ = 'message_fact'

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    message_id: UUID = Field(sa_column=Column(UuidKey(), nullable=False))
    at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When it happened, by the clock of whoever told it."""
    told_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    told_by: str = Field(sa_column=Column(String, nullable=False))
    """The name of a token, or of a provider."""
    status: MessageStatus | None = Field(sa_column=Column(Enumerated(MessageStatus)))
    """None for a code that nobody has explained to the journal."""
    final: bool = Field(sa_column=Column(Boolean, nullable=False))
    """Whether the provider says that no other status comes after it."""
    provider: str | None = Field(sa_column=Column(String))
    code: str | None = Field(sa_column=Column(String))
    """The provider's own, of its list of statuses."""
    error_code: str | None = Field(sa_column=Column(String))
    error_name: str | None = Field(sa_column=Column(String))


class ProviderMessage(SQLModel, table=True):
    """What a provider calls a message, where that is not the message's own id."""

    __tablename__ = 'provider_message'

    provider: str = Field(sa_column=Column(String, primary_key=True))
    provider_id: str = Field(sa_column=Column(String, primary_key=True))
    message_id: UUID = Field(sa_column=Column(UuidKey(), nullable=False))


class EarlyReceipt(SQLModel, table=True):
    """A receipt for a message that has not come in yet; it is told of it when that comes. See MessageFact."""

    __tablename__ = 'early_receipt'

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    provider: str = Field(sa_column=Column(String, nullable=False))
    provider_id: str = Field(sa_column=Column(String, nullable=False))
    at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    status: MessageStatus | None = Field(sa_column=Column(Enumerated(MessageStatus)))
    final: bool = Field(sa_column=Column(Boolean, nullable=False))
    code: str | None = Field(sa_column=Column(String))
    error_code: str | None = Field(sa_column=Column(String))
    error_name: str | None = Field(sa_column=Column(String))


class Change(SQLModel, table=True):
    """A message that has come in or changed of late: by these numbers open pages know what to look at anew."""

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    message_id: UUID = Field(sa_column=Column(UuidKey(), nullable=False))
    created: bool = Field(sa_column=Column(Boolean, nullable=False))
