"""The Prometheus metrics: counts and durations without personal data.

Searches and ingest are measured by subclasses of their services; see the two classes at the end.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from services.database.engine import Database
from services.errors import DatabaseError, DatabaseTimeoutError, DatabaseUnavailableError, QueryTimeoutError
from services.ingest.ingest_queue import IngestQueue
from services.ingest.message_ingest import IngestOutcome, Receipt, Sender, StatusUpdate, Submission
from services.lists.query_protocol import InvalidQueryError, Page, Totals
from services.messages.delivery import DEFAULT_TIMEOUTS, DeliveryTimeouts
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.message_service import MessageService

SEARCH_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
KNOWN_METHODS: Final = frozenset({'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'})
OTHER_LABEL: Final = '*'
SearchPart = Literal['page', 'totals']


class Metrics:
    """The metrics of a process, in a separate registry."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.search_seconds = Histogram(
            'journal_search_seconds',
            'Searches and how long they took',
            ('part', 'by_text', 'outcome'),
            registry=registry,
            buckets=SEARCH_BUCKETS,
        )
        self.api_requests = Counter(
            'journal_api_requests', 'API requests', ('method', 'address', 'status'), registry=registry
        )
        self.ingested_messages = Counter(
            'journal_api_messages', 'Messages received over the API', ('outcome',), registry=registry
        )
        self.status_updates = Counter(
            'journal_api_statuses', 'Status updates received over the API', ('outcome',), registry=registry
        )
        self.receipts = Counter(
            'journal_receipts', 'Receipts of SMS providers', ('provider', 'outcome'), registry=registry
        )
        self.unreadable_receipts = Counter(
            'journal_unreadable_receipts',
            'Entries of SMS providers that could not be read',
            ('provider',),
            registry=registry,
        )
        self.provider_events = Counter(
            'journal_provider_events',
            'Events of SMS providers that are not delivery receipts',
            ('provider', 'type'),
            registry=registry,
        )
        self.status_polls = Counter(
            'journal_status_polls',
            'Questions to SMS providers for the status of a message',
            ('provider', 'outcome'),
            registry=registry,
        )
        self.unmatched_receipts = Gauge(
            'journal_unmatched_receipts',
            'Stored receipts whose message has not arrived',
            ('provider',),
            registry=registry,
        )
        self.last_receipt = Gauge(
            'journal_last_receipt_timestamp_seconds',
            'When the last receipt of a provider came; absent if none of the newest events is one',
            ('provider',),
            registry=registry,
        )
        self.oldest_unmatched_receipt = Gauge(
            'journal_oldest_unmatched_receipt_timestamp_seconds',
            'Time of the oldest stored receipt whose message has not arrived; absent if there is none',
            ('provider',),
            registry=registry,
        )
        self.database_errors = Counter(
            'journal_database_errors',
            'Queries and writes that the database did not complete',
            ('kind',),
            registry=registry,
        )
        self.stored_messages = Gauge('journal_messages', 'Messages in the journal', ('status',), registry=registry)
        self.database_up = Gauge('journal_database_up', 'Whether the database answers at present', registry=registry)
        self.clock_skew = Gauge(
            'journal_clock_skew_seconds',
            "Seconds by which this machine's clock is ahead of PostgreSQL's; NaN if unknown, and on SQLite",
            registry=registry,
        )
        self.last_backup = Gauge(
            'journal_last_backup_timestamp_seconds',
            'When the last backup was completed; NaN if the audit log has none',
            registry=registry,
        )
        self.pages_in_memory = Gauge('journal_pages', 'Pages in memory', registry=registry)
        self.connected_pages = Gauge('journal_sockets', 'Pages connected to a browser', registry=registry)
        self.balance_age = Gauge(
            'journal_balance_age_seconds',
            'Age of the balance; NaN while it is unknown',
            registry=registry,
        )
        self.balance_available = Gauge(
            'journal_balance_available', 'Whether the balance is available at present', registry=registry
        )
        ProcessCollector(registry=registry)

    def render(self) -> bytes:
        """Return the metrics in the text format of Prometheus."""
        return generate_latest(self.registry)

    def count_request(self, method: str, route: str | None, status: int) -> None:
        """Count an API request by its route pattern; unknown methods and paths share one label, to bound the labels."""
        known = method if method in KNOWN_METHODS else OTHER_LABEL
        self.api_requests.labels(known, route or OTHER_LABEL, str(int(status))).inc()

    @contextmanager
    def time_search(self, part: SearchPart, query: MessageQuery) -> Iterator[None]:
        """Measure one part of a search, with its outcome."""
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
        """Count the database errors of a write."""
        try:
            yield
        except DatabaseError as error:
            self.database_errors.labels(_outcome(error)).inc()
            raise


def _outcome(error: BaseException) -> str:
    kinds = {
        QueryTimeoutError: 'busy',
        DatabaseUnavailableError: 'unavailable',
        DatabaseTimeoutError: 'unavailable',
        InvalidQueryError: 'refused',
        asyncio.CancelledError: 'cancelled',
    }
    return kinds.get(type(error), 'failed')


class MeasuredMessageService(MessageService):
    """A MessageService that measures its searches."""

    def __init__(
        self,
        metrics: Metrics,
        database: Database,
        zone: ZoneInfo,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeouts: DeliveryTimeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        """Record in `metrics`; see MessageService for the other arguments."""
        super().__init__(database, zone, now, timeouts=timeouts)
        self._metrics = metrics

    async def page(self, query: MessageQuery, *, number: int, size: int, count: int | None = None) -> Page[MessageRow]:
        """See MessageService."""
        with self._metrics.time_search('page', query):
            return await super().page(query, number=number, size=size, count=count)

    async def totals(self, query: MessageQuery) -> Totals:
        """See MessageService."""
        with self._metrics.time_search('totals', query):
            return await super().totals(query)


class MeasuredIngestQueue(IngestQueue):
    """An IngestQueue that counts the outcomes."""

    def __init__(
        self,
        metrics: Metrics,
        database: Database,
        zone: tzinfo,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Record in `metrics`; see IngestQueue for the other arguments."""
        super().__init__(database, zone, now)
        self._metrics = metrics

    async def add_submissions(self, submissions: Sequence[Submission], sender: Sender) -> list[IngestOutcome]:
        """See IngestQueue."""
        with self._metrics.count_write_errors():
            outcomes = await super().add_submissions(submissions, sender)
        for outcome in outcomes:
            self._metrics.ingested_messages.labels(outcome).inc()
        return outcomes

    async def add_status_updates(self, updates: Sequence[StatusUpdate]) -> list[IngestOutcome]:
        """See IngestQueue."""
        with self._metrics.count_write_errors():
            outcomes = await super().add_status_updates(updates)
        for outcome in outcomes:
            self._metrics.status_updates.labels(outcome).inc()
        return outcomes

    async def add_receipts(self, receipts: Sequence[Receipt]) -> list[IngestOutcome]:
        """See IngestQueue."""
        with self._metrics.count_write_errors():
            outcomes = await super().add_receipts(receipts)
        for receipt, outcome in zip(receipts, outcomes, strict=True):
            self._metrics.receipts.labels(receipt.provider, outcome).inc()
        return outcomes
