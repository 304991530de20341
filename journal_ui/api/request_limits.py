"""Limits of API requests: size of the body, number of items, and requests per minute for each token."""

import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from math import ceil, floor

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journal_ui.api.ingest import content_encoding
from journal_ui.api.problem_details import ProblemError
from journal_ui.security.form_bodies import announced_length
from services import texts

MAX_BODY_BYTES = 8 << 20
"""Bytes: several times the size of a thousand messages with the longest real text."""
MAX_BATCH_SIZE = 1_000
BODY_STATE = 'body'
"""The attribute of a request's state that has the body after it was read."""
BURST_SECONDS = 10
"""Seconds whose requests may arrive all at once."""


class RateLimiter:
    """A token bucket for each API token: a number of requests per minute, with bursts of up to BURST_SECONDS."""

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        """Allow `per_minute` requests per minute for each token; `now` returns the time in seconds."""
        self._per_second = per_minute / 60
        self._capacity = max(self._per_second * BURST_SECONDS, 1.0)
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def consume(self, token_name: str) -> dict[str, str]:
        """Count a request of a token, whatever it contains; return the headers that say how many are left.

        Raises:
            ProblemError: the token has no requests left; the response has these headers, too, and Retry-After.
        """
        now = self._now()
        available, updated_at = self._buckets.get(token_name, (self._capacity, now))
        available = min(self._capacity, available + (now - updated_at) * self._per_second)
        if available < 1:
            seconds = ceil((1 - available) / self._per_second)
            detail = texts.API_PROBLEMS['too_often'].format(limit=round(self._per_second * 60), seconds=seconds)
            headers = {'Retry-After': str(seconds)} | self._headers(0, seconds)
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, 'too_often', detail, headers=headers)
        available -= 1
        self._buckets[token_name] = (available, now)
        return self._headers(available, ceil((self._capacity - available) / self._per_second))

    def _headers(self, available: float, seconds: int) -> dict[str, str]:
        """Build the headers of draft-ietf-httpapi-ratelimit-headers: requests left, and seconds until there are more.

        A bucket is a quota of its capacity in the time in which it fills.
        """
        window = round(self._capacity / self._per_second)
        return {
            'RateLimit-Policy': f'"token";q={floor(self._capacity)};w={window}',
            'RateLimit': f'"token";r={floor(available)};t={seconds}',
        }


class RateLimitHeaders:
    """ASGI middleware that adds to each response the headers that `RateLimiter.consume` returned for its request."""

    STATE = 'rate_limit_headers'
    """The attribute of a request's state that has the headers."""

    def __init__(self, app: ASGIApp) -> None:
        """Extend the responses of `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; see ASGI."""
        state = scope.setdefault('state', {})

        async def send_with_headers(message: Message) -> None:
            if message['type'] == 'http.response.start':
                MutableHeaders(scope=message).update(state.get(self.STATE, {}))
            await send(message)

        await self._app(scope, receive, send_with_headers)


async def read_body(request: Request, max_bytes: int | None = None) -> bytes:
    """Read the body of a request of at most `max_bytes`, by default MAX_BODY_BYTES, and decompress it; once only.

    Raises:
        ProblemError: the body is larger, or has an unknown encoding; if its length is announced, nothing of it is read.
    """
    body: bytes | None = getattr(request.state, BODY_STATE, None)
    if body is None:
        body = await _read_body(request, max_bytes or MAX_BODY_BYTES)
        setattr(request.state, BODY_STATE, body)
    return body


async def _read_body(request: Request, max_bytes: int) -> bytes:
    is_compressed = content_encoding.is_compressed(request.headers)
    if announced_length(request.headers) > max_bytes:
        raise _too_large(max_bytes)
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > max_bytes:
            raise _too_large(max_bytes)
        parts.append(part)
    body = b''.join(parts)
    if not is_compressed:
        return body
    return await content_encoding.decompress(body, max_bytes, partial(_too_large, max_bytes))


def _too_large(max_bytes: int) -> ProblemError:
    detail = texts.API_PROBLEMS['too_large'].format(limit=max_bytes >> 20)
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 'too_large', detail)
