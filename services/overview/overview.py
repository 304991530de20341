"""Reads the numbers of the main page and of the footer, and notifies the pages that show them.

They are counts without persons, so reading them is not recorded in the audit log; the lists to which they lead are.
"""

import asyncio
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from services.access_scope.organization_scope import OrganizationScope
from services.call_list.call_list_service import CallListService
from services.database.engine import Database
from services.errors import DatabaseError
from services.listeners import Listeners
from services.overview.daily_errors import DailyErrors, read_daily_errors
from services.overview.queue_health import QueueReport, QueueThresholds, read_queue, report_queue

READ_TIMEOUT_SECONDS = 3.0
"""Seconds after which a number counts as unknown."""
FIGURES_INTERVAL = 5.0
"""Seconds between two reads of the numbers that only the main page shows."""


@dataclass(frozen=True)
class Figures:
    """The numbers that only the main page shows; None if one is not known."""

    errors: DailyErrors | None
    to_call: int | None
    """The number of recipients on the call list, as it opens."""


UNKNOWN_FIGURES = Figures(None, None)


class Overview:
    """The latest numbers of a process."""

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        call_list: CallListService,
        now: Callable[[], datetime],
        thresholds: QueueThresholds,
    ) -> None:
        """Read from `database` by the calendar days of `zone`; `now` returns the current time (aware)."""
        self._database = database
        self._zone = zone
        self._call_list = call_list
        self._now = now
        self._thresholds = thresholds
        self._queue_listeners: Listeners[QueueReport | None] = Listeners()
        self._figure_listeners: Listeners[Figures] = Listeners()
        self._figures_read_at: float | None = None
        self.queue: QueueReport | None = None
        """The queue; None while it is not known."""
        self.figures = UNKNOWN_FIGURES
        self._scope: OrganizationScope | None = None
        self._views: WeakValueDictionary[OrganizationScope, Self] = WeakValueDictionary()
        """The numbers of each scope that is in use."""

    def within(self, scope: OrganizationScope) -> Self:
        """Return the numbers of the messages of a scope; `poll` reads them, while a page shows them."""
        view = self._views.get(scope)
        if view is None:
            view = copy(self)
            view._scope, view._call_list = scope, self._call_list.within(scope)
            view._queue_listeners, view._figure_listeners = Listeners(), Listeners()
            view._figures_read_at, view.queue, view.figures = None, None, UNKNOWN_FIGURES
            self._views[scope] = view
        return view

    async def prepare(self) -> None:
        """Read the queue of a scope, if no page shows it for which it is read in any case."""
        if self._scope is not None and not self._queue_listeners:
            self._set_queue(await self._read_queue())

    def subscribe_queue(self, listener: Callable[[QueueReport | None], None]) -> Callable[[], None]:
        """Call `listener` in the event loop on every change of the queue; return a function that unsubscribes."""
        return self._queue_listeners.subscribe(listener)

    def subscribe_figures(self, listener: Callable[[Figures], None]) -> Callable[[], None]:
        """Call `listener` in the event loop on every change of the figures; return a function that unsubscribes.

        They are read only while somebody is subscribed.
        """
        return self._figure_listeners.subscribe(listener)

    async def poll(self) -> None:
        """Read the numbers and notify the pages; called by services.live_updates, also while nothing changes."""
        await asyncio.gather(*(each._poll() for each in (self, *self._shown_views)))

    async def _poll(self) -> None:
        self._set_queue(await self._read_queue())
        if self._figure_listeners:
            await self.refresh_figures()

    @property
    def _shown_views(self) -> list[Self]:
        """The numbers of the scopes that a page shows."""
        return [each for each in self._views.values() if each._queue_listeners or each._figure_listeners]

    def set_available(self, available: bool) -> None:
        """Forget the numbers when the database becomes unavailable, because they are not known any more."""
        if not available:
            views: list[Overview] = [self, *self._views.values()]
            for each in views:
                each._set_queue(None)
                each._set_figures(UNKNOWN_FIGURES)

    async def refresh_figures(self) -> None:
        """Read the figures, unless they were read less than FIGURES_INTERVAL ago."""
        time = asyncio.get_running_loop().time()
        if self._figures_read_at is not None and time - self._figures_read_at < FIGURES_INTERVAL:
            return
        self._figures_read_at = time
        errors, to_call = await asyncio.gather(self._read_errors(), self._read_to_call())
        self._set_figures(Figures(errors, to_call))

    async def _read_queue(self) -> QueueReport | None:
        now = self._now()
        try:
            health = await self._database.read_with_timeout(
                READ_TIMEOUT_SECONDS, lambda session: read_queue(session, self._zone, now, self._scope)
            )
        except DatabaseError:
            return None
        return report_queue(health, self._thresholds, self._zone, now)

    async def _read_errors(self) -> DailyErrors | None:
        today = self._now().astimezone(self._zone).date()
        try:
            return await self._database.read_with_timeout(
                READ_TIMEOUT_SECONDS, lambda session: read_daily_errors(session, today, self._zone, self._scope)
            )
        except DatabaseError:
            return None

    async def _read_to_call(self) -> int | None:
        try:
            return await self._call_list.count_pending(self._call_list.default_query(), READ_TIMEOUT_SECONDS)
        except DatabaseError:
            return None

    def _set_queue(self, queue: QueueReport | None) -> None:
        if queue == self.queue:
            return
        self.queue = queue
        self._queue_listeners.notify(queue)

    def _set_figures(self, figures: Figures) -> None:
        if figures == self.figures:
            return
        self.figures = figures
        self._figure_listeners.notify(figures)
