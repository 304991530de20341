"""What an open page keeps of the request that it answered."""

import asyncio
import gc
import weakref
from contextlib import AsyncExitStack
from typing import Any

from starlette.types import Message

from journal_ui.nicegui_patches.gc_tuning import Way


class Around:
    """What stands around an answer: the server and the middleware."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        return {'type': 'http.request'}

    async def send(self, message: Message) -> None:
        self.sent.append(message)


def test_a_request_and_its_answer_go_their_way() -> None:
    around = Around()
    way = Way({}, around.receive, around.send)
    assert asyncio.run(way.receive()) == {'type': 'http.request'}
    asyncio.run(way.send({'type': 'http.response.start'}))
    assert around.sent == [{'type': 'http.response.start'}]


def test_nothing_of_the_way_is_kept_once_it_has_ended() -> None:
    around = Around()
    scope: dict[str, Any] = {'path': '/messages', 'stack': AsyncExitStack()}
    way, kept = Way(scope, around.receive, around.send), weakref.ref(around)
    way.end()
    del around
    gc.collect()
    assert kept() is None
    assert scope == {'path': '/messages'}


def test_who_asks_later_hears_that_the_browser_is_gone() -> None:
    around = Around()
    way = Way({}, around.receive, around.send)
    way.end()
    assert asyncio.run(way.receive()) == {'type': 'http.disconnect'}
    asyncio.run(way.send({'type': 'http.response.body'}))
    assert not around.sent
