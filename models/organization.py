"""A medical organisation: an entry of the dictionary behind «Медицинская организация» (spec S8)."""

from sqlalchemy import Column, String
from sqlmodel import Field, SQLModel

from models.column_types import FOLDED


class Organization(SQLModel, table=True):
    """A medical organisation that messages were sent for."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(String, nullable=False, unique=True))
    name_key: str = Field(sa_column=Column(FOLDED, nullable=False))
    """The name folded for sorting and for finding as one types."""
