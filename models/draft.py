"""Drafts: the filter panel of a list page in one browser tab."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import UtcTime


class Draft(SQLModel, table=True):
    """The filter panel of one list page in one browser tab, restored when the page is rebuilt."""

    account_id: int = Field(sa_column=Column(Integer, ForeignKey('account.id', ondelete='CASCADE'), primary_key=True))
    tab: str = Field(sa_column=Column(String, primary_key=True))
    """The identifier of the browser tab."""
    journal: str = Field(sa_column=Column(String, primary_key=True))
    """The name of the list page."""
    queries: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    """The last executed query (None before the first search) and the typed query; see services.lists.drafts."""
    kept_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False, index=True))
