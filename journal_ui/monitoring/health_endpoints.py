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

SAFE_METHODS: Final = frozenset({'GET', 'HEAD'})
NO_STORE_HEADERS: Final = {'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff'}
PROXY_HEADERS: Final = ('forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via')
"""With any of these a request came through a proxy: that it comes from this machine says nothing then."""


class HealthEndpoints:
    """Answers at three addresses."""

    def __init__(self, services: Services) -> None:
        """Ask nothing yet."""
        self._services = services
        self._endpoints: dict[str, Callable[[Scope], Awaitable[Response]]] = {
            '/healthz': self._liveness,
            '/readyz': self._readiness,
            '/metrics': self._metrics,
        }

    async def respond(self, scope: Scope) -> Response | None:
        """Give the answer to a request; None when it asks for something else."""
        endpoint = self._endpoints.get(scope['path'])
        if endpoint is None:
            return None
        if scope['method'] not in SAFE_METHODS:
            return _error_response(HTTPStatus.METHOD_NOT_ALLOWED, texts.API_PROBLEMS['no_such_method'])
        return await endpoint(scope)

    async def _liveness(self, _: Scope) -> Response:
        return JSONResponse({'status': 'ok'}, headers=NO_STORE_HEADERS)

    async def _readiness(self, scope: Scope) -> Response:
        missing = await self._services.health.problem()
        return _error_response(HTTPStatus.SERVICE_UNAVAILABLE, missing) if missing else await self._liveness(scope)

    async def _metrics(self, scope: Scope) -> Response:
        if not may_read_metrics(scope, self._services.settings.metrics_token):
            return _error_response(HTTPStatus.FORBIDDEN, texts.METRICS_FORBIDDEN)
        await self._refresh_gauges()
        return Response(self._services.metrics.render(), headers=NO_STORE_HEADERS, media_type=CONTENT_TYPE_LATEST)

    async def _refresh_gauges(self) -> None:
        """Take down what is not counted as it happens, but is so or so at the moment."""
        metrics, live = self._services.metrics, self._services.live_updates
        rows = await self._services.health.count_by_status()
        metrics.database_up.set(rows is not None)
        metrics.stored_messages.clear()
        for status, messages in (rows or {}).items():
            metrics.stored_messages.labels(status).set(messages)
        clients = tuple(Client.instances.values())
        metrics.pages_in_memory.set(len(clients))
        metrics.connected_pages.set(sum(client.has_socket_connection for client in clients))
        balance = live.footer.balance if live.footer else None
        metrics.balance_available.set(bool(balance and balance.available))
        updated_at = balance.as_of if balance else None
        # A clock that was set back makes nothing younger than new.
        metrics.balance_age.set(max(0.0, (datetime.now(UTC) - updated_at).total_seconds()) if updated_at else math.nan)


def may_read_metrics(scope: Scope, token: str) -> bool:
    """Say whether whoever asks may see the figures: he has the token, or sits at this machine and at no proxy."""
    headers = Headers(scope=scope)
    scheme, _, credentials = headers.get('authorization', '').partition(' ')
    if token and scheme.lower() == 'bearer' and hmac.compare_digest(credentials.strip().encode(), token.encode()):
        return True
    return _is_loopback(scope) and not any(name in headers for name in PROXY_HEADERS)


def _is_loopback(scope: Scope) -> bool:
    host, *_ = scope.get('client') or ('',)
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a socket of the file system: whoever asks may sit anywhere
        return False


def _error_response(status: HTTPStatus, detail: str) -> Response:
    status_text = 'unavailable' if status == HTTPStatus.SERVICE_UNAVAILABLE else 'refused'
    return JSONResponse({'status': status_text, 'detail': detail}, status, headers=NO_STORE_HEADERS)
