"""Says in the place of what was asked for why it cannot be had, and asks again when the database is back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from services import texts
from services.errors import DatabaseUnavailableError, QueryTimeoutError
from services.lists.query_protocol import InvalidQueryError

SubscribeAvailability = Callable[[Callable[[bool], None]], Callable[[], None]]
"""Has its argument told when the database stops answering, and when it does again; the answer ends that."""


class QueryErrorHandler:
    """What one page asks of the database, and what becomes of it when there is no answer."""

    def __init__(
        self,
        on_invalid_query: Callable[[InvalidQueryError], None],
        on_failure: Callable[[str, str], None],
        subscribe_availability: SubscribeAvailability | None = None,
    ) -> None:
        """Tell `refuse` of a query that cannot be asked, and `fail`, in words, of all else."""
        self._on_invalid_query = on_invalid_query
        self._on_failure = on_failure
        self._pending_retry: Callable[[], object] | None = None
        if subscribe_availability:
            ui.context.client.on_delete(subscribe_availability(self._on_availability_changed))

    @contextmanager
    def handle_errors(self, retry: Callable[[], object]) -> Iterator[None]:
        """Say why an attempt fails; one that the database did not answer is made `again`, once, when it is back."""
        try:
            yield
        except InvalidQueryError as refusal:
            self._on_invalid_query(refusal)
        except QueryTimeoutError:
            self._on_failure(texts.SEARCH_TIMEOUT, texts.SEARCH_TIMEOUT_NEXT)
        except DatabaseUnavailableError:
            self._on_failure(texts.DATABASE_DOWN, texts.DATABASE_DOWN_NEXT)
            self._pending_retry = retry
        except Exception:
            self._on_failure(texts.FAULT_TITLE, texts.FAULT_RETRY)
            raise  # the notice has the number by which the log knows it

    def cancel_retry(self) -> None:
        """Ask nothing again: the person has gone on to something else."""
        self._pending_retry = None

    def _on_availability_changed(self, is_available: bool) -> None:
        retry = self._pending_retry
        if is_available and retry:
            self._pending_retry = None
            retry()
