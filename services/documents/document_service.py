"""«Журнал ИЭМК»: what can be asked of it (spec S3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, SQLModel

from models import DocumentStatus
from services.database.engine import Database
from services.days import month_before
from services.documents import document_statements
from services.documents.document_parsing import IncomingDocument, as_told
from services.documents.document_query import DocumentQuery, DocumentRow, KindName
from services.lists.query_protocol import Page, Period, Totals
from services.lists.reference_data import Dictionary

TIME_LIMIT = 15.0
"""Seconds after which a search is stopped in the database, and the person asked to narrow it."""


class Kinds(Dictionary[KindName]):
    """Reads the dictionary of kinds; the feed adds to it."""

    table = SQLModel.metadata.tables['document_kind']
    entry = KindName


class Step(NamedTuple):
    """Something that was told of a document."""

    at: datetime
    status: DocumentStatus
    words: str | None


@dataclass(frozen=True)
class OpenedDocument:
    """A document with what happened to it, the oldest first."""

    document: IncomingDocument
    steps: Sequence[Step]


class Exchange:
    """Searches the journal; a Source for the component that draws it."""

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        time_limit: float = TIME_LIMIT,
    ) -> None:
        """Search in `database` by the days of `zone`; `now` tells the time (aware), `time_limit` is in seconds."""
        self._database = database
        self.zone = zone
        self._now = now
        self._time_limit = time_limit
        self.kinds = Kinds(database)

    def query(self) -> DocumentQuery:
        """Give the query that a page begins with: the month up to today, as the journal of messages does."""
        today = self._today()
        return DocumentQuery(period=Period(month_before(today), today))

    async def page(
        self, query: DocumentQuery, *, number: int, size: int, count: int | None = None
    ) -> Page[DocumentRow]:
        """Give a page of the result; `count` is of no use here, a page past the end is counted anew.

        Raises:
            Refusal: the query contradicts itself.
            ValueError: the size is not one of PAGE_SIZES.
            Busy, Unavailable: see services.database.engine.
        """
        query.check()

        def read(session: Session) -> Page[DocumentRow]:
            return document_statements.page(session, query, self.zone, number=number, size=size)

        return await self._database.read_within(self._time_limit, read)

    async def totals(self, query: DocumentQuery) -> Totals:
        """Count the result; raises as `page` does."""
        query.check()
        return await self._database.read_within(
            self._time_limit, lambda session: document_statements.totals(session, query, self.zone)
        )

    async def details(self, id: UUID) -> OpenedDocument | None:
        """Give what opens under a row; None when there is no such document."""
        return await self._database.read(lambda session: _opened(session, id))

    def _today(self) -> date:
        return self._now().astimezone(self.zone).date()


def _opened(session: Session, id: UUID) -> OpenedDocument | None:
    found = document_statements.opened(session, id)
    if found is None:
        return None
    row, steps = found
    return OpenedDocument(as_told(row), [Step(step.at, step.status, step.words) for step in steps])
