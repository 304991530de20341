"""The two questions of the readiness check: the state of the database, and whether it accepts a write.

No probe leaves anything behind. A write to PostgreSQL is a message in its log that nobody reads; it commits, because
only a commit waits for the disk and for a synchronous standby. A write to SQLite is rolled back, so that open pages do
not take it for a change.
"""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from services.monitoring.database_problems import DatabaseProblem

UTF8: Final = 'UTF8'
SQLITE_STATE: Final = text('SELECT version_num, derived FROM alembic_version, journal_state')
POSTGRESQL_STATE: Final = text("""
    SELECT version_num, derived, pg_is_in_recovery() AS in_recovery, current_setting('server_encoding') AS encoding,
        extract(epoch FROM clock_timestamp())::float8 AS clock
    FROM alembic_version, journal_state
""")
PROBE_KIB: Final = 256
"""How much a probe writes: about as much as a batch of messages, so that a full disk is noticed with it."""
SPILL_TO_DISK: Final = text(f"""
    SELECT set_config('work_mem', '64kB', true),
        (SELECT count(*) FROM (SELECT repeat('x', 1000) || n FROM generate_series(1, {PROBE_KIB}) AS n ORDER BY 1) AS s)
""")
"""Writes to a temporary file of the server, which is gone afterwards; no table of the database needs to grow."""
COMMITTED_WRITE: Final = text("""
    SELECT current_setting('transaction_read_only') = 'on', pg_logical_emit_message(true, 'journal', 'readiness')
""")
WAITS_FOR_STANDBY: Final = text("""
    SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'SyncRep'
""")


@dataclass(frozen=True)
class DatabaseState:
    """What the database says about itself."""

    version: str
    """The schema revision."""
    has_indexes: bool
    problem: DatabaseProblem | None = None
    """What PostgreSQL itself says to be wrong."""
    clock_skew: float | None = None
    """Seconds by which the clock of this machine is ahead of PostgreSQL's; None if they share a clock."""


def read_sqlite_state(session: Session) -> DatabaseState:
    """Read the state of an SQLite database."""
    row = session.execute(SQLITE_STATE).one()
    return DatabaseState(row.version_num, row.derived is not None)


def read_postgresql_state(session: Session) -> DatabaseState:
    """Read the state of a PostgreSQL database, and compare its clock with this machine's."""
    asked_at = time.time()
    row = session.execute(POSTGRESQL_STATE).one()
    answered_at = time.time()
    problem = DatabaseProblem.RECOVERY if row.in_recovery else None
    if row.encoding != UTF8:
        problem = DatabaseProblem.ENCODING
    skew = (asked_at + answered_at) / 2 - row.clock
    return DatabaseState(row.version_num, row.derived is not None, problem, skew)


def write_postgresql(session: Session) -> DatabaseProblem | None:
    """Write to the disk and to the log of PostgreSQL; return READ_ONLY if it does not let tables be written."""
    session.execute(SPILL_TO_DISK)
    read_only, _ = session.execute(COMMITTED_WRITE).one()
    return DatabaseProblem.READ_ONLY if read_only else None


def commits_wait_for_standby(session: Session) -> bool:
    """Return whether a commit waits for a synchronous standby of PostgreSQL."""
    return bool(session.execute(WAITS_FOR_STANDBY).scalar_one())


def write_sqlite(path: str, wait_seconds: float) -> bool:
    """Write to the log of an SQLite database and roll back; blocks.

    Args:
        path: the file of the database.
        wait_seconds: how long to wait for a transaction of another connection.

    Returns:
        False if another connection was writing all the time.

    Raises:
        sqlite3.Error: the database cannot be written.
    """
    with closing(sqlite3.connect(path, timeout=wait_seconds, isolation_level=None)) as connection:
        # Pages beyond the cache are written before the end of the transaction. The next transaction overwrites them.
        connection.execute('PRAGMA cache_size = 10')
        try:
            connection.execute('BEGIN IMMEDIATE')
            connection.execute('CREATE TABLE readiness (filler)')
            connection.execute('INSERT INTO readiness VALUES (zeroblob(?))', [PROBE_KIB << 10])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                return False
            raise
        finally:
            if connection.in_transaction:
                connection.execute('ROLLBACK')
    return True
