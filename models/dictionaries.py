"""The dictionaries that administrators edit: medical organisations (S8) and kinds of messages (S6).

Each row is one spelling of a name. The rows that name the same thing form a group: one of them is the current entry,
which lists display, and the others refer to it by `merged_into`. Messages refer to the row of the spelling with which
they arrived, so that a merge or a new name changes no message, and can be undone.
"""

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import CODE_POINT_TEXT


class Organization(SQLModel, table=True):
    """A medical organisation that sends messages or documents."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(String, nullable=False, unique=True))
    name_key: str = Field(sa_column=Column(CODE_POINT_TEXT, nullable=False))
    """The name folded by services.dictionaries.name_folding, used for sorting and autocompletion."""
    folded_name: str | None = Field(default=None, sa_column=Column(CODE_POINT_TEXT))
    """`name_key`, unique, by which incoming names are found; None if another row of the group has the same one."""
    sort_name: str | None = Field(default=None, sa_column=Column(CODE_POINT_TEXT))
    """The name as lists show it, with its distinctive part first, folded; `name_key` stands for it while it is None."""
    merged_into: int | None = Field(default=None, sa_column=Column(Integer, ForeignKey('organization.id')))
    """The current entry of the group; None for the current entry itself."""


class MessageKindEntry(SQLModel, table=True):
    """A kind of messages; the first four have the numbers of models.message.MessageKind."""

    __tablename__ = 'message_kind'

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(String, nullable=False, unique=True))
    name_key: str = Field(sa_column=Column(CODE_POINT_TEXT, nullable=False))
    """See Organization; the other columns, too."""
    folded_name: str | None = Field(default=None, sa_column=Column(CODE_POINT_TEXT))
    merged_into: int | None = Field(default=None, sa_column=Column(Integer, ForeignKey('message_kind.id')))
    position: int = Field(sa_column=Column(Integer, nullable=False))
    """The position in the list of the filter «Вид сообщения»."""
