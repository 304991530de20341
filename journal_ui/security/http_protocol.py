"""HTTP connections with time limits and a limit of the size of a head; Uvicorn has neither.

A client that sends nothing, or a byte now and then, would occupy a connection for ever; one that never ends the head of
its request would fill the memory. A reverse proxy has limits of its own, and waits for whole requests.

Depends on the callbacks of Uvicorn's `HttpToolsProtocol` (`asyncio.Protocol` and those of httptools).
Contract test: tests/journal_ui/security/test_http_protocol.py.
"""

from asyncio import TimerHandle, Transport
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from journal_ui.security.socket_frames import MAX_FRAME_BYTES

HEAD_TIMEOUT: Final = 10.0
"""Seconds from the connection, or from the previous response, to the end of the next head."""
BODY_TIMEOUT: Final = 120.0
"""Seconds from the end of a head to the end of its body: the largest one takes 67 s at 1 Mbit/s."""
WRITE_TIMEOUT: Final = 120.0
"""Seconds for which a client may read nothing of a response that waits for it."""
MAX_HEAD_BYTES: Final = 32 * 1024


class LimitedHttpProtocol(HttpToolsProtocol):
    """Closes a connection whose client is too slow, or whose head is too large."""

    _deadline: TimerHandle | None = None
    _write_deadline: TimerHandle | None = None
    _unparsed_bytes = 0
    """Bytes received since the parser last reported a complete head, or a part of a body."""
    _header_bytes = 0
    _is_upgraded = False
    """Whether the connection now belongs to the protocol of sockets."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Start to wait for the first head."""
        super().connection_made(transport)
        self._wait_for(HEAD_TIMEOUT)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers."""
        self._wait_for(None)
        self._stop_write_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived, unless it makes a head too large."""
        self._unparsed_bytes += len(data)
        super().data_received(data)
        if self._unparsed_bytes > MAX_HEAD_BYTES and self.parser is not None and not self.transport.is_closing():
            self._refuse_head()

    def on_message_begin(self) -> None:
        """Count the headers of a new request."""
        self._header_bytes = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header, or one of the trailer after a body."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEAD_BYTES:
            raise ValueError('too many headers')
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to wait for the body."""
        self._unparsed_bytes = 0
        self._wait_for(BODY_TIMEOUT)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Add a part of the body."""
        self._unparsed_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop waiting: the request has arrived."""
        self._unparsed_bytes = 0
        self._wait_for(None)
        super().on_message_complete()
        if self.cycle is None or self.cycle.response_complete:
            self._wait_for(HEAD_TIMEOUT)  # the response came before the end of the body

    def on_response_complete(self) -> None:
        """Start to wait for the next head, unless a body is still on the way."""
        super().on_response_complete()
        if self._is_upgraded:
            # A client that has read the announced length may open a socket on this connection before the response is
            # complete here. Uvicorn would then close that socket after its time for idle connections.
            self._unset_keepalive_if_required()
            return
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and self._deadline is None and not self.transport.is_closing():
            self._wait_for(HEAD_TIMEOUT)

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to the protocol of sockets."""
        self._wait_for(None)
        self._is_upgraded = True
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        """Start to wait for the client to read."""
        super().pause_writing()
        self._stop_write_deadline()
        self._write_deadline = self.loop.call_later(WRITE_TIMEOUT, self._abort)

    def resume_writing(self) -> None:
        """Stop waiting: the client has read."""
        self._stop_write_deadline()
        super().resume_writing()

    def _wait_for(self, seconds: float | None) -> None:
        """Close the connection after a time from now on; None cancels that."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._abort)

    def _stop_write_deadline(self) -> None:
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None

    def _abort(self) -> None:
        """Close the connection without waiting for the client to read the rest."""
        if not self.transport.is_closing():
            self.transport.abort()

    def _refuse_head(self) -> None:
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        lines = (f'HTTP/1.1 {status.value} {status.phrase}', 'content-length: 0', 'connection: close', '', '')
        self.transport.write('\r\n'.join(lines).encode())
        self.transport.close()


def server_options() -> dict[str, Any]:
    """Return the options of Uvicorn that limit connections and sockets."""
    return {'http': LimitedHttpProtocol, 'ws_max_size': MAX_FRAME_BYTES}
