"""The SQLAlchemy engines (connection pools) of SQLite and PostgreSQL, with the settings of each connection."""

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, FromClause, create_engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL

from services.database.indexes.sqlite_indexes import READER_CACHE_KIB, WRITER_CACHE_KIB

SQLITE_BUSY_TIMEOUT = 30
"""Seconds for which a writer waits for a transaction of another process on SQLite."""
CHECKPOINT_PAGES = 64_000
"""Pages of 4 KiB in the write-ahead log from which on SQLite copies them into the database, after a transaction.

Several batches of messages change the same pages, which are then copied once: a batch of a thousand in random order of
time changes 13 000 pages of a large journal. The log then takes 250 MiB and a batch; reading through it takes a
twentieth more time. `PARTS=growing ENGINES=sqlite make bench` shows the effect.
"""

CONNECTION_LIMITS: Final[Mapping[str, int]] = {
    'connect_timeout': 5,
    'keepalives_idle': 10,
    'keepalives_interval': 5,
    'keepalives_count': 3,
    'tcp_user_timeout': 20_000,
}
"""Parameters of libpq: seconds to connect; seconds and number of the keep-alive packets on an idle connection;
milliseconds for which what was sent may remain without acknowledgement. A machine that has vanished is noticed in 25
seconds, instead of the two hours of Linux. They do not apply to a process that hangs: see services.database.engine.
"""
IDLE_TRANSACTION_TIMEOUT: Final = 120_000
"""Milliseconds after which PostgreSQL ends an idle transaction: a node that has vanished must block no other."""


class HintedSqliteCompiler(SQLiteCompiler):
    """Writes the hints of a statement: `INDEXED BY`, which the compiler of SQLAlchemy leaves out on SQLite."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        """Return the hint as it follows the table."""
        return text


def connection_limits(url: URL) -> dict[str, Any]:
    """Return the CONNECTION_LIMITS that the URL of a PostgreSQL database does not set itself."""
    return {name: value for name, value in CONNECTION_LIMITS.items() if name not in url.query}


def create_sqlite_engine(url: URL, size: int, *, read_only: bool) -> Engine:
    """Create a pool of at most `size` connections to an SQLite database; no connection is opened yet."""
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_use_lifo=True,  # the most recently used connection has the warmest cache
        connect_args={'check_same_thread': False, 'timeout': SQLITE_BUSY_TIMEOUT},
    )

    engine.dialect.statement_compiler = HintedSqliteCompiler

    @event.listens_for(engine, 'connect')
    def configure(connection: sqlite3.Connection, _: object) -> None:
        # The driver begins its own transactions too late, at the first write. `begin` below sends BEGIN instead.
        connection.isolation_level = None
        connection.execute('PRAGMA journal_mode = WAL')
        # FULL: accepted data must be on disk even if the power fails.
        connection.execute('PRAGMA synchronous = FULL')
        connection.execute('PRAGMA foreign_keys = ON')
        connection.execute(f'PRAGMA cache_size = {-(READER_CACHE_KIB if read_only else WRITER_CACHE_KIB)}')
        connection.execute(f'PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}')
        if read_only:
            connection.execute('PRAGMA query_only = ON')

    @event.listens_for(engine, 'begin')
    def begin(connection: Connection) -> None:
        # IMMEDIATE: a writer waits for the lock before its first statement, where the busy timeout applies. A
        # transaction that upgrades from reading to writing can fail at once instead.
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute('BEGIN' if read_only else 'BEGIN IMMEDIATE')

    return engine


def create_postgresql_engine(url: URL, size: int, *, read_only: bool) -> Engine:
    """Create a pool of at most `size` connections to a PostgreSQL database; no connection is opened yet."""
    # No parallel workers, because the long count of one user must not occupy all cores.
    options = [str(url.query.get('options', '')), '-c timezone=UTC', '-c max_parallel_workers_per_gather=0']
    if not read_only:
        options.append(f'-c idle_in_transaction_session_timeout={IDLE_TRANSACTION_TIMEOUT}')
    # A statement sees the same data with and without a transaction, but AUTOCOMMIT saves two round trips.
    isolation: dict[str, Any] = {'isolation_level': 'AUTOCOMMIT'} if read_only else {}
    return create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_use_lifo=True,
        **isolation,
        connect_args={
            **connection_limits(url),
            'options': ' '.join(filter(None, options)),
            # No prepared statements, because a generic plan suits no particular fragment of a name.
            'prepare_threshold': None,
        },
    )
