"""The status history of messages: reported events, provider ids, pending receipts, error codes and changes."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, Column, SmallInteger, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY, CODE_POINT_TEXT, IntEnumType, Kopecks, UtcTime, UuidKey
from models.message import MessageStatus


class MessageEvent(SQLModel, table=True):
    """A reported event in the status history of a message.

    Imported messages have no events; their fields hold what is known.
    """

    __tablename__ = 'message_fact'

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    message_id: UUID = Field(sa_column=Column(UuidKey(), nullable=False))
    at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When the event happened, by the clock of the reporter."""
    told_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    told_by: str = Field(sa_column=Column(String, nullable=False))
    """The name of the API token or of the provider that reported the event."""
    status: MessageStatus | None = Field(sa_column=Column(IntEnumType(MessageStatus)))
    """None for a provider code that is not in the table of codes."""
    final: bool = Field(sa_column=Column(Boolean, nullable=False))
    """Whether the provider declares the status final."""
    provider: str | None = Field(sa_column=Column(String))
    """The provider that reported the event, or to which the sender has passed the message."""
    code: str | None = Field(sa_column=Column(String))
    """The status code of the provider."""
    error_code: str | None = Field(sa_column=Column(String))
    error_name: str | None = Field(sa_column=Column(String))
    provider_id: str | None = Field(sa_column=Column(String))
    """The id by which the provider knows the message."""
    account: str | None = Field(sa_column=Column(String))
    """The account with the provider; None if unknown."""
    claimed_at: datetime | None = Field(sa_column=Column(UtcTime()))
    """The impossible time that the provider reported; `at` is then the time of arrival."""
    part: int | None = Field(sa_column=Column(SmallInteger))
    """The number of the SMS part that a receipt is about, from 1; None for the message, or if it is unknown."""
    cost: Decimal | None = Field(default=None, sa_column=Column(Kopecks()))
    """What the message costs according to the receipt, in roubles; None if it does not say so."""
    parts: int | None = Field(default=None, sa_column=Column(SmallInteger))
    """The number of SMS parts of the message according to the receipt."""


class ProviderMessageId(SQLModel, table=True):
    """The id that a provider assigned to a message, if it differs from the id of the message.

    Several messages may share an id if the provider sends the phone with each receipt.
    """

    __tablename__ = 'provider_message'

    provider: str = Field(sa_column=Column(String, primary_key=True))
    provider_id: str = Field(sa_column=Column(String, primary_key=True))
    phone: str = Field(sa_column=Column(String, primary_key=True))
    """The phone number of the message in E.164; empty if the receipts of the provider have none."""
    account: str = Field(sa_column=Column(String, primary_key=True))
    """The account with the provider; empty if unknown."""
    message_id: UUID = Field(sa_column=Column(UuidKey(), nullable=False))


class PendingReceipt(SQLModel, table=True):
    """A delivery receipt that arrived before its message; it becomes a MessageEvent when the message arrives."""

    __tablename__ = 'early_receipt'

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    provider: str = Field(sa_column=Column(String, nullable=False))
    provider_id: str = Field(sa_column=Column(String, nullable=False))
    at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    status: MessageStatus | None = Field(sa_column=Column(IntEnumType(MessageStatus)))
    final: bool = Field(sa_column=Column(Boolean, nullable=False))
    code: str | None = Field(sa_column=Column(String))
    error_code: str | None = Field(sa_column=Column(String))
    error_name: str | None = Field(sa_column=Column(String))
    account: str = Field(sa_column=Column(String, nullable=False))
    phone: str = Field(sa_column=Column(String, nullable=False))
    """The phone number in the receipt in E.164; empty if there is none."""
    claimed_at: datetime | None = Field(sa_column=Column(UtcTime()))
    cost: Decimal | None = Field(default=None, sa_column=Column(Kopecks()))
    parts: int | None = Field(default=None, sa_column=Column(SmallInteger))


class StatusPoll(SQLModel, table=True):
    """A message whose status the provider is asked for, until it is final or the message too old."""

    __tablename__ = 'status_poll'

    provider: str = Field(sa_column=Column(String, primary_key=True))
    provider_id: str = Field(sa_column=Column(String, primary_key=True))
    """The id by which the provider knows the message."""
    account: str = Field(sa_column=Column(String, primary_key=True))
    """The account with the provider; empty if unknown."""
    message_id: UUID = Field(sa_column=Column(UuidKey(), nullable=False))
    since: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When the message was passed to the provider, by the clock of its sender."""
    attempts: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """How often the provider was asked."""
    due_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When to ask next. A node that asks moves this into the future first."""


class StatusPollPosition(SQLModel, table=True):
    """How far the events were searched for messages of a provider that is asked."""

    __tablename__ = 'status_poll_position'

    provider: str = Field(sa_column=Column(String, primary_key=True))
    position: int = Field(sa_column=Column(BIG_KEY, nullable=False))
    """The number of the last event."""


class OperatorErrorCode(SQLModel, table=True):
    """The meaning of an error code of a mobile operator, as an administrator has described it."""

    __tablename__ = 'operator_error'

    operator: str = Field(sa_column=Column(CODE_POINT_TEXT, primary_key=True))
    """The name of the gateway's connection to the operator; empty for any operator."""
    code: str = Field(sa_column=Column(CODE_POINT_TEXT, primary_key=True))
    name: str = Field(sa_column=Column(String, nullable=False))
    advice: str = Field(sa_column=Column(String, nullable=False))
    """What to do; may be empty."""


class Change(SQLModel, table=True):
    """A recently added or changed message; open pages and programs read this feed by number to follow the messages."""

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    message_id: UUID = Field(sa_column=Column(UuidKey(), nullable=False))
    created: bool = Field(sa_column=Column(Boolean, nullable=False))
