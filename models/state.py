"""What the database says of itself."""

from sqlalchemy import Column, String
from sqlmodel import Field, SQLModel

from models.columns import BIG_KEY


class JournalState(SQLModel, table=True):
    """One row: the next arrival number, and the time zone whose days the totals count."""

    __tablename__ = 'journal_state'

    id: int = Field(default=1, primary_key=True)
    next_arrival: int = Field(default=1, sa_column=Column(BIG_KEY, nullable=False))
    timezone: str | None = Field(default=None, sa_column=Column(String))
