"""How a page tells that the person waits: nothing at first, then a thin line, then a way to stop it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

INDICATOR_DELAY_SECONDS = 0.15
"""Seconds of waiting that nobody is told of."""
TOTALS_DELAY_SECONDS = 0.02
"""Seconds for which rows are looked for alone: totals counted beside them would make them late."""
SLOW_SEARCH_SECONDS = 1.0
"""Seconds after which «Найти» turns to «Отмена»."""


@contextmanager
def show_loading(container: ui.element, on_slow: Callable[[bool], None]) -> Iterator[None]:
    """Show in `place` that the person waits, once that can be noticed; `long` hears when it takes very long."""
    loop = asyncio.get_running_loop()
    timers = (
        loop.call_later(INDICATOR_DELAY_SECONDS, container.classes, 'waiting'),
        loop.call_later(SLOW_SEARCH_SECONDS, on_slow, True),
    )
    try:
        yield
    finally:
        for each in timers:
            each.cancel()
        container.classes(remove='waiting')
        on_slow(False)
