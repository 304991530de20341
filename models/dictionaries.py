"""Medical organisations, as listed in «Медицинская организация» (S8)."""

from sqlalchemy import Column, String
from sqlmodel import Field, SQLModel

from models.column_types import CODE_POINT_TEXT


class Organization(SQLModel, table=True):
    """A medical organisation that sends messages or documents."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(String, nullable=False, unique=True))
    name_key: str = Field(sa_column=Column(CODE_POINT_TEXT, nullable=False))
    """The folded name, used for sorting and autocompletion."""
