"""What the database says of itself."""

from sqlalchemy import Column, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY


class JournalState(SQLModel, table=True):
    """One row: what each part of the program notes down once for the whole database."""

    __tablename__ = 'journal_state'

    id: int = Field(default=1, primary_key=True)
    next_arrival: int = Field(default=1, sa_column=Column(BIG_KEY, nullable=False))
    timezone: str | None = Field(default=None, sa_column=Column(String))
    """Whose days the totals count."""
    derived: int | None = Field(default=None, sa_column=Column(BIG_KEY))
    """Which way of services.database.indexes.index_builder the database has; None while there is none."""
