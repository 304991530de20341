"""The outbox: messages are sent at once and in order, and are stored until the browser acknowledges them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from engineio.exceptions import SocketIsClosedError  # type: ignore[import-untyped]
from nicegui import Client, core

from journal_ui.nicegui_patches.outbox import Outbox, run_script


class FakeClient:
    """A page with a connected browser, and the messages that its socket received."""

    id = 'page'
    has_socket_connection = True
    is_deleted = False

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.is_socket_closed = False
        self.outbox = Outbox(cast(Client, self))

    def check_existence(self) -> None:
        """Raise nothing: the page exists."""

    async def send(self, _: str, packet: str) -> None:
        if self.is_socket_closed:
            raise SocketIsClosedError
        kind, payload = json.loads(packet.removeprefix('2'))
        self.received.append((kind, payload))

    def emit(self, *scripts: str) -> None:
        for script in scripts:
            run_script(cast(Client, self), script)


@pytest.fixture
def run_on_page(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[FakeClient], Awaitable[None]]], None]:
    """Run a scenario on a page, in an event loop of its own."""

    async def work(scenario: Callable[[FakeClient], Awaitable[None]]) -> None:
        monkeypatch.setattr(core, 'loop', asyncio.get_running_loop())
        page = FakeClient()
        monkeypatch.setattr(core.sio.manager, 'get_participants', lambda *_: [('', 'socket')])
        monkeypatch.setattr(core.sio, 'eio', SimpleNamespace(send=page.send))
        monkeypatch.setattr(core.app.config, 'message_history_length', 10, raising=False)
        await scenario(page)
        page.outbox.stop()
        await asyncio.sleep(0)

    return lambda scenario: asyncio.run(work(scenario))


async def run_pending_callbacks() -> None:
    """Run the callbacks that are ready, without a delay."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_messages_are_sent_at_once_and_in_order(run_on_page: Any) -> None:
    async def scenario(page: FakeClient) -> None:
        page.emit('one', 'two')
        await run_pending_callbacks()
        page.emit('three')
        await run_pending_callbacks()
        sent = [(kind, payload['code'], payload['_id']) for kind, payload in page.received]
        assert sent == [('run_javascript', script, number) for number, script in enumerate(('one', 'two', 'three'))]

    run_on_page(scenario)


def test_unacknowledged_messages_are_sent_again_on_request(run_on_page: Any) -> None:
    async def scenario(page: FakeClient) -> None:
        page.emit('one', 'two', 'three')
        await run_pending_callbacks()
        page.outbox.prune_history(1)
        page.outbox.try_rewind(1)
        await run_pending_callbacks()
        assert [payload['code'] for _, payload in page.received] == ['one', 'two', 'three', 'two', 'three']

    run_on_page(scenario)


def test_a_message_to_a_closed_socket_is_sent_again(run_on_page: Any) -> None:
    async def scenario(page: FakeClient) -> None:
        page.is_socket_closed = True
        page.emit('one')
        await run_pending_callbacks()
        page.is_socket_closed = False
        page.outbox.try_rewind(0)
        await run_pending_callbacks()
        assert [payload['code'] for _, payload in page.received] == ['one']

    run_on_page(scenario)


def test_nothing_is_sent_to_a_deleted_page(run_on_page: Any) -> None:
    async def scenario(page: FakeClient) -> None:
        page.is_deleted = True
        page.emit('one')
        await run_pending_callbacks()
        assert page.received == []

    run_on_page(scenario)
