"""Backup and restore of the embedded SQLite database with its online backup."""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from services import texts
from services.backup.backup_audit import READ_HEAD, ReplacedLog
from services.backup.backup_error import BackupError, check_revision
from services.database.file_permissions import COMPANION_SUFFIXES, PREVIOUS_INFIX, sqlite_files
from services.database.process_lock import DatabaseInUseError, exclusive_lock

PAGES_PER_STEP = 2_000
"""Database pages copied between two reports of progress."""
CHUNK_BYTES = 8 << 20
"""Bytes of a file copied between two reports of progress."""
LOCK_TIMEOUT_SECONDS = 10
"""Seconds to wait for a lock of another process."""
SQLITE_MAGIC = b'SQLite format 3\0'

log = logging.getLogger(__name__)


def copy(url: str, file: Path, progress: Callable[[int, int], None]) -> None:
    """Write a snapshot of the database to a new file; see services.backup.backup_and_restore."""
    source = _database_path(url)
    if not source.is_file():
        raise BackupError(texts.BACKUP_NO_DATABASE.format(file=source))
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with (
        _raise_backup_error(texts.BACKUP_FAILED, file.with_suffix('')),
        _connect(source) as origin,
        _connect(file) as target,
    ):
        origin.execute('PRAGMA query_only = ON')
        # The open transaction holds one snapshot. Without it, the backup restarts after each commit of another process.
        origin.execute('BEGIN')
        origin.execute('SELECT count(*) FROM sqlite_master').fetchone()
        origin.backup(target, pages=PAGES_PER_STEP, progress=lambda _, left, pages: progress(pages - left, pages))
        origin.execute('ROLLBACK')
        # Leave a single file without a write-ahead log.
        target.execute('PRAGMA journal_mode = DELETE')
    _fsync_file(file)


def check(file: Path) -> str | None:
    """Check that a file is an undamaged journal with a known schema revision, and return its time zone."""
    with file.open('rb') as stream:
        header = stream.read(len(SQLITE_MAGIC))
    if header != SQLITE_MAGIC:
        raise BackupError(texts.RESTORE_NO_JOURNAL.format(file=file))
    wal_file = file.with_name(file.name + COMPANION_SUFFIXES[0])
    if wal_file.exists() and wal_file.stat().st_size:
        raise BackupError(texts.RESTORE_FILE_IN_USE.format(file=file, companion=wal_file.name))
    with (
        _raise_backup_error(texts.RESTORE_DAMAGED, file),
        closing(sqlite3.connect(f'{file.absolute().as_uri()}?mode=ro&immutable=1', uri=True)) as connection,
    ):
        damage = connection.execute('PRAGMA quick_check(1)').fetchone()[0]
        if damage != 'ok':
            raise BackupError(texts.RESTORE_DAMAGED.format(file=file, cause=damage))
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {'alembic_version', 'journal_state', 'message'} <= names:
            raise BackupError(texts.RESTORE_NO_JOURNAL.format(file=file))
        revision = connection.execute('SELECT version_num FROM alembic_version').fetchone()
        check_revision(revision[0] if revision else None, file)
        zone: str | None = connection.execute('SELECT timezone FROM journal_state').fetchone()[0]
        return zone


def replace(
    url: str, file: Path, progress: Callable[[int, int], None], record: Callable[[str, ReplacedLog | None], None]
) -> Path | None:
    """Replace the database by a backup, and preserve the previous database under another name.

    The copy is recorded, and only then replaces the database. See services.backup.backup_and_restore.
    """
    target = _database_path(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial_file = target.with_name(f'{target.name}.partial')
    try:
        with exclusive_lock(url):
            _copy_file(file, partial_file, progress)
            check(partial_file)
            record(make_url(url).set(database=str(partial_file)).render_as_string(), _read_head(target))
            with _raise_backup_error(texts.RESTORE_DAMAGED, file), _connect(partial_file) as connection:
                # Leave a single file without a write-ahead log.
                connection.execute('PRAGMA journal_mode = DELETE')
            _fsync_file(partial_file)
            previous = _link_previous(target, partial_file) if target.exists() else None
            partial_file.replace(target)
            _fsync_folder(target.parent)
            return previous
    except DatabaseInUseError:
        raise BackupError(texts.RESTORE_IN_USE) from None
    finally:
        for each in sqlite_files(partial_file):
            each.unlink(missing_ok=True)


def _read_head(target: Path) -> ReplacedLog | None:
    """Return the end of the audit log of a database; None if it has none that can be read."""
    if not target.exists():
        return None
    try:
        with _connect(target, wait=1) as connection:
            head = connection.execute(READ_HEAD).fetchone()
    except sqlite3.Error:
        return None
    return ReplacedLog._make(head) if head else None


def _link_previous(target: Path, partial_file: Path) -> Path:
    """Link the present database under a second name, and apply its owner to the new file."""
    previous = target.with_name(f'{target.name}{PREVIOUS_INFIX}{datetime.now():%Y%m%d-%H%M%S}')
    _checkpoint(target)
    target_stat = target.stat()
    if os.geteuid() == 0:
        os.chown(partial_file, target_stat.st_uid, target_stat.st_gid)
    # A hard link instead of a rename, so that the database has its name at every moment.
    os.link(target, previous)
    for suffix in COMPANION_SUFFIXES:
        companion = target.with_name(target.name + suffix)
        if companion.exists():
            companion.rename(previous.with_name(previous.name + suffix))
    return previous


def _checkpoint(target: Path) -> None:
    """Write the log of a database into its file; SQLite does so only if no other process has it open."""
    try:
        with _connect(target, wait=1) as connection:
            connection.execute('PRAGMA journal_mode = DELETE')
    except sqlite3.OperationalError as error:
        reason = texts.RESTORE_IN_USE if 'locked' in str(error) else texts.RESTORE_FAILED.format(cause=error)
        raise BackupError(reason) from error
    except sqlite3.DatabaseError:
        log.warning('the replaced database is damaged; its -wal, -shm and -journal files are preserved with it')


def _copy_file(file: Path, partial_file: Path, progress: Callable[[int, int], None]) -> None:
    partial_file.unlink(missing_ok=True)
    size, done = file.stat().st_size, 0
    descriptor = os.open(partial_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with file.open('rb') as source, os.fdopen(descriptor, 'wb') as target:
        while chunk := source.read(CHUNK_BYTES):
            target.write(chunk)
            done += len(chunk)
            progress(done, size)
    _fsync_file(partial_file)


@contextmanager
def _connect(path: Path, wait: float = LOCK_TIMEOUT_SECONDS) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=wait, isolation_level=None)) as connection:
        yield connection


@contextmanager
def _raise_backup_error(sentence: str, file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BackupError(sentence.format(file=file, cause=error)) from error


def _database_path(url: str) -> Path:
    return Path(make_url(url).database or '')


def _fsync_file(file: Path) -> None:
    with file.open('rb+') as stream:
        os.fsync(stream.fileno())


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
