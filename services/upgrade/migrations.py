"""Schema migrations: upgrade the database to the version of the program, and refuse a newer one."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError as SqlalchemyDatabaseError

import models.migrations
from services import names
from services.database.connections import connection_limits
from services.database.indexes import index_builder
from services.dictionaries.name_folding import fold_sort_name
from services.errors import DatabaseUnavailableError, JournalError
from services.verification.status_recalculation import RULES_REVISION, recalculate_statuses

MIGRATION_LOCK = 7_214_553_001
"""The key of the PostgreSQL advisory lock that lets one process migrate while others wait."""
MIGRATION_TIMEOUT = 600
"""Seconds for which a process waits for another one that migrates an SQLite database."""


class NewerDatabaseError(JournalError):
    """A newer version of the program has migrated the database."""


class DatabaseEncodingError(JournalError):
    """The database is not in UTF-8, so that it cannot store every name; `str(error)` is its encoding."""


def migrate(url: str, report_progress: index_builder.ProgressCallback = lambda done, steps: None) -> None:
    """Upgrade the database to the latest revision and build missing indexes; concurrent processes do it once.

    Args:
        url: the SQLAlchemy URL of the database.
        report_progress: called with the number of completed steps; a large database takes minutes.

    Raises:
        NewerDatabaseError: the database has a revision that this program does not know.
        DatabaseEncodingError: the database cannot store every text.
        DatabaseUnavailableError: the database cannot be opened.
    """
    database_url = make_url(url)
    is_sqlite = database_url.get_backend_name() == 'sqlite'
    if is_sqlite and database_url.database:
        _make_folder(Path(database_url.database).parent)
    if not is_sqlite:
        _check_encoding(database_url)
    engine = create_engine(database_url, connect_args={} if is_sqlite else connection_limits(database_url))
    try:
        with _migration_lock(engine.connect()) as connection:
            config = _alembic_config()
            config.attributes.update(
                connection=connection,
                fold_name=names.fold_name,
                initials=names.initials,
                fold_sort_name=fold_sort_name,
            )
            old_revision = _current_revision(connection)
            command.upgrade(config, 'head')
            index_builder.ensure_indexes(connection, report_progress)
            if old_revision and old_revision < RULES_REVISION:
                recalculate_statuses(connection)
    except SqlalchemyDatabaseError as error:
        raise DatabaseUnavailableError(str(error.orig)) from error
    finally:
        engine.dispose()


@cache
def known_revisions() -> tuple[str, ...]:
    """Return the revisions that this program knows, the newest first."""
    return tuple(revision.revision for revision in ScriptDirectory.from_config(_alembic_config()).walk_revisions())


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option('script_location', str(Path(models.migrations.__file__).parent))
    return config


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailableError(f'{folder}: {error.strerror}') from error


def _check_encoding(url: URL) -> None:
    """Check that a PostgreSQL database is in UTF-8, before anything reads a text from it."""
    dsn = url.set(drivername='postgresql').render_as_string(hide_password=False)
    try:
        with psycopg.connect(dsn, **connection_limits(url)) as connection:
            encoding = connection.info.parameter_status('server_encoding')
    except psycopg.Error as error:
        raise DatabaseUnavailableError(str(error)) from error
    if encoding != 'UTF8':
        raise DatabaseEncodingError(encoding)


@contextmanager
def _migration_lock(connection: Connection) -> Iterator[Connection]:
    """Make other migrating processes wait until this one has committed."""
    with connection:
        if connection.dialect.name == 'sqlite':
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.isolation_level = None
            driver.execute(f'PRAGMA busy_timeout = {1000 * MIGRATION_TIMEOUT}')
            _enable_wal(driver)
            connection.exec_driver_sql('BEGIN IMMEDIATE')
        else:
            connection.execute(text('SELECT pg_advisory_xact_lock(:lock)'), {'lock': MIGRATION_LOCK})
        yield connection
        connection.commit()


def _enable_wal(driver: Any) -> None:
    """Switch SQLite to write-ahead logging.

    The statement ignores the busy timeout and fails at once while another process switches, so it is retried.
    """
    deadline = time.monotonic() + MIGRATION_TIMEOUT
    while True:
        try:
            driver.execute('PRAGMA journal_mode = WAL')
        except sqlite3.DatabaseError as error:
            if 'locked' not in str(error) or time.monotonic() > deadline:
                raise DatabaseUnavailableError(str(error)) from error
            time.sleep(0.05)  # blocking is harmless, because the event loop does not run yet
        else:
            return


def _current_revision(connection: Connection) -> str | None:
    """Return the revision of the database, None if it is empty; raises NewerDatabaseError if it is unknown."""
    current = MigrationContext.configure(connection).get_current_revision()
    if current and current not in known_revisions():
        raise NewerDatabaseError(current)
    return current
