"""The request of an open page: complete until the response is sent, then without references to the server."""

import asyncio
import gc
import weakref
from contextlib import AsyncExitStack
from typing import Any

from starlette.types import Message

from journal_ui.nicegui_patches.request_release import ReleasableRequest


class FakeServer:
    """The server and the middleware around an endpoint."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        return {'type': 'http.request'}

    async def send(self, message: Message) -> None:
        self.sent.append(message)


def test_messages_pass_through_before_the_release() -> None:
    server = FakeServer()
    request = ReleasableRequest({}, server.receive, server.send)
    assert asyncio.run(request.receive()) == {'type': 'http.request'}
    asyncio.run(request.send({'type': 'http.response.start'}))
    assert server.sent == [{'type': 'http.response.start'}]


def test_nothing_refers_to_the_server_after_the_release() -> None:
    server = FakeServer()
    scope: dict[str, Any] = {'path': '/messages', 'stack': AsyncExitStack()}
    request = ReleasableRequest(scope, server.receive, server.send)
    server_reference = weakref.ref(server)
    request.release()
    del server
    gc.collect()
    assert server_reference() is None
    assert scope == {'path': '/messages'}


def test_after_the_release_the_client_is_disconnected() -> None:
    server = FakeServer()
    request = ReleasableRequest({}, server.receive, server.send)
    request.release()
    assert asyncio.run(request.receive()) == {'type': 'http.disconnect'}
    asyncio.run(request.send({'type': 'http.response.body'}))
    assert not server.sent
