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

from journal_ui.layout.page_layout import Viewer, frame
from journal_ui.layout.user_preferences import Preferences
from journal_ui.nicegui_patches import gc_tuning
from journal_ui.pages import error_pages
from journal_ui.security import browser_sessions, security_headers
from journal_ui.security.sign_in_audit import Door, address
from models import Role
from services import texts
from services.accounts.accounts import Accounts, Duty, Person
from services.accounts.sessions import Sessions, SignedIn
from services.lists.query_protocol import Busy, Unavailable

LOGIN: Final = '/login'
LOGOUT: Final = '/logout'
OPEN: Final = frozenset({LOGIN, '/favicon.ico'})
DUTIES: Final = {
    Duty.CODE: '/login/code',
    Duty.FIRST_PASSWORD: '/account/password',
    Duty.OLD_PASSWORD: '/account/password',
    Duty.SECOND_FACTOR: '/account/factor',
}
"""The only page that opens for one who has something to do first."""
ASSETS: Final = f'/_nicegui/{nicegui_version}/'
"""Scripts and styles of the framework: the same for everybody, and nothing of ours."""
SOCKET: Final = '/_nicegui_ws/'
READING: Final = frozenset({'GET', 'HEAD'})
LONGEST_ADDRESS: Final = 2000
Build = Callable[[Viewer], Awaitable[Response | None] | Response | None]
"""Draws a page, or gives the answer that stands in its place."""


class Guard:
    """Lets the signed-in through, each to the pages of his role."""

    def __init__(self, accounts: Accounts, living: Sessions, door: Door, iemk_url: str = '') -> None:
        """Guard every route of the program from now on; `door` hears of refusals; see Viewer for `iemk_url`."""
        self._accounts = accounts
        self._door = door
        self._iemk_url = iemk_url
        app.add_middleware(_Gate, living=living)

    async def viewer(self, request: Request) -> Viewer:
        """Give who looks at the page that answers this request."""
        signed: SignedIn = request.state.signed
        preferences = await Preferences.of(self._accounts, signed.person.id)
        return Viewer(signed.person, preferences, self._iemk_url, address(request), signed.duty is None)

    def page(self, path: str, build: Build, *, roles: Collection[Role] = frozenset(Role)) -> None:
        """Make `build` draw the page at `path` for people with one of `roles`; others are told why not."""

        @ui.page(path)
        async def guarded(request: Request) -> Response | None:
            viewer = await self.viewer(request)
            if viewer.person.role not in roles:
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
    leaves = parts.scheme or parts.netloc or parts.path.rstrip('/') in {LOGIN, LOGOUT, DUTIES[Duty.CODE]}
    return '/' if leaves else text


def _refuse(viewer: Viewer, roles: Collection[Role]) -> None:
    """Draw the page of one who is signed in and may not be here (spec S1)."""
    ui.context.client.status_code = HTTPStatus.FORBIDDEN
    with frame(texts.FORBIDDEN_TITLE, viewer):
        opened = texts.FORBIDDEN_TO[len(roles) > 1].format(roles=texts.FORBIDDEN_AND.join(sorted(roles)))
        error_pages.plain(texts.FORBIDDEN_TITLE, texts.FORBIDDEN_NEXT.format(opened=opened, role=viewer.person.role))


