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

from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.user_preferences import UserPreferences
from journal_ui.layout.viewer import Viewer
from journal_ui.nicegui_patches.request_release import ReleasableRequest
from journal_ui.pages import error_pages
from journal_ui.security import browser_sessions, security_headers
from journal_ui.security.sign_in_audit import SignInAudit, client_ip
from models import Role
from services import texts
from services.accounts.accounts import Accounts, Identity, RequiredStep
from services.accounts.sessions import ActiveSession, Sessions
from services.errors import DatabaseError

LOGIN_PATH: Final = '/login'
LOGOUT_PATH: Final = '/logout'
PUBLIC_PATHS: Final = frozenset({LOGIN_PATH, '/favicon.ico'})
REQUIRED_STEP_PATHS: Final = {
    RequiredStep.CODE: '/login/code',
    RequiredStep.FIRST_PASSWORD: '/account/password',
    RequiredStep.EXPIRED_PASSWORD: '/account/password',
    RequiredStep.SECOND_FACTOR: '/account/factor',
}
"""The only page that opens for one who has something to do first."""
ASSETS_PREFIX: Final = f'/_nicegui/{nicegui_version}/'
"""Scripts and styles of the framework: the same for everybody, and nothing of ours."""
SOCKET_PREFIX: Final = '/_nicegui_ws/'
SAFE_METHODS: Final = frozenset({'GET', 'HEAD'})
MAX_REDIRECT_LENGTH: Final = 2000
PageBuilder = Callable[[Viewer], Awaitable[Response | None] | Response | None]
"""Draws a page, or gives the answer that stands in its place."""


class ProtectedPages:
    """Lets the signed-in through, each to the pages of his role."""

    def __init__(
        self, accounts: Accounts, session_service: Sessions, sign_in_audit: SignInAudit, iemk_url: str = ''
    ) -> None:
        """Guard every route of the program from now on; `door` hears of refusals; see Viewer for `iemk_url`."""
        self._accounts = accounts
        self._sign_in_audit = sign_in_audit
        self._iemk_url = iemk_url
        app.add_middleware(_AuthMiddleware, session_service=session_service)

    async def viewer_for(self, request: Request) -> Viewer:
        """Give who looks at the page that answers this request."""
        signed: ActiveSession = request.state.signed
        preferences = await UserPreferences.load(self._accounts, signed.identity.id)
        return Viewer(signed.identity, preferences, self._iemk_url, client_ip(request), signed.required_step is None)

    def add_page(self, path: str, build_page: PageBuilder, *, roles: Collection[Role] = frozenset(Role)) -> None:
        """Make `build` draw the page at `path` for people with one of `roles`; others are told why not."""

        @ui.page(path)
        async def serve_page(request: Request) -> Response | None:
            viewer = await self.viewer_for(request)
            if viewer.person.role not in roles:
                await self._sign_in_audit.record_forbidden_page(viewer, path)
                _draw_forbidden_page(viewer, roles)
                return None
            result = build_page(viewer)
            return result if result is None or isinstance(result, Response) else await result


def safe_redirect_path(target: str | None) -> str:
    """Give the address to go to after signing in: `text` when it leads to a page of ours, else the main page.

    A browser takes `//host`, `/\\host` and either with a tab inside for the address of another site.
    """
    if not target or not target.startswith('/') or len(target) > MAX_REDIRECT_LENGTH:
        return '/'
    if target[1:2] == '/' or any(
        character == '\\' or not character.isprintable() or character.isspace() for character in target
    ):
        return '/'
    try:
        parts = urlsplit(target)
    except ValueError:
        return '/'
    is_unsafe = (
        parts.scheme
        or parts.netloc
        or parts.path.rstrip('/') in {LOGIN_PATH, LOGOUT_PATH, REQUIRED_STEP_PATHS[RequiredStep.CODE]}
    )
    return '/' if is_unsafe else target


def _draw_forbidden_page(viewer: Viewer, roles: Collection[Role]) -> None:
    """Draw the page of one who is signed in and may not be here (spec S1)."""
    ui.context.client.status_code = HTTPStatus.FORBIDDEN
    with page_layout(texts.FORBIDDEN_TITLE, viewer):
        allowed_roles_text = texts.FORBIDDEN_TO[len(roles) > 1].format(roles=texts.FORBIDDEN_AND.join(sorted(roles)))
        error_pages.draw_message(
            texts.FORBIDDEN_TITLE,
            texts.FORBIDDEN_NEXT.format(allowed_roles=allowed_roles_text, role=viewer.person.role),
        )


