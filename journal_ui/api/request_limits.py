"""Limits of API requests: size of the body, number of items, and requests per minute for each token."""

import time
from collections.abc import Callable
from http import HTTPStatus
from math import ceil

from fastapi import Request

from journal_ui.api.problem_details import ProblemError
from journal_ui.security.form_bodies import announced_length
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


async def read_body(request: Request, max_bytes: int | None = None) -> bytes:
    """Read the body of a request of at most `max_bytes`, by default MAX_BODY_BYTES.

    Raises:
        ProblemError: the body is larger; if its length is announced, nothing of it is read.
    """
    max_bytes = max_bytes or MAX_BODY_BYTES
    if announced_length(request.headers) > max_bytes:
        raise _too_large(max_bytes)
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > max_bytes:
            raise _too_large(max_bytes)
        parts.append(part)
    return b''.join(parts)


def _too_large(max_bytes: int) -> ProblemError:
    detail = texts.API_PROBLEMS['too_large'].format(limit=max_bytes >> 20)
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 'too_large', detail)
