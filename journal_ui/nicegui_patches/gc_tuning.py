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

CLOSED_PAGES = 100
"""Pages of a third of a megabyte each that may lie about as garbage."""
NEVER = 1_000_000_000
OFTEN = 1.0
"""Seconds between two small looks: the longer, the longer each of them takes."""
NEW = 1
"""The generations that a small look is at: what has come since the last one."""


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


class Way:
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

    def end(self) -> None:
        """Let go."""
        self._receive = self._send = None
        for name in [name for name, value in self._scope.items() if isinstance(value, AsyncExitStack)]:
            del self._scope[name]


def install() -> None:
    """See to it from the start of the server on."""
    app.on_startup(begin)
    app.on_delete(Garbage().add)
    # Of each value on a page NiceGUI notes that it could be bound to others; what is bound all the same is found
    # without the note, and nothing here is.
    app.on_connect(binding.bindable_properties.clear)


def begin() -> None:
    """Look for garbage as said above from now on; what the program consists of is none."""
    young, _, _ = gc.get_threshold()
    gc.set_threshold(young, NEVER, NEVER)
    gc.freeze()
    background_tasks.create(_look(), name='garbage')


async def _look() -> None:
    while True:
        await asyncio.sleep(OFTEN)
        gc.collect(NEW)
