"""`/healthz`, `/readyz` and `/metrics`, for monitoring software."""

import hmac
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final

from nicegui import Client
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from journal_ui.root_path import program_path
from journal_ui.security.client_ip import client_ip
from journal_ui.security.same_origin import SAFE_METHODS
from services import texts
from services.composition import Services
from services.receipts.receipt_feeds import ReceiptFeed

NO_STORE_HEADERS: Final = {'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff'}
PROXY_HEADERS: Final = ('forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via')
"""A request with any of these came through a proxy, so that its IP address does not identify the client."""


class HealthEndpoints:
    """Responds to requests for the three URLs."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._endpoints: dict[str, Callable[[Scope], Awaitable[Response]]] = {
            '/healthz': self._liveness,
            '/readyz': self._readiness,
            '/metrics': self._metrics,
        }

    async def respond(self, scope: Scope) -> Response | None:
        """Return the response to a request; None if it is for another URL."""
        endpoint = self._endpoints.get(program_path(scope))
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
        """Refresh the gauges just before they are read."""
        metrics, live = self._services.metrics, self._services.live_updates
        rows = await self._services.health.count_by_status()
        metrics.database_up.set(rows is not None)
        metrics.stored_messages.clear()
        for status, messages in (rows or {}).items():
            metrics.stored_messages.labels(status).set(messages)
        skew = self._services.health.clock_skew
        metrics.clock_skew.set(math.nan if skew is None else skew)
        backup_at = await self._services.health.last_backup()
        metrics.last_backup.set(backup_at.timestamp() if backup_at else math.nan)
        await self._refresh_receipts()
        clients = tuple(Client.instances.values())
        metrics.pages_in_memory.set(len(clients))
        metrics.connected_pages.set(sum(client.has_socket_connection for client in clients))
        balance = live.footer.balance if live.footer else None
        metrics.balance_available.set(bool(balance and balance.available))
        updated_at = balance.as_of if balance else None
        # If the clock was set back, the age would be negative.
        metrics.balance_age.set(max(0.0, (datetime.now(UTC) - updated_at).total_seconds()) if updated_at else math.nan)

    async def _refresh_receipts(self) -> None:
        """Refresh the gauges of receipts; what is unknown is absent, and not 0."""
        metrics = self._services.metrics
        feeds = await self._services.health.receipt_feeds(self._services.now())
        for gauge in (metrics.unmatched_receipts, metrics.last_receipt, metrics.oldest_unmatched_receipt):
            gauge.clear()
        if feeds is None:
            return
        for provider in {**self._services.settings.providers, **feeds}:
            feed = feeds.get(provider, ReceiptFeed())
            metrics.unmatched_receipts.labels(provider).set(feed.waiting)
            if feed.last:
                metrics.last_receipt.labels(provider).set(feed.last.timestamp())
            if feed.oldest_waiting:
                metrics.oldest_unmatched_receipt.labels(provider).set(feed.oldest_waiting.timestamp())


def may_read_metrics(scope: Scope, token: str) -> bool:
    """Check that the client has the token, or runs on this machine and does not come through a proxy."""
    connection = HTTPConnection(scope)
    scheme, _, credentials = connection.headers.get('authorization', '').partition(' ')
    if token and scheme.lower() == 'bearer' and hmac.compare_digest(credentials.strip().encode(), token.encode()):
        return True
    is_proxied = any(name in connection.headers for name in PROXY_HEADERS)
    return _is_loopback(client_ip(connection)) and not is_proxied


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # unknown, as for a Unix socket: the client may be anywhere
        return False


def _error_response(status: HTTPStatus, detail: str) -> Response:
    status_text = 'unavailable' if status == HTTPStatus.SERVICE_UNAVAILABLE else 'refused'
    return JSONResponse({'status': status_text, 'detail': detail}, status, headers=NO_STORE_HEADERS)
