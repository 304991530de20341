"""Runs the searches of one page: cancels the older search, shows progress and errors, and retries after an outage."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from nicegui import background_tasks, ui

from journal_ui.layout import connection_marks
from journal_ui.list_page.loading_indicator import show_loading
from services import texts
from services.errors import DatabaseError, DatabaseUnavailableError, QueryTimeoutError
from services.lists.query_protocol import InvalidQueryError

A = TypeVar('A')

SubscribeAvailability = Callable[[Callable[[bool], None]], Callable[[], None]]
"""Subscribes a callback to the database's availability: it receives False when an outage begins and True when it ends.

The result cancels the subscription.
"""

TOTALS_DELAY_SECONDS: Final = 0.02
"""Seconds that the totals wait for the rows: counted at the same time, they would delay the rows."""


class SearchRunner:
    """The searches of one page. At most one runs at a time; an older result never replaces a newer one."""

    def __init__(
        self,
        container: ui.element,
        *,
        on_slow: Callable[[bool], None],
        on_invalid_query: Callable[[InvalidQueryError], None],
        on_failure: Callable[[str, str], None],
        subscribe_availability: SubscribeAvailability | None = None,
    ) -> None:
        """Prepare to search for the page that is being built; its searches are cancelled when it is closed.

        Args:
            container: the element that shows the progress and in whose context results are drawn.
            on_slow: receives True while a search takes long enough to offer its cancellation.
            on_invalid_query: receives a query's error, to show it at the field.
            on_failure: receives a message and an advice, to show them instead of the rows.
            subscribe_availability: where to wait for the end of an outage; without it nothing is retried.
        """
        self._container = container
        self._on_slow = on_slow
        self._on_invalid_query = on_invalid_query
        self._on_failure = on_failure
        self._search_task: asyncio.Task[None] | None = None
        self._totals_task: asyncio.Task[None] | None = None
        self._pending_retry: Callable[[], object] | None = None
        self._client = client = ui.context.client
        client.on_delete(self.cancel)
        if subscribe_availability:
            client.on_delete(subscribe_availability(self._on_availability_changed))

    @property
    def is_searching(self) -> bool:
        """Whether the rows of a search are still to come."""
        return self._search_task is not None and not self._search_task.done()

    def run(
        self,
        fetch: Callable[[], Awaitable[A]],
        draw: Callable[[A], None],
        *,
        retry: Callable[[], object],
        keep_totals: bool = False,
    ) -> None:
        """Start a search and draw its result; cancel the search that runs.

        Args:
            fetch: reads the result; may raise what `handle_errors` handles.
            draw: draws the result, unless a newer search has been started.
            retry: is called once when the database answers again after it was unavailable.
            keep_totals: whether the totals being counted belong to this search too (another page, another order).
        """
        self._pending_retry = None
        _cancel(self._search_task)
        if not keep_totals:
            _cancel(self._totals_task)
        self._search_task = self.start_task(self._search(fetch, draw, retry), 'search')

    def run_totals(
        self, is_needed: Callable[[], bool], fetch: Callable[[], Awaitable[A]], draw: Callable[[A], None]
    ) -> None:
        """Count the totals of the search that was just started, and draw them once its rows are drawn.

        Args:
            is_needed: whether the rows left the totals unknown; checked after TOTALS_DELAY_SECONDS.
            fetch: counts the totals; an error is not shown, because the rows show it.
            draw: draws the totals.
        """
        _cancel(self._totals_task)
        self._totals_task = self.start_task(self._count_totals(is_needed, fetch, draw), 'totals')

    async def wait_for_totals(self) -> None:
        """Wait until the totals are drawn, or known to be unknown."""
        if self._totals_task:
            await asyncio.wait({self._totals_task})

    def cancel(self) -> None:
        """Cancel the running search, in the database too, and retry nothing."""
        self._pending_retry = None
        _cancel(self._search_task)
        _cancel(self._totals_task)
        connection_marks.keep_old_rows(self._client)

    def start_task(self, coroutine: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Start a task that may draw on this page."""
        return background_tasks.create(coroutine, name=name, context=self._container)

    @contextmanager
    def handle_errors(self, retry: Callable[[], object]) -> Iterator[None]:
        """Show on the page why a query fails; call `retry` once when the database answers again."""
        try:
            yield
        except InvalidQueryError as error:
            self._on_invalid_query(error)
            connection_marks.keep_old_rows(self._client)
        except QueryTimeoutError:
            self._fail(texts.SEARCH_TIMEOUT, texts.SEARCH_TIMEOUT_NEXT)
        except DatabaseUnavailableError:
            self._fail(texts.DATABASE_DOWN, texts.DATABASE_DOWN_NEXT)
            self._pending_retry = retry
        except Exception:
            self._fail(texts.FAULT_TITLE, texts.FAULT_RETRY)
            raise  # the error notice shows the reference number under which the log has the traceback

    async def _search(
        self, fetch: Callable[[], Awaitable[A]], draw: Callable[[A], None], retry: Callable[[], object]
    ) -> None:
        with self.handle_errors(retry):
            with show_loading(self._container, self._on_slow):
                result = await fetch()
            if asyncio.current_task() is self._search_task:
                draw(result)

    async def _count_totals(
        self, is_needed: Callable[[], bool], fetch: Callable[[], Awaitable[A]], draw: Callable[[A], None]
    ) -> None:
        search_task = self._search_task
        assert search_task is not None
        await asyncio.wait({search_task}, timeout=TOTALS_DELAY_SECONDS)
        if not is_needed():
            return
        with suppress(InvalidQueryError, DatabaseError):
            totals = await fetch()
            await asyncio.wait({search_task})  # the totals on the screen belong to the rows on the screen
            draw(totals)

    def _fail(self, message: str, advice: str) -> None:
        _cancel(self._totals_task)
        self._on_failure(message, advice)

    def _on_availability_changed(self, is_available: bool) -> None:
        retry = self._pending_retry
        if is_available and retry:
            self._pending_retry = None
            retry()


def _cancel(task: asyncio.Task[None] | None) -> None:
    if task:
        task.cancel()
