"""A number for each request: in every line of the log, and in the answer."""

import logging
import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journal_ui.monitoring.health_endpoints import HealthEndpoints
from journal_ui.monitoring.logs import request_id

REQUEST_ID_HEADER = 'X-Request-Id'
UNKNOWN_ROUTE = '*'
"""Stands in the log for an address that no page of ours has: somebody may have typed anything there."""

log = logging.getLogger(__name__)


class RequestIdMiddleware:
    """Gives numbers, answers what health asks, and writes a line for each other request where that is wanted."""

    def __init__(self, asgi_app: ASGIApp, health: HealthEndpoints) -> None:
        """Stand before `inner`."""
        self._asgi_app = asgi_app
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope['type'] == 'lifespan':
            await self._asgi_app(scope, receive, send)
            return
        new_id = secrets.token_hex(8)
        request_id.set(new_id)  # each request has a task of its own, and with it a context
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
    """Give the pattern of the address that answered: `/messages/{id}`."""
    route = scope.get('route')
    return getattr(route, 'path', UNKNOWN_ROUTE)
