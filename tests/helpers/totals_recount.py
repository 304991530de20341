"""The totals that triggers keep, and the same counted anew from the messages."""

from collections import Counter
from typing import Any

from sqlalchemy import select, text

from services.database.engine import Database
from services.messages.message_tables import message
from services.messages.search import statements

RECOUNT = """
    SELECT {owner}, {scale}, {period}, kind, status, count(*), sum(cost) FROM message GROUP BY {group}, kind, status
"""

TotalRows = set[tuple[Any, ...]]
"""Organisation (0: all), scale, period, kind, status, messages, kopecks; of words: word, day, messages, kopecks."""


def stored_totals(database: Database) -> TotalRows:
    """Give what the database keeps, but for what has come to nothing; of words nothing that has may be left."""
    return _read_rows(
        database,
        'SELECT organization_id, scale, period, kind, status, messages, kopecks FROM total WHERE messages <> 0',
    ) | _read_rows(database, 'SELECT word, day, messages, kopecks FROM word_total')


def recounted_totals(database: Database) -> TotalRows:
    """Count every message."""
    rows: TotalRows = set()
    for owner in ('organization_id', '0'):
        for scale, period in ((0, 'day'), (1, 'day / 100 * 100')):
            group = f'{owner}, {period}' if owner != '0' else period
            rows |= _read_rows(database, RECOUNT.format(owner=owner, scale=scale, period=period, group=group))
    return rows | _recounted_words(database)


def _recounted_words(database: Database) -> TotalRows:
    names = select(statements.dialect_module(database.dialect).SEARCH_WORDS, message.c.day, message.c.cost)
    counted: Counter[tuple[str, int]] = Counter()
    kopecks: Counter[tuple[str, int]] = Counter()
    for name, day, cost in database.read_sync(lambda session: session.execute(names).all()):
        for word in set(name.split()):
            counted[word, day] += 1
            kopecks[word, day] += int(cost * 100)
    return {(*key, count, kopecks[key]) for key, count in counted.items()}


def _read_rows(database: Database, statement: str) -> TotalRows:
    return database.read_sync(
        lambda session: {
            tuple(value if isinstance(value, str) else int(value) for value in row)
            for row in session.execute(text(statement))
        }
    )
