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

Counted = set[tuple[Any, ...]]
"""Organisation (0: all), scale, period, kind, status, messages, kopecks; of words: word, day, messages, kopecks."""


def totals(database: Database) -> Counted:
    """Give what the database keeps, but for what has come to nothing; of words nothing that has may be left."""
    return _rows(
        database,
        'SELECT organization_id, scale, period, kind, status, messages, kopecks FROM total WHERE messages <> 0',
    ) | _rows(database, 'SELECT word, day, messages, kopecks FROM word_total')


def recounted(database: Database) -> Counted:
    """Count every message."""
    found: Counted = set()
    for owner in ('organization_id', '0'):
        for scale, period in ((0, 'day'), (1, 'day / 100 * 100')):
            group = f'{owner}, {period}' if owner != '0' else period
            found |= _rows(database, RECOUNT.format(owner=owner, scale=scale, period=period, group=group))
    return found | _words(database)


def _words(database: Database) -> Counted:
    named = select(statements.dialect(database.dialect).NAME, message.c.day, message.c.cost)
    counted: Counter[tuple[str, int]] = Counter()
    kopecks: Counter[tuple[str, int]] = Counter()
    for name, day, cost in database.read_now(lambda session: session.execute(named).all()):
        for word in set(name.split()):
            counted[word, day] += 1
            kopecks[word, day] += int(cost * 100)
    return {(*key, count, kopecks[key]) for key, count in counted.items()}


def _rows(database: Database, statement: str) -> Counted:
    return database.read_now(
        lambda session: {
            tuple(value if isinstance(value, str) else int(value) for value in row)
            for row in session.execute(text(statement))
        }
    )
