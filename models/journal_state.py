"""State of the database as a whole."""

from sqlalchemy import Column, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY


class JournalState(SQLModel, table=True):
    """The single row that holds values valid for the whole database."""

    __tablename__ = 'journal_state'

    id: int = Field(default=1, primary_key=True)
    next_arrival: int = Field(default=1, sa_column=Column(BIG_KEY, nullable=False))
    timezone: str | None = Field(default=None, sa_column=Column(String))
    """The time zone whose local days the totals count."""
    derived: int | None = Field(default=None, sa_column=Column(BIG_KEY))
    """The checksum of the installed index definition (services.database.indexes.index_builder); None without one."""
