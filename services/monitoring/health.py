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

from models.total import Scale
from services import texts
from services.database.engine import Database
from services.database.migrations import known_revisions
from services.lists.query_protocol import Busy, Unavailable

LIMIT = 2.0
"""Seconds that the database may take to answer."""
FRESH = 1.0
"""Seconds for which an answer is good: however many ask, the database is asked once."""
STATE = text('SELECT version_num, derived FROM alembic_version, journal_state')
TOTAL = SQLModel.metadata.tables['total']
ROWS = (
    select(TOTAL.c.status, func.sum(TOTAL.c.messages))
    .where(TOTAL.c.organization_id == 0, TOTAL.c.scale == Scale.MONTH)
    .group_by(TOTAL.c.status)
)


@dataclass
class _Asked:
    at: float
    answer: asyncio.Task[str | None]


class Health:
    """Asks one database, by a connection of its own: searches that wait for their turn say nothing of its health."""

    def __init__(self, database: Database, now: Callable[[], float] = time.monotonic) -> None:
        """Ask nothing yet; `now` tells the seconds of a clock that never jumps."""
        self._database = database
        self._now = now
        self._newest = known_revisions()[0]
        self._asked: _Asked | None = None

    async def missing(self) -> str | None:
        """Say what is missing for the program to do its work, in a sentence; None when nothing is."""
        if self._asked is None or (self._asked.answer.done() and self._now() - self._asked.at >= FRESH):
            self._asked = _Asked(self._now(), asyncio.create_task(self._ask()))
        return await asyncio.shield(self._asked.answer)

    async def rows(self) -> Mapping[str, int] | None:
        """Count the messages of each status, from the totals kept ready; None when the database does not answer."""
        try:
            async with asyncio.timeout(LIMIT):
                return await self._database.read(_rows)
        except (TimeoutError, Unavailable, Busy):
            return None

    async def _ask(self) -> str | None:
        try:
            async with asyncio.timeout(LIMIT):
                version, derived = await asyncio.to_thread(_state, self._database.url)
        except (TimeoutError, DBAPIError):
            return texts.HEALTH_NO_DATABASE
        if version != self._newest:
            return texts.HEALTH_NO_MIGRATIONS
        return None if derived is not None else texts.HEALTH_LOADING


def _state(url: URL) -> tuple[Any, Any]:
    """Read what the database says of itself; a thread waits for it no longer than for the limit."""
    sqlite = url.get_backend_name() == 'sqlite'
    limits = {'timeout': LIMIT} if sqlite else {'connect_timeout': int(LIMIT)}
    engine = create_engine(url, poolclass=NullPool, connect_args=limits)
    with engine.connect() as connection:
        if not sqlite:
            connection.exec_driver_sql(f'SET statement_timeout = {int(1000 * LIMIT)}')
        version, derived = connection.execute(STATE).one()
    return version, derived


def _rows(session: Session) -> Mapping[str, int]:
    return {status.name.lower(): int(messages) for status, messages in session.execute(ROWS)}
