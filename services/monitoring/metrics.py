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
from services.ingest.ingest_queue import Intake
from services.ingest.message_ingest import Outcome, Receipt, Teller, Told
from services.ingest.message_parsing import Incoming
from services.lists.query_protocol import Busy, Page, Refusal, Totals, Unavailable
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.message_service import Messages

SEARCH_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
METHODS: Final = frozenset({'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'})
OTHER: Final = '*'
Part = Literal['page', 'totals']


class Figures:
    """All figures of a process, in a registry of their own."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self.registry = registry = CollectorRegistry()
        self.searches = Histogram(
            'journal_search_seconds',
            'Searches and how long they took',
            ('part', 'by_text', 'outcome'),
            registry=registry,
            buckets=SEARCH_SECONDS,
        )
        self.requests = Counter(
            'journal_api_requests', 'Requests of programs', ('method', 'address', 'status'), registry=registry
        )
        self.taken = Counter(
            'journal_api_messages', 'Messages handed over by programs', ('outcome',), registry=registry
        )
        self.told = Counter('journal_api_statuses', 'Statuses told by programs', ('outcome',), registry=registry)
        self.receipts = Counter(
            'journal_receipts', 'Receipts of SMS providers', ('provider', 'outcome'), registry=registry
        )
        self.failures = Counter(
            'journal_database_errors', 'Times that the database did not do its work', ('kind',), registry=registry
        )
        self.rows = Gauge('journal_messages', 'Messages in the journal', ('status',), registry=registry)
        self.up = Gauge('journal_database_up', 'Whether the database answered just now', registry=registry)
        self.pages = Gauge('journal_pages', 'Pages that the program holds', registry=registry)
        self.sockets = Gauge('journal_sockets', 'Pages that somebody has open', registry=registry)
        self.balance_age = Gauge(
            'journal_balance_age_seconds',
            'Age of the balance; NaN while none is known',
            registry=registry,
        )
        self.balance_available = Gauge(
            'journal_balance_available', 'Whether the balance can be had just now', registry=registry
        )
        ProcessCollector(registry=registry)

    def text(self) -> bytes:
        """Write them for Prometheus."""
        return generate_latest(self.registry)

    def request(self, method: str, address: str | None, status: int) -> None:
        """Count a request of a program by the pattern of its address; anybody may invent methods and addresses."""
        known = method if method in METHODS else OTHER
        self.requests.labels(known, address or OTHER, str(int(status))).inc()

    @contextmanager
    def search(self, part: Part, query: MessageQuery) -> Iterator[None]:
        """Time one half of a search, whatever its end."""
        began, outcome = asyncio.get_running_loop().time(), 'ok'
        try:
            yield
        except BaseException as error:
            outcome = _outcome(error)
            raise
        finally:
            took = asyncio.get_running_loop().time() - began
            self.searches.labels(part, 'yes' if query.name or query.phone else 'no', outcome).observe(took)
            if outcome in {'busy', 'unavailable'}:
                self.failures.labels(outcome).inc()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Count what keeps something from being taken in."""
        try:
            yield
        except (Busy, Unavailable) as error:
            self.failures.labels(_outcome(error)).inc()
            raise


def _outcome(error: BaseException) -> str:
    kinds = {Busy: 'busy', Unavailable: 'unavailable', Refusal: 'refused', asyncio.CancelledError: 'cancelled'}
    return kinds.get(type(error), 'failed')


class CountedMessages(Messages):
    """The journal of messages, its searches timed."""

    def __init__(self, figures: Figures, database: Database, zone: ZoneInfo) -> None:
        """Count in `figures`; otherwise as Messages."""
        super().__init__(database, zone)
        self._figures = figures

    async def page(self, query: MessageQuery, *, number: int, size: int, count: int | None = None) -> Page[MessageRow]:
        """See Messages."""
        with self._figures.search('page', query):
            return await super().page(query, number=number, size=size, count=count)

    async def totals(self, query: MessageQuery) -> Totals:
        """See Messages."""
        with self._figures.search('totals', query):
            return await super().totals(query)


class CountedIntake(Intake):
    """The intake, what came of each thing counted."""

    def __init__(self, figures: Figures, database: Database, zone: tzinfo) -> None:
        """Count in `figures`; otherwise as Intake."""
        super().__init__(database, zone)
        self._figures = figures

    async def messages(self, messages: Sequence[Incoming], teller: Teller) -> list[Outcome]:
        """See Intake."""
        with self._figures.writing():
            outcomes = await super().messages(messages, teller)
        for outcome in outcomes:
            self._figures.taken.labels(outcome).inc()
        return outcomes

    async def told(self, told: Told) -> Outcome:
        """See Intake."""
        with self._figures.writing():
            outcome = await super().told(told)
        self._figures.told.labels(outcome).inc()
        return outcome

    async def receipts(self, receipts: Sequence[Receipt]) -> list[Outcome]:
        """See Intake."""
        with self._figures.writing():
            outcomes = await super().receipts(receipts)
        for receipt, outcome in zip(receipts, outcomes, strict=True):
            self._figures.receipts.labels(receipt.provider, outcome).inc()
        return outcomes