class _Gate:
    """ASGI middleware inside NiceGUI's own: the session's cookie has been read by now."""

    def __init__(self, inner: ASGIApp, living: Sessions) -> None:
        self._inner = inner
        self._living = living

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] == 'lifespan':
            return await self._inner(scope, receive, send)
        path = scope['path']
        answer: Response | None = None
        if path.startswith(SOCKET):
            client_id = _client_id(scope)
            if not _from_our_socket(scope) or not _own_socket(scope, client_id):
                answer = _not_yours()
            receive = browser_sessions.watched(receive, self._living, client_id)
        elif scope['type'] == 'websocket':
            answer = _not_yours()
        elif path.startswith(ASSETS):
            send = security_headers.asset(scope, send)
        else:
            answer = await self._admit(scope)
            if answer is None:
                return await self._answer(scope, gc_tuning.Way(scope, receive, send))
            send = security_headers.guarded(scope, send)
        if answer is None:
            return await self._inner(scope, receive, send)
        if scope['type'] == 'websocket':
            # Closing before accepting: the server turns it into 403.
            return await send({'type': 'websocket.close', 'code': 1008})
        return await answer(scope, receive, send)

    async def _answer(self, scope: Scope, way: gc_tuning.Way) -> None:
        """Have a page, or whatever else is no file of the framework's, answer a request that was let through."""
        try:
            await self._inner(scope, way.receive, security_headers.guarded(scope, way.send))
        finally:
            way.end()

    async def _admit(self, scope: Scope) -> Response | None:
        """Let a request through with its session, or answer it."""
        headers, path = Headers(scope=scope), scope['path']
        if scope['method'] not in READING and not _from_our_pages(headers):
            return PlainTextResponse(texts.FOREIGN_FORM, HTTPStatus.FORBIDDEN)
        try:
            signed = await self._living.find(browser_sessions.identifier(scope))
        except (Unavailable, Busy):
            return PlainTextResponse(
                texts.UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE, {'Retry-After': '5', 'Cache-Control': 'no-store'}
            )
        duty = signed.duty if signed else None
        person: Person | None = signed.person if signed and duty is not Duty.CODE else None
        scope.setdefault('state', {}).update(signed=signed, person=person)
        if signed:
            self._living.touch(signed.key)
            if scope['method'] not in READING:
                browser_sessions.going(signed, path)
            if duty is None or path in OPEN | {LOGOUT, DUTIES[duty]}:
                return None
        elif path in OPEN:
            return None
        if 'text/html' not in headers.get('accept', ''):
            return PlainTextResponse(texts.DUTY_FIRST if duty else texts.SIGN_IN_FIRST, HTTPStatus.UNAUTHORIZED)
        return RedirectResponse(_on_the_way(scope, DUTIES[duty] if duty else LOGIN), HTTPStatus.SEE_OTHER)


def _not_yours() -> Response:
    return PlainTextResponse(texts.SIGN_IN_FIRST, HTTPStatus.FORBIDDEN)


def _on_the_way(scope: Scope, page: str) -> str:
    """Give the address of a page that has to be passed first, and leads back to where this request was going."""
    query = scope['query_string'].decode('latin-1')
    target = local_path(scope['path'] + (f'?{query}' if query else '')) if scope['method'] in READING else '/'
    return page if target == '/' else f'{page}?redirect_to={quote(target, safe="/")}'


def _client_id(scope: MutableMapping[str, Any]) -> str:
    query: str = scope['query_string'].decode('latin-1')
    return parse_qs(query).get('client_id', [''])[0]


def _own_socket(scope: MutableMapping[str, Any], client_id: str) -> bool:
    """Say whether a socket comes from the session that its page was built for.

    Pages are built for the signed-in alone, so that nobody else gets a socket. The sign-in page is built for nobody and
    holds nothing of anybody: two tabs that come to it at once begin two sessions, of which one stays. A page that is
    not known any more passes: NiceGUI itself has it load anew.
    """
    client = Client.instances.get(client_id)
    if client is None:
        return bool(client_id)
    if browser_sessions.signed_in(client) is None:
        return True
    return browser_sessions.identifier(scope) == browser_sessions.identifier(client.request.scope)


def _from_our_socket(scope: MutableMapping[str, Any]) -> bool:
    """Say whether a socket, or the polling that stands in for one, was begun by a page of ours.

    A browser names the origin of each socket and each POST. For a GET to the page's own host it names none, and says
    that it is one where the host is its own machine or comes by TLS; elsewhere the cookie's SameSite guards.
    """
    headers = Headers(scope=scope)
    if 'origin' in headers:
        return urlsplit(headers['origin']).netloc == headers.get('host')
    if scope['type'] == 'websocket' or scope['method'] not in READING:
        return False
    return headers.get('sec-fetch-site', 'same-origin') == 'same-origin'


def _from_our_pages(headers: Headers) -> bool:
    """Say whether a form was sent from a page of ours; where a browser does not tell, SameSite guards."""
    if 'sec-fetch-site' in headers:
        return headers['sec-fetch-site'] in {'same-origin', 'none'}
    origin = headers.get('origin')
    return origin is None or urlsplit(origin).netloc == headers.get('host')
