"""A number for each request: in every line of the log, and in the answer."""

import logging
import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journal_ui.monitoring.health_endpoints import HealthAddresses
from journal_ui.monitoring.logs import request_id

HEADER = 'X-Request-Id'
OTHER = '*'
"""Stands in the log for an address that no page of ours has: somebody may have typed anything there."""

log = logging.getLogger(__name__)


class Numbered:
    """Gives numbers, answers what health asks, and writes a line for each other request where that is wanted."""

    def __init__(self, inner: ASGIApp, health: HealthAddresses) -> None:
        """Stand before `inner`."""
        self._inner = inner
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope['type'] == 'lifespan':
            await self._inner(scope, receive, send)
            return
        number = secrets.token_hex(8)
        request_id.set(number)  # each request has a task of its own, and with it a context
        began, status = time.monotonic(), 0

        async def numbered(message: Message) -> None:
            nonlocal status
            if message['type'] == 'http.response.start':
                status = message['status']
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        if scope['type'] == 'http' and (answer := await self._health.answer(scope)):
            await answer(scope, receive, numbered)
            return
        await self._inner(scope, receive, numbered)
        if scope['type'] == 'http' and log.isEnabledFor(logging.INFO):
            took = 1000 * (time.monotonic() - began)
            log.info('%s %s %d, %.0f ms', scope['method'], address(scope), status, took)


def address(scope: Scope) -> str:
    """Give the pattern of the address that answered: `/messages/{id}`."""
    route = scope.get('route')
    return getattr(route, 'path', OTHER)
