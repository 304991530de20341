"""What an operator has typed and found in a tab of his browser."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import UtcTime


class Draft(SQLModel, table=True):
    """The filter panel of one journal in one tab, for a page that has to be built anew."""

    account_id: int = Field(sa_column=Column(Integer, ForeignKey('account.id', ondelete='CASCADE'), primary_key=True))
    tab: str = Field(sa_column=Column(String, primary_key=True))
    """By which the browser knows the tab."""
    journal: str = Field(sa_column=Column(String, primary_key=True))
    """Its name."""
    queries: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    """What was asked last, None for nothing yet; and what is typed. See services.lists.drafts."""
    kept_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False, index=True))
