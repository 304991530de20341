"""The readiness check and the message counts: cheap enough to be requested often."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from models.total import Granularity
from services import texts
from services.database.engine import Database
from services.database.migrations import known_revisions
from services.database.tables import TOTAL_TABLE
from services.errors import DatabaseError
from services.receipts.receipt_feeds import ReceiptFeed, load_receipt_feeds

T = TypeVar('T')
TIMEOUT_SECONDS = 2.0
"""Seconds within which the database has to answer."""
CACHE_SECONDS = 1.0
"""Seconds for which a result is reused, so that many requests cause one query."""
STATE_QUERY = text('SELECT version_num, derived FROM alembic_version, journal_state')
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
    """Check one database over a separate connection, because waiting searches are no sign of its health."""

    def __init__(self, database: Database, now: Callable[[], float] = time.monotonic) -> None:
        """Check `database`; `now` returns the seconds of a monotonic clock."""
        self._database = database
        self._now = now
        self._latest_revision = known_revisions()[0]
        self._cached: _CachedCheck | None = None

    async def problem(self) -> str | None:
        """Return a sentence about what prevents the program from working; None if it is ready."""
        cached = self._cached
        if cached is None or (cached.task.done() and self._now() - cached.started_at >= CACHE_SECONDS):
            cached = self._cached = _CachedCheck(self._now(), asyncio.create_task(self._check()))
        return await asyncio.shield(cached.task)

    async def count_by_status(self) -> Mapping[str, int] | None:
        """Return the number of messages of each status from the aggregates; None if the database does not answer."""
        return await self._read(_count_by_status)

    async def receipt_feeds(self, now: datetime) -> Mapping[str, ReceiptFeed] | None:
        """Return the state of the receipts by provider at `now` (aware); None if the database does not answer."""
        return await self._read(partial(load_receipt_feeds, now=now))

    async def _read(self, load: Callable[[Session], T]) -> T | None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._database.read(load)
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
    """Read the schema revision and the state of the indexes; blocks for TIMEOUT_SECONDS at most."""
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
