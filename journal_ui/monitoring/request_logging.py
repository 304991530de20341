"""A request id for each request: in every line of the log and in the response. Also the outermost ASGI middleware."""

import logging
import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journal_ui.monitoring.health_endpoints import HealthEndpoints
from journal_ui.monitoring.logs import request_id
from journal_ui.nicegui_patches.middleware_stack import wrap_application
from services.composition import Services

REQUEST_ID_HEADER = 'X-Request-Id'
UNKNOWN_ROUTE = '*'
"""Logged for a URL that no route matches, because such a URL may contain anything that was typed."""

log = logging.getLogger(__name__)


def install(services: Services) -> None:
    """Put RequestIdMiddleware around the whole application; call this after everything else is installed."""
    health_endpoints = HealthEndpoints(services)
    wrap_application(lambda asgi_app: RequestIdMiddleware(asgi_app, health_endpoints))


class RequestIdMiddleware:
    """Assigns request ids, responds to health checks, and logs each other request at level INFO."""

    def __init__(self, asgi_app: ASGIApp, health: HealthEndpoints) -> None:
        self._asgi_app = asgi_app
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one request."""
        if scope['type'] == 'lifespan':
            await self._asgi_app(scope, receive, send)
            return
        new_id = secrets.token_hex(8)
        request_id.set(new_id)  # each request runs in a task, and so in a context, of its own
        started_at, status = time.monotonic(), 0

        async def send_with_request_id(message: Message) -> None:
            nonlocal status
            if message['type'] == 'http.response.start':
                status = message['status']
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = new_id
            await send(message)

        if scope['type'] == 'http' and (response := await self._health.respond(scope)):
            await response(scope, receive, send_with_request_id)
            return
        await self._asgi_app(scope, receive, send_with_request_id)
        if scope['type'] == 'http' and log.isEnabledFor(logging.INFO):
            elapsed_ms = 1000 * (time.monotonic() - started_at)
            log.info('%s %s %d, %.0f ms', scope['method'], route_pattern(scope), status, elapsed_ms)


def route_pattern(scope: Scope) -> str:
    """Return the pattern of the route that served a request, such as `/messages/{id}`."""
    return getattr(scope.get('route'), 'path', UNKNOWN_ROUTE)
