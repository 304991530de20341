"""Who may see which address. Whatever is not opened here is refused on the server, pages and sockets alike."""

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import Request
from nicegui import Client, app, ui
from nicegui.version import __version__ as nicegui_version
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from journal_ui import errors, sessions, wire
from journal_ui.door import Door, address
from journal_ui.frame import Viewer, frame
from journal_ui.preferences import Preferences
from models import Role
from services import texts
from services.accounts import Accounts, Person
from services.query import Busy, Unavailable

LOGIN: Final = '/login'
OPEN: Final = frozenset({LOGIN, '/favicon.ico'})
ASSETS: Final = f'/_nicegui/{nicegui_version}/'
"""Scripts and styles of the framework: the same for everybody, and nothing of ours."""
SOCKET: Final = '/_nicegui_ws/'
READING: Final = frozenset({'GET', 'HEAD'})
LONGEST_ADDRESS: Final = 2000

Build = Callable[[Viewer], Awaitable[Response | None] | Response | None]
"""Draws a page, or gives the answer that stands in its place."""


class Guard:
    """Lets the signed-in through, each to the pages of his role."""

    def __init__(self, accounts: Accounts, door: Door, iemk_url: str = '') -> None:
        """Guard every route of the program from now on; `door` hears of refusals; see Viewer for `iemk_url`."""
        self._accounts = accounts
        self._door = door
        self._iemk_url = iemk_url
        app.add_middleware(_Gate, accounts=accounts)

    def page(self, path: str, build: Build, *, roles: Collection[Role] = frozenset(Role)) -> None:
        """Make `build` draw the page at `path` for people with one of `roles`; others are told why not."""

        @ui.page(path)
        async def guarded(request: Request) -> Response | None:
            person: Person = request.state.person
            preferences = await Preferences.of(self._accounts, person.id)
            viewer = Viewer(person, preferences, self._iemk_url, address(request))
            if person.role not in roles:
                await self._door.turned_away(viewer, path)
                _refuse(viewer, roles)
                return None
            drawn = build(viewer)
            return drawn if drawn is None or isinstance(drawn, Response) else await drawn


def local_path(text: str | None) -> str:
    """Give the address to go to after signing in: `text` when it leads to a page of ours, else the main page.

    A browser takes `//host`, `/\\host` and either with a tab inside for the address of another site.
    """
    if not text or not text.startswith('/') or len(text) > LONGEST_ADDRESS:
        return '/'
    if text[1:2] == '/' or any(sign == '\\' or not sign.isprintable() or sign.isspace() for sign in text):
        return '/'
    try:
        parts = urlsplit(text)
    except ValueError:
        return '/'
    leaves = parts.scheme or parts.netloc or parts.path.rstrip('/') in {LOGIN, '/logout'}
    return '/' if leaves else text


def _refuse(viewer: Viewer, roles: Collection[Role]) -> None:
    """Draw the page of one who is signed in and may not be here (spec S1)."""
    ui.context.client.status_code = HTTPStatus.FORBIDDEN
    with frame(texts.FORBIDDEN_TITLE, viewer):
        opened = texts.FORBIDDEN_TO[len(roles) > 1].format(roles=texts.FORBIDDEN_AND.join(sorted(roles)))
        errors.plain(texts.FORBIDDEN_TITLE, texts.FORBIDDEN_NEXT.format(opened=opened, role=viewer.person.role))


class _Gate:
    """ASGI middleware inside NiceGUI's own: the session of the request is known by now."""

    def __init__(self, inner: ASGIApp, accounts: Accounts) -> None:
        self._inner = inner
        self._accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] == 'lifespan':
            return await self._inner(scope, receive, send)
        path = scope['path']
        answer: Response | None = None
        if path.startswith(SOCKET):
            if not _own_socket(scope):
                answer = _not_yours()
        elif scope['type'] == 'websocket':
            answer = _not_yours()
        elif path.startswith(ASSETS):
            send = wire.asset(scope, send)
        else:
            answer = await self._admit(scope)
            send = wire.guarded(scope, send)
        if answer is None:
            return await self._inner(scope, receive, send)
        if scope['type'] == 'websocket':
            # Closing before accepting: the server turns it into 403.
            return await send({'type': 'websocket.close', 'code': 1008})
        return await answer(scope, receive, send)

    async def _admit(self, scope: Scope) -> Response | None:
        """Let a request through with its person, or answer it."""
        headers = Headers(scope=scope)
        if scope['method'] not in READING and not _from_our_pages(headers):
            return PlainTextResponse(texts.FOREIGN_FORM, HTTPStatus.FORBIDDEN)
        try:
            person = await sessions.person(self._accounts)
        except (Unavailable, Busy):
            return PlainTextResponse(
                texts.UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE, {'Retry-After': '5', 'Cache-Control': 'no-store'}
            )
        scope.setdefault('state', {})['person'] = person
        if person or scope['path'] in OPEN:
            return None
        if 'text/html' not in headers.get('accept', ''):
            return PlainTextResponse(texts.SIGN_IN_FIRST, HTTPStatus.UNAUTHORIZED)
        return RedirectResponse(_login_for(scope), HTTPStatus.SEE_OTHER)


def _not_yours() -> Response:
    return PlainTextResponse(texts.SIGN_IN_FIRST, HTTPStatus.FORBIDDEN)


def _login_for(scope: Scope) -> str:
    """Give the address of the sign-in page that leads back to where this request was going."""
    query = scope['query_string'].decode('latin-1')
    target = local_path(scope['path'] + (f'?{query}' if query else '')) if scope['method'] in READING else '/'
    return LOGIN if target == '/' else f'{LOGIN}?redirect_to={quote(target, safe="/")}'


def _own_socket(scope: MutableMapping[str, Any]) -> bool:
    """Say whether a socket comes from the session that its page was built for.

    Pages are built for the signed-in alone, so that nobody else gets a socket. The sign-in page is built for nobody and
    holds nothing of anybody: two tabs that come to it at once begin two sessions, of which one stays. A page that is
    not known any more passes: NiceGUI itself has it load anew.
    """
    client_id = parse_qs(scope['query_string'].decode('latin-1')).get('client_id', [''])[0]
    client = Client.instances.get(client_id)
    if client is None:
        return bool(client_id)
    if client.request.state.person is None:
        return True
    return sessions.identifier(scope) == sessions.identifier(client.request.scope)


def _from_our_pages(headers: Headers) -> bool:
    """Say whether a form was sent from a page of ours; where a browser does not tell, SameSite guards."""
    if 'sec-fetch-site' in headers:
        return headers['sec-fetch-site'] in {'same-origin', 'none'}
    origin = headers.get('origin')
    return origin is None or urlsplit(origin).netloc == headers.get('host')
