"""Authentication and authorisation of every request and socket: what is not allowed here is refused on the server."""

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fastapi import Request
from nicegui import Client, app, ui
from nicegui.version import __version__ as nicegui_version
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.plain_page import paragraph, plain_page
from journal_ui.layout.user_preferences import UserPreferences
from journal_ui.layout.viewer import Viewer
from journal_ui.nicegui_patches.request_release import ReleasableRequest
from journal_ui.pages import error_pages
from journal_ui.root_path import program_path
from journal_ui.security import browser_sessions, security_headers
from journal_ui.security.client_ip import client_ip
from journal_ui.security.form_bodies import read_form
from journal_ui.security.same_origin import SAFE_METHODS, is_same_origin_form, is_same_origin_socket
from journal_ui.security.sign_in_audit import SignInAudit
from journal_ui.security.socket_guard import (
    POLICY_VIOLATION,
    GuardedSocket,
    parse_socket_query,
    refuse_unknown_page,
)
from models import Role
from services import texts
from services.accounts.accounts import Identity, RequiredStep
from services.accounts.sessions import ActiveSession, Sessions
from services.composition import Services
from services.errors import DatabaseError
from services.oidc.openid_connect import CALLBACK_PATH

LOGIN_PATH: Final = '/login'
LOGOUT_PATH: Final = '/logout'
OIDC_SIGN_IN_PATH: Final = '/login/oidc'
OIDC_LOGOUT_PATH: Final = '/login/oidc/backchannel'
PUBLIC_PATHS: Final = frozenset({LOGIN_PATH, OIDC_SIGN_IN_PATH, CALLBACK_PATH, OIDC_LOGOUT_PATH, '/favicon.ico'})
REQUIRED_STEP_PATHS: Final = {
    RequiredStep.CODE: '/login/code',
    RequiredStep.FIRST_PASSWORD: '/account/password',
    RequiredStep.EXPIRED_PASSWORD: '/account/password',
    RequiredStep.SECOND_FACTOR: '/account/factor',
}
"""The only page that a user with a required step may open."""
ASSETS_PREFIX: Final = f'/_nicegui/{nicegui_version}/'
"""NiceGUI's static files: public, without data of the program."""
SOCKET_PREFIX: Final = '/_nicegui_ws/'
UPLOAD_PREFIX: Final = '/import/files/'
"""The only URLs whose bodies are no forms: their route limits the body (journal_ui.pages.imports.upload_route)."""
MAX_REDIRECT_LENGTH: Final = 2000
RETRY_SECONDS: Final = 5
"""Seconds after which a client tries again while the database does not answer."""
PageBuilder = Callable[[Viewer], Awaitable[Response | None] | Response | None]
"""Builds a page, or returns a response instead of it."""
PageDefinition = Callable[[Services], PageBuilder]
"""Returns the builder of a page that shows what these services read."""
MAX_SCOPES: Final = 256
"""The largest number of scopes for which the builder of a page is kept."""


class ProtectedPages:
    """Registers pages for signed-in users, each for certain roles."""

    def __init__(self, services: Services, sign_in_audit: SignInAudit) -> None:
        """Add the authentication middleware to the application; the pages read by `services`, each within a scope."""
        self._services = services
        self._sign_in_audit = sign_in_audit
        self._limited = lru_cache(MAX_SCOPES)(services.within)
        app.add_middleware(_AuthMiddleware, session_service=services.sessions)

    async def viewer_for(self, request: Request) -> Viewer:
        """Return the signed-in user of a request, with their preferences."""
        session: ActiveSession = request.state.signed
        identity = session.identity
        preferences = await UserPreferences.load(self._services.accounts, identity.id)
        services = self._limited(identity.scope)
        return Viewer(
            identity,
            preferences,
            self._services.settings.iemk_url,
            client_ip(request),
            session.required_step is None,
            browser_sessions.pop_notice(request),
            services.alerts if identity.may_read_journals else None,
            await _scope_names(services, identity),
        )

    def add_page(self, path: str, define: PageDefinition, *, roles: Collection[Role] = frozenset(Role)) -> None:
        """Register the page at `path` for users with one of `roles`; others see why it is forbidden.

        The page is defined once for each scope, with the services of that scope: it cannot read anything else.
        """
        builder = lru_cache(MAX_SCOPES)(lambda scope: define(self._limited(scope)))
        builder(None)

        @ui.page(path)
        async def serve_page(request: Request) -> Response | None:
            viewer = await self.viewer_for(request)
            if viewer.person.role not in roles:
                await self._sign_in_audit.record_forbidden_page(viewer, path)
                _draw_forbidden_page(viewer, roles)
                return None
            build_page = builder(viewer.person.scope)
            if viewer.person.scope is not None:
                await self._limited(viewer.person.scope).prepare()
            result = build_page(viewer)
            return result if result is None or isinstance(result, Response) else await result


async def _scope_names(services: Services, identity: Identity) -> tuple[str, ...] | None:
    """Return the names of the organisations to which a user is bound, for whom the header says so."""
    if identity.scope is None:
        return None
    return tuple(organization.name for organization in await services.organizations.all())


