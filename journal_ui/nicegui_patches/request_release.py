"""Releases the connection and the middleware around the request of an open page.

Reason: NiceGUI keeps the request of a page as long as the page is open. The request refers to the channels of the
server, and to all middleware between the server and the page.
Private part: `Client` keeps the request; FastAPI stores objects of the class `AsyncExitStack` in its scope.
Gain: 23 to 24 KB of memory for each open page, of 362 KB
(`python -m tests.benchmarks.patch_gains request_release`).
Contract test: tests/journal_ui/nicegui_patches/test_patch_contracts.py.
"""

from collections.abc import MutableMapping
from contextlib import AsyncExitStack
from typing import Any

from starlette.types import Message, Receive, Send


class ReleasableRequest:
    """The ASGI channels of a request, which are released after the response."""

    def __init__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive: Receive | None = receive
        self._send: Send | None = send

    async def receive(self) -> Message:
        """Receive a message of the client; a disconnect after the release."""
        if self._receive is None:
            return {'type': 'http.disconnect'}
        return await self._receive()

    async def send(self, message: Message) -> None:
        """Send a part of the response; nothing after the release."""
        if self._send is not None:
            await self._send(message)

    def release(self) -> None:
        """Drop the references to the channels, and FastAPI's exit stacks, which refer to them too, from the scope."""
        self._receive = self._send = None
        for name in [name for name, value in self._scope.items() if isinstance(value, AsyncExitStack)]:
            del self._scope[name]
