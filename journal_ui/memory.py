"""When Python looks for garbage that only a look at everything finds.

By itself it does so every few hundred searches, and looks at all open pages each time: with a thousand of them
everybody waits for two seconds. But what a search leaves is found by the small looks, which go on as ever; only closed
pages need the great one, so that it waits for enough of them.
"""

import gc

from nicegui import app

CLOSED_PAGES = 100
"""Pages of about half a megabyte each that may lie about as garbage."""
NEVER = 1_000_000_000


class Garbage:
    """Counts closed pages."""

    def __init__(self) -> None:
        """Begin with none."""
        self._closed = 0

    def add(self) -> None:
        """Count a page that has closed, and clear up when there are enough of them."""
        self._closed += 1
        if self._closed == CLOSED_PAGES:
            self._closed = 0
            gc.collect()


def install() -> None:
    """See to it from the start of the server on."""
    app.on_startup(begin)
    app.on_delete(Garbage().add)


def begin() -> None:
    """Look for garbage as said above from now on; what the program consists of is none."""
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, NEVER)
    gc.freeze()
