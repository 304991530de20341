"""What people look at again: the person whom a link is about, and searches under names of their own."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.column_types import UtcTime


class KeptView(SQLModel, table=True):
    """The part of a search that must not stand in an address: a name, a phone."""

    __tablename__ = 'kept_view'

    key: str = Field(sa_column=Column(String, primary_key=True))
    """Random, 128 bits."""
    query: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    made_by: int = Field(sa_column=Column(Integer, ForeignKey('account.id', ondelete='CASCADE'), nullable=False))
    made_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    used_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False, index=True))
    """When the link was last opened, to the day or so; what nobody has opened for long is purged."""


class NamedSearch(SQLModel, table=True):
    """A search that somebody has given a name, for himself alone."""

    __tablename__ = 'named_search'
    __table_args__ = (UniqueConstraint('account_id', 'name'),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(sa_column=Column(Integer, ForeignKey('account.id', ondelete='CASCADE'), nullable=False))
    name: str = Field(sa_column=Column(String, nullable=False))
    query: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """See services.messages.query_params."""
