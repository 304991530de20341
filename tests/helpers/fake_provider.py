"""The server of a provider that returns a prepared response: correct, wrong, late or none."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class CannedResponse:
    """The response of a server, its delay in seconds, and the number of requests so far."""

    body: bytes = b''
    status: int = 200
    delay: float = 0.0
    request_count: int = 0


@contextmanager
def fake_provider(tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, CannedResponse]]:
    """Run the server of a provider; return its URL, and its response, which the test may change."""
    with _serve(tls) as (server, response):
        yield f'http{"s" if tls else ""}://127.0.0.1:{server.server_port}/balance', response


@contextmanager
def fake_proxy(tls: ssl.SSLContext) -> Iterator[tuple[str, CannedResponse]]:
    """Run an HTTP proxy that responds in the name of every host; `tls` holds the certificates of the hosts."""
    with _serve(inside=tls) as (server, response):
        yield f'http://127.0.0.1:{server.server_port}', response


@contextmanager
def _serve(
    tls: ssl.SSLContext | None = None, inside: ssl.SSLContext | None = None
) -> Iterator[tuple[ThreadingHTTPServer, CannedResponse]]:
    response, stopped = CannedResponse(), threading.Event()

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
            response.request_count += 1
            stopped.wait(response.delay)
            self.send_response(response.status)
            if response.status == 302:
                self.send_header('location', 'http://127.0.0.1:9/elsewhere')
            self.end_headers()
            self.wfile.write(response.body)

        def log_message(self, *_: object) -> None:
            """Print nothing on the terminal of the tests."""

    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server, response
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
