"""Copies of the embedded database, by SQLite's own means."""

import logging
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from services import texts
from services.backup.backup_error import BackupRefused, check_revision
from services.database.process_lock import InUse, alone

PAGES = 2_000
"""Pages copied between two words on how far it is."""
PIECE = 8 << 20
"""Bytes, likewise."""
WAIT = 10
"""Seconds to wait for a lock that somebody holds for a moment."""
MAGIC = b'SQLite format 3\0'
SIDES = ('-wal', '-shm', '-journal')
"""What may lie beside a database in use."""

log = logging.getLogger(__name__)


def copy(url: str, file: Path, tell: Callable[[int, int], None]) -> None:
    """Copy what the database is at this moment; see services.backup.backup_and_restore."""
    source = _path(url)
    if not source.is_file():
        raise BackupRefused(texts.BACKUP_NO_DATABASE.format(file=source))
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with _said(texts.BACKUP_CANNOT, file.with_suffix('')), _opened(source) as origin, _opened(file) as target:
        origin.execute('PRAGMA query_only = ON')
        # Held open, this transaction keeps seeing one moment: by itself a copy begins anew with each commit of others.
        origin.execute('BEGIN')
        origin.execute('SELECT count(*) FROM sqlite_master').fetchone()
        origin.backup(target, pages=PAGES, progress=lambda _, left, pages: tell(pages - left, pages))
        origin.execute('ROLLBACK')
        # One file alone, without a log beside it.
        target.execute('PRAGMA journal_mode = DELETE')
    _on_disk(file)


def check(file: Path) -> str | None:
    """See whether a file is a whole journal of a known shape; give the zone that it counts its days in."""
    with file.open('rb') as begun:
        begins = begun.read(len(MAGIC))
    if begins != MAGIC:
        raise BackupRefused(texts.RESTORE_NO_JOURNAL.format(file=file))
    beside = file.with_name(file.name + SIDES[0])
    if beside.exists() and beside.stat().st_size:
        raise BackupRefused(texts.RESTORE_NOT_ALONE.format(file=file, beside=beside.name))
    with (
        _said(texts.RESTORE_DAMAGED, file),
        closing(sqlite3.connect(f'{file.absolute().as_uri()}?mode=ro&immutable=1', uri=True)) as opened,
    ):
        damage = opened.execute('PRAGMA quick_check(1)').fetchone()[0]
        if damage != 'ok':
            raise BackupRefused(texts.RESTORE_DAMAGED.format(file=file, cause=damage))
        names = {name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {'alembic_version', 'journal_state', 'message'} <= names:
            raise BackupRefused(texts.RESTORE_NO_JOURNAL.format(file=file))
        revision = opened.execute('SELECT version_num FROM alembic_version').fetchone()
        check_revision(revision and revision[0], file)
        zone: str | None = opened.execute('SELECT timezone FROM journal_state').fetchone()[0]
        return zone


def replace(url: str, file: Path, tell: Callable[[int, int], None]) -> Path | None:
    """Put a copy in the database's place; what was there stays beside it under another name. See services.backup.backup_and_restore."""
    target = _path(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f'{target.name}.partial')
    try:
        with alone(url):
            _copy_file(file, draft, tell)
            check(draft)
            before = _keep(target, draft) if target.exists() else None
            draft.replace(target)
            _folder_on_disk(target.parent)
            return before
    except InUse:
        raise BackupRefused(texts.RESTORE_IN_USE) from None
    finally:
        draft.unlink(missing_ok=True)


def _keep(target: Path, draft: Path) -> Path:
    """Give the database that is there a second name, and its owner to the one that comes in its place."""
    before = target.with_name(f'{target.name}.before-restore-{datetime.now():%Y%m%d-%H%M%S}')
    _settle(target)
    kept = target.stat()
    draft.chmod(stat.S_IMODE(kept.st_mode))
    if os.geteuid() == 0:
        os.chown(draft, kept.st_uid, kept.st_gid)
    # A second name and not another one: there is no moment at which the journal has none.
    os.link(target, before)
    for side in SIDES:
        left = target.with_name(target.name + side)
        if left.exists():
            left.rename(before.with_name(before.name + side))
    return before


def _settle(target: Path) -> None:
    """Bring what lies beside a database into it: SQLite does so only when nobody else has it open."""
    try:
        with _opened(target, wait=1) as opened:
            opened.execute('PRAGMA journal_mode = DELETE')
    except sqlite3.OperationalError as error:
        refusal = texts.RESTORE_IN_USE if 'locked' in str(error) else texts.RESTORE_CANNOT.format(cause=error)
        raise BackupRefused(refusal) from error
    except sqlite3.DatabaseError:
        log.warning('the database that is replaced is damaged; what lies beside it is kept with it')


def _copy_file(file: Path, draft: Path, tell: Callable[[int, int], None]) -> None:
    draft.unlink(missing_ok=True)
    size, done = file.stat().st_size, 0
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with file.open('rb') as source, os.fdopen(descriptor, 'wb') as target:
        while piece := source.read(PIECE):
            target.write(piece)
            done += len(piece)
            tell(done, size)
    _on_disk(draft)


@contextmanager
def _opened(path: Path, wait: float = WAIT) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=wait, isolation_level=None)) as connection:
        yield connection


@contextmanager
def _said(sentence: str, file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BackupRefused(sentence.format(file=file, cause=error)) from error


def _path(url: str) -> Path:
    return Path(make_url(url).database or '')


def _on_disk(file: Path) -> None:
    with file.open('rb+') as opened:
        os.fsync(opened.fileno())


def _folder_on_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
