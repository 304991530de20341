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
from services.errors import DatabaseError
from services.lists.query_protocol import Query
from services.task_shutdown import cancel_and_wait

Q = TypeVar('Q', bound=Query)

WRITE_INTERVAL_SECONDS: Final = 0.5
"""Seconds between two writes."""
LAST_WRITE: Final = 3.0
"""Seconds that a stop waits for the database to take what is not written yet."""
DRAFT_TTL: Final = timedelta(hours=12)
"""As long as a session may last."""
DRAFT_TABLE: Final = SQLModel.metadata.tables['draft']
DELETE_PREVIOUS: Final = delete(DRAFT_TABLE).where(
    DRAFT_TABLE.c.account_id == bindparam('his'),
    DRAFT_TABLE.c.tab == bindparam('there'),
    DRAFT_TABLE.c.journal == bindparam('this'),
)

log = logging.getLogger(__name__)


class DraftKey(NamedTuple):
    """A journal in a tab of somebody's browser."""

    account_id: int
    tab: str
    """As the browser calls it: nobody else's drafts are found by it."""
    journal: str


@dataclass(frozen=True)
class UnsavedDraft:
    """A draft that is not written yet."""

    searched: Query | None
    typed: Query
    typed_at: datetime


class DraftStore:
    """Keeps drafts for all open pages of this process."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Keep them in `database`; `now` tells the time (aware)."""
        self._database = database
        self._now = now
        self._unsaved: dict[DraftKey, UnsavedDraft] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def save(self, key: DraftKey, searched: Q | None, typed: Q) -> None:
        """Keep what was asked last and what is typed; it is on disk within a second of a database that answers."""
        self._unsaved[key] = UnsavedDraft(searched, typed, self._now())
        self._changed.set()

    async def load(self, key: DraftKey, query_class: type[Q]) -> tuple[Q | None, Q | None]:
        """Give what was asked last and what was typed; None twice when nothing is kept that this program understands.

        Raises:
            Unavailable, Busy: see services.database.engine.
        """
        if key in self._unsaved:
            await self.write()
        since = self._now() - DRAFT_TTL

        def read(session: Session) -> Any:
            draft = session.get(Draft, key._asdict())
            return draft.queries if draft and draft.kept_at >= since else None

        return _parse_queries(await self._database.read(read), query_class)

    async def start(self) -> None:
        """Begin to write."""
        self._changed.set()  # which forgets what became too old while nothing ran
        self._task = asyncio.create_task(self._write_loop(), name='writing of drafts')

    async def stop(self) -> None:
        """End, and write what is not written yet."""
        if self._task:
            await cancel_and_wait(self._task)
        try:
            async with asyncio.timeout(LAST_WRITE):
                await self.write()
        except (DatabaseError, TimeoutError):
            log.warning('the database does not answer; what was typed last is not kept')

    async def write(self) -> None:
        """Write what waits, and forget what is too old; raises as `get` does, and then it goes on waiting."""
        unsaved, self._unsaved = self._unsaved, {}
        rows = [
            {
                **place._asdict(),
                'queries': _adapter(type(draft.typed)).dump_python((draft.searched, draft.typed), mode='json'),
                'kept_at': draft.typed_at,
            }
            for place, draft in unsaved.items()
        ]
        previous = [{'his': key.account_id, 'there': key.tab, 'this': key.journal} for key in unsaved]
        delete_expired = delete(DRAFT_TABLE).where(DRAFT_TABLE.c.kept_at < self._now() - DRAFT_TTL)

        def write(session: Session) -> None:
            session.execute(delete_expired)
            if rows:
                session.connection().execute(DELETE_PREVIOUS, previous)
                session.execute(insert(DRAFT_TABLE), rows)

        try:
            await self._database.write(write)
        except (DatabaseError, asyncio.CancelledError):  # a stop cancels a write, and then writes once more
            self._unsaved = unsaved | self._unsaved
            raise

    async def _write_loop(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self.write()
            except DatabaseError:
                log.warning('the database does not answer; what is typed is kept as soon as it does')
                self._changed.set()
            await asyncio.sleep(WRITE_INTERVAL_SECONDS)


@cache
def _adapter(query_class: type[Query]) -> TypeAdapter[Any]:
    return TypeAdapter(tuple[query_class | None, query_class])  # type: ignore[valid-type]


def _parse_queries(queries: Any, query_class: type[Q]) -> tuple[Q | None, Q | None]:
    """Read queries; those of a program whose queries were others are none."""
    if queries is None:
        return None, None
    try:
        searched, typed = _adapter(query_class).validate_python(queries)
        for query in (searched, typed):
            if query:
                query.with_order(query.order)
    except (ValidationError, ValueError):
        return None, None
    return searched, typed
