"""The progress of a search: nothing at first, then a thin line, then the button that cancels it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from nicegui import ui

INDICATOR_DELAY_SECONDS: Final = 0.15
"""Seconds of waiting that need no indicator."""
SLOW_SEARCH_SECONDS: Final = 1.0
"""Seconds after which «Найти» becomes «Отмена»."""


@contextmanager
def show_loading(container: ui.element, on_slow: Callable[[bool], None]) -> Iterator[None]:
    """Show progress in `container` once the delay is noticeable; call `on_slow` with True when it is long."""
    loop = asyncio.get_running_loop()
    timers = (
        loop.call_later(INDICATOR_DELAY_SECONDS, container.classes, 'waiting'),
        loop.call_later(SLOW_SEARCH_SECONDS, on_slow, True),
    )
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        container.classes(remove='waiting')
        on_slow(False)
