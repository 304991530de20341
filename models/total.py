"""Counts and sums kept ready, so that no total is ever counted on the way to the screen."""

from enum import IntEnum

from sqlalchemy import BigInteger, Column, Integer
from sqlmodel import Field, SQLModel

from models.column_types import Enumerated
from models.message import MessageKind, MessageStatus


class Scale(IntEnum):
    """How long a period one total covers."""

    DAY = 0
    MONTH = 1


class Total(SQLModel, table=True):
    """Messages and kopecks of one organisation (0: of all), one day or month, one kind and one status.

    Kept by triggers of the database alone (services.database.indexes.index_builder), so that no writer can forget it.
    """

    organization_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    scale: Scale = Field(sa_column=Column(Enumerated(Scale), primary_key=True))
    period: int = Field(sa_column=Column(Integer, primary_key=True))
    """The day as 20261122, or the month as 20261100."""
    kind: MessageKind = Field(sa_column=Column(Enumerated(MessageKind), primary_key=True))
    status: MessageStatus = Field(sa_column=Column(Enumerated(MessageStatus), primary_key=True))
    messages: int = Field(sa_column=Column(BigInteger, nullable=False))
    kopecks: int = Field(sa_column=Column(BigInteger, nullable=False))
