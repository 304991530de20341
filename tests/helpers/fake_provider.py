"""A provider's server, which answers as it is told: well, wrongly, late, or not at all."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """What a server says, how late, and how often it was asked."""

    body: bytes = b''
    status: int = 200
    delay: float = 0.0
    asked: int = 0


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, Answer]]:
    """Run a provider's server; give its address, and what it will answer."""
    with _running(tls) as (server, answer):
        yield f'http{"s" if tls else ""}://127.0.0.1:{server.server_port}/balance', answer


@contextmanager
def standing_between(tls: ssl.SSLContext) -> Iterator[tuple[str, Answer]]:
    """Run a proxy that is itself every host that it is asked for; `tls` has their certificates."""
    with _running(inside=tls) as (server, answer):
        yield f'http://127.0.0.1:{server.server_port}', answer


@contextmanager
def _running(
    tls: ssl.SSLContext | None = None, inside: ssl.SSLContext | None = None
) -> Iterator[tuple[ThreadingHTTPServer, Answer]]:
    answer, gone = Answer(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            assert inside is not None
            self.send_response(200)
            self.end_headers()
            with inside.wrap_socket(self.connection, server_side=True) as wrapped:
                self.rfile, self.wfile = wrapped.makefile('rb'), wrapped.makefile('wb')
                self.handle_one_request()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get('content-length') or 0))
            self.do_GET()

        def do_GET(self) -> None:
            answer.asked += 1
            gone.wait(answer.delay)
            self.send_response(answer.status)
            if answer.status == 302:
                self.send_header('location', 'http://127.0.0.1:9/elsewhere')
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal of the tests."""

    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server, answer
    finally:
        gone.set()
        server.shutdown()
        server.server_close()
