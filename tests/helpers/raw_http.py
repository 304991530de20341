"""HTTP requests as bytes on a connection, which no HTTP client would send."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.helpers.program import Program


@contextmanager
def connection_to(program: Program, timeout: float = 30.0) -> Iterator[socket.socket]:
    """Open a connection to a program; each operation on it takes at most `timeout` seconds."""
    with socket.create_connection(('127.0.0.1', program.port), timeout) as opened:
        yield opened


def read_until_closed(connection: socket.socket) -> bytes:
    """Return what arrives until the server closes the connection; raises TimeoutError if it does not."""
    received = b''
    try:
        while part := connection.recv(65_536):
            received += part
    except (ConnectionResetError, BrokenPipeError):
        pass
    return received


def exchange(program: Program, *parts: bytes) -> bytes:
    """Send the parts of a request, and return the response up to the end of the connection."""
    with connection_to(program) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except (ConnectionResetError, BrokenPipeError):
            pass
        return read_until_closed(connection)


def seconds_until_closed(program: Program, start: bytes, trickle: bytes, interval: float, limit: float) -> float:
    """Send a beginning, and then some bytes again and again; return the seconds until the server closes."""
    with connection_to(program, interval) as connection:
        connection.sendall(start)
        began = time.monotonic()
        while (passed := time.monotonic() - began) < limit:
            try:
                if not connection.recv(65_536):
                    break
            except TimeoutError:
                try:
                    connection.sendall(trickle)
                except OSError:
                    break
            except OSError:
                break
        return passed
