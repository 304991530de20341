"""How a page tells that the person waits: nothing at first, then a thin line, then a way to stop it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nicegui import background_tasks, ui

from journal_ui.panel import Panel

SHORT_WAIT = 0.15
"""Seconds of waiting that nobody is told of."""
LONG_WAIT = 1.0
"""Seconds after which «Найти» turns to «Отменить»."""


@asynccontextmanager
async def waiting(place: ui.element, panel: Panel) -> AsyncIterator[None]:
    """Show in `place` and on the panel that the person waits, once it is long enough to be noticed."""

    async def tell() -> None:
        await asyncio.sleep(SHORT_WAIT)
        place.classes('waiting')
        await asyncio.sleep(LONG_WAIT - SHORT_WAIT)
        panel.waiting(True)

    telling = background_tasks.create(tell(), name='waiting', context=place)
    try:
        yield
    finally:
        telling.cancel()
        place.classes(remove='waiting')
        panel.waiting(False)
