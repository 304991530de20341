"""How a page tells that the person waits: nothing at first, then a thin line, then a way to stop it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

SHORT_WAIT = 0.15
"""Seconds of waiting that nobody is told of."""
ALONE = 0.02
"""Seconds for which rows are looked for alone: totals counted beside them would make them late."""
LONG_WAIT = 1.0
"""Seconds after which «Найти» turns to «Отменить»."""


@contextmanager
def waiting(place: ui.element, long: Callable[[bool], None]) -> Iterator[None]:
    """Show in `place` that the person waits, once that can be noticed; `long` hears when it takes very long."""
    loop = asyncio.get_running_loop()
    telling = loop.call_later(SHORT_WAIT, place.classes, 'waiting'), loop.call_later(LONG_WAIT, long, True)
    try:
        yield
    finally:
        for each in telling:
            each.cancel()
        place.classes(remove='waiting')
        long(False)
