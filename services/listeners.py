"""Functions that are called in the event loop with new values; a failure of one does not concern the others."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

T = TypeVar('T')
log = logging.getLogger(__name__)


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


def notify_page(notify: Callable[[], None]) -> None:
    """Notify one page; log an exception, so that the other pages are still notified."""
    try:
        notify()
    except Exception:
        log.exception('a page that follows the database failed')
