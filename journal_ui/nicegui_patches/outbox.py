"""Sends the updates and messages of a page to its browser at once, and sleeps while there are none.

Reason: NiceGUI's outbox wakes up every second on each page to check whether it has to stop, and its way through
socket.io creates a task for each message.
Private part: `nicegui.client.Outbox`, the name by which a page creates its outbox; the attributes of
`nicegui.outbox.Outbox`, whose methods `loop` and `_emit` are replaced; `Element._to_dict`; and the functions of
python-socketio that `_emit` calls. On Air, NiceGUI's tunnel, is not supported.
Gain: 0.3 to 0.6 % of a core for 100 idle pages, and 10 to 12 KB of memory for each open page
(`python -m tests.benchmarks.patch_gains outbox`).
Contract test: tests/journal_ui/nicegui_patches/test_patch_contracts.py.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import nicegui.client
from engineio.exceptions import SocketIsClosedError  # type: ignore[import-untyped]
from nicegui import Client, core, outbox
from nicegui.dependencies import JsComponent
from nicegui.outbox import Deleted, Message

RECONNECT_POLL_INTERVAL: Final = 0.1
"""Seconds between two checks whether the browser is connected, while a message waits."""


def install() -> None:
    """Make the pages that are built from now on use this outbox."""
    nicegui.client.Outbox = Outbox  # type: ignore[attr-defined]


def run_script(client: Client, script: str) -> None:
    """Run a script in a page without waiting for its result.

    `Client.run_javascript` would create a task and a random identifier for each script.
    """
    if not client.is_deleted:
        client.outbox.enqueue_message('run_javascript', {'code': script}, client.id)


class Outbox(outbox.Outbox):
    """An outbox without a timer."""

    async def loop(self) -> None:
        """Send updates and messages until the page is deleted."""
        self._enqueue_event = has_updates = asyncio.Event()
        has_updates.set()
        while not self._should_stop:
            await has_updates.wait()
            client = self._client()
            if client is None:
                return
            if not client.has_socket_connection:
                await asyncio.sleep(RECONNECT_POLL_INTERVAL)
                continue
            has_updates.clear()
            with _report_exceptions():
                for message in self._drain(client.id):
                    with _report_exceptions():
                        await self._emit(message)

    def _drain(self, client_id: str) -> list[Message]:
        """Remove and return all waiting messages: updates of elements first, because scripts may refer to them."""
        batch: list[Message] = []
        if elements := dict(self.updates):
            self.updates.clear()
            components = (element.component for element in elements.values() if not isinstance(element, Deleted))
            js_components = {each.name: each for each in components if isinstance(each, JsComponent)}
            if missing := [each for name, each in js_components.items() if name not in self._loaded_components]:
                payload = [{'key': each.key, 'tag': each.tag} for each in missing]
                batch.append((client_id, 'load_js_components', {'components': payload}))
                self._loaded_components.update(js_components)
            element_updates: dict[int, Any] = {
                id: None if isinstance(element, Deleted) else element._to_dict() for id, element in elements.items()
            }
            batch.append((client_id, 'update', element_updates))
        batch += self.messages
        self.messages.clear()
        return batch

    async def _emit(self, message: Message) -> None:
        """Send a message, and store it until the browser acknowledges it."""
        client_id, kind, payload = message
        payload['_id'] = self.next_message_id
        packet = core.sio.packet_class(data=[kind, payload], binary=False).encode()
        for _, socket in core.sio.manager.get_participants('/', client_id):
            with suppress(SocketIsClosedError):
                await core.sio.eio.send(socket, packet)
        self.message_history.append((self.next_message_id, time.time(), message))
        if len(self.message_history) > core.app.config.message_history_length:
            self.message_history.popleft()
        self.next_message_id += 1


@contextmanager
def _report_exceptions() -> Iterator[None]:
    """Pass an exception to NiceGUI's handlers and continue."""
    try:
        yield
    except Exception as error:
        core.app.handle_exception(error)
