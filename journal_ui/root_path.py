"""The path under which a reverse proxy publishes the program, beside other applications on the same host.

`JOURNAL_ROOT_PATH` is this path, such as `/journal`; it is empty if the program has a host name of its own. The proxy
passes requests on unchanged, with this path. It is the `root_path` of ASGI: routes, links and redirects inside the
program are written without it. Starlette removes it to find a route, NiceGUI adds it to the URLs of its files, of its
socket, and to what `ui.link`, `ui.navigate.to` and `ui.download` lead to, RootPathMiddleware adds it to redirects.
`public_path` adds it to every other URL that goes to a browser.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from nicegui import app
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journal_ui.nicegui_patches.middleware_stack import wrap_application
from services import texts

PREFIX_HEADER: Final = b'x-forwarded-prefix'
"""A header from which NiceGUI would take a further path; a client could send it."""
NO_STORE_HEADERS: Final = {'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff'}


def set_root_path(root_path: str) -> None:
    """Serve the program under a path; call this before anything else is installed."""
    app.root_path = root_path


def install() -> None:
    """Refuse requests for other paths; call this after the pages, the API and the health checks are installed."""
    wrap_application(RootPathMiddleware)


def public_path(url: str) -> str:
    """Return the URL of a page or a file of the program for a browser; a URL of another site is returned unchanged."""
    return f'{app.root_path}{url}' if url.startswith('/') else url


def absolute_url(request: HTTPConnection, path: str, *, tls: bool) -> str:
    """Return the URL of a page of the program, under the name by which the program was reached.

    Args:
        request: the request.
        path: the path of the page, without the root path.
        tls: whether browsers connect by HTTPS.
    """
    scheme = 'https' if tls else request.url.scheme
    return f'{scheme}://{request.url.netloc}{public_path(path)}'


def program_path(scope: Mapping[str, Any]) -> str:
    """Return the path of a request as the routes of the program name it."""
    return str(scope['path']).removeprefix(app.root_path)


class RootPathMiddleware:
    """Refuses requests for other paths than those of the program, and adds its root path to redirects."""

    def __init__(self, asgi_app: ASGIApp) -> None:
        self._asgi_app = asgi_app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request for a path of the program; see ASGI."""
        if scope['type'] == 'lifespan':
            return await self._asgi_app(scope, receive, send)
        scope['headers'] = [header for header in scope['headers'] if header[0] != PREFIX_HEADER]
        root_path = app.root_path
        if not root_path:
            return await self._asgi_app(scope, receive, send)
        path = scope['path']
        if path.startswith(f'{root_path}/'):
            return await self._asgi_app(scope, receive, _with_public_redirects(send))
        if scope['type'] == 'websocket':
            return await send({'type': 'websocket.close', 'code': 1008})
        response = (
            RedirectResponse(f'{root_path}/', HTTPStatus.PERMANENT_REDIRECT, NO_STORE_HEADERS)
            if path == root_path
            else PlainTextResponse(
                texts.OUTSIDE_ROOT_PATH.format(path=f'{root_path}/'), HTTPStatus.NOT_FOUND, NO_STORE_HEADERS
            )
        )
        return await response(scope, receive, send)


def _with_public_redirects(send: Send) -> Send:
    """Return a `send` that adds the root path to redirects to pages of the program."""

    async def send_with_root_path(message: Message) -> None:
        if message['type'] == 'http.response.start':
            headers = MutableHeaders(scope=message)
            if 'location' in headers:
                headers['location'] = public_path(headers['location'])
        await send(message)

    return send_with_root_path
