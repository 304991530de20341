"""Precomputed counts and sums, so that no page has to count messages."""

from enum import IntEnum

from sqlalchemy import BigInteger, Column, Integer, SmallInteger
from sqlmodel import Field, SQLModel

from models.column_types import IntEnumType
from models.message import MessageStatus


class Granularity(IntEnum):
    """The length of the period of a total."""

    DAY = 0
    MONTH = 1


class Total(SQLModel, table=True):
    """The number of messages and their cost in kopecks, by organisation (0 for all), day or month, kind and status.

    Only triggers of the database write it (services.database.indexes), so that no writer of messages can omit it.
    """

    organization_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    scale: Granularity = Field(sa_column=Column(IntEnumType(Granularity), primary_key=True))
    period: int = Field(sa_column=Column(Integer, primary_key=True))
    """The day as 20261122 or the month as 20261100."""
    kind: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    """The id in `message_kind`."""
    status: MessageStatus = Field(sa_column=Column(IntEnumType(MessageStatus), primary_key=True))
    messages: int = Field(sa_column=Column(BigInteger, nullable=False))
    kopecks: int = Field(sa_column=Column(BigInteger, nullable=False))
