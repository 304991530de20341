"""Share links, saved searches, and drafts of searches."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.column_types import UtcTime


class ShareLink(SQLModel, table=True):
    """The personal data of a shared search (a name, a phone), stored here to keep it out of the URL."""

    __tablename__ = 'kept_view'

    key: str = Field(sa_column=Column(String, primary_key=True))
    """The random key in the URL, 128 bits."""
    query: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    made_by: int | None = Field(
        sa_column=Column(Integer, ForeignKey('account.id', ondelete='CASCADE'), nullable=True, index=True)
    )
    """The user who created the link; None if it is a launch link, which a program created."""
    made_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    used_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False, index=True))
    """When the link was last opened, about a day out of date at most; links that expire are purged."""


class SavedSearch(SQLModel, table=True):
    """A named search that belongs to one user."""

    __tablename__ = 'named_search'
    __table_args__ = (UniqueConstraint('account_id', 'name'),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(sa_column=Column(Integer, ForeignKey('account.id', ondelete='CASCADE'), nullable=False))
    name: str = Field(sa_column=Column(String, nullable=False))
    query: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """See services.messages.query_params."""
    saved_at: datetime | None = Field(sa_column=Column(UtcTime()))
    """When the search was saved; for searches from before this was stored, when the program was upgraded."""


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
