"""Copies of the whole journal: made while it is in use, checked before one replaces anything."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import make_url

from services import texts
from services.backup import postgresql_backup, sqlite_backup
from services.backup.backup_error import BackupRefused

__all__ = ['BackupRefused', 'back_up', 'check', 'restore']

Tell = Callable[[int, int], None]


class _Engine(Protocol):
    """What each engine's module does for the functions below; they say how."""

    def copy(self, url: str, file: Path, tell: Tell, /) -> None: ...

    def check(self, file: Path, /) -> str | None: ...

    def replace(self, url: str, file: Path, tell: Tell, /) -> Path | None: ...


def back_up(url: str, file: Path, tell: Tell = lambda done, of: None) -> None:
    """Copy the database at `url` to a file that is not there yet; others go on reading and writing.

    The copy is the journal of one moment. It is made beside, checked, and only then gets its name: under that there is
    a whole copy or none. Nobody but the program's own user may read it.

    Args:
        url: the database, as it is in Settings.
        file: where the copy goes.
        tell: called with parts done and parts in all.

    Raises:
        BackupRefused: there is such a file, no such database, no room, no pg_dump; the message is for the person.
        OSError: the file cannot be written.
    """
    if file.exists():
        raise BackupRefused(texts.BACKUP_THERE.format(file=file))
    draft = file.with_name(f'{file.name}.partial')
    _remove(draft)
    try:
        _of(url).copy(url, draft, tell)
        _of(url).check(draft)
        draft.rename(file)
    finally:
        _remove(draft)


def check(url: str, file: Path, zone: str) -> None:
    """See whether a file is a copy that this program can work with over the engine of `url`, in a zone.

    Raises:
        BackupRefused: it is not; the message says why.
    """
    if not file.is_file():
        raise BackupRefused(texts.RESTORE_NO_FILE.format(file=file))
    kept = _of(url).check(file)
    if kept not in (None, zone):
        raise BackupRefused(texts.RESTORE_OTHER_ZONE.format(kept=kept, zone=zone))


def restore(url: str, file: Path, tell: Tell = lambda done, of: None) -> Path | None:
    """Put a checked copy in the place of the database at `url`, whole or not at all; nobody may use that meanwhile.

    Returns:
        Where the database lies that was there before; None when there was none or the engine keeps none.

    Raises:
        BackupRefused: the program runs over the database, or the copy cannot be put there.
        OSError: a file cannot be written.
    """
    return _of(url).replace(url, file, tell)


def _remove(draft: Path) -> None:
    for side in ('', *sqlite_backup.SIDES):
        draft.with_name(draft.name + side).unlink(missing_ok=True)


def _of(url: str) -> _Engine:
    return sqlite_backup if make_url(url).get_backend_name() == 'sqlite' else postgresql_backup
