"""What operators have typed and found, kept for pages that have to be built anew: after a restart, on another node.

It lives in the journal's own database, as sessions do, and not in memory or in a store beside it: every node reads it
there, it outlives a restart of the only one, and names and phones of patients lie in one place. Pages write it often,
so that what all of them have is written together, a moment later.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import bindparam, delete, insert
from sqlmodel import Session, SQLModel

from models import Draft
from services.database.engine import Database
from services.lists.query_protocol import Busy, Query, Unavailable
from services.tasks import cancel_and_wait

Q = TypeVar('Q', bound=Query)

SOON: Final = 0.5
"""Seconds between two writes."""
LAST_WRITE: Final = 3.0
"""Seconds that a stop waits for the database to take what is not written yet."""
KEPT: Final = timedelta(hours=12)
"""As long as a session may last."""
TABLE: Final = SQLModel.metadata.tables['draft']
EARLIER: Final = delete(TABLE).where(
    TABLE.c.account_id == bindparam('his'), TABLE.c.tab == bindparam('there'), TABLE.c.journal == bindparam('this')
)

log = logging.getLogger(__name__)


class Place(NamedTuple):
    """A journal in a tab of somebody's browser."""

    account_id: int
    tab: str
    """As the browser calls it: nobody else's drafts are found by it."""
    journal: str


@dataclass(frozen=True)
class Waiting:
    """A draft that is not written yet."""

    asked: Query | None
    typed: Query
    at: datetime


class Drafts:
    """Keeps drafts for all open pages of this process."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Keep them in `database`; `now` tells the time (aware)."""
        self._database = database
        self._now = now
        self._waiting: dict[Place, Waiting] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def put(self, place: Place, asked: Q | None, typed: Q) -> None:
        """Keep what was asked last and what is typed; it is on disk within a second of a database that answers."""
        self._waiting[place] = Waiting(asked, typed, self._now())
        self._changed.set()

    async def get(self, place: Place, kind: type[Q]) -> tuple[Q | None, Q | None]:
        """Give what was asked last and what was typed; None twice when nothing is kept that this program understands.

        Raises:
            Unavailable, Busy: see services.database.engine.
        """
        if place in self._waiting:
            await self.write()
        since = self._now() - KEPT

        def read(session: Session) -> Any:
            draft = session.get(Draft, place._asdict())
            return draft.queries if draft and draft.kept_at >= since else None

        return _recalled(await self._database.read(read), kind)

    async def start(self) -> None:
        """Begin to write."""
        self._changed.set()  # which forgets what became too old while nothing ran
        self._task = asyncio.create_task(self._go_on(), name='writing of drafts')

    async def stop(self) -> None:
        """End, and write what is not written yet."""
        if self._task:
            await cancel_and_wait(self._task)
        try:
            async with asyncio.timeout(LAST_WRITE):
                await self.write()
        except (Unavailable, Busy, TimeoutError):
            log.warning('the database does not answer; what was typed last is not kept')

    async def write(self) -> None:
        """Write what waits, and forget what is too old; raises as `get` does, and then it goes on waiting."""
        waiting, self._waiting = self._waiting, {}
        rows = [
            {
                **place._asdict(),
                'queries': _adapter(type(draft.typed)).dump_python((draft.asked, draft.typed), mode='json'),
                'kept_at': draft.at,
            }
            for place, draft in waiting.items()
        ]
        earlier = [{'his': place.account_id, 'there': place.tab, 'this': place.journal} for place in waiting]
        old = delete(TABLE).where(TABLE.c.kept_at < self._now() - KEPT)

        def write(session: Session) -> None:
            session.execute(old)
            if rows:
                session.connection().execute(EARLIER, earlier)
                session.execute(insert(TABLE), rows)

        try:
            await self._database.write(write)
        except (Unavailable, Busy, asyncio.CancelledError):  # a stop cancels a write, and then writes once more
            self._waiting = waiting | self._waiting
            raise

    async def _go_on(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self.write()
            except (Unavailable, Busy):
                log.warning('the database does not answer; what is typed is kept as soon as it does')
                self._changed.set()
            await asyncio.sleep(SOON)


@cache
def _adapter(kind: type[Query]) -> TypeAdapter[Any]:
    return TypeAdapter(tuple[kind | None, kind])  # type: ignore[valid-type]


def _recalled(queries: Any, kind: type[Q]) -> tuple[Q | None, Q | None]:
    """Read queries; those of a program whose queries were others are none."""
    if queries is None:
        return None, None
    try:
        asked, typed = _adapter(kind).validate_python(queries)
        for query in (asked, typed):
            if query:
                query.with_order(query.order)
    except (ValidationError, ValueError):
        return None, None
    return asked, typed
