"""The readiness check and the message counts: cheap enough to be requested often."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from models.total import Granularity
from services.backup.backup_audit import load_last_backup
from services.database.connections import SQLITE_BUSY_TIMEOUT
from services.database.engine import Database
from services.database.tables import TOTAL_TABLE
from services.errors import DatabaseError
from services.monitoring import database_probes
from services.monitoring.database_problems import DatabaseProblem, problem_of
from services.monitoring.open_files import OpenFiles
from services.receipts.receipt_feeds import ReceiptFeed, load_receipt_feeds
from services.task_shutdown import cancel_and_wait
from services.upgrade.migrations import known_revisions

T = TypeVar('T')
TIMEOUT_SECONDS = 2.0
"""Seconds within which the database has to answer each of the three questions of a check."""
CACHE_SECONDS = 1.0
"""Seconds for which a result is reused, so that many requests cause one query."""
CHECK_INTERVAL = 30.0
"""Seconds between two checks of a program that nobody monitors, so that its log still says what is wrong."""
MAX_CLOCK_SKEW = 2.0
"""Seconds between the clocks of this machine and of PostgreSQL above which the log warns."""
COUNTS_BY_STATUS = (
    select(TOTAL_TABLE.c.status, func.sum(TOTAL_TABLE.c.messages))
    .where(TOTAL_TABLE.c.organization_id == 0, TOTAL_TABLE.c.scale == Granularity.MONTH)
    .group_by(TOTAL_TABLE.c.status)
)

log = logging.getLogger(__name__)


@dataclass
class _CachedCheck:
    started_at: float
    task: asyncio.Task[DatabaseProblem | None]


class HealthCheck:
    """Check that one database can be read and written, over the connections that the pages use.

    Only they show that the database has gone: new connections may already lead to its successor. Neither waiting
    searches nor a writer of another process are a sign of its health.
    """

    def __init__(self, database: Database, now: Callable[[], float] = time.monotonic) -> None:
        """Check `database`; `now` returns the seconds of a monotonic clock."""
        self._database = database
        self._now = now
        self._latest_revision = known_revisions()[0]
        self._cached: _CachedCheck | None = None
        self._logged: DatabaseProblem | None = None
        self._locked_since: float | None = None
        self._sqlite_thread = ThreadPoolExecutor(1, thread_name_prefix='health')
        self._is_skew_logged = False
        self._open_files = OpenFiles()
        self._task: asyncio.Task[None] | None = None
        self.clock_skew: float | None = None
        """Seconds by which this machine's clock is ahead of PostgreSQL's; None if that is unknown, and on SQLite."""

    async def start(self) -> None:
        """Check the database and the open files from time to time, so that the log says what is wrong by itself."""
        self._task = asyncio.create_task(self._check_regularly(), name='check of the database')

    async def stop(self) -> None:
        """Stop the checks."""
        if self._task:
            await cancel_and_wait(self._task)

    async def problem(self) -> str | None:
        """Return a sentence about what prevents the program from working; None if it is ready."""
        cached = self._cached
        if cached is None or (cached.task.done() and self._now() - cached.started_at >= CACHE_SECONDS):
            cached = self._cached = _CachedCheck(self._now(), asyncio.create_task(self._check()))
        problem = await asyncio.shield(cached.task)
        return problem and problem.sentence

    async def count_by_status(self) -> Mapping[str, int] | None:
        """Return the number of messages of each status from the aggregates; None if the database does not answer."""
        return await self._read(_count_by_status)

    async def receipt_feeds(self, now: datetime) -> Mapping[str, ReceiptFeed] | None:
        """Return the state of the receipts by provider at `now` (aware); None if the database does not answer."""
        return await self._read(partial(load_receipt_feeds, now=now))

    async def last_backup(self) -> datetime | None:
        """Return when the last backup was completed; None if there is none, or the database does not answer."""
        return await self._read(load_last_backup)

    async def _read(self, load: Callable[[Session], T]) -> T | None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._database.read(load)
        except (DatabaseError, TimeoutError):
            return None

    async def _check_regularly(self) -> None:
        while True:
            await self.problem()
            self._open_files.check()
            await asyncio.sleep(CHECK_INTERVAL)

    async def _check(self) -> DatabaseProblem | None:
        self.clock_skew = None
        try:
            problem = await self._read_problem() or await self._write_problem()
        except TimeoutError:
            problem = DatabaseProblem.AWAY
        except (DatabaseError, DBAPIError, sqlite3.Error) as error:
            problem = problem_of(error)
        self._log_changes(problem)
        return problem

    async def _read_problem(self) -> DatabaseProblem | None:
        is_sqlite = self._database.dialect == 'sqlite'
        read_state = database_probes.read_sqlite_state if is_sqlite else database_probes.read_postgresql_state
        async with asyncio.timeout(TIMEOUT_SECONDS):
            state = await self._database.read_priority(read_state)
        self.clock_skew = state.clock_skew
        if state.problem:
            return state.problem
        if state.version != self._latest_revision:
            return DatabaseProblem.MIGRATIONS
        return None if state.has_indexes else DatabaseProblem.LOADING

    async def _write_problem(self) -> DatabaseProblem | None:
        is_sqlite = self._database.dialect == 'sqlite'
        return await (self._sqlite_write_problem() if is_sqlite else self._postgresql_write_problem())

    async def _sqlite_write_problem(self) -> DatabaseProblem | None:
        """Write to SQLite; another writer is no problem until it has been there for longer than writes wait for it."""
        path = self._database.url.database or ''
        # A thread of its own: one that hangs in a dead file system must not occupy those of the program.
        submitted = self._sqlite_thread.submit(database_probes.write_sqlite, path, TIMEOUT_SECONDS / 2)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            was_free = await asyncio.wrap_future(submitted)
        if was_free:
            self._locked_since = None
            return None
        if self._locked_since is None:
            self._locked_since = self._now()
        is_stuck = self._now() - self._locked_since > SQLITE_BUSY_TIMEOUT
        return DatabaseProblem.WRITES_FAIL if is_stuck else None

    async def _postgresql_write_problem(self) -> DatabaseProblem | None:
        writing = asyncio.create_task(self._database.write_priority(database_probes.write_postgresql))
        try:
            await asyncio.wait({writing}, timeout=TIMEOUT_SECONDS)
            if writing.done():
                return writing.result()
            # This comes before the cancellation, which ends the wait for the standby.
            async with asyncio.timeout(TIMEOUT_SECONDS):
                waits = await self._database.read_priority(database_probes.commits_wait_for_standby)
            return DatabaseProblem.NO_STANDBY if waits else DatabaseProblem.AWAY
        finally:
            writing.cancel()
            await asyncio.wait({writing})
            if not writing.cancelled():
                writing.exception()  # one that comes after the time limit is not logged

    def _log_changes(self, problem: DatabaseProblem | None) -> None:
        """Log a line for each change of the readiness, and when the clocks begin or cease to differ."""
        if problem != self._logged:
            self._logged = problem
            if problem:
                log.warning('the database is not ready: %s', problem)
            else:
                log.warning('the database is ready again')
        if self.clock_skew is None or (abs(self.clock_skew) > MAX_CLOCK_SKEW) == self._is_skew_logged:
            return
        self._is_skew_logged = not self._is_skew_logged
        if self._is_skew_logged:
            log.warning('the clock of this machine differs from that of PostgreSQL by %+.1f seconds', self.clock_skew)
        else:
            log.warning('the clock of this machine agrees with that of PostgreSQL again')


def _count_by_status(session: Session) -> Mapping[str, int]:
    return {status.name.lower(): int(messages) for status, messages in session.execute(COUNTS_BY_STATUS)}
