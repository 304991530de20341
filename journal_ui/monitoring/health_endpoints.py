"""`/healthz`, `/readyz` and `/metrics`: for machines that watch over the program."""

import hmac
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final

from nicegui import Client
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from services import texts
from services.composition import Services

READING: Final = frozenset({'GET', 'HEAD'})
UNSTORED: Final = {'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff'}
FORWARDED: Final = ('forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via')
"""With any of these a request came through a proxy: that it comes from this machine says nothing then."""


class HealthAddresses:
    """Answers at three addresses."""

    def __init__(self, services: Services) -> None:
        """Ask nothing yet."""
        self._services = services
        self._addresses: dict[str, Callable[[Scope], Awaitable[Response]]] = {
            '/healthz': self._alive,
            '/readyz': self._ready,
            '/metrics': self._metrics,
        }

    async def answer(self, scope: Scope) -> Response | None:
        """Give the answer to a request; None when it asks for something else."""
        address = self._addresses.get(scope['path'])
        if address is None:
            return None
        if scope['method'] not in READING:
            return _said(HTTPStatus.METHOD_NOT_ALLOWED, texts.API_PROBLEMS['no_such_method'])
        return await address(scope)

    async def _alive(self, _: Scope) -> Response:
        return JSONResponse({'status': 'ok'}, headers=UNSTORED)

    async def _ready(self, scope: Scope) -> Response:
        missing = await self._services.health.missing()
        return _said(HTTPStatus.SERVICE_UNAVAILABLE, missing) if missing else await self._alive(scope)

    async def _metrics(self, scope: Scope) -> Response:
        if not may_see(scope, self._services.settings.metrics_token):
            return _said(HTTPStatus.FORBIDDEN, texts.METRICS_FORBIDDEN)
        await self._look()
        return Response(self._services.figures.text(), headers=UNSTORED, media_type=CONTENT_TYPE_LATEST)

    async def _look(self) -> None:
        """Take down what is not counted as it happens, but is so or so at the moment."""
        figures, live = self._services.figures, self._services.live
        rows = await self._services.health.rows()
        figures.up.set(rows is not None)
        figures.rows.clear()
        for status, messages in (rows or {}).items():
            figures.rows.labels(status).set(messages)
        clients = tuple(Client.instances.values())
        figures.pages.set(len(clients))
        figures.sockets.set(sum(client.has_socket_connection for client in clients))
        balance = live.foot.balance if live.foot else None
        figures.balance_available.set(bool(balance and balance.available))
        known = balance.as_of if balance else None
        # A clock that was set back makes nothing younger than new.
        figures.balance_age.set(max(0.0, (datetime.now(UTC) - known).total_seconds()) if known else math.nan)


def may_see(scope: Scope, token: str) -> bool:
    """Say whether whoever asks may see the figures: he has the token, or sits at this machine and at no proxy."""
    headers = Headers(scope=scope)
    scheme, _, given = headers.get('authorization', '').partition(' ')
    if token and scheme.lower() == 'bearer' and hmac.compare_digest(given.strip().encode(), token.encode()):
        return True
    return _is_loopback(scope) and not any(name in headers for name in FORWARDED)


def _is_loopback(scope: Scope) -> bool:
    host, *_ = scope.get('client') or ('',)
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a socket of the file system: whoever asks may sit anywhere
        return False


def _said(status: HTTPStatus, detail: str) -> Response:
    word = 'unavailable' if status == HTTPStatus.SERVICE_UNAVAILABLE else 'refused'
    return JSONResponse({'status': word, 'detail': detail}, status, headers=UNSTORED)
