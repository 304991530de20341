"""The totals that triggers keep, and the same counted anew from the messages."""

from sqlalchemy import text

from services.database import Database

RECOUNT = """
    SELECT {owner}, {scale}, {period}, kind, status, count(*), sum(cost) FROM message GROUP BY {group}, kind, status
"""

Counted = set[tuple[int, ...]]
"""Organisation (0: all), scale, period, kind, status, messages, kopecks."""


def totals(database: Database) -> Counted:
    """Give what the database keeps, but for what has come to nothing."""
    return _rows(
        database,
        'SELECT organization_id, scale, period, kind, status, messages, kopecks FROM total WHERE messages <> 0',
    )


def recounted(database: Database) -> Counted:
    """Count every message."""
    found: Counted = set()
    for owner in ('organization_id', '0'):
        for scale, period in ((0, 'day'), (1, 'day / 100 * 100')):
            group = f'{owner}, {period}' if owner != '0' else period
            found |= _rows(database, RECOUNT.format(owner=owner, scale=scale, period=period, group=group))
    return found


def _rows(database: Database, statement: str) -> Counted:
    return database.read_now(
        lambda session: {tuple(int(value) for value in row) for row in session.execute(text(statement))}
    )
