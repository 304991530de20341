"""The tables of the journal of messages, as its statements name them."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, FromClause, Integer, Text, column, table
from sqlmodel import SQLModel

message = SQLModel.metadata.tables['message']
organization = SQLModel.metadata.tables['organization']
total = SQLModel.metadata.tables['total']
word_total = table(
    'word_total',
    column('word', Text),
    column('day', Integer),
    column('messages', BigInteger),
    column('kopecks', BigInteger),
)
"""The messages that have a word, day by day (services.database.indexes.index_builder)."""


@dataclass(frozen=True)
class Rows:
    """Where messages are taken from, and the key by which they are ordered there."""

    source: FromClause
    place: ColumnElement[int]