def safe_redirect_path(target: str | None) -> str:
    """Return the URL to open after signing in: `target` if it is a page of this program, else the main page.

    Browsers interpret `//host` and `/\\host`, also with a tab inside, as the URL of another site.
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
    is_of_sign_in = f'{parts.path}/'.startswith((f'{LOGIN_PATH}/', f'{LOGOUT_PATH}/'))
    is_unsafe = parts.scheme or parts.netloc or is_of_sign_in
    return '/' if is_unsafe else target


def _draw_forbidden_page(viewer: Viewer, roles: Collection[Role]) -> None:
    """Draw the page for a signed-in user whose role may not open it (S1)."""
    ui.context.client.status_code = HTTPStatus.FORBIDDEN
    with page_layout(texts.FORBIDDEN_TITLE, viewer):
        allowed_roles_text = texts.FORBIDDEN_TO[len(roles) > 1].format(roles=texts.FORBIDDEN_AND.join(sorted(roles)))
        error_pages.draw_message(
            texts.FORBIDDEN_TITLE,
            texts.FORBIDDEN_NEXT.format(allowed_roles=allowed_roles_text, role=viewer.person.role),
        )


class _AuthMiddleware:
    """ASGI middleware inside NiceGUI's own middleware, which has already read the session cookie."""

    def __init__(self, asgi_app: ASGIApp, session_service: Sessions) -> None:
        self._asgi_app = asgi_app
        self._session_service = session_service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] == 'lifespan':
            return await self._asgi_app(scope, receive, send)
        path = program_path(scope)
        if scope['type'] == 'websocket':
            return await self._serve_socket(scope, receive, send)
        response: Response | None = None
        if path.startswith(SOCKET_PREFIX):
            response = PlainTextResponse(texts.SIGN_IN_REQUIRED, HTTPStatus.FORBIDDEN)  # pages use no long polling
        elif path.startswith(ASSETS_PREFIX):
            send = security_headers.with_asset_headers(scope, send)
        else:
            if scope['method'] not in SAFE_METHODS and not path.startswith(UPLOAD_PREFIX):
                form = await read_form(Headers(scope=scope), receive)
                if isinstance(form, Response):
                    return await form(scope, receive, security_headers.with_page_headers(scope, send))
                receive = form
            response = await self._authenticate(scope)
            if response is None:
                return await self._serve(scope, ReleasableRequest(scope, receive, send))
            send = security_headers.with_page_headers(scope, send)
        if response is None:
            return await self._asgi_app(scope, receive, send)
        return await response(scope, receive, send)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the socket of a page that has a session."""
        query = parse_socket_query(scope) if program_path(scope).startswith(SOCKET_PREFIX) else None
        if query is None or not is_same_origin_socket(scope):
            return await _refuse_socket(send)
        client = Client.instances.get(query['client_id'])
        if client is None:
            return await refuse_unknown_page(receive, send)
        session = browser_sessions.session_of_page(client)
        if session is None or not _is_session_of_page(scope, client):
            return await _refuse_socket(send)
        socket = GuardedSocket(client, session, self._session_service, receive, send)
        return await self._asgi_app(scope, socket.receive, socket.send)

    async def _serve(self, scope: Scope, channel: ReleasableRequest) -> None:
        """Serve an authorised request: a page or another route, but no static file."""
        try:
            await self._asgi_app(scope, channel.receive, security_headers.with_page_headers(scope, channel.send))
        finally:
            channel.release()

    async def _authenticate(self, scope: Scope) -> Response | None:
        """Attach the session to a request and return None, or return the response that refuses it."""
        headers, path = Headers(scope=scope), program_path(scope)
        if scope['method'] not in SAFE_METHODS and not is_same_origin_form(headers):
            return PlainTextResponse(texts.CROSS_SITE_REQUEST, HTTPStatus.FORBIDDEN)
        try:
            session = await self._session_service.find(browser_sessions.session_identifier(scope))
        except DatabaseError:
            return _database_down_response(scope, headers)
        required_step = session.required_step if session else None
        person: Identity | None = session.identity if session and required_step is not RequiredStep.CODE else None
        scope.setdefault('state', {}).update(signed=session, person=person)
        if session:
            self._session_service.watcher.record_activity(session.key)
            if scope['method'] not in SAFE_METHODS:
                browser_sessions.mark_form_sent(session, scope['path'])
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


def _database_down_response(scope: Scope, headers: Headers) -> Response:
    """Return the response to a request whose session cannot be read; a page tries again by itself."""
    retry = {'Retry-After': str(RETRY_SECONDS), 'Cache-Control': 'no-store'}
    if 'text/html' not in headers.get('accept', '') or scope['method'] not in SAFE_METHODS:
        return PlainTextResponse(texts.DATABASE_DOWN, HTTPStatus.SERVICE_UNAVAILABLE, retry)
    response = plain_page(texts.DATABASE_DOWN, paragraph(texts.DATABASE_DOWN_WAIT))
    response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    response.headers.update(retry | {'Refresh': str(RETRY_SECONDS)})
    return response


def _with_return_path(scope: Scope, page_path: str) -> str:
    """Return the URL of a page that the user must pass first, with the requested URL as its `redirect_to`."""
    query = scope['query_string'].decode('latin-1')
    url = program_path(scope) + (f'?{query}' if query else '')
    target = safe_redirect_path(url) if scope['method'] in SAFE_METHODS else '/'
    return page_path if target == '/' else f'{page_path}?redirect_to={quote(target, safe="/")}'


def _is_session_of_page(scope: MutableMapping[str, Any], client: Client) -> bool:
    """Check that a socket has the session that its page was built for."""
    return browser_sessions.session_identifier(scope) == browser_sessions.session_identifier(client.request.scope)


async def _refuse_socket(send: Send) -> None:
    """Refuse a socket: the server answers a close before accept with status 403."""
    await send({'type': 'websocket.close', 'code': POLICY_VIOLATION})
