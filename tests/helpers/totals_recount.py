"""The totals that triggers maintain, and the same totals computed from the messages."""

from collections import Counter
from typing import Any

from sqlalchemy import text

from services.database.engine import Database

RECOUNT = """
    SELECT {owner}, {scale}, {period}, kind, status, count(*), sum(cost) FROM message GROUP BY {group}, kind, status
"""

TotalRows = set[tuple[Any, ...]]
"""Organisation (0: all), scale, period, kind, status, messages, kopecks; of words: word, day, messages, kopecks."""


def stored_totals(database: Database) -> TotalRows:
    """Return the stored totals; entries of 0 messages count only for words, where none may remain."""
    return _read_rows(
        database,
        'SELECT organization_id, scale, period, kind, status, messages, kopecks FROM total WHERE messages <> 0',
    ) | _read_rows(database, 'SELECT word, day, messages, kopecks FROM word_total')


def recounted_totals(database: Database) -> TotalRows:
    """Compute the totals from every message."""
    rows: TotalRows = set()
    for owner in ('organization_id', '0'):
        for scale, period in ((0, 'day'), (1, 'day / 100 * 100')):
            group = f'{owner}, {period}' if owner != '0' else period
            rows |= _read_rows(database, RECOUNT.format(owner=owner, scale=scale, period=period, group=group))
    return rows | _recounted_words(database)


def _recounted_words(database: Database) -> TotalRows:
    messages = text('SELECT recipient_name, name_key, day, cost FROM message')
    counted: Counter[tuple[str, int]] = Counter()
    kopecks: Counter[tuple[str, int]] = Counter()
    for name, key, day, cost in database.read_sync(lambda session: session.execute(messages).all()):
        for word in _words_of(name, key):
            counted[word, int(day)] += 1
            kopecks[word, int(day)] += int(cost)
    return {(*key, count, kopecks[key]) for key, count in counted.items()}


def _words_of(name: str, key: str) -> set[str]:
    """Return the words of a name: of a double name, the whole with its first hyphen, and both halves.

    The triggers compute them in SQL. This function shares no code with them, so that it reveals errors in their
    expression.
    """
    first, hyphen, _ = name.partition('-')
    if not (first and hyphen) or len(name.replace('-', '')) != len(key):
        return set(key.split(' ')) - {''}
    halves = key[: len(first)], key[len(first) :]
    return {*'-'.join(halves).split(' '), *' '.join(halves).split(' ')} - {''}


def _read_rows(database: Database, statement: str) -> TotalRows:
    return database.read_sync(
        lambda session: {
            tuple(value if isinstance(value, str) else int(value) for value in row)
            for row in session.execute(text(statement))
        }
    )
