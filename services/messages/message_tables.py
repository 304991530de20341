"""The tables from which the statements of the journal are built."""

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
"""The totals of the messages that have a word, by day (services.database.indexes.index_builder)."""


@dataclass(frozen=True)
class MessageSource:
    """The FROM clause of a statement, and the key by which its rows are ordered."""

    from_clause: FromClause
    sort_key: ColumnElement[int]
