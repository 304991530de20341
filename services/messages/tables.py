"""The tables of the journal of messages, as its statements name them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause
from sqlmodel import SQLModel

message = SQLModel.metadata.tables['message']
organization = SQLModel.metadata.tables['organization']
total = SQLModel.metadata.tables['total']


@dataclass(frozen=True)
class Rows:
    """Where messages are taken from, and the key by which they are ordered there."""

    source: FromClause
    place: ColumnElement[int]
