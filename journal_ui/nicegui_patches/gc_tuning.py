"""What a thousand open pages keep that nobody needs, and when Python looks for garbage.

By itself Python looks when it holds more than before, and a search takes as much as it gives back: so it looks rarely,
and at all that has come meanwhile, for a tenth of a second. Looking at everything, a thousand open pages, takes two.
What a search leaves is found here by a small look a second, at what has come since the last; only closed pages need the
great one, so that it waits for enough of them.
"""

import asyncio
import gc
from collections.abc import MutableMapping
from contextlib import AsyncExitStack
from typing import Any

from nicegui import app, background_tasks, binding
from starlette.types import Message, Receive, Send

CLOSED_PAGES_PER_COLLECTION = 100
"""Pages of a third of a megabyte each that may lie about as garbage."""
DISABLED_THRESHOLD = 1_000_000_000
COLLECTION_INTERVAL = 1.0
"""Seconds between two small looks: the longer, the longer each of them takes."""
YOUNG_GENERATIONS = 1
"""The generations that a small look is at: what has come since the last one."""


class ClosedPageCollector:
    """Counts closed pages."""

    def __init__(self) -> None:
        """Begin with none."""
        self._closed = 0

    def count_closed_page(self) -> None:
        """Count a page that has closed, and clear up when there are enough of them."""
        self._closed += 1
        if self._closed == CLOSED_PAGES_PER_COLLECTION:
            self._closed = 0
            gc.collect()


class ReleasableRequest:
    """The way of a request through the program, let go of once the request is answered.

    NiceGUI keeps the request of a page as long as the page is open, and thereby all that stood around it on its way.
    """

    def __init__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Go between the server and what answers."""
        self._scope = scope
        self._receive: Receive | None = receive
        self._send: Send | None = send

    async def receive(self) -> Message:
        """Hear from the browser: in the end, that it is gone."""
        return await self._receive() if self._receive else {'type': 'http.disconnect'}

    async def send(self, message: Message) -> None:
        """Answer."""
        if self._send:
            await self._send(message)

    def release(self) -> None:
        """Let go."""
        self._receive = self._send = None
        for name in [name for name, value in self._scope.items() if isinstance(value, AsyncExitStack)]:
            del self._scope[name]


def install() -> None:
    """See to it from the start of the server on."""
    app.on_startup(configure_gc)
    app.on_delete(ClosedPageCollector().count_closed_page)
    # Of each value on a page NiceGUI notes that it could be bound to others; what is bound all the same is found
    # without the note, and nothing here is.
    app.on_connect(binding.bindable_properties.clear)


def configure_gc() -> None:
    """Look for garbage as said above from now on; what the program consists of is none."""
    young_threshold, _, _ = gc.get_threshold()
    gc.set_threshold(young_threshold, DISABLED_THRESHOLD, DISABLED_THRESHOLD)
    gc.freeze()
    background_tasks.create(_collect_periodically(), name='garbage')


async def _collect_periodically() -> None:
    while True:
        await asyncio.sleep(COLLECTION_INTERVAL)
        gc.collect(YOUNG_GENERATIONS)
