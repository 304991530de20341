"""Work that comes in many requests at the same time, gathered: they share one transaction.

A request is answered when its transaction has been committed: what was answered is on disk.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlmodel import Session

from services.database.engine import Database

T = TypeVar('T')
D = TypeVar('D')
MOST = 2_000
"""Things of a transaction that several requests share."""


@dataclass
class Request(Generic[T, D]):
    """What one request hands over, and where its outcomes go."""

    things: Sequence[T]
    done: asyncio.Future[list[D]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Queue(Generic[T, D]):
    """Requests of one kind that wait for a transaction; one is under way at a time."""

    def __init__(
        self, database: Database, work: Callable[[Session, Sequence[T]], list[D]], *, beside: bool = False
    ) -> None:
        """Carry out with `work` what waits; `beside` other writing, see services.database.engine."""
        self._write = database.write_beside if beside else database.write
        self._work = work
        self._waiting: list[Request[T, D]] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, things: Sequence[T]) -> list[D]:
        """Hand something over; raises Unavailable or Busy when it was not taken."""
        request: Request[T, D] = Request(things)
        self._waiting.append(request)
        if self._task is None:
            self._task = asyncio.create_task(self._go_on())
        return await asyncio.shield(request.done)

    async def _go_on(self) -> None:
        while self._waiting:
            shared, count = [self._waiting.pop(0)], 0
            while self._waiting and count + len(self._waiting[0].things) <= MOST:
                shared.append(self._waiting.pop(0))
                count += len(shared[-1].things)
            try:
                await self._carry_out(shared)
            except Exception as error:
                if len(shared) == 1:
                    _fail(shared[0], error)
                    continue
                # One of them is at fault; the others need not fail with it.
                for request in shared:
                    try:
                        await self._carry_out([request])
                    except Exception as fault:
                        _fail(request, fault)
        self._task = None

    async def _carry_out(self, requests: Sequence[Request[T, D]]) -> None:
        things = [thing for request in requests for thing in request.things]
        outcomes = await self._write(lambda session: self._work(session, things))
        for request in requests:
            mine, outcomes = outcomes[: len(request.things)], outcomes[len(request.things) :]
            if not request.done.done():
                request.done.set_result(mine)


def _fail(request: Request[T, D], error: Exception) -> None:
    if not request.done.done():
        request.done.set_exception(error)
