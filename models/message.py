"""A message that a medical organisation sent, or tried to send, to a patient."""

from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY, FOLDED, Enumerated, Kopecks, UtcTime, UuidKey

ARRIVAL_BITS = 30
"""How many low bits of a place count arrivals: room for a thousand million messages."""


class MessageKind(IntEnum):
    """«Вид сообщения» (spec S6), numbered in the order of the Russian words, so that both sort alike."""

    VACCINATION = 1
    REMINDER = 2
    DAY_HOSPITAL = 3
    ATTACHMENT = 4


class MessageStatus(IntEnum):
    """«Статус отправки СМС» (spec S9), numbered in the order of the Russian words, so that both sort alike."""

    WAITING = 1
    SENT = 2
    FAILED = 3


class Message(SQLModel, table=True):
    """One row of the journal (spec S13) with what opens under it (S15).

    `place` is the primary key and the journal's order in one number: the second of the message's own moment
    (see `moment`), then its order of arrival. A period is thus a range of the primary key, the newest message
    has the highest key, and every index that ends in the key is already in the order of the list. The indexes are made
    by services.database.indexes.index_builder, for each engine its own.
    """

    place: int = Field(sa_column=Column(BIG_KEY, primary_key=True, autoincrement=False))
    id: UUID = Field(sa_column=Column(UuidKey(), nullable=False))
    """The sender's own; unique by an index."""
    day: int = Field(sa_column=Column(Integer, nullable=False))
    """The local day of the moment as the number 20261122: what the totals count by."""
    recipient_name: str = Field(sa_column=Column(String, nullable=False))
    name_key: str = Field(sa_column=Column(FOLDED, nullable=False))
    """The name's words, folded by services.names and parted by single blanks."""
    initials: str = Field(sa_column=Column(FOLDED, nullable=False))
    """First letters of the given name and the patronymic, folded: «ип»."""
    phone: str = Field(sa_column=Column(FOLDED, nullable=False))
    """E.164: `+79161234567`."""
    appointment_at: datetime | None = Field(sa_column=Column(UtcTime()))
    organization_id: int = Field(sa_column=Column(Integer, ForeignKey('organization.id'), nullable=False))
    kind: MessageKind = Field(sa_column=Column(Enumerated(MessageKind), nullable=False))
    status: MessageStatus = Field(sa_column=Column(Enumerated(MessageStatus), nullable=False))
    queued_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    attempted_at: datetime | None = Field(sa_column=Column(UtcTime()))
    sent_at: datetime | None = Field(sa_column=Column(UtcTime()))
    """Only a message with the status SENT has it (spec S14)."""
    cost: Decimal = Field(sa_column=Column(Kopecks(), nullable=False))
    text: str = Field(sa_column=Column(String, nullable=False))
    error_code: str | None = Field(sa_column=Column(String))
    error_name: str | None = Field(sa_column=Column(String))


def moment(*, sent_at: datetime | None, attempted_at: datetime | None, queued_at: datetime) -> datetime:
    """Give the moment by which the journal files a message: sent, else last tried, else queued (spec S7)."""
    return sent_at or attempted_at or queued_at


def place(when: datetime, arrival: int) -> int:
    """Give the key of the `arrival`-th message whose moment is `when` (aware)."""
    return first_place(when) | (arrival & ((1 << ARRIVAL_BITS) - 1))


def first_place(when: datetime) -> int:
    """Give the lowest key a message of the moment `when` (aware) can have: the bound of a period."""
    return int(when.timestamp()) << ARRIVAL_BITS


def arrival(key: int) -> int:
    """Give the order of arrival back from a place."""
    return key & ((1 << ARRIVAL_BITS) - 1)
