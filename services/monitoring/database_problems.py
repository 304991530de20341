"""What prevents a database from serving the program, recognised by the error that it caused."""

import sqlite3
from enum import StrEnum
from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError

from services import texts


class DatabaseProblem(StrEnum):
    """The cause for which the program is not ready; the value is the name in the log."""

    AWAY = 'away'
    """It cannot be reached, or it does not answer in time."""
    READ_ONLY = 'read-only'
    RECOVERY = 'in recovery'
    """A standby server, which only replays what its primary writes."""
    NO_STANDBY = 'synchronous standby lost'
    """Every commit waits for a standby server that is not there."""
    DISK_FULL = 'disk full'
    ENCODING = 'encoding is not UTF-8'
    MIGRATIONS = 'migrations missing'
    LOADING = 'bulk load running'
    WRITES_FAIL = 'writes fail'
    """It refuses writes for another reason."""

    @property
    def sentence(self) -> str:
        """The cause for an administrator; it names no host, user or file."""
        return SENTENCES[self]


SENTENCES: Final = {
    DatabaseProblem.AWAY: texts.HEALTH_NO_DATABASE,
    DatabaseProblem.READ_ONLY: texts.HEALTH_READ_ONLY,
    DatabaseProblem.RECOVERY: texts.HEALTH_RECOVERY,
    DatabaseProblem.NO_STANDBY: texts.HEALTH_NO_STANDBY,
    DatabaseProblem.DISK_FULL: texts.HEALTH_DISK_FULL,
    DatabaseProblem.ENCODING: texts.HEALTH_ENCODING,
    DatabaseProblem.MIGRATIONS: texts.HEALTH_NO_MIGRATIONS,
    DatabaseProblem.LOADING: texts.HEALTH_LOADING,
    DatabaseProblem.WRITES_FAIL: texts.HEALTH_WRITES_FAIL,
}
PROBLEMS_BY_SQLSTATE: Final = {
    '08003': DatabaseProblem.AWAY,  # connection_does_not_exist
    '08006': DatabaseProblem.AWAY,  # connection_failure
    '25006': DatabaseProblem.READ_ONLY,  # read_only_sql_transaction
    '42P01': DatabaseProblem.MIGRATIONS,  # undefined_table
    '57014': DatabaseProblem.AWAY,  # query_canceled
    '57P01': DatabaseProblem.AWAY,  # admin_shutdown
    '57P02': DatabaseProblem.AWAY,  # crash_shutdown
    '57P03': DatabaseProblem.AWAY,  # cannot_connect_now
    '53100': DatabaseProblem.DISK_FULL,  # disk_full
    '58030': DatabaseProblem.DISK_FULL,  # io_error
}
SQLITE_PROBLEMS: Final = {
    sqlite3.SQLITE_FULL: DatabaseProblem.DISK_FULL,
    sqlite3.SQLITE_IOERR: DatabaseProblem.DISK_FULL,
    sqlite3.SQLITE_READONLY: DatabaseProblem.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: DatabaseProblem.AWAY,
}
SQLITE_PRIMARY_CODE: Final = 0xFF
"""The bits of an error code of SQLite without its details."""


def problem_of(error: BaseException) -> DatabaseProblem:
    """Return what an error of a driver, or one that was raised from it, says about the database."""
    driver_error = _driver_error(error)
    if isinstance(driver_error, sqlite3.Error):
        if 'no such table' in str(driver_error):
            return DatabaseProblem.MIGRATIONS
        code = getattr(driver_error, 'sqlite_errorcode', 0) & SQLITE_PRIMARY_CODE
        return SQLITE_PROBLEMS.get(code, DatabaseProblem.WRITES_FAIL)
    if isinstance(driver_error, psycopg.Error) and driver_error.sqlstate:
        return PROBLEMS_BY_SQLSTATE.get(driver_error.sqlstate, DatabaseProblem.WRITES_FAIL)
    return DatabaseProblem.AWAY


def _driver_error(error: BaseException | None) -> BaseException | None:
    while error is not None:
        if isinstance(error, DBAPIError):
            return error.orig
        if isinstance(error, sqlite3.Error | psycopg.Error):
            return error
        error = error.__cause__
    return None
