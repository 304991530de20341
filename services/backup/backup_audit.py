"""The audit records of backup and restore.

A backup is on record in the database that is copied, and so in the copy; its success is a second record. A restore is
on record in the restored database.
"""

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from alembic.runtime.migration import MigrationContext
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.audit.hash_chain import append_entries, command_entry
from services.database.engine import Database
from services.database.process_lock import shared_lock
from services.database.tables import ACCESS_RECORD_TABLE
from services.upgrade.migrations import known_revisions, migrate

READ_HEAD = 'SELECT number, hash FROM access_head'
"""Reads the number and the hash of the newest record, on a connection of the driver."""

COMMAND_PREFIX = texts.ACCESS_TERMINAL_USER.format(actor=texts.ACCESS_TERMINAL, user='')
"""The beginning of the names of all users of the command line; the index on the name makes the search short."""
LAST_BACKUP = (
    select(ACCESS_RECORD_TABLE.c.at)
    .where(
        ACCESS_RECORD_TABLE.c.name >= COMMAND_PREFIX,
        ACCESS_RECORD_TABLE.c.name < COMMAND_PREFIX + chr(0x10FFFF),
        ACCESS_RECORD_TABLE.c.act == AuditEvent.DATABASE_COPIED,
        ACCESS_RECORD_TABLE.c.what.endswith(texts.ACCESS_COPY_CHECKED.format(copied='')),
    )
    .order_by(ACCESS_RECORD_TABLE.c.at.desc())
    .limit(1)
)


class ReplacedLog(NamedTuple):
    """The newest record of the audit log of a database that a restore replaces."""

    number: int
    hash: str


def record_backup(url: str, file: Path, *, is_checked: bool = False) -> bool:
    """Record a backup in the database that will be copied, before it is copied, and again when it is complete; blocks.

    Args:
        url: the URL of the database.
        file: the backup.
        is_checked: whether the backup was written and checked.

    Returns:
        Whether it was recorded: a database of an older version of the program cannot record it.

    Raises:
        DatabaseInUseError: another process is replacing the database.
        DatabaseError: see services.errors.
    """
    database_url = make_url(url)
    if database_url.get_backend_name() == 'sqlite' and not Path(database_url.database or '').is_file():
        return False
    what = texts.ACCESS_COPIED.format(file=file.absolute())
    if is_checked:
        what = texts.ACCESS_COPY_CHECKED.format(copied=what)
    entry = command_entry(AuditEvent.DATABASE_COPIED, what)

    def record(session: Session) -> bool:
        if MigrationContext.configure(session.connection()).get_current_revision() != known_revisions()[0]:
            return False
        append_entries(session, [entry])
        return True

    with shared_lock(url), closing(Database(url)) as database:
        return database.write_sync(record)


def load_last_backup(session: Session) -> datetime | None:
    """Return when the last backup was completed, according to the audit log; None if it has no such record."""
    completed_at: datetime | None = session.execute(LAST_BACKUP).scalar_one_or_none()
    return completed_at


def record_restore(url: str, file: Path, replaced: ReplacedLog | None) -> None:
    """Migrate a restored database to the version of the program, and record the restore in it; blocks.

    Args:
        url: the restored database; of SQLite, before it gets the name of the replaced one.
        file: the backup.
        replaced: the end of the audit log of the replaced database, if it had one.

    Raises:
        DatabaseError: see services.errors.
    """
    migrate(url)
    what = texts.ACCESS_RESTORED.format(file=file.absolute())
    if replaced:
        what = texts.ACCESS_RESTORED_OVER.format(restored=what, **replaced._asdict())
    entry = command_entry(AuditEvent.DATABASE_RESTORED, what)
    with closing(Database(url)) as database:
        database.write_sync(lambda session: append_entries(session, [entry]))
