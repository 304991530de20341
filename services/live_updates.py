"""Notifies every open page of changes in the database, whichever process made them.

One instance serves all pages of a process: it waits for the database to report a commit, reads what changed once, and
notifies the pages concerned.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from models.column_types import kopecks_to_roubles
from models.message import MessageStatus
from models.total import Granularity
from services.balance.balance_source import Balance, BalanceSource
from services.database.change_listener import ChangeListener
from services.database.engine import Database
from services.database.tables import TOTAL_TABLE
from services.errors import DatabaseError
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.message_service import MessageService
from services.task_shutdown import cancel_and_wait

MIN_POLL_INTERVAL = 0.5
"""Seconds between two reads while the database changes constantly; a change must be on every page within 2 s (S16)."""
MAX_POLL_INTERVAL = 5.0
"""Seconds between two reads without a reported change, because a balance from a provider changes without a commit."""
DATABASE_TIMEOUT = 5.0
"""Seconds for the read of the footer, after which the database counts as unavailable."""

ROWS_PER_READ = 1_000

log = logging.getLogger(__name__)

SENT_COST_QUERY = select(func.coalesce(func.sum(TOTAL_TABLE.c.kopecks), 0)).where(
    TOTAL_TABLE.c.organization_id == 0,
    TOTAL_TABLE.c.scale == Granularity.MONTH,
    TOTAL_TABLE.c.status == MessageStatus.SENT,
)


@dataclass(frozen=True)
class Footer:
    """The values in the footer of every page (S16)."""

    sent_cost: Decimal
    """Roubles: the cost of all sent messages."""
    balance: Balance


class RowSubscriber(Protocol):
    """A page that displays messages."""

    @property
    def displayed_keys(self) -> Collection[str]:
        """The keys of the displayed rows."""

    @property
    def current_query(self) -> MessageQuery | None:
        """The displayed query; None before the first search."""

    def on_rows_changed(self, rows: Mapping[str, MessageRow], new_count: int) -> None:
        """Receive the changed rows among the displayed ones, and the number of new messages that match the query."""


class LiveUpdates:
    """The change notifications of a process."""

    def __init__(self, database: Database, balance: BalanceSource, messages: MessageService) -> None:
        self._database = database
        self._balance = balance
        self._messages = messages
        self._changes = ChangeListener(database.url)
        self._footer_listeners: set[Callable[[Footer], None]] = set()
        self._row_subscribers: set[RowSubscriber] = set()
        self._pollers: list[Callable[[], Awaitable[None]]] = []
        self._availability_listeners: set[Callable[[bool], None]] = set()
        self._last_change: int | None = None
        self._rows_due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.footer: Footer | None = None
        """The latest known values; None before the first read."""
        self.database_available = True
        """Whether the database answered the last read."""

    def subscribe_footer(self, listener: Callable[[Footer], None]) -> Callable[[], None]:
        """Call `listener` in the event loop on every change of the footer; return a function that unsubscribes."""
        self._footer_listeners.add(listener)
        return lambda: self._footer_listeners.discard(listener)

    def subscribe_rows(self, subscriber: RowSubscriber) -> Callable[[], None]:
        """Notify a page in the event loop of changes of its rows; return a function that unsubscribes."""
        self._row_subscribers.add(subscriber)
        return lambda: self._row_subscribers.discard(subscriber)

    def subscribe_availability(self, listener: Callable[[bool], None]) -> Callable[[], None]:
        """Call `listener` in the event loop when the database becomes unavailable or available again.

        Return a function that unsubscribes.
        """
        self._availability_listeners.add(listener)
        return lambda: self._availability_listeners.discard(listener)

    def add_poller(self, poll: Callable[[], Awaitable[None]]) -> None:
        """Call `poll` after every change of the database; it notifies pages of changes other than messages."""
        self._pollers.append(poll)

    async def start(self) -> None:
        """Read once, so that the first page has its footer, and start the background tasks."""
        await self.refresh()
        self._changes.start()
        self._tasks = [
            asyncio.create_task(self._poll(), name='watch of the database'),
            asyncio.create_task(self._poll_rows(), name='watch of the rows'),
        ]

    async def stop(self) -> None:
        """Stop the background tasks."""
        self._changes.stop()
        await cancel_and_wait(*self._tasks)

    async def _poll(self) -> None:
        while True:
            await self._changes.wait(MAX_POLL_INTERVAL)
            self._rows_due.set()
            await self._refresh_footer()
            await asyncio.sleep(MIN_POLL_INTERVAL)

    async def _poll_rows(self) -> None:
        """Refresh rows in a task of its own, because they may wait for slow searches and the footer must not."""
        while True:
            await self._rows_due.wait()
            self._rows_due.clear()
            await self._refresh_rows()

    async def refresh(self) -> None:
        """Read the database once and notify all pages concerned."""
        await self._refresh_footer()
        await self._refresh_rows()

    async def refresh_displayed_rows(self) -> None:
        """Read all displayed rows again and notify their pages, because names that they display have changed."""
        subscribers = tuple(self._row_subscribers)
        keys = sorted({key for subscriber in subscribers for key in subscriber.displayed_keys})
        rows: dict[str, MessageRow] = {}
        for start in range(0, len(keys), ROWS_PER_READ):
            rows |= await self._messages.rows_by_id([UUID(key) for key in keys[start : start + ROWS_PER_READ]])
        for subscriber in subscribers:
            page_rows = {key: rows[key] for key in subscriber.displayed_keys if key in rows}
            if page_rows:
                notify_page(partial(subscriber.on_rows_changed, page_rows, 0))

    async def _refresh_footer(self) -> None:
        try:
            async with asyncio.timeout(DATABASE_TIMEOUT):
                footer = Footer(await self._database.read_priority(read_sent_cost), await self._balance.get_balance())
        except (DatabaseError, TimeoutError):
            self._set_available(available=False)
            return
        self._set_available(available=True)
        if footer == self.footer:
            return
        self.footer = footer
        for listener in tuple(self._footer_listeners):
            notify_page(partial(listener, footer))

    def _set_available(self, *, available: bool) -> None:
        if available == self.database_available:
            return
        self.database_available = available
        log.warning('the database answers again' if available else 'the database does not answer; open pages say so')
        for listener in tuple(self._availability_listeners):
            notify_page(partial(listener, available))

    async def _refresh_rows(self) -> None:
        try:
            await self._refresh_messages()
            for poll in self._pollers:
                await poll()
        except DatabaseError:
            return  # the next poll reads the same changes again

    async def _refresh_messages(self) -> None:
        if self._last_change is None:
            self._last_change = await self._messages.newest_change_number()
            return
        changes = await self._messages.changes_since(self._last_change)
        if not changes.changed_ids and not changes.created_sort_keys:
            # No message changed: skip the loops over the rows of all pages.
            self._last_change = changes.newest_number
            return
        subscribers = tuple(self._row_subscribers)
        displayed = {key for subscriber in subscribers for key in subscriber.displayed_keys}
        ids = [id for id in changes.changed_ids if str(id) in displayed]
        rows = await self._messages.rows_by_id(ids) if ids else {}
        queries: set[MessageQuery] = set()
        if changes.created_sort_keys:
            queries = {subscriber.current_query for subscriber in subscribers if subscriber.current_query}
        new_counts = await self._messages.count_matching(queries, changes.created_sort_keys) if queries else {}
        self._last_change = changes.newest_number
        for subscriber in subscribers:
            page_rows = {key: row for key, row in rows.items() if key in subscriber.displayed_keys}
            count = new_counts.get(subscriber.current_query, 0) if subscriber.current_query else 0
            if page_rows or count:
                notify_page(partial(subscriber.on_rows_changed, page_rows, count))


def notify_page(notify: Callable[[], None]) -> None:
    """Notify one page; log an exception, so that the other pages are still notified."""
    try:
        notify()
    except Exception:
        log.exception('a page that follows the database failed')


def read_sent_cost(session: Session) -> Decimal:
    """Return the cost of all sent messages in roubles, from the monthly totals."""
    return kopecks_to_roubles(int(session.execute(SENT_COST_QUERY).scalar_one()))
