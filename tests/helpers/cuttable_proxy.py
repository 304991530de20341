"""A TCP proxy between a browser and the program, which a test may cut, restore, hold and slow down."""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

CHUNK_BYTES = 1 << 16
WEBSOCKET_REQUEST = re.compile(rb'^GET [^\r\n]+\r\n(?:[^\r\n]+\r\n)*?upgrade: websocket\r\n', re.IGNORECASE)


class CuttableProxy:
    """Forwards every connection on its own port to the program's; a context manager."""

    def __init__(self, port: int) -> None:
        """Prepare to forward to the program at `port` of this machine."""
        self._websockets_released = threading.Event()
        self._websockets_released.set()
        self._answers_released = threading.Event()
        self._answers_released.set()
        self._loses_requests = False
        self.holds_an_answer = False
        """Whether the program has answered since `hold_answers`."""
        self._target = ('127.0.0.1', port)
        self._is_connected = True
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.url = f'http://127.0.0.1:{self._listener.getsockname()[1]}'
        """The URL of the program through the proxy."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release_websockets()
        self.release_answers()
        self.cut()
        # `close` alone does not end an `accept` that another thread waits in.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def cut(self) -> None:
        """Close all connections, and refuse new ones."""
        with self._lock:
            self._is_connected = False
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._connections.clear()

    def restore(self) -> None:
        """Accept connections again, and forward what they send."""
        with self._lock:
            self._is_connected = True
            self._loses_requests = False

    def lose_requests(self) -> None:
        """Lose what the browser sends, as a broken connection does before anybody notices, until `restore`."""
        self._loses_requests = True

    def hold_websockets(self) -> None:
        """Hold the request of each new WebSocket until `release_websockets`."""
        self._websockets_released.clear()

    def release_websockets(self) -> None:
        """Forward the held requests, and hold none from now on."""
        self._websockets_released.set()

    def hold_answers(self) -> None:
        """Hold what the program sends, until `release_answers`; what the browser sends is forwarded."""
        self.holds_an_answer = False
        self._answers_released.clear()

    def release_answers(self) -> None:
        """Forward what is held, and hold nothing from now on."""
        self._answers_released.set()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._target)
        except OSError:
            client.close()
            return
        with self._lock:
            if not self._is_connected:
                client.close()
                server.close()
                return
            self._connections |= {client, server}
        backward = threading.Thread(target=self._forward_answers, args=(server, client), daemon=True)
        backward.start()
        self._forward_requests(client, server)
        backward.join()
        with self._lock:
            self._connections -= {client, server}
        client.close()
        server.close()

    def _forward_requests(self, client: socket.socket, server: socket.socket) -> None:
        with _end_of_connection(server):
            while data := client.recv(CHUNK_BYTES):
                if WEBSOCKET_REQUEST.search(data):
                    self._websockets_released.wait()
                if not self._loses_requests:
                    server.sendall(data)

    def _forward_answers(self, server: socket.socket, client: socket.socket) -> None:
        with _end_of_connection(client):
            while data := server.recv(CHUNK_BYTES):
                self.holds_an_answer = self.holds_an_answer or not self._answers_released.is_set()
                self._answers_released.wait()
                client.sendall(data)


@contextlib.contextmanager
def _end_of_connection(target: socket.socket) -> Iterator[None]:
    """Tell `target` that nothing will follow, also when a connection was closed."""
    with contextlib.suppress(OSError):
        yield
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