class _AuthMiddleware:
    """ASGI middleware inside NiceGUI's own: the session's cookie has been read by now."""

    def __init__(self, asgi_app: ASGIApp, session_service: Sessions) -> None:
        self._asgi_app = asgi_app
        self._session_service = session_service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] == 'lifespan':
            return await self._asgi_app(scope, receive, send)
        path = scope['path']
        response: Response | None = None
        if path.startswith(SOCKET_PREFIX):
            client_id = _client_id(scope)
            if not _is_same_origin_socket(scope) or not _socket_matches_session(scope, client_id):
                response = _forbidden_response()
            receive = browser_sessions.track_activity(receive, self._session_service, client_id)
        elif scope['type'] == 'websocket':
            response = _forbidden_response()
        elif path.startswith(ASSETS_PREFIX):
            send = security_headers.with_asset_headers(scope, send)
        else:
            response = await self._authenticate(scope)
            if response is None:
                return await self._serve(scope, ReleasableRequest(scope, receive, send))
            send = security_headers.with_page_headers(scope, send)
        if response is None:
            return await self._asgi_app(scope, receive, send)
        if scope['type'] == 'websocket':
            # Closing before accepting: the server turns it into 403.
            return await send({'type': 'websocket.close', 'code': 1008})
        return await response(scope, receive, send)

    async def _serve(self, scope: Scope, channel: ReleasableRequest) -> None:
        """Have a page, or whatever else is no file of the framework's, answer a request that was let through."""
        try:
            await self._asgi_app(scope, channel.receive, security_headers.with_page_headers(scope, channel.send))
        finally:
            channel.release()

    async def _authenticate(self, scope: Scope) -> Response | None:
        """Let a request through with its session, or answer it."""
        headers, path = Headers(scope=scope), scope['path']
        if scope['method'] not in SAFE_METHODS and not _is_same_origin_form(headers):
            return PlainTextResponse(texts.CROSS_SITE_REQUEST, HTTPStatus.FORBIDDEN)
        try:
            signed = await self._session_service.find(browser_sessions.session_identifier(scope))
        except DatabaseError:
            return PlainTextResponse(
                texts.DATABASE_DOWN, HTTPStatus.SERVICE_UNAVAILABLE, {'Retry-After': '5', 'Cache-Control': 'no-store'}
            )
        required_step = signed.required_step if signed else None
        person: Identity | None = signed.identity if signed and required_step is not RequiredStep.CODE else None
        scope.setdefault('state', {}).update(signed=signed, person=person)
        if signed:
            self._session_service.watcher.record_activity(signed.key)
            if scope['method'] not in SAFE_METHODS:
                browser_sessions.mark_form_sent(signed, path)
            if required_step is None or path in PUBLIC_PATHS | {LOGOUT_PATH, REQUIRED_STEP_PATHS[required_step]}:
                return None
        elif path in PUBLIC_PATHS:
            return None
        if 'text/html' not in headers.get('accept', ''):
            return PlainTextResponse(
                texts.FINISH_SIGN_IN_FIRST if required_step else texts.SIGN_IN_REQUIRED, HTTPStatus.UNAUTHORIZED
            )
        return RedirectResponse(
            _with_return_path(scope, REQUIRED_STEP_PATHS[required_step] if required_step else LOGIN_PATH),
            HTTPStatus.SEE_OTHER,
        )


def _forbidden_response() -> Response:
    return PlainTextResponse(texts.SIGN_IN_REQUIRED, HTTPStatus.FORBIDDEN)


def _with_return_path(scope: Scope, page_path: str) -> str:
    """Give the address of a page that has to be passed first, and leads back to where this request was going."""
    query = scope['query_string'].decode('latin-1')
    target = (
        safe_redirect_path(scope['path'] + (f'?{query}' if query else '')) if scope['method'] in SAFE_METHODS else '/'
    )
    return page_path if target == '/' else f'{page_path}?redirect_to={quote(target, safe="/")}'


def _client_id(scope: MutableMapping[str, Any]) -> str:
    query: str = scope['query_string'].decode('latin-1')
    return parse_qs(query).get('client_id', [''])[0]


def _socket_matches_session(scope: MutableMapping[str, Any], client_id: str) -> bool:
    """Say whether a socket comes from the session that its page was built for.

    Pages are built for the signed-in alone, so that nobody else gets a socket. The sign-in page is built for nobody and
    holds nothing of anybody: two tabs that come to it at once begin two sessions, of which one stays. A page that is
    not known any more passes: NiceGUI itself has it load anew.
    """
    client = Client.instances.get(client_id)
    if client is None:
        return bool(client_id)
    if browser_sessions.session_of_page(client) is None:
        return True
    return browser_sessions.session_identifier(scope) == browser_sessions.session_identifier(client.request.scope)


def _is_same_origin_socket(scope: MutableMapping[str, Any]) -> bool:
    """Say whether a socket, or the polling that stands in for one, was begun by a page of ours.

    A browser names the origin of each socket and each POST. For a GET to the page's own host it names none, and says
    that it is one where the host is its own machine or comes by TLS; elsewhere the cookie's SameSite guards.
    """
    headers = Headers(scope=scope)
    if 'origin' in headers:
        return urlsplit(headers['origin']).netloc == headers.get('host')
    if scope['type'] == 'websocket' or scope['method'] not in SAFE_METHODS:
        return False
    return headers.get('sec-fetch-site', 'same-origin') == 'same-origin'


def _is_same_origin_form(headers: Headers) -> bool:
    """Say whether a form was sent from a page of ours; where a browser does not tell, SameSite guards."""
    if 'sec-fetch-site' in headers:
        return headers['sec-fetch-site'] in {'same-origin', 'none'}
    origin = headers.get('origin')
    return origin is None or urlsplit(origin).netloc == headers.get('host')
