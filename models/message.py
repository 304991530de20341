"""SMS messages that medical organisations sent, or tried to send, to patients."""

from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from uuid import UUID

from sqlalchemy import Boolean, Column, ForeignKey, Integer, SmallInteger, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY, CODE_POINT_TEXT, IntEnumType, Kopecks, UtcTime, UuidKey

ARRIVAL_BITS = 30
"""The number of low bits of a sort key that hold the arrival number; 30 bits suffice for 10^9 messages."""


class MessageKind(IntEnum):
    """The numbers of the four kinds of messages of the manual (S6); administrators add others to `message_kind`."""

    VACCINATION = 1
    REMINDER = 2
    DAY_HOSPITAL = 3
    ATTACHMENT = 4


class MessageStatus(IntEnum):
    """«Статус отправки СМС» (S9).

    Numbered in the alphabetical order of the Russian labels, so that sorting by number sorts by label.
    """

    WAITING = 1
    SENT = 2
    FAILED = 3


class MessageChannel(IntEnum):
    """The channel by which a message was sent, as its sender reports it; the lower-case name is its code in the API."""

    SMS = 1
    RCS = 2
    VIBER = 3
    WHATSAPP = 4
    TELEGRAM = 5
    VK = 6
    OK = 7
    MAX = 8
    PUSH = 9
    EMAIL = 10
    VOICE = 11


class CostSource(IntEnum):
    """Where the cost of a message comes from whose sender has reported none."""

    UNKNOWN = 1
    """No receipt has it either; it is stored as 0."""
    RECEIPTS = 2


def is_cost_known(source: CostSource | None) -> bool:
    """Return whether the sender of a message or a receipt has reported its cost, by the source of the cost."""
    return source is not CostSource.UNKNOWN


class DeliveryState(IntEnum):
    """What the provider has reported about the delivery of a sent message; without such a report there is none."""

    HANDED_OVER = 1
    """The message was passed to the mobile operator; the phone has not confirmed it."""
    DELIVERED = 2
    """The provider reported its final status: the message reached the phone."""


class Message(SQLModel, table=True):
    """A message: one row of the list (S13), with its details (S15).

    The primary key `place` is the sort key of the list: the effective time in seconds (see `effective_time`) in the
    high bits, the arrival number in the low bits. A period is therefore a range of the primary key, the newest message
    has the highest key, and every index that ends in the key is in the order of the list. The indexes of each engine
    are created by services.database.indexes.index_builder.
    """

    place: int = Field(sa_column=Column(BIG_KEY, primary_key=True, autoincrement=False))
    id: UUID = Field(sa_column=Column(UuidKey(), nullable=False))
    """The identifier assigned by the sender; a unique index guarantees that it exists once."""
    day: int = Field(sa_column=Column(Integer, nullable=False))
    """The local day of the effective time as the number 20261122; the totals group by it."""
    recipient_name: str = Field(sa_column=Column(String, nullable=False))
    name_key: str = Field(sa_column=Column(CODE_POINT_TEXT, nullable=False))
    """The words of the name, folded by services.names and separated by single spaces."""
    initials: str = Field(sa_column=Column(CODE_POINT_TEXT, nullable=False))
    """The first letters of the given name and the patronymic, folded: «ип»."""
    phone: str = Field(sa_column=Column(CODE_POINT_TEXT, nullable=False))
    """The phone number in E.164: `+79161234567`."""
    appointment_at: datetime | None = Field(sa_column=Column(UtcTime()))
    organization_id: int = Field(sa_column=Column(Integer, ForeignKey('organization.id'), nullable=False))
    kind: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """The id in `message_kind`; no foreign key, because SQLite could add one only by rewriting the table."""
    status: MessageStatus = Field(sa_column=Column(IntEnumType(MessageStatus), nullable=False))
    queued_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    attempted_at: datetime | None = Field(sa_column=Column(UtcTime()))
    sent_at: datetime | None = Field(sa_column=Column(UtcTime()))
    """Set only for messages with the status SENT (S14)."""
    cost: Decimal = Field(sa_column=Column(Kopecks(), nullable=False))
    text: str = Field(sa_column=Column(String, nullable=False))
    error_code: str | None = Field(sa_column=Column(String))
    error_name: str | None = Field(sa_column=Column(String))
    delivery: DeliveryState | None = Field(sa_column=Column(IntEnumType(DeliveryState)))
    """Set only for messages with the status SENT, and only if the provider has reported it."""
    phone_note: str | None = Field(default=None, sa_column=Column(String))
    """What the sender wrote with the phone number: an extension or further numbers."""
    parts: int | None = Field(sa_column=Column(SmallInteger))
    """The number of SMS parts according to the sender; NULL if it is computed from the text."""
    sender: str | None = Field(default=None, sa_column=Column(String))
    """The name or the number under which the message was sent; NULL if its sender has not reported it."""
    channel: MessageChannel | None = Field(default=None, sa_column=Column(IntEnumType(MessageChannel)))
    """NULL if the sender has not reported it; it is not guessed to be SMS."""
    cost_source: CostSource | None = Field(default=None, sa_column=Column(IntEnumType(CostSource)))
    """NULL if the sender has reported the cost."""
    parts_from_receipts: bool | None = Field(default=None, sa_column=Column(Boolean))
    """True if `parts` follows from receipts, otherwise NULL."""


def effective_time(*, sent_at: datetime | None, attempted_at: datetime | None, queued_at: datetime) -> datetime:
    """Return the time by which a message is listed: when it was sent, else last attempted, else queued (S7)."""
    return sent_at or attempted_at or queued_at


def sort_key(moment: datetime, arrival: int) -> int:
    """Build the sort key of a message from its effective time (aware) and its arrival number."""
    return first_sort_key(moment) | (arrival & ((1 << ARRIVAL_BITS) - 1))


def first_sort_key(moment: datetime) -> int:
    """Return the lowest sort key of an effective time (aware), which is the bound of a period."""
    return int(moment.timestamp()) << ARRIVAL_BITS


def arrival_number(key: int) -> int:
    """Extract the arrival number from a sort key."""
    return key & ((1 << ARRIVAL_BITS) - 1)
