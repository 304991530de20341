"""What a page has to say goes to its socket at once, in order, and is kept until it has come."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from engineio.exceptions import SocketIsClosedError  # type: ignore[import-untyped]
from nicegui import Client, core

from journal_ui.nicegui_patches.outbox import Outbox, run


class Page:
    """A page whose browser is there, and the messages that came to its socket."""

    id = 'page'
    has_socket_connection = True
    is_deleted = False

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.shut = False
        self.outbox = Outbox(cast(Client, self))

    def check_existence(self) -> None:
        """It exists."""

    async def send(self, _: str, written: str) -> None:
        if self.shut:
            raise SocketIsClosedError
        kind, told = json.loads(written.removeprefix('2'))
        self.told.append((kind, told))

    def say(self, *scripts: str) -> None:
        for script in scripts:
            run(cast(Client, self), script)


@pytest.fixture
def on_page(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Page], Awaitable[None]]], None]:
    """Do something on a page, in an event loop of its own."""

    async def work(deed: Callable[[Page], Awaitable[None]]) -> None:
        monkeypatch.setattr(core, 'loop', asyncio.get_running_loop())
        page = Page()
        monkeypatch.setattr(core.sio.manager, 'get_participants', lambda *_: [('', 'socket')])
        monkeypatch.setattr(core.sio, 'eio', SimpleNamespace(send=page.send))
        monkeypatch.setattr(core.app.config, 'message_history_length', 10, raising=False)
        await deed(page)
        page.outbox.stop()
        await asyncio.sleep(0)

    return lambda deed: asyncio.run(work(deed))


async def moment() -> None:
    """Let a few turns of the event loop pass, but no time."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_what_is_said_is_sent_at_once_and_in_order(on_page: Any) -> None:
    async def deed(page: Page) -> None:
        page.say('one', 'two')
        await moment()
        page.say('three')
        await moment()
        said = [(kind, told['code'], told['_id']) for kind, told in page.told]
        assert said == [('run_javascript', word, number) for number, word in enumerate(('one', 'two', 'three'))]

    on_page(deed)


def test_what_has_not_come_is_sent_again_to_the_browser_that_asks(on_page: Any) -> None:
    async def deed(page: Page) -> None:
        page.say('one', 'two', 'three')
        await moment()
        page.outbox.prune_history(1)
        page.outbox.try_rewind(1)
        await moment()
        assert [told['code'] for _, told in page.told] == ['one', 'two', 'three', 'two', 'three']

    on_page(deed)


def test_a_socket_that_has_closed_meanwhile_loses_nothing(on_page: Any) -> None:
    async def deed(page: Page) -> None:
        page.shut = True
        page.say('one')
        await moment()
        page.shut = False
        page.outbox.try_rewind(0)
        await moment()
        assert [told['code'] for _, told in page.told] == ['one']

    on_page(deed)


def test_a_page_that_has_closed_is_told_nothing(on_page: Any) -> None:
    async def deed(page: Page) -> None:
        page.is_deleted = True
        page.say('one')
        await moment()
        assert page.told == []

    on_page(deed)
