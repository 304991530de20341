"""Translation of driver errors into the errors that callers handle."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.errors import DatabaseUnavailableError, QueryTimeoutError


@contextmanager
def translate_driver_errors() -> Iterator[None]:
    """Translate errors of the drivers and the connection pool into `DatabaseError`.

    All other errors, such as violated constraints, pass unchanged: they are defects or have a meaning for the caller.
    """
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        if isinstance(error.orig, psycopg.errors.QueryCanceled) or 'interrupted' in str(error.orig):
            raise QueryTimeoutError from error
        raise DatabaseUnavailableError(str(error.orig)) from error
    except DBAPIError as error:
        if error.connection_invalidated or isinstance(error.orig, psycopg.errors.ReadOnlySqlTransaction):
            raise DatabaseUnavailableError(str(error.orig)) from error
        raise
    except PoolTimeoutError as error:  # another transaction holds the connection for longer than the pool waits
        raise DatabaseUnavailableError(str(error)) from error
