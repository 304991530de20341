"""Rewrite the text index of SQLite, so that it has no words of removed names any more.

FTS5 only marks an entry as deleted; the word itself stays in the index until the segments with the entry and with the
mark are merged, which may take years. PostgreSQL removes the entries by VACUUM (see Database.update_statistics).
"""

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from services.database.engine import Database
from services.retention.removal import SECURE_DELETE

PAGES_PER_STEP: Final = 1_000
"""Pages that are merged in one transaction, which bounds the time that other writers wait."""
MERGE: Final = text("INSERT INTO message_search (message_search, rank) VALUES ('merge', :pages)")
TOTAL_CHANGES: Final = text('SELECT total_changes()')


def rewrite_search_index(database: Database, wait: Callable[[float], None] = time.sleep) -> None:
    """Merge all segments of the text index in small transactions; blocks. It does nothing on PostgreSQL.

    Args:
        database: the database.
        wait: sleeps for some seconds: after each step as long as it took, so that other writers have half of the time.

    Raises:
        DatabaseError: see services.errors.
    """
    if database.dialect != 'sqlite':
        return
    # A negative number begins the merge of all segments; FTS5 has nothing left to merge if less than two rows change.
    pages, changes = -PAGES_PER_STEP, 2
    while changes >= 2:
        started_at = time.monotonic()
        changes = database.write_sync(lambda session, pages=pages: _merge(session, pages))  # type: ignore[misc]
        pages = PAGES_PER_STEP
        wait(time.monotonic() - started_at)


def _merge(session: Session, pages: int) -> int:
    session.connection().exec_driver_sql(SECURE_DELETE)
    before: int = session.execute(TOTAL_CHANGES).scalar_one()
    session.execute(MERGE, {'pages': pages})
    after: int = session.execute(TOTAL_CHANGES).scalar_one()
    return after - before
