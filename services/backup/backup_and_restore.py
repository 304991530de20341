"""Copies of the whole journal: made while it is in use, checked before one replaces anything."""

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
    """What each engine's module does for the functions below; they say how."""

    def copy(self, url: str, file: Path, progress: ProgressCallback, /) -> None: ...

    def check(self, file: Path, /) -> str | None: ...

    def replace(self, url: str, file: Path, progress: ProgressCallback, /) -> Path | None: ...


def back_up(url: str, file: Path, progress: ProgressCallback = lambda done, of: None) -> None:
    """Copy the database at `url` to a file that is not there yet; others go on reading and writing.

    The copy is the journal of one moment. It is made beside, checked, and only then gets its name: under that there is
    a whole copy or none. Nobody but the program's own user may read it.

    Args:
        url: the database, as it is in Settings.
        file: where the copy goes.
        tell: called with parts done and parts in all.

    Raises:
        BackupError: there is such a file, no such database, no room, no pg_dump; the message is for the person.
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
    """See whether a file is a copy that this program can work with over the engine of `url`, in a zone.

    Raises:
        BackupError: it is not; the message says why.
    """
    if not file.is_file():
        raise BackupError(texts.RESTORE_NO_FILE.format(file=file))
    backup_zone = _engine_for(url).check(file)
    if backup_zone not in (None, zone):
        raise BackupError(texts.RESTORE_OTHER_ZONE.format(kept=backup_zone, zone=zone))


def restore(url: str, file: Path, progress: ProgressCallback = lambda done, of: None) -> Path | None:
    """Put a checked copy in the place of the database at `url`, whole or not at all; nobody may use that meanwhile.

    Returns:
        Where the database lies that was there before; None when there was none or the engine keeps none.

    Raises:
        BackupError: the program runs over the database, or the copy cannot be put there.
        OSError: a file cannot be written.
    """
    return _engine_for(url).replace(url, file, progress)


def _remove_partial(partial_file: Path) -> None:
    for suffix in ('', *sqlite_backup.COMPANION_SUFFIXES):
        partial_file.with_name(partial_file.name + suffix).unlink(missing_ok=True)


def _engine_for(url: str) -> _BackupEngine:
    return sqlite_backup if make_url(url).get_backend_name() == 'sqlite' else postgresql_backup
