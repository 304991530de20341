"""Translation of driver errors into the errors that callers handle."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.errors import DatabaseUnavailableError, QueryTimeoutError


@contextmanager
def translate_driver_errors() -> Iterator[None]:
    """Translate errors of the drivers and the connection pool into `DatabaseError`.

    Rows that are written by the means of a driver raise its errors without those of SQLAlchemy around them. All other
    errors, such as violated constraints, pass unchanged: they are defects or have a meaning for the caller.
    """
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        _raise_translated(error.orig, error)
    except (
        sqlite3.OperationalError,
        sqlite3.InterfaceError,
        psycopg.OperationalError,
        psycopg.InterfaceError,
        psycopg.errors.ReadOnlySqlTransaction,
    ) as error:
        _raise_translated(error, error)
    except DBAPIError as error:
        if error.connection_invalidated or isinstance(error.orig, psycopg.errors.ReadOnlySqlTransaction):
            raise DatabaseUnavailableError(str(error.orig)) from error
        raise
    except PoolTimeoutError as error:  # another transaction holds the connection for longer than the pool waits
        raise DatabaseUnavailableError(str(error)) from error


def _raise_translated(driver_error: BaseException | None, cause: Exception) -> NoReturn:
    if isinstance(driver_error, psycopg.errors.QueryCanceled) or 'interrupted' in str(driver_error):
        raise QueryTimeoutError from cause
    raise DatabaseUnavailableError(str(driver_error)) from cause
