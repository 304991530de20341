"""Anchors of the audit log: the number and the hash of its newest record, sealed and noted outside the database.

A chain of hashes alone cannot show that it was rewritten as a whole, or cut together with its head. An anchor is noted
in three ways, at every start and at an interval, so that whoever changes one of them contradicts another:
- in the table `access_anchor`, sealed with the data key, which is outside the database, and with the anchor before it;
- in a file next to the data key;
- as a line of the program's log, which systemd or rsyslog forward to another machine (see deploy/README.md).
"""

import asyncio
import hmac
import logging
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import URL, func, select
from sqlmodel import Session

from services.audit.hash_chain import HEAD_LOCK
from services.database.engine import Database
from services.database.file_permissions import PREVIOUS_INFIX
from services.database.tables import ACCESS_ANCHOR_TABLE, ACCESS_RECORD_TABLE
from services.errors import DatabaseError
from services.keys.data_key import DataKey
from services.task_shutdown import cancel_and_wait

LOGGER_NAME: Final = 'services.audit.anchors'
"""The logger whose lines are printed at every log level."""
FILE_SUFFIX: Final = '.anchor'
UNSAFE_CHARACTERS: Final = re.compile(r'[^\w.-]')
PURPOSE: Final = 'audit anchor'
FILE_PURPOSE: Final = 'audit anchor file'
NEWEST_ANCHOR: Final = select(ACCESS_ANCHOR_TABLE).order_by(ACCESS_ANCHOR_TABLE.c.number.desc()).limit(1)

log = logging.getLogger(LOGGER_NAME)


class AnchoredRecord(NamedTuple):
    """A record that was noted outside the chain."""

    number: int
    hash: str


class AnchorFile:
    """The newest anchor, in a file outside the database."""

    def __init__(self, folder: Path, url: URL, key: DataKey | None) -> None:
        """Use the file of the database at `url` in `folder`; without the key its seal is not checked."""
        database = url.database or ''
        parts = (Path(database).name,) if url.get_backend_name() == 'sqlite' else (url.host, url.port, database)
        name = '-'.join(str(part) for part in parts if part)
        self.path = folder / f'{UNSAFE_CHARACTERS.sub("_", name)}{FILE_SUFFIX}'
        self._key = key

    def read(self) -> AnchoredRecord | None:
        """Return the noted record; None if there is no file.

        Raises:
            ValueError: the file was not written by this program with this key.
            OSError: the file cannot be read.
        """
        try:
            number, record_hash, mac = self.path.read_text(encoding='ascii').split()
        except FileNotFoundError:
            return None
        record = AnchoredRecord(int(number), record_hash)
        if self._key and not hmac.compare_digest(mac, self._seal(self._key, record)):
            raise ValueError(self.path.name)
        return record

    def write(self, record: AnchoredRecord) -> None:
        """Replace the noted record; raises OSError."""
        assert self._key is not None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_name(f'{self.path.name}.{os.getpid()}')
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, 'w', encoding='ascii') as file:
            file.write(f'{record.number} {record.hash} {self._seal(self._key, record)}\n')
        temporary.replace(self.path)

    def set_aside(self, at: datetime) -> Path | None:
        """Rename the file, because a restored database need not contain the noted record.

        Returns:
            The new file, which remains as evidence; None if there is no file.

        Raises:
            OSError: the file cannot be renamed.
        """
        if not self.path.exists():
            return None
        return self.path.rename(self.path.with_name(f'{self.path.name}{PREVIOUS_INFIX}{at:%Y%m%d-%H%M%S}'))

    @staticmethod
    def _seal(key: DataKey, record: AnchoredRecord) -> str:
        return key.digest(FILE_PURPOSE, str(record.number), record.hash)


class AuditAnchors:
    """Note the newest record of the audit log at every start and at an interval."""

    def __init__(
        self,
        database: Database,
        key: DataKey,
        anchor_file: AnchorFile | None,
        interval: timedelta,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Prepare the notes; nothing is written yet.

        Args:
            database: the database of the audit log.
            key: seals the anchors.
            anchor_file: the file; None for a database that may be deleted at any time.
            interval: the time between two anchors.
            now: returns the current time (aware).
        """
        self._database = database
        self._key = key
        self._file = anchor_file
        self._interval = interval
        self._now = now
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Write an anchor, and go on at the interval until `stop`."""
        self._task = asyncio.create_task(self._run(), name='audit anchors')

    async def stop(self) -> None:
        """End the task."""
        if self._task:
            await cancel_and_wait(self._task)

    async def write(self) -> None:
        """Note the newest record, unless the chain contradicts what was noted before; then log the contradiction.

        Raises:
            DatabaseError: see services.errors.
        """
        try:
            noted = self._file.read() if self._file else None
        except (ValueError, OSError) as error:
            log.critical('the file of the audit log anchor cannot be used: %s', type(error).__name__)
            return
        newest = await self._database.write_priority(partial(self._append, noted=noted))
        if newest is None:
            return
        try:
            if self._file:
                self._file.write(newest)
        except OSError as error:
            log.critical('the file of the audit log anchor cannot be written: %s', error.strerror)
        log.info('audit log anchor %s:%s', newest.number, newest.hash)

    async def _run(self) -> None:
        while True:
            try:
                await self.write()
            except DatabaseError:
                log.warning('the database does not answer; the audit log is anchored later')
            except Exception:
                log.exception('the audit log cannot be anchored')
            await asyncio.sleep(self._interval.total_seconds())

    def _append(self, session: Session, noted: AnchoredRecord | None) -> AnchoredRecord | None:
        """Append an anchor, unless the newest record has one; return the newest record, or None on a contradiction."""
        locked = session.execute(HEAD_LOCK).one_or_none()
        head = AnchoredRecord(locked.number, locked.hash) if locked else None
        last = session.execute(NEWEST_ANCHOR).one_or_none()
        for anchor in (noted, last):
            if anchor and not _is_in_chain(session, AnchoredRecord(anchor.number, anchor.hash), head):
                log.critical(
                    'the audit log was changed: it does not contain %s:%s any more', anchor.number, anchor.hash
                )
                return None
        if head is None:
            log.critical('the audit log was changed: it has no head')
            return None
        if not head.number:
            return None
        if last is None or last.number < head.number:
            at = self._now().replace(microsecond=0)
            mac = anchor_mac(self._key, last.mac if last else '', head.number, head.hash, at)
            anchor_row = {'number': head.number, 'hash': head.hash, 'at': at, 'mac': mac}
            session.connection().execute(ACCESS_ANCHOR_TABLE.insert(), anchor_row)
        return head


def anchor_mac(key: DataKey, previous: str, number: int, record_hash: str, at: datetime) -> str:
    """Return the seal of an anchor; `previous` is the seal of the anchor before it."""
    return key.digest(PURPOSE, previous, str(number), record_hash, at.astimezone(UTC).isoformat())


def _is_in_chain(session: Session, record: AnchoredRecord, head: AnchoredRecord | None) -> bool:
    statement = select(func.count()).where(
        ACCESS_RECORD_TABLE.c.number == record.number, ACCESS_RECORD_TABLE.c.hash == record.hash
    )
    return head is not None and head.number >= record.number and session.execute(statement).scalar_one() == 1
