"""Watch the sessions of this process: record the activity of users, and report ended sessions that have open pages.

One task per process checks every second which sessions with open pages still exist, whoever ended them on whichever
node.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.sql import ColumnElement
from sqlmodel import Session, col

from models import Account
from services.database.engine import Database
from services.database.tables import ACCOUNT_SESSION_TABLE
from services.errors import DatabaseError
from services.task_shutdown import STOP_WITHIN, cancel_and_wait

CHECK_INTERVAL: Final = 1.0
"""Seconds between two checks of the sessions with open pages; pages of an ended session close within two seconds."""
WRITE_INTERVAL: Final = timedelta(minutes=1)
"""The time between two writes of the users' last activity."""

UNBLOCKED_KEYS: Final = (
    select(ACCOUNT_SESSION_TABLE.c.hash)
    .join(Account, ACCOUNT_SESSION_TABLE.c.account_id == col(Account.id))
    .where(col(Account.blocked_at).is_(None))
)
"""The keys of the sessions of accounts that may sign in."""

log = logging.getLogger(__name__)


class SessionWatcher:
    """Record the activity of users, and notify pages whose session has ended."""

    def __init__(
        self,
        database: Database,
        session_is_not_expired: Callable[[], ColumnElement[bool]],
        idle_timeout: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        """Watch the sessions in `database`.

        Args:
            database: the database of the sessions.
            session_is_not_expired: builds the condition that a session has not expired by now.
            idle_timeout: the inactivity after which a session ends.
            now: returns the current time (timezone-aware).
        """
        self._database = database
        self._session_is_not_expired = session_is_not_expired
        self._idle_timeout = idle_timeout
        self._now = now
        self._activity: dict[str, datetime] = {}
        self._written_at = now()
        self._list_open_keys: Callable[[], Collection[str]] = tuple
        self._on_ended: Callable[[Collection[str]], None] = lambda keys: None
        self.revision = 0
        """Changes whenever this process has ended sessions."""
        self._check_requested = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def record_activity(self, key: str) -> None:
        """Remember that the user of a session is active now; the time is written within a minute."""
        self._activity[key] = self._now()

    def watch_open_pages(
        self, list_open_keys: Callable[[], Collection[str]], on_ended: Callable[[Collection[str]], None]
    ) -> None:
        """Set the callbacks of the periodic check.

        Args:
            list_open_keys: returns the keys of the sessions that have open pages.
            on_ended: receives the keys among them whose sessions have ended; called in the event loop.
        """
        self._list_open_keys, self._on_ended = list_open_keys, on_ended

    def check_soon(self) -> None:
        """Request a check now, because this process has ended sessions."""
        self.revision += 1
        self._check_requested.set()

    async def is_active(self, key: str) -> bool:
        """Return whether a session exists and its account is not blocked; if not, its open pages are reported.

        Whether it has expired is found out by the periodic check, which first writes the last activity. A session is
        taken as active while the database does not answer, because no page shows data without it.
        """
        statement = UNBLOCKED_KEYS.where(ACCOUNT_SESSION_TABLE.c.hash == key)
        try:
            is_active = await self._database.read_priority(
                lambda session: session.execute(statement).first() is not None
            )
        except DatabaseError:
            return True
        if not is_active:
            self._on_ended({key})
        return is_active

    async def start(self) -> None:
        """Start the periodic check."""
        self._task = asyncio.create_task(self._check_periodically(), name='session check')

    async def stop(self) -> None:
        """Stop the periodic check, and write the activity that is not written yet."""
        if self._task:
            await cancel_and_wait(self._task)
        with contextlib.suppress(DatabaseError, TimeoutError):
            async with asyncio.timeout(STOP_WITHIN):
                await self._write_activity()

    async def _check_periodically(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK_INTERVAL):
                    await self._check_requested.wait()
            self._check_requested.clear()
            try:
                await self.check()
            except DatabaseError:
                log.warning('the database does not answer; sessions with open pages are not checked until it does')

    async def check(self) -> None:
        """Write the activity if that is due, and report the ended sessions that have open pages."""
        # With a short idle timeout, write more often: a session must not end while its last activity is unwritten.
        if self._now() - self._written_at >= min(WRITE_INTERVAL, self._idle_timeout / 4):
            await self._write_activity()
        open_keys = set(self._list_open_keys())
        if not open_keys:
            return
        ended = open_keys - await self._database.read(self._active_keys)
        if ended:
            self._on_ended(ended)

    async def _write_activity(self) -> None:
        activity, self._activity, self._written_at = self._activity, {}, self._now()
        update_seen_at = (
            update(ACCOUNT_SESSION_TABLE)
            .where(ACCOUNT_SESSION_TABLE.c.hash == bindparam('key'))
            .values(seen_at=bindparam('at'))
        )
        delete_expired = delete(ACCOUNT_SESSION_TABLE).where(~self._session_is_not_expired())

        def write_activity(session: Session) -> None:
            if activity:
                session.connection().execute(update_seen_at, [{'key': key, 'at': at} for key, at in activity.items()])
            session.execute(delete_expired)

        try:
            await self._database.write(write_activity)
        except (DatabaseError, asyncio.CancelledError):  # `stop` cancels a write, and then writes once more
            self._activity = activity | self._activity
            raise

    def _active_keys(self, session: Session) -> set[str]:
        return set(session.execute(UNBLOCKED_KEYS.where(self._session_is_not_expired())).scalars())
