"""File locks of an SQLite database: every process that uses it holds a shared lock, a restore an exclusive one.

The operating system releases a lock when its process ends, even by a crash. PostgreSQL needs no such lock, because the
server knows its connections.
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
    """Another process uses the database or is replacing it."""


@contextmanager
def shared_lock(url: str) -> Iterator[None]:
    """Hold a shared lock while the block uses the database.

    Raises:
        DatabaseInUseError: another process is replacing the database.
        DatabaseUnavailableError: the lock file cannot be written.
    """
    with _file_lock(url, fcntl.LOCK_SH):
        yield


@contextmanager
def exclusive_lock(url: str) -> Iterator[None]:
    """Hold an exclusive lock while the block replaces the database.

    Raises:
        DatabaseInUseError: another process uses the database.
        DatabaseUnavailableError: the lock file cannot be written.
    """
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
