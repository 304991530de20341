"""State of the database as a whole, and of the alerts that were announced."""

from datetime import datetime

from sqlalchemy import Boolean, Column, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY, UtcTime


class JournalState(SQLModel, table=True):
    """The single row that holds values valid for the whole database."""

    __tablename__ = 'journal_state'

    id: int = Field(default=1, primary_key=True)
    next_arrival: int = Field(default=1, sa_column=Column(BIG_KEY, nullable=False))
    timezone: str | None = Field(default=None, sa_column=Column(String))
    """The time zone whose local days the totals count."""
    derived: int | None = Field(default=None, sa_column=Column(BIG_KEY))
    """The checksum of the installed index definition (services.database.indexes.index_builder); None without one."""
    data_key_check: str | None = Field(default=None, sa_column=Column(String))
    """A digest of the data key that the database was opened with (services.keys.data_key); None before the first."""


class AlertState(SQLModel, table=True):
    """An alert that was announced, and has not ended yet, whichever node raised it."""

    __tablename__ = 'alert_state'

    kind: str = Field(sa_column=Column(String, primary_key=True))
    """What the alert is about, as services.overview.alert_model.AlertKey writes it."""
    began_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    seen_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When a node last saw that it holds."""


class AlertNotice(SQLModel, table=True):
    """A notification that is to be sent through one channel; it is deleted when it was sent."""

    __tablename__ = 'alert_notice'

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    channel: str = Field(sa_column=Column(String, nullable=False))
    kind: str = Field(sa_column=Column(String, nullable=False))
    is_end: bool = Field(sa_column=Column(Boolean, nullable=False))
    text: str = Field(sa_column=Column(String, nullable=False))
    """The alert in words, without persons."""
    path: str = Field(sa_column=Column(String, nullable=False))
    """The list that shows more."""
    at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When the alert began or ended."""
    attempts: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    """How often a node has begun to send it."""
    due_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When to send it, or to try again; a node that sends it moves this into the future first."""
