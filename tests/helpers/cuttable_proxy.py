"""The wire between a browser and the program, which a story may cut and mend."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

CHUNK = 1 << 16


class Wire:
    """Carries every connection to its own port on to the program's; a context manager."""

    def __init__(self, port: int) -> None:
        """Prepare a wire to the program at `port` of this machine."""
        self._far = ('127.0.0.1', port)
        self._whole = True
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.url = f'http://127.0.0.1:{self._listener.getsockname()[1]}'
        """Where a browser finds the program through this wire."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        # Closing alone does not wake a thread that accepts.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def cut(self) -> None:
        """Break what is connected, and let nothing through from now on."""
        with self._lock:
            self._whole = False
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._connections.clear()

    def mend(self) -> None:
        """Let new connections through again."""
        with self._lock:
            self._whole = True

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(self._far)
        except OSError:
            near.close()
            return
        with self._lock:
            if not self._whole:
                near.close()
                far.close()
                return
            self._connections |= {near, far}
        back = threading.Thread(target=self._carry, args=(far, near), daemon=True)
        back.start()
        self._carry(near, far)
        back.join()
        with self._lock:
            self._connections -= {near, far}
        near.close()
        far.close()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
