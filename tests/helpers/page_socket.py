"""A socket of an open page that sends any frame, as an attacker with a session could."""

import json
import re
import ssl
import time
from contextlib import AbstractContextManager
from itertools import count
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx
from websockets.exceptions import ConnectionClosed, ConnectionClosedError
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

ELEMENTS = re.compile(r'parseElements\(String\.raw`(.*?)`\)', re.DOTALL)
ESCAPES = {'&#36;': '$', '&#96;': '`', '&gt;': '>', '&lt;': '<', '&amp;': '&'}
ANSWER_SECONDS = 10.0
TLS_ATTEMPTS = 5
TLS_OPEN_SECONDS = 5.0


class PageSocket(AbstractContextManager['PageSocket']):
    """An open page and its socket; a context manager."""

    def __init__(self, client: httpx.Client, path: str = '/messages') -> None:
        """Load a page by a client that has signed in."""
        self.client = client
        page = client.get(path).text
        match = re.search(r'client_id\W+([0-9a-f-]{36})', page)
        assert match, page[:1000]
        self.id = match[1]
        found = ELEMENTS.search(page)
        assert found
        escaped = found[1]
        for mark, character in ESCAPES.items():
            escaped = escaped.replace(mark, character)
        self.elements: dict[str, dict[str, Any]] = json.loads(escaped)
        self._socket: ClientConnection | None = None
        self._edit_numbers = count(1)

    def __enter__(self) -> Self:
        self._socket = open_socket(self.client, self.id)
        self._socket.recv()
        self.send('40')
        while not self.receive().startswith('40'):
            pass
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._socket
        self._socket.close()

    def send(self, frame: str | bytes) -> None:
        """Send a frame as it is; a closed socket is no error."""
        assert self._socket
        try:
            self._socket.send(frame)
        except ConnectionClosed:
            return

    def emit(self, name: str, **payload: object) -> None:
        """Send an event of Socket.IO for this page, unless `client_id` names another one."""
        self.send(f'42{json.dumps([name, {"client_id": self.id, **payload}])}')

    def event_frame(self, label: str, event: str, *args: object) -> str:
        """Return the frame of an event of the element with a label, an accessible name or a text."""
        id, element = next(
            (id, each)
            for id, each in self.elements.items()
            if label in (each.get('props', {}).get('label'), each.get('props', {}).get('aria-label'), each.get('text'))
        )
        listener = next(each['listener_id'] for each in element['events'] if each['type'] == event)
        payload = {'id': int(id), 'client_id': self.id, 'listener_id': listener, 'args': [json.dumps(a) for a in args]}
        return f'42{json.dumps(["event", payload])}'

    def edit_frame(self, label: str, value: object) -> str:
        """Return the frame that a control with a label sends when a user enters a value."""
        return self.event_frame(label, 'edit', value, next(self._edit_numbers))

    def receive(self, seconds: float = ANSWER_SECONDS) -> str:
        """Return the next frame.

        Raises:
            TimeoutError: none has arrived.
            ConnectionClosed: the server has closed the socket.
        """
        assert self._socket
        return str(self._socket.recv(seconds))

    def frames(self, seconds: float) -> list[str]:
        """Return all frames that arrive within a time, or until the server closes the socket."""
        found, deadline = [], time.monotonic() + seconds
        try:
            while (left := deadline - time.monotonic()) > 0:
                found.append(self.receive(left))
        except (TimeoutError, ConnectionClosed):
            pass
        return found

    def wait_for(self, mark: str) -> str:
        """Return the next frame that contains a text."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while mark not in (frame := self.receive(max(deadline - time.monotonic(), 0))):
            pass
        return frame

    def close_code(self) -> int | None:
        """Wait until the server closes the socket, and return the status; None if it does not."""
        self.frames(ANSWER_SECONDS)
        assert self._socket
        return self._socket.close_code


def open_socket(client: httpx.Client, page: str, *, origin: str = '', **changes: str) -> ClientConnection:
    """Connect to the socket of a page with the cookies of a client; raises InvalidStatus if that is refused."""
    url = str(client.base_url).rstrip('/')
    query = {
        'EIO': '4',
        'transport': 'websocket',
        'client_id': page,
        'tab_id': 'tab',
        'document_id': 'document',
        'next_message_id': '0',
        'implicit_handshake': 'true',
        **changes,
    }
    cookies = '; '.join(f'{cookie.name}={cookie.value}' for cookie in client.cookies.jar)
    for _ in range(TLS_ATTEMPTS - 1 if url.startswith('https') else 0):
        try:
            return _connect(url, query, cookies, origin)
        except (ConnectionClosedError, TimeoutError):
            continue  # the library reads and writes in two threads, which OpenSSL sometimes fails at
    return _connect(url, query, cookies, origin)


def _connect(url: str, query: dict[str, str], cookies: str, origin: str) -> ClientConnection:
    context = None
    if url.startswith('https'):
        context = ssl._create_unverified_context()
        # In TLS 1.3 the server sends tickets while the client writes its request, which the two threads do not survive.
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    return connect(
        f'{url.replace("http", "ws", 1)}/_nicegui_ws/socket.io/?{urlencode(query)}',
        origin=Origin(origin or url),
        ssl=context,
        open_timeout=TLS_OPEN_SECONDS if context else ANSWER_SECONDS,
        additional_headers={'Cookie': cookies} if cookies else None,
        compression=None,
        max_size=None,
        legacy=True,  # open until `close`
    )
