"""What has changed on a page, on its way to the browser.

NiceGUI's own outbox looks every second whether it has to end, which a thousand idle pages pay for with an eighth of a
core, and makes a task of each message.
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

UNCONNECTED: Final = 0.1
"""Seconds between two looks whether the browser is there, while something waits for it."""


def install() -> None:
    """Have the pages built from now on send in this manner."""
    nicegui.client.Outbox = Outbox  # type: ignore[attr-defined]


def run(client: Client, script: str) -> None:
    """Run a script in a page, which nobody waits for: NiceGUI makes a task of such a script, and a random number."""
    if not client.is_deleted:
        client.outbox.enqueue_message('run_javascript', {'code': script}, client.id)


class Outbox(outbox.Outbox):
    """Sends at once, and sleeps while there is nothing to send."""

    async def loop(self) -> None:
        """Send whatever comes, for as long as the page lives."""
        self._enqueue_event = something = asyncio.Event()
        something.set()
        while not self._should_stop:
            await something.wait()
            client = self._client()
            if client is None:
                return
            if not client.has_socket_connection:
                await asyncio.sleep(UNCONNECTED)
                continue
            something.clear()
            with _told():
                for message in self._take(client.id):
                    with _told():
                        await self._emit(message)

    def _take(self, client_id: str) -> list[Message]:
        """Take all that waits: elements before scripts, which may be about them."""
        taken: list[Message] = []
        if elements := dict(self.updates):
            self.updates.clear()
            used = (element.component for element in elements.values() if not isinstance(element, Deleted))
            new = {each.name: each for each in used if isinstance(each, JsComponent)}
            if missing := [each for name, each in new.items() if name not in self._loaded_components]:
                told = [{'key': each.key, 'tag': each.tag} for each in missing]
                taken.append((client_id, 'load_js_components', {'components': told}))
                self._loaded_components.update(new)
            drawn: dict[int, Any] = {
                id: None if isinstance(element, Deleted) else element._to_dict() for id, element in elements.items()
            }
            taken.append((client_id, 'update', drawn))
        taken += self.messages
        self.messages.clear()
        return taken

    async def _emit(self, message: Message) -> None:
        """Hand a message to the page's socket, and keep it until the browser says that it has come."""
        client_id, kind, told = message
        told['_id'] = self.next_message_id
        written = core.sio.packet_class(data=[kind, told], binary=False).encode()
        for _, socket in core.sio.manager.get_participants('/', client_id):
            with suppress(SocketIsClosedError):
                await core.sio.eio.send(socket, written)
        self.message_history.append((self.next_message_id, time.time(), message))
        if len(self.message_history) > core.app.config.message_history_length:
            self.message_history.popleft()
        self.next_message_id += 1


@contextmanager
def _told() -> Iterator[None]:
    """Tell the program of what goes wrong, and go on."""
    try:
        yield
    except Exception as error:
        core.app.handle_exception(error)
