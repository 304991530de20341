"""File permissions: everything that the program creates is for its user alone, whatever its umask."""

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from services.database.process_lock import LOCK_SUFFIX

PRIVATE_UMASK: Final = 0o077
"""Removes every right of the group and of others from new files and folders."""
COMPANION_SUFFIXES: Final = ('-wal', '-shm', '-journal')
"""The suffixes of the files that SQLite creates next to a database in use."""
PREVIOUS_INFIX: Final = '.before-restore-'
"""Part of the name of a database that a restore has replaced, before its time."""

log = logging.getLogger(__name__)


def make_new_files_private() -> None:
    """Deny the group and others every right on what this process and its children create from now on."""
    os.umask(PRIVATE_UMASK)


def make_database_private(url: str) -> None:
    """Remove the rights of the group and of others from the files of an existing SQLite database, and log it.

    An earlier version created them with the umask of the shell. A file of another user stays, with a warning.
    """
    database_url = make_url(url)
    if database_url.get_backend_name() != 'sqlite' or not database_url.database:
        return
    for file in _database_files(Path(database_url.database)):
        try:
            mode = stat.S_IMODE(file.stat().st_mode)
        except OSError:  # there is no such file; whatever else is wrong is reported when the database is opened
            continue
        if not mode & PRIVATE_UMASK:
            continue
        try:
            file.chmod(mode & ~PRIVATE_UMASK)
            log.warning('%s was accessible to other users (mode %04o); now it is not', file, mode)
        except OSError as error:
            log.warning('%s is accessible to other users, and this user cannot change it: %s', file, error.strerror)


def sqlite_files(database: Path) -> Iterator[Path]:
    """Yield the file of an SQLite database and those that SQLite creates next to it, whether they exist or not."""
    for suffix in ('', *COMPANION_SUFFIXES):
        yield database.with_name(database.name + suffix)


def _database_files(database: Path) -> Iterator[Path]:
    yield from sqlite_files(database)
    yield database.with_name(database.name + LOCK_SUFFIX)
    prefix = f'{database.name}{PREVIOUS_INFIX}'
    with suppress(OSError):  # there is no such folder, or this user may not list it
        yield from [file for file in database.parent.iterdir() if file.name.startswith(prefix)]
