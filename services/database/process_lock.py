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

from services.lists.query_protocol import Unavailable

SUFFIX = '.lock'


class InUse(Exception):
    """Somebody else works over the database, or is about to replace it."""


@contextmanager
def with_others(url: str) -> Iterator[None]:
    """Work over a database beside others.

    Raises:
        InUse: somebody is replacing it.
        Unavailable: nothing can be written where it lies.
    """
    with _locked(url, fcntl.LOCK_SH):
        yield


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Work over a database with nobody beside; raises as `with_others` does."""
    with _locked(url, fcntl.LOCK_EX):
        yield


@contextmanager
def _locked(url: str, kind: int) -> Iterator[None]:
    address = make_url(url)
    if address.get_backend_name() != 'sqlite':
        yield
        return
    path = Path(address.database or '')
    with _file(path.with_name(path.name + SUFFIX)) as file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse from None
        yield


def _file(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open('a')
    except OSError as error:
        raise Unavailable(f'{error.filename}: {error.strerror}') from error
