"""Who works over an embedded database: everyone holds a lock beside it, and whoever replaces it must be alone.

Locks of the operating system end with the process that holds them, however it ends. On PostgreSQL the server knows who
is connected.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sqlalchemy.engine import make_url

from services.errors import DatabaseUnavailableError, JournalError

LOCK_SUFFIX = '.lock'


class DatabaseInUseError(JournalError):
    """Somebody else works over the database, or is about to replace it."""


@contextmanager
def shared_lock(url: str) -> Iterator[None]:
    """Work over a database beside others.

    Raises:
        InUse: somebody is replacing it.
        Unavailable: nothing can be written where it lies.
    """
    with _file_lock(url, fcntl.LOCK_SH):
        yield


@contextmanager
def exclusive_lock(url: str) -> Iterator[None]:
    """Work over a database with nobody beside; raises as `with_others` does."""
    with _file_lock(url, fcntl.LOCK_EX):
        yield


@contextmanager
def _file_lock(url: str, operation: int) -> Iterator[None]:
    database_url = make_url(url)
    if database_url.get_backend_name() != 'sqlite':
        yield
        return
    path = Path(database_url.database or '')
    with _open_lock_file(path.with_name(path.name + LOCK_SUFFIX)) as file:
        try:
            fcntl.flock(file, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DatabaseInUseError from None
        yield


def _open_lock_file(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open('a')
    except OSError as error:
        raise DatabaseUnavailableError(f'{error.filename}: {error.strerror}') from error
