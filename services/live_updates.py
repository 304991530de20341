"""Notifies every open page of changes in the database, whichever process made them.

One instance serves all pages of a process: it waits for the database to report a commit, reads what changed once, and
notifies the pages concerned.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Generic, Protocol, TypeVar
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

T = TypeVar('T')
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

    def is_balance_below(self, limit: Decimal | None) -> bool:
        """Return whether the last known balance is below a limit in roubles; False if there is no balance or limit."""
        amount = self.balance.amount
        return limit is not None and amount is not None and amount < limit


class Listeners(Generic[T]):
    """Functions that are called in the event loop with every new value."""

    def __init__(self) -> None:
        """Start without listeners."""
        self._listeners: set[Callable[[T], None]] = set()

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def subscribe(self, listener: Callable[[T], None]) -> Callable[[], None]:
        """Call `listener` with every new value; return a function that unsubscribes."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def notify(self, value: T) -> None:
        """Call every listener with a value; see `notify_page`."""
        for listener in tuple(self._listeners):
            notify_page(partial(listener, value))


class RowSubscriber(Protocol):
    """A page that displays messages."""

    @property
    def displayed_keys(self) -> Collection[str]:
        """The keys of the displayed rows."""

    @property
    def current_query(self) -> MessageQuery | None:
        """The displayed query; None before the first search."""

    async def record_rows(self, keys: Collection[str]) -> None:
        """Record in the audit log that displayed rows are about to be replaced; raises DatabaseError."""

    def on_rows_changed(self, rows: Mapping[str, MessageRow], new_count: int) -> None:
        """Receive the changed rows among the displayed ones, and the number of new messages that match the query."""


class LiveUpdates:
    """The change notifications of a process."""

    def __init__(self, database: Database, balance: BalanceSource, messages: MessageService) -> None:
        self._database = database
        self._balance = balance
        self._messages = messages
        self._changes = ChangeListener(database.url)
        self._footer_listeners: Listeners[Footer] = Listeners()
        self._row_subscribers: set[RowSubscriber] = set()
        self._pollers: list[Callable[[], Awaitable[None]]] = []
        self._availability_listeners: Listeners[bool] = Listeners()
        self._last_change: int | None = None
        self._unrecorded: dict[RowSubscriber, Set[str]] = {}
        """The keys of the changed rows of pages that could not be recorded, and are therefore not displayed yet."""
        self._rows_due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.footer: Footer | None = None
        """The latest known values; None before the first read."""
        self.database_available = True
        """Whether the database answered the last read."""

    def subscribe_footer(self, listener: Callable[[Footer], None]) -> Callable[[], None]:
        """Call `listener` in the event loop on every change of the footer; return a function that unsubscribes."""
        return self._footer_listeners.subscribe(listener)

    def subscribe_rows(self, subscriber: RowSubscriber) -> Callable[[], None]:
        """Notify a page in the event loop of changes of its rows; return a function that unsubscribes."""
        self._row_subscribers.add(subscriber)

        def unsubscribe() -> None:
            self._row_subscribers.discard(subscriber)
            self._unrecorded.pop(subscriber, None)

        return unsubscribe

    def subscribe_availability(self, listener: Callable[[bool], None]) -> Callable[[], None]:
        """Call `listener` in the event loop when the database becomes unavailable or available again.

        Return a function that unsubscribes.
        """
        return self._availability_listeners.subscribe(listener)

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
        await self._notify_subscribers(
            {
                subscriber: ({key: rows[key] for key in subscriber.displayed_keys if key in rows}, 0)
                for subscriber in subscribers
            }
        )

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
        self._footer_listeners.notify(footer)

    def _set_available(self, *, available: bool) -> None:
        if available == self.database_available:
            return
        self.database_available = available
        log.warning('the database answers again' if available else 'the database does not answer; open pages say so')
        self._availability_listeners.notify(available)

    async def _refresh_rows(self) -> None:
        for read in (self._refresh_messages, *self._pollers):
            try:
                await read()
            except DatabaseError:
                return  # the next poll reads the same changes again
            except Exception:
                # A fault in one reader must not end the updates of the others for good.
                log.exception('a reader of changes failed')

    async def _refresh_messages(self) -> None:
        if self._last_change is None:
            self._last_change = await self._messages.newest_change_number()
            return
        changes = await self._messages.changes_since(self._last_change)
        if not (changes.changed_ids or changes.created_sort_keys or self._unrecorded):
            # No message changed: skip the loops over the rows of all pages.
            self._last_change = changes.newest_number
            return
        subscribers = tuple(self._row_subscribers)
        displayed = {key for subscriber in subscribers for key in subscriber.displayed_keys}
        changed = {str(id) for id in changes.changed_ids} & displayed
        due = changed.union(*self._unrecorded.values()) & displayed
        rows = await self._messages.rows_by_id([UUID(key) for key in due]) if due else {}
        queries: set[MessageQuery] = set()
        if changes.created_sort_keys:
            queries = {subscriber.current_query for subscriber in subscribers if subscriber.current_query}
        new_counts = await self._messages.count_matching(queries, changes.created_sort_keys) if queries else {}
        self._last_change = changes.newest_number
        unrecorded, self._unrecorded = self._unrecorded, {}
        await self._notify_subscribers(
            {
                subscriber: (
                    {
                        key: row
                        for key, row in rows.items()
                        if key in subscriber.displayed_keys
                        and (key in changed or key in unrecorded.get(subscriber, ()))
                    },
                    new_counts.get(subscriber.current_query, 0) if subscriber.current_query else 0,
                )
                for subscriber in subscribers
            }
        )

    async def _notify_subscribers(self, updates: Mapping[RowSubscriber, tuple[Mapping[str, MessageRow], int]]) -> None:
        """Notify pages of changed rows, once they are recorded, and of the number of new rows.

        All records are submitted at the same time, so that they share a transaction. A page without its record keeps
        its rows as they are; the next poll tries again.
        """
        changed = [subscriber for subscriber, (rows, _) in updates.items() if rows]
        results = await asyncio.gather(
            *(subscriber.record_rows(updates[subscriber][0].keys()) for subscriber in changed), return_exceptions=True
        )
        for subscriber, error in zip(changed, results, strict=True):
            if isinstance(error, BaseException):
                self._unrecorded[subscriber] = frozenset(updates[subscriber][0])
                log.warning('the changed rows of a page could not be recorded: %s', type(error).__name__)
        for subscriber, (rows, count) in updates.items():
            recorded_rows = {} if subscriber in self._unrecorded else rows
            if recorded_rows or count:
                notify_page(partial(subscriber.on_rows_changed, recorded_rows, count))


def notify_page(notify: Callable[[], None]) -> None:
    """Notify one page; log an exception, so that the other pages are still notified."""
    try:
        notify()
    except Exception:
        log.exception('a page that follows the database failed')


def read_sent_cost(session: Session) -> Decimal:
    """Return the cost of all sent messages in roubles, from the monthly totals."""
    return kopecks_to_roubles(int(session.execute(SENT_COST_QUERY).scalar_one()))
