"""How much one may hand over, and how often."""

import time
from collections.abc import Callable
from http import HTTPStatus
from math import ceil

from fastapi import Request

from journal_ui.api.problem_details import Problem
from services import texts

LARGEST_BODY = 8 << 20
"""Bytes: a thousand messages of the longest text that is ever sent, several times over."""
LARGEST_BATCH = 1_000
BURST = 10
"""Seconds whose requests may come all at once."""


class Rate:
    """How often each token may ask: so many requests a minute, and no more than BURST seconds of them at once."""

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        """Allow `per_minute` requests a minute to each; `now` tells the seconds."""
        self._per_second = per_minute / 60
        self._most = max(self._per_second * BURST, 1.0)
        self._now = now
        self._left: dict[str, tuple[float, float]] = {}

    def spend(self, name: str) -> None:
        """Count a request of the token called `name`.

        Raises:
            Problem: it comes too soon.
        """
        now = self._now()
        left, since = self._left.get(name, (self._most, now))
        left = min(self._most, left + (now - since) * self._per_second)
        if left < 1:
            seconds = ceil((1 - left) / self._per_second)
            detail = texts.API_PROBLEMS['too_often'].format(limit=round(self._per_second * 60), seconds=seconds)
            headers = {'Retry-After': str(seconds)}
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, 'too_often', detail, headers=headers)
        self._left[name] = (left - 1, now)


async def body(request: Request) -> bytes:
    """Read the body of a request.

    Raises:
        Problem: it is too large.
    """
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY:
            detail = texts.API_PROBLEMS['too_large'].format(limit=LARGEST_BODY >> 20)
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 'too_large', detail)
    return b''.join(parts)
