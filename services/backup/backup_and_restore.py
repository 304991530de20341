"""Backup and restore: create a backup while the journal is in use, check it, and replace a database by it."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import make_url

from services import texts
from services.backup import postgresql_backup, sqlite_backup
from services.backup.backup_error import BackupError

__all__ = ['BackupError', 'back_up', 'check_backup', 'restore']

ProgressCallback = Callable[[int, int], None]


class _BackupEngine(Protocol):
    """The functions that each engine's module implements for the functions below."""

    def copy(self, url: str, file: Path, progress: ProgressCallback, /) -> None: ...

    def check(self, file: Path, /) -> str | None: ...

    def replace(self, url: str, file: Path, progress: ProgressCallback, /) -> Path | None: ...


def back_up(url: str, file: Path, progress: ProgressCallback = lambda done, of: None) -> None:
    """Back up the database at `url` to a new file, while others read and write.

    The backup is a snapshot of one moment. It is written to a temporary file, checked, and then renamed, so that the
    file is complete or does not exist. Only the user of the program may read it.

    Args:
        url: the URL of the database, as in Settings.
        file: the file to create.
        progress: called with the parts done and the total number of parts.

    Raises:
        BackupError: the file exists, the database does not, the disk is full, or pg_dump is missing; the message is
            for the user.
        OSError: the file cannot be written.
    """
    if file.exists():
        raise BackupError(texts.BACKUP_FILE_EXISTS.format(file=file))
    partial_file = file.with_name(f'{file.name}.partial')
    _remove_partial(partial_file)
    try:
        _engine_for(url).copy(url, partial_file, progress)
        _engine_for(url).check(partial_file)
        partial_file.rename(file)
    finally:
        _remove_partial(partial_file)


def check_backup(url: str, file: Path, zone: str) -> None:
    """Check that a file is a backup that this program can use with the engine of `url` and the time zone `zone`.

    Raises:
        BackupError: it is not; the message contains the reason.
    """
    if not file.is_file():
        raise BackupError(texts.RESTORE_NO_FILE.format(file=file))
    backup_zone = _engine_for(url).check(file)
    if backup_zone not in (None, zone):
        raise BackupError(texts.RESTORE_OTHER_ZONE.format(stored_zone=backup_zone, zone=zone))


def restore(url: str, file: Path, progress: ProgressCallback = lambda done, of: None) -> Path | None:
    """Replace the database at `url` by a checked backup, completely or not at all; nobody may use it meanwhile.

    Returns:
        The file with the previous database; None if there was none or the engine does not preserve it.

    Raises:
        BackupError: the database is in use, or it cannot be replaced.
        OSError: a file cannot be written.
    """
    return _engine_for(url).replace(url, file, progress)


def _remove_partial(partial_file: Path) -> None:
    for suffix in ('', *sqlite_backup.COMPANION_SUFFIXES):
        partial_file.with_name(partial_file.name + suffix).unlink(missing_ok=True)


def _engine_for(url: str) -> _BackupEngine:
    return sqlite_backup if make_url(url).get_backend_name() == 'sqlite' else postgresql_backup
