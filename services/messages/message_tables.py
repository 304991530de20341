"""The tables from which the statements of the journal are built."""

import re
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, FromClause, Integer, Text, column, table

from services.database.tables import MESSAGE_TABLE, TOTAL_TABLE
from services.dictionaries.dictionary_tables import CURRENT_KIND, CURRENT_ORGANIZATION

message = MESSAGE_TABLE
organization = CURRENT_ORGANIZATION
"""The current entry of the organisation of a message."""
kind = CURRENT_KIND
"""The current entry of the kind of a message."""
HAS_ORGANIZATION = organization.c.id == message.c.organization_id
HAS_KIND = kind.c.id == message.c.kind
"""The conditions that join the current entries of a message."""
total = TOTAL_TABLE
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


def qualify(expression: str) -> str:
    """Return an expression with the columns of a name as those of `message`: other tables have the same columns."""
    return re.sub(r'\b(recipient_name|name_key|initials)\b', r'message.\1', expression)
