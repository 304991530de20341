"""Notifies every open page of changes in the database, whichever process made them.

One instance serves all pages of a process: it waits for the database to report a commit, reads what changed once, and
notifies the pages concerned.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Set
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, Self
from uuid import UUID
from weakref import WeakValueDictionary

from services.access_scope.organization_scope import OrganizationScope
from services.balance.balance_source import BalanceSource
from services.database.change_listener import ChangeListener
from services.database.engine import Database
from services.errors import DatabaseError
from services.listeners import Listeners, notify_page
from services.messages.change_feed import ChangePosition, MessageChanges
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.message_service import MessageService
from services.overview.footer import Footer, read_sent_cost
from services.task_shutdown import cancel_and_wait

MIN_POLL_INTERVAL = 0.5
"""Seconds between two reads while the database changes constantly; a change must be on every page within 2 s (S16)."""
MAX_POLL_INTERVAL = 5.0
"""Seconds between two reads without a reported change, because a balance from a provider changes without a commit."""
DATABASE_TIMEOUT = 5.0
"""Seconds for the read of the footer, after which the database counts as unavailable."""

ROWS_PER_READ = 1_000

log = logging.getLogger(__name__)


@dataclass
class Availability:
    """Whether the database answers, and what is called when that changes."""

    is_available: bool = True
    listeners: Listeners[bool] = field(default_factory=Listeners)


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
        self._changes = ChangeListener(database.direct_url)
        self._footer_listeners: Listeners[Footer] = Listeners()
        self._scope: OrganizationScope | None = None
        self._views: WeakValueDictionary[OrganizationScope, Self] = WeakValueDictionary()
        """The updates for the pages of each scope that is in use."""
        self._row_subscribers: dict[RowSubscriber, MessageService] = {}
        """The open pages, each with the service that reads its rows."""
        self._pollers: list[Callable[[], Awaitable[None]]] = []
        self._availability = Availability()
        self._last_change: ChangePosition | None = None
        self._unrecorded: dict[RowSubscriber, Set[str]] = {}
        """The keys of the changed rows of pages that could not be recorded, and are therefore not displayed yet."""
        self._rows_due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.footer: Footer | None = None
        """The latest known values; None before the first read."""

    def within(self, scope: OrganizationScope) -> Self:
        """Return the updates for the pages of a scope; this object reads for them, while any of them is open."""
        view = self._views.get(scope)
        if view is None:
            view = copy(self)
            view._scope, view._messages = scope, self._messages.within(scope)
            view._footer_listeners, view.footer = Listeners(), None
            self._views[scope] = view
        return view

    @property
    def database_available(self) -> bool:
        """Whether the database answered the last read."""
        return self._availability.is_available

    async def prepare(self) -> None:
        """Read the footer of a scope, if no page is open for which it is read in any case."""
        if self._scope is not None and not self._footer_listeners:
            await self._refresh_own_footer()

    def subscribe_footer(self, listener: Callable[[Footer], None]) -> Callable[[], None]:
        """Call `listener` in the event loop on every change of the footer; return a function that unsubscribes."""
        return self._footer_listeners.subscribe(listener)

    def subscribe_rows(self, subscriber: RowSubscriber) -> Callable[[], None]:
        """Notify a page in the event loop of changes of its rows; return a function that unsubscribes."""
        self._row_subscribers[subscriber] = self._messages

        def unsubscribe() -> None:
            self._row_subscribers.pop(subscriber, None)
            self._unrecorded.pop(subscriber, None)

        return unsubscribe

    def subscribe_availability(self, listener: Callable[[bool], None]) -> Callable[[], None]:
        """Call `listener` in the event loop when the database becomes unavailable or available again.

        Return a function that unsubscribes.
        """
        return self._availability.listeners.subscribe(listener)

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
        for messages, subscribers in self._subscribers_by_service():
            keys = sorted({key for subscriber in subscribers for key in subscriber.displayed_keys})
            rows: dict[str, MessageRow] = {}
            for start in range(0, len(keys), ROWS_PER_READ):
                rows |= await messages.rows_by_id([UUID(key) for key in keys[start : start + ROWS_PER_READ]])
            await self._notify_subscribers(
                {
                    subscriber: ({key: rows[key] for key in subscriber.displayed_keys if key in rows}, 0)
                    for subscriber in subscribers
                }
            )

    def _subscribers_by_service(self) -> list[tuple[MessageService, list[RowSubscriber]]]:
        """Return the open pages by the service that reads their rows: the pages of one scope share it."""
        grouped: dict[MessageService, list[RowSubscriber]] = {}
        for subscriber, messages in self._row_subscribers.items():
            grouped.setdefault(messages, []).append(subscriber)
        return list(grouped.items())

    async def _refresh_footer(self) -> None:
        self._set_available(available=await self._refresh_own_footer())
        if self.database_available:
            for view in list(self._views.values()):
                if view._footer_listeners:
                    await view._refresh_own_footer()

    async def _refresh_own_footer(self) -> bool:
        """Read the footer of this scope, and notify its pages; return whether the database answered in time."""
        try:
            async with asyncio.timeout(DATABASE_TIMEOUT):
                sent_cost = await self._database.read_priority(lambda session: read_sent_cost(session, self._scope))
                footer = Footer(sent_cost, await self._balance.get_balance())
        except (DatabaseError, TimeoutError):
            return False
        if footer != self.footer:
            self.footer = footer
            self._footer_listeners.notify(footer)
        return True

    def _set_available(self, *, available: bool) -> None:
        if available == self.database_available:
            return
        self._availability.is_available = available
        log.warning('the database answers again' if available else 'the database does not answer; open pages say so')
        self._availability.listeners.notify(available)

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
            self._last_change = await self._messages.newest_change()
            return
        changes = await self._messages.changes_since(self._last_change)
        if not (changes.changed_ids or changes.created_sort_keys or self._unrecorded):
            # No message changed: skip the loops over the rows of all pages.
            self._last_change = changes.position
            return
        updates: dict[RowSubscriber, tuple[Mapping[str, MessageRow], int]] = {}
        for messages, subscribers in self._subscribers_by_service():
            updates |= await self._read_updates(messages, subscribers, changes)
        self._last_change = changes.position
        self._unrecorded.clear()
        await self._notify_subscribers(updates)

    async def _read_updates(
        self, messages: MessageService, subscribers: Collection[RowSubscriber], changes: MessageChanges
    ) -> dict[RowSubscriber, tuple[Mapping[str, MessageRow], int]]:
        """Read what has changed for the pages whose rows a service reads: their rows, and how many rows are new."""
        displayed = {key for subscriber in subscribers for key in subscriber.displayed_keys}
        changed = {str(id) for id in changes.changed_ids} & displayed
        unrecorded = {subscriber: self._unrecorded.get(subscriber, frozenset()) for subscriber in subscribers}
        due = changed.union(*unrecorded.values()) & displayed
        rows = await messages.rows_by_id([UUID(key) for key in due]) if due else {}
        queries: set[MessageQuery] = set()
        if changes.created_sort_keys:
            queries = {subscriber.current_query for subscriber in subscribers if subscriber.current_query}
        new_counts = await messages.count_matching(queries, changes.created_sort_keys) if queries else {}
        return {
            subscriber: (
                {
                    key: row
                    for key, row in rows.items()
                    if key in subscriber.displayed_keys and (key in changed or key in unrecorded[subscriber])
                },
                new_counts.get(subscriber.current_query, 0) if subscriber.current_query else 0,
            )
            for subscriber in subscribers
        }

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
