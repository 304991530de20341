"""Limits of API requests: size of the body, number of items, and requests per minute for each token."""

import time
from collections.abc import Callable
from http import HTTPStatus
from math import ceil

from fastapi import Request

from journal_ui.api.problem_details import ProblemError
from services import texts

MAX_BODY_BYTES = 8 << 20
"""Bytes: several times the size of a thousand messages with the longest real text."""
MAX_BATCH_SIZE = 1_000
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

    def consume(self, token_name: str) -> None:
        """Count a request of a token.

        Raises:
            ProblemError: the token has no requests left; the response has Retry-After.
        """
        now = self._now()
        available, updated_at = self._buckets.get(token_name, (self._capacity, now))
        available = min(self._capacity, available + (now - updated_at) * self._per_second)
        if available < 1:
            seconds = ceil((1 - available) / self._per_second)
            detail = texts.API_PROBLEMS['too_often'].format(limit=round(self._per_second * 60), seconds=seconds)
            headers = {'Retry-After': str(seconds)}
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, 'too_often', detail, headers=headers)
        self._buckets[token_name] = (available - 1, now)


async def read_body(request: Request) -> bytes:
    """Read the body of a request.

    Raises:
        ProblemError: the body is larger than MAX_BODY_BYTES.
    """
    parts = []
    size = 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > MAX_BODY_BYTES:
            detail = texts.API_PROBLEMS['too_large'].format(limit=MAX_BODY_BYTES >> 20)
            raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 'too_large', detail)
    return b''.join(parts)
