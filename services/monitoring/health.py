"""Whether the program can do its work, and how much the journal holds: asked often, from outside, cheaply."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlmodel import Session, SQLModel

from models.total import Granularity
from services import texts
from services.database.engine import Database
from services.database.migrations import known_revisions
from services.errors import DatabaseError

TIMEOUT_SECONDS = 2.0
"""Seconds that the database may take to answer."""
CACHE_SECONDS = 1.0
"""Seconds for which an answer is good: however many ask, the database is asked once."""
STATE_QUERY = text('SELECT version_num, derived FROM alembic_version, journal_state')
TOTAL_TABLE = SQLModel.metadata.tables['total']
COUNTS_BY_STATUS = (
    select(TOTAL_TABLE.c.status, func.sum(TOTAL_TABLE.c.messages))
    .where(TOTAL_TABLE.c.organization_id == 0, TOTAL_TABLE.c.scale == Granularity.MONTH)
    .group_by(TOTAL_TABLE.c.status)
)


@dataclass
class _CachedCheck:
    started_at: float
    task: asyncio.Task[str | None]


class HealthCheck:
    """Asks one database, by a connection of its own: searches that wait for their turn say nothing of its health."""

    def __init__(self, database: Database, now: Callable[[], float] = time.monotonic) -> None:
        """Ask nothing yet; `now` tells the seconds of a clock that never jumps."""
        self._database = database
        self._now = now
        self._latest_revision = known_revisions()[0]
        self._cached: _CachedCheck | None = None

    async def problem(self) -> str | None:
        """Say what is missing for the program to do its work, in a sentence; None when nothing is."""
        if self._cached is None or (
            self._cached.task.done() and self._now() - self._cached.started_at >= CACHE_SECONDS
        ):
            self._cached = _CachedCheck(self._now(), asyncio.create_task(self._check()))
        return await asyncio.shield(self._cached.task)

    async def count_by_status(self) -> Mapping[str, int] | None:
        """Count the messages of each status, from the totals kept ready; None when the database does not answer."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._database.read(_count_by_status)
        except (DatabaseError, TimeoutError):
            return None

    async def _check(self) -> str | None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                version, derived = await asyncio.to_thread(_read_state, self._database.url)
        except (TimeoutError, DBAPIError):
            return texts.HEALTH_NO_DATABASE
        if version != self._latest_revision:
            return texts.HEALTH_NO_MIGRATIONS
        return None if derived is not None else texts.HEALTH_LOADING


def _read_state(url: URL) -> tuple[Any, Any]:
    """Read what the database says of itself; a thread waits for it no longer than for the limit."""
    sqlite = url.get_backend_name() == 'sqlite'
    limits = {'timeout': TIMEOUT_SECONDS} if sqlite else {'connect_timeout': int(TIMEOUT_SECONDS)}
    engine = create_engine(url, poolclass=NullPool, connect_args=limits)
    with engine.connect() as connection:
        if not sqlite:
            connection.exec_driver_sql(f'SET statement_timeout = {int(1000 * TIMEOUT_SECONDS)}')
        version, derived = connection.execute(STATE_QUERY).one()
    return version, derived


def _count_by_status(session: Session) -> Mapping[str, int]:
    return {status.name.lower(): int(messages) for status, messages in session.execute(COUNTS_BY_STATUS)}
