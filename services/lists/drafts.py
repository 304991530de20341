"""Storage of drafts: the typed and the executed query of each page, restored after a restart or on another node.

Drafts are stored in the database of the journal, like sessions, and not in memory or in a separate store. Every node
can read them there, they survive a restart, and the names and phones of patients stay in a single database. Pages save
drafts often, so the drafts of all pages are written together after a short delay.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import bindparam, delete, insert
from sqlmodel import Session

from models import Draft
from services.database.engine import Database
from services.database.tables import DRAFT_TABLE
from services.errors import DatabaseError
from services.lists.query_protocol import Query
from services.task_shutdown import cancel_and_wait

Q = TypeVar('Q', bound=Query)

WRITE_INTERVAL_SECONDS: Final = 0.5
"""Seconds between two writes."""
LAST_WRITE: Final = 3.0
"""Seconds for which a stop waits until unsaved drafts are written."""
DRAFT_TTL: Final = timedelta(hours=12)
"""The time after which a draft expires: the default maximum length of a session."""
DELETE_PREVIOUS: Final = delete(DRAFT_TABLE).where(
    DRAFT_TABLE.c.account_id == bindparam('his'),
    DRAFT_TABLE.c.tab == bindparam('there'),
    DRAFT_TABLE.c.journal == bindparam('this'),
)

log = logging.getLogger(__name__)


class DraftKey(NamedTuple):
    """The key of a draft: a list page in one browser tab of a user."""

    account_id: int
    tab: str
    """The identifier of the browser tab, valid only together with the account."""
    journal: str


@dataclass(frozen=True)
class UnsavedDraft:
    """A draft that is not in the database yet."""

    searched: Query | None
    typed: Query
    typed_at: datetime


class DraftStore:
    """Stores the drafts of all open pages of this process."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Prepare the store.

        Args:
            database: where drafts are stored.
            now: returns the current time (aware).
        """
        self._database = database
        self._now = now
        self._unsaved: dict[DraftKey, UnsavedDraft] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def save(self, key: DraftKey, searched: Q | None, typed: Q) -> None:
        """Schedule a draft to be written within a second.

        Args:
            key: the page.
            searched: the last executed query; None before the first search.
            typed: the typed query.
        """
        self._unsaved[key] = UnsavedDraft(searched, typed, self._now())
        self._changed.set()

    async def load(self, key: DraftKey, query_class: type[Q]) -> tuple[Q | None, Q | None]:
        """Return the last executed query and the typed query of a page.

        Both are None if there is no draft, if it has expired, or if another version of the program wrote it in a format
        that is no longer valid.

        Raises:
            DatabaseError: see services.errors.
        """
        if key in self._unsaved:
            await self.write()
        since = self._now() - DRAFT_TTL

        def read(session: Session) -> Any:
            draft = session.get(Draft, key._asdict())
            return draft.queries if draft and draft.kept_at >= since else None

        return _parse_queries(await self._database.read(read), query_class)

    async def start(self) -> None:
        """Start the writing task."""
        self._changed.set()  # the first write also deletes drafts that expired while the program was stopped
        self._task = asyncio.create_task(self._write_loop(), name='writing of drafts')

    async def stop(self) -> None:
        """Stop the writing task, and write unsaved drafts within LAST_WRITE seconds."""
        if self._task:
            await cancel_and_wait(self._task)
        try:
            async with asyncio.timeout(LAST_WRITE):
                await self.write()
        except (DatabaseError, TimeoutError):
            log.warning('the database does not answer; what was typed last is not kept')

    async def write(self) -> None:
        """Write unsaved drafts and delete expired ones.

        Raises:
            DatabaseError: see services.errors; the drafts remain unsaved and will be written later.
        """
        unsaved, self._unsaved = self._unsaved, {}
        rows = [
            {
                **key._asdict(),
                'queries': _adapter(type(draft.typed)).dump_python((draft.searched, draft.typed), mode='json'),
                'kept_at': draft.typed_at,
            }
            for key, draft in unsaved.items()
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
        except (DatabaseError, asyncio.CancelledError):  # a stop cancels the running write and repeats it
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
    """Parse stored queries; return None for both if another version of the program has stored them."""
    if queries is None:
        return None, None
    try:
        if any(map(partial(_has_unknown_condition, query_class), queries)):
            return None, None
        searched, typed = _adapter(query_class).validate_python(queries)
        for query in (searched, typed):
            if query:
                query.with_order(query.order)
    except (TypeError, ValidationError, ValueError):
        return None, None
    return searched, typed


def _has_unknown_condition(query_class: type[Query], stored: Any) -> bool:
    """Check whether a stored query has a condition of another version, without which more would be found."""
    known = {field.name for field in fields(query_class)}  # type: ignore[arg-type]
    return isinstance(stored, dict) and any(value for name, value in stored.items() if name not in known)
