"""How a page tells that the person waits: nothing at first, then a thin line, then a way to stop it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from nicegui import background_tasks, ui

SHORT_WAIT = 0.15
"""Seconds of waiting that nobody is told of."""
LONG_WAIT = 1.0
"""Seconds after which «Найти» turns to «Отменить»."""


@asynccontextmanager
async def waiting(place: ui.element, long: Callable[[bool], None]) -> AsyncIterator[None]:
    """Show in `place` that the person waits, once that can be noticed; `long` hears when it takes very long."""

    async def tell() -> None:
        await asyncio.sleep(SHORT_WAIT)
        place.classes('waiting')
        await asyncio.sleep(LONG_WAIT - SHORT_WAIT)
        long(True)

    telling = background_tasks.create(tell(), name='waiting', context=place)
    try:
        yield
    finally:
        telling.cancel()
        place.classes(remove='waiting')
        long(False)
