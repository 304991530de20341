"""Records of failed sign-ins: one a minute for each IP address and account, with the number of attempts.

A flood of wrong passwords must not become a flood of records that are kept for ever. The first failure is recorded at
once. Those that follow within RECORD_INTERVAL are counted in the memory of the process and recorded together.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.accounts.accounts import Accounts
from services.accounts.identity import normalize_name
from services.audit.hash_chain import Actor, AuditEntry, append_entries
from services.database.engine import Database
from services.database.tables import ACCOUNT_TABLE
from services.errors import DatabaseError
from services.task_shutdown import STOP_WITHIN, cancel_and_wait

RECORD_INTERVAL: Final = timedelta(minutes=1)
CHECK_INTERVAL: Final = 5.0
"""Seconds between two checks for attempts to record."""
MAX_COUNTED: Final = 10_000
"""The largest number of pairs of IP address and account that are counted at the same time."""

log = logging.getLogger(__name__)


@dataclass
class _Counted:
    recorded_at: datetime
    unrecorded: int = 0
    last_at: datetime | None = None
    """When the newest unrecorded attempt happened."""


class FailedSignIns:
    """Record failed sign-ins in the audit log and with the account, whose owner sees them at the next sign-in."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Record into `database`; `now` returns the current time (timezone-aware)."""
        self._database = database
        self._accounts = accounts
        self._now = now
        self._counted: dict[tuple[str, str], _Counted] = {}
        self._task: asyncio.Task[None] | None = None

    async def record(self, typed_name: str, address: str) -> None:
        """Record a failed sign-in, now or within a minute.

        An unknown name is not stored, because users often type a password instead of it.

        Raises:
            DatabaseError: the first failure of an account could not be recorded.
        """
        name = await self._accounts.find_name(typed_name) or texts.ACCESS_UNKNOWN_NAME
        counted = self._count(name, address)
        if counted is None:
            return
        try:
            await self._write(name, address, 1, counted.recorded_at)
        except DatabaseError:
            counted.unrecorded += 1
            counted.last_at = counted.recorded_at
            raise

    def count_refused(self, typed_name: str, address: str) -> None:
        """Count an attempt that the login throttle refused; it causes no record of its own."""
        for known in (normalize_name(typed_name), texts.ACCESS_UNKNOWN_NAME):
            if counted := self._counted.get((known, address)):
                counted.unrecorded += 1
                counted.last_at = self._now()
                return

    async def start(self) -> None:
        """Start recording the counted attempts every minute."""
        self._task = asyncio.create_task(self._record_periodically(), name='failed sign-ins')

    async def stop(self) -> None:
        """Stop, and record the attempts that are not recorded yet."""
        if self._task:
            await cancel_and_wait(self._task)
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await self.flush(everything=True)
        except (DatabaseError, TimeoutError):
            log.warning('the database does not answer; failed sign-ins of the last minute are not recorded')

    async def flush(self, *, everything: bool = False) -> None:
        """Record the attempts counted for a minute, or all of them; forget the pairs without any.

        Raises:
            DatabaseError: they remain counted.
        """
        now = self._now()
        for (name, address), counted in list(self._counted.items()):
            if not everything and now - counted.recorded_at < RECORD_INTERVAL:
                continue
            if not counted.unrecorded:
                del self._counted[name, address]
                continue
            count, last_at = counted.unrecorded, counted.last_at or now
            counted.unrecorded = 0
            try:
                await self._write(name, address, count, last_at)
            except DatabaseError:
                counted.unrecorded += count
                raise
            counted.recorded_at = now

    def _count(self, name: str, address: str) -> _Counted | None:
        """Count an attempt; return the count if the attempt is to be recorded now."""
        key = (name, address)
        if key not in self._counted and len(self._counted) >= MAX_COUNTED:
            key = (name, texts.ACCESS_MANY_ADDRESSES)
        counted = self._counted.get(key)
        if counted is None:
            self._counted[key] = counted = _Counted(self._now())
            return counted
        counted.unrecorded += 1
        counted.last_at = self._now()
        return None

    async def _write(self, name: str, address: str, count: int, last_at: datetime) -> None:
        what = texts.ACCESS_FAILED_ATTEMPTS.format(count=count) if count > 1 else ''
        entry = AuditEntry(self._now(), Actor(None, name, address), AuditEvent.SIGN_IN_FAILED, what=what)
        with_account = (
            update(ACCOUNT_TABLE)
            .where(ACCOUNT_TABLE.c.name == name)
            .values(failed_count=ACCOUNT_TABLE.c.failed_count + count, failed_at=last_at, failed_address=address)
        )

        def write(session: Session) -> None:
            append_entries(session, [entry])
            session.execute(with_account)

        await self._database.write(write)

    async def _record_periodically(self) -> None:
        while True:
            await asyncio.sleep(CHECK_INTERVAL)
            try:
                await self.flush()
            except DatabaseError:
                log.warning('the database does not answer; failed sign-ins are recorded when it does')
