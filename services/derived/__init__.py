"""What the database derives from its messages by itself: indexes, totals, and what finds a name or a phone.

All of it is made here and nowhere else, from nothing or over the messages that are there already; its triggers keep it
from then on. A bulk load puts it aside and builds it anew, which is many times quicker than keeping it row by row; so
does a program that wants it otherwise than the one before. The database notes what it has, so that a load which was
killed half-way is mended by the next start.
"""

import zlib
from collections.abc import Callable

from sqlalchemy import Connection, select, text, update
from sqlmodel import SQLModel

from services.derived import postgresql, sqlite, statistics

STATE = SQLModel.metadata.tables['journal_state']

Tell = Callable[[int, int], None]
"""Called with steps done and steps in all."""


def keep(connection: Connection, tell: Tell) -> None:
    """Build what is derived unless it is there as this program wants it; in the connection's transaction."""
    if connection.execute(select(STATE.c.derived)).scalar_one() != _version(connection):
        put_aside(connection)
        build(connection, tell)
        # The planner needs statistics of the new tables; a bulk load collects them itself (Database.freshen).
        if connection.dialect.name == 'sqlite':
            statistics.analyze(connection)
        else:
            connection.execute(text('ANALYZE'))


def put_aside(connection: Connection) -> None:
    """Remove all that is derived; until it is built again the journal can be loaded but not read."""
    for statement in _engine(connection).REMOVED:
        connection.execute(text(statement))
    connection.execute(update(STATE).values(derived=None))


def build(connection: Connection, tell: Tell) -> None:
    """Make what is derived over all the messages there are, in the connection's transaction."""
    steps = _engine(connection).steps(connection)
    for done, statements in enumerate(steps):
        tell(done, len(steps))
        for statement in statements:
            connection.exec_driver_sql(statement)
    connection.execute(update(STATE).values(derived=_version(connection)))
    tell(len(steps), len(steps))


def words_counted_anew(connection: Connection) -> str:
    """Give the statement that counts the messages of each word, day by day, as `word_total` has them."""
    return _engine(connection).WORDS_COUNTED_ANEW


def _engine(connection: Connection) -> 'type[sqlite.Derived] | type[postgresql.Derived]':
    return postgresql.Derived if connection.dialect.name == 'postgresql' else sqlite.Derived


def _version(connection: Connection) -> int:
    """Tell one way of deriving from another."""
    return zlib.crc32(repr(_engine(connection).MADE).encode())
