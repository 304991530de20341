"""NiceGUI's socket without the events and the transport that the program does not use, bound to its own page.

Reason: NiceGUI accepts an event for any page from any socket; its event `log` writes into the log of the program
whatever a page sends; long polling needs no WebSocket, and so passes by the guard of sockets
(journal_ui.security.socket_guard). A page that awaits an answer sends the event `probe`, which is answered at once.
Private part: the handlers of `nicegui.core.sio`, `Client._socket_to_document_id`, `Element._event_listeners`; the
settings `transports` and `max_http_buffer_size` of python-engineio.
Gain: none in memory or time; it is needed for security.
Contract test: tests/journal_ui/nicegui_patches/test_private_parts.py.
"""

from typing import Any, Final

from nicegui import Client, app, core

from journal_ui.security.socket_frames import MAX_FRAME_BYTES

NAMESPACE: Final = '/'
LOG_EVENT: Final = 'log'
PROBE_EVENT: Final = 'probe'
TRANSPORT: Final = 'websocket'


def install() -> None:
    """Change NiceGUI's server and what it tells its pages; call this before the server starts."""
    core.sio.handlers[NAMESPACE].pop(LOG_EVENT, None)
    for name in ('event', 'javascript_response', 'ack'):
        original = core.sio.handlers[NAMESPACE][name]
        if not isinstance(original, _OwnPageHandler):
            core.sio.handlers[NAMESPACE][name] = _OwnPageHandler(original)
    core.sio.handlers[NAMESPACE][PROBE_EVENT] = _answer_probe
    core.sio.eio.transports = [TRANSPORT]
    core.sio.eio.max_http_buffer_size = MAX_FRAME_BYTES
    app.config.socket_io_js_transports = [TRANSPORT]


def _answer_probe(socket_id: str, message: dict[str, Any]) -> bool:
    """Answer a page that asks whether the server responds."""
    return True


class _OwnPageHandler:
    """A handler of NiceGUI that is called only for the page of the socket, and only for a listener that exists."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def __call__(self, socket_id: str, message: dict[str, Any]) -> Any:
        client = Client.instances.get(message['client_id'])
        if client is None or socket_id not in client._socket_to_document_id:
            return None
        if 'listener_id' in message:
            element = client.elements.get(message['id'])
            # The browser may not know yet that an element was drawn again, with other listeners.
            if element is None or message['listener_id'] not in element._event_listeners:
                return None
        return self._original(socket_id, message)
