"""Figures for those who watch over the program, for Prometheus: how much, how long, how often; nothing personal.

They are counted where the work passes anyway: around the searches and the intake, see the two classes at the end.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from services.database.engine import Database
from services.errors import DatabaseError, DatabaseUnavailableError, QueryTimeoutError
from services.ingest.ingest_queue import IngestQueue
from services.ingest.message_ingest import IngestOutcome, Receipt, Sender, StatusUpdate
from services.ingest.message_parsing import IncomingMessage
from services.lists.query_protocol import InvalidQueryError, Page, Totals
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.message_service import MessageService

SEARCH_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
KNOWN_METHODS: Final = frozenset({'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'})
OTHER_LABEL: Final = '*'
SearchPart = Literal['page', 'totals']


class Metrics:
    """All figures of a process, in a registry of their own."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self.registry = registry = CollectorRegistry()
        self.search_seconds = Histogram(
            'journal_search_seconds',
            'Searches and how long they took',
            ('part', 'by_text', 'outcome'),
            registry=registry,
            buckets=SEARCH_BUCKETS,
        )
        self.api_requests = Counter(
            'journal_api_requests', 'Requests of programs', ('method', 'address', 'status'), registry=registry
        )
        self.ingested_messages = Counter(
            'journal_api_messages', 'Messages handed over by programs', ('outcome',), registry=registry
        )
        self.status_updates = Counter(
            'journal_api_statuses', 'Statuses told by programs', ('outcome',), registry=registry
        )
        self.receipts = Counter(
            'journal_receipts', 'Receipts of SMS providers', ('provider', 'outcome'), registry=registry
        )
        self.database_errors = Counter(
            'journal_database_errors', 'Times that the database did not do its work', ('kind',), registry=registry
        )
        self.stored_messages = Gauge('journal_messages', 'Messages in the journal', ('status',), registry=registry)
        self.database_up = Gauge('journal_database_up', 'Whether the database answered just now', registry=registry)
        self.pages_in_memory = Gauge('journal_pages', 'Pages that the program holds', registry=registry)
        self.connected_pages = Gauge('journal_sockets', 'Pages that somebody has open', registry=registry)
        self.balance_age = Gauge(
            'journal_balance_age_seconds',
            'Age of the balance; NaN while none is known',
            registry=registry,
        )
        self.balance_available = Gauge(
            'journal_balance_available', 'Whether the balance can be had just now', registry=registry
        )
        ProcessCollector(registry=registry)

    def render(self) -> bytes:
        """Write them for Prometheus."""
        return generate_latest(self.registry)

    def count_request(self, method: str, route: str | None, status: int) -> None:
        """Count a request of a program by the pattern of its address; anybody may invent methods and addresses."""
        known = method if method in KNOWN_METHODS else OTHER_LABEL
        self.api_requests.labels(known, route or OTHER_LABEL, str(int(status))).inc()

    @contextmanager
    def time_search(self, part: SearchPart, query: MessageQuery) -> Iterator[None]:
        """Time one half of a search, whatever its end."""
        started_at, outcome = asyncio.get_running_loop().time(), 'ok'
        try:
            yield
        except BaseException as error:
            outcome = _outcome(error)
            raise
        finally:
            elapsed = asyncio.get_running_loop().time() - started_at
            self.search_seconds.labels(part, 'yes' if query.name or query.phone else 'no', outcome).observe(elapsed)
            if outcome in {'busy', 'unavailable'}:
                self.database_errors.labels(outcome).inc()

    @contextmanager
    def count_write_errors(self) -> Iterator[None]:
        """Count what keeps something from being taken in."""
        try:
            yield
        except DatabaseError as error:
            self.database_errors.labels(_outcome(error)).inc()
            raise


def _outcome(error: BaseException) -> str:
    kinds = {
        QueryTimeoutError: 'busy',
        DatabaseUnavailableError: 'unavailable',
        InvalidQueryError: 'refused',
        asyncio.CancelledError: 'cancelled',
    }
    return kinds.get(type(error), 'failed')


class MeasuredMessageService(MessageService):
    """The journal of messages, its searches timed."""

    def __init__(self, metrics: Metrics, database: Database, zone: ZoneInfo) -> None:
        """Count in `figures`; otherwise as Messages."""
        super().__init__(database, zone)
        self._metrics = metrics

    async def page(self, query: MessageQuery, *, number: int, size: int, count: int | None = None) -> Page[MessageRow]:
        """See Messages."""
        with self._metrics.time_search('page', query):
            return await super().page(query, number=number, size=size, count=count)

    async def totals(self, query: MessageQuery) -> Totals:
        """See Messages."""
        with self._metrics.time_search('totals', query):
            return await super().totals(query)


class MeasuredIngestQueue(IngestQueue):
    """The intake, what came of each thing counted."""

    def __init__(self, metrics: Metrics, database: Database, zone: tzinfo) -> None:
        """Count in `figures`; otherwise as Intake."""
        super().__init__(database, zone)
        self._metrics = metrics

    async def add_messages(self, messages: Sequence[IncomingMessage], sender: Sender) -> list[IngestOutcome]:
        """See Intake."""
        with self._metrics.count_write_errors():
            outcomes = await super().add_messages(messages, sender)
        for outcome in outcomes:
            self._metrics.ingested_messages.labels(outcome).inc()
        return outcomes

    async def add_status_update(self, update: StatusUpdate) -> IngestOutcome:
        """See Intake."""
        with self._metrics.count_write_errors():
            outcome = await super().add_status_update(update)
        self._metrics.status_updates.labels(outcome).inc()
        return outcome

    async def add_receipts(self, receipts: Sequence[Receipt]) -> list[IngestOutcome]:
        """See Intake."""
        with self._metrics.count_write_errors():
            outcomes = await super().add_receipts(receipts)
        for receipt, outcome in zip(receipts, outcomes, strict=True):
            self._metrics.receipts.labels(receipt.provider, outcome).inc()
        return outcomes
