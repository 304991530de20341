"""Search in «Журнал ИЭМК» (S3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import DocumentStatus
from services.access_scope.organization_scope import OrganizationScope, ScopedService
from services.database.engine import QUERY_TIMEOUT_SECONDS, Database
from services.database.tables import DOCUMENT_KIND_TABLE
from services.days import one_month_earlier
from services.documents import document_statements
from services.documents.document_parsing import IncomingDocument, document_from_row
from services.documents.document_query import DocumentKindName, DocumentQuery, DocumentRow
from services.documents.document_statements import BoundDocumentQuery
from services.lists.query_protocol import Page, Period, Totals
from services.lists.reference_data import ReferenceData


class DocumentKinds(ReferenceData[DocumentKindName]):
    """Reader of the kinds of documents; ingest adds new ones."""

    table = DOCUMENT_KIND_TABLE
    entry_class = DocumentKindName


class DocumentStatusEvent(NamedTuple):
    """A status event of a document."""

    at: datetime
    status: DocumentStatus
    words: str | None


@dataclass(frozen=True)
class DocumentDetails:
    """A document with its status events, oldest first."""

    document: IncomingDocument
    history: Sequence[DocumentStatusEvent]


class DocumentService(ScopedService):
    """Source of documents for the generic list page."""

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        time_limit: float = QUERY_TIMEOUT_SECONDS,
    ) -> None:
        """Create the service; `zone` defines days, `now` returns the time (aware), `time_limit` is in seconds."""
        self._database = database
        self.zone = zone
        self._now = now
        self._time_limit = time_limit
        self.kinds = DocumentKinds(database)

    def default_query(self) -> DocumentQuery:
        """Return the initial query of a page: the month up to today, as in the journal of messages."""
        today = self._today()
        return DocumentQuery(period=Period(one_month_earlier(today), today))

    async def page(
        self, query: DocumentQuery, *, number: int, size: int, count: int | None = None
    ) -> Page[DocumentRow]:
        """Return a page of the result, or the last page if `number` is past the end; `count` is not used.

        Raises:
            InvalidQueryError: the query is invalid.
            ValueError: the size is not one of PAGE_SIZES.
            DatabaseError: see services.errors.
        """
        query.check()

        def read(session: Session) -> Page[DocumentRow]:
            return document_statements.read_page(session, self._bind(query), number=number, size=size)

        return await self._database.read_with_timeout(self._time_limit, read)

    async def totals(self, query: DocumentQuery) -> Totals:
        """Count the result; raises InvalidQueryError and DatabaseError."""
        query.check()
        return await self._database.read_with_timeout(
            self._time_limit, lambda session: document_statements.count_documents(session, self._bind(query))
        )

    async def details(self, id: UUID) -> DocumentDetails | None:
        """Return the details of a document, or None if it does not exist."""
        return await self._database.read(lambda session: _load_details(session, id, self._scope))

    def _bind(self, query: DocumentQuery) -> BoundDocumentQuery:
        return BoundDocumentQuery(query, self.zone, self._scope)

    def _today(self) -> date:
        return self._now().astimezone(self.zone).date()


def _load_details(session: Session, id: UUID, scope: OrganizationScope | None) -> DocumentDetails | None:
    stored = document_statements.load_document(session, id, scope)
    if stored is None:
        return None
    row, events = stored
    return DocumentDetails(
        document_from_row(row), [DocumentStatusEvent(event.at, event.status, event.words) for event in events]
    )
