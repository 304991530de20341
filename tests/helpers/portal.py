"""Another application of the same host: a portal with one page, which records what reaches it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

PORTAL_PAGE = '<!doctype html><title>Портал</title><link rel="icon" href="data:,"><h1>Портал</h1>'


class Portal(ThreadingHTTPServer):
    """The other application: it records every request that reaches it."""

    def __init__(self) -> None:
        """Listen on a free port."""
        super().__init__(('127.0.0.1', 0), PortalHandler)
        self.requests: list[tuple[str, str]] = []
        """The path and the cookies of each request."""


class PortalHandler(BaseHTTPRequestHandler):
    """Answers every request with the same page, which sets a cookie for the whole host."""

    def do_GET(self) -> None:
        """Answer a request."""
        assert isinstance(self.server, Portal)
        self.server.requests.append((self.path, self.headers.get('Cookie', '')))
        self.send_response(200)
        self.send_header('Content-Type', 'text/html; charset=utf-8')
        self.send_header('Set-Cookie', 'session=portal; Path=/')
        self.end_headers()
        self.wfile.write(PORTAL_PAGE.encode())

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Write nothing into the output of the tests."""


@contextmanager
def running_portal() -> Iterator[Portal]:
    """Run the other application until the end of the block."""
    with Portal() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
