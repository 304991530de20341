"""Backup and restore: create a backup while the journal is in use, check it, and replace a database by it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import make_url

from services import texts
from services.audit.anchors import AnchorFile
from services.backup import postgresql_backup, sqlite_backup
from services.backup.backup_audit import ReplacedLog, record_backup, record_restore
from services.backup.backup_encryption import (
    Encryption,
    check_encrypted_file,
    decrypt_file,
    encrypt_file,
    is_encrypted,
    private_folder,
)
from services.backup.backup_error import BackupError
from services.database.file_permissions import sqlite_files

__all__ = [
    'BackupError',
    'Encryption',
    'back_up',
    'check_backup',
    'decrypted_backup',
    'restore',
    'set_anchor_aside',
]

ProgressCallback = Callable[[int, int], None]
RecordCallback = Callable[[str, ReplacedLog | None], None]
"""Records a restore in the restored database at a URL."""


class _BackupEngine(Protocol):
    """The functions that each engine's module implements for the functions below."""

    def copy(self, url: str, file: Path, progress: ProgressCallback, /) -> None: ...

    def check(self, file: Path, /) -> str | None: ...

    def replace(self, url: str, file: Path, progress: ProgressCallback, record: RecordCallback, /) -> Path | None: ...


def back_up(
    url: str, file: Path, progress: ProgressCallback = lambda done, of: None, encryption: Encryption | None = None
) -> bool:
    """Back up the database at `url` to a new file, while others read and write.

    The backup is recorded in the audit log first, and its success afterwards. It is a snapshot of one moment, written
    to a temporary file, checked, and then renamed, so that the file is complete or does not exist. Only the user of the
    program may read it.

    Args:
        url: the URL of the database, as in Settings.
        file: the file to create.
        progress: called with the parts done and the total number of parts.
        encryption: how the backup is encrypted; None if it is not.

    Returns:
        Whether the backup was recorded: a database of an older version of the program cannot record it.

    Raises:
        BackupError: the file exists, the database does not, the disk is full, or pg_dump is missing; the message is
            for the user.
        DatabaseError, DatabaseInUseError: the backup cannot be recorded; it is not made, unless only its success could
            not be recorded.
        OSError: the file cannot be written.
    """
    if file.exists():
        raise BackupError(texts.BACKUP_FILE_EXISTS.format(file=file))
    partial_file = file.with_name(f'{file.name}.partial')
    _remove_partial(partial_file)
    recorded = record_backup(url, file)
    try:
        if encryption:
            with private_folder(encryption) as folder:
                plain_file = folder / partial_file.name
                _copy_and_check(url, plain_file, progress)
                encrypt_file(plain_file, partial_file, encryption.passphrase)
            check_encrypted_file(partial_file, encryption.passphrase)
        else:
            _copy_and_check(url, partial_file, progress)
        partial_file.rename(file)
        if recorded:
            record_backup(url, file, is_checked=True)
        return recorded
    finally:
        _remove_partial(partial_file)


@contextmanager
def decrypted_backup(file: Path, encryption: Callable[[], Encryption]) -> Iterator[Path]:
    """Yield a backup as a file that is not encrypted: the file itself, or a temporary one; blocks.

    Args:
        file: the backup.
        encryption: returns how it was encrypted; called only for an encrypted backup.

    Raises:
        BackupError: the passphrase is missing or wrong, or the file was changed or cut off.
        OSError: a file cannot be read or written.
    """
    if not file.is_file() or not is_encrypted(file):
        yield file
        return
    how = encryption()
    with private_folder(how) as folder:
        plain_file = folder / file.name
        decrypt_file(file, plain_file, how.passphrase)
        yield plain_file


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


def restore(
    url: str, file: Path, progress: ProgressCallback = lambda done, of: None, *, name: Path | None = None
) -> Path | None:
    """Replace the database at `url` by a checked backup, completely or not at all; nobody may use it meanwhile.

    The restored database is migrated to the version of the program, and has a record of the restore.

    Args:
        url: the URL of the database.
        file: the backup, not encrypted.
        progress: called with the parts done and the total number of parts.
        name: the file that is recorded, if it is not `file`.

    Returns:
        The file with the previous database; None if there was none or the engine does not preserve it.

    Raises:
        BackupError: the database is in use, or it cannot be replaced.
        OSError: a file cannot be written.
    """

    def record(restored_url: str, replaced: ReplacedLog | None) -> None:
        record_restore(restored_url, name or file, replaced)

    return _engine_for(url).replace(url, file, progress, record)


def set_anchor_aside(url: str, folder: Path) -> Path | None:
    """Rename the anchor file of a restored database in a state folder; see AnchorFile.set_aside."""
    return AnchorFile(folder, make_url(url), None).set_aside(datetime.now())


def _copy_and_check(url: str, file: Path, progress: ProgressCallback) -> None:
    _engine_for(url).copy(url, file, progress)
    _engine_for(url).check(file)


def _remove_partial(partial_file: Path) -> None:
    for file in sqlite_files(partial_file):
        file.unlink(missing_ok=True)


def _engine_for(url: str) -> _BackupEngine:
    return sqlite_backup if make_url(url).get_backend_name() == 'sqlite' else postgresql_backup
