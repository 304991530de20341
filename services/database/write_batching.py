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
MAX_BATCH_SIZE = 2_000
"""Things of a transaction that several requests share."""


@dataclass
class WriteRequest(Generic[T, D]):
    """What one request hands over, and where its outcomes go."""

    items: Sequence[T]
    outcomes: asyncio.Future[list[D]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class WriteBatcher(Generic[T, D]):
    """Requests of one kind that wait for a transaction; one is under way at a time."""

    def __init__(
        self, database: Database, work: Callable[[Session, Sequence[T]], list[D]], *, priority: bool = False
    ) -> None:
        """Carry out with `work` what waits; `beside` other writing, see services.database.engine."""
        self._write = database.write_priority if priority else database.write
        self._work = work
        self._pending: list[WriteRequest[T, D]] = []
        self._task: asyncio.Task[None] | None = None

    async def submit(self, items: Sequence[T]) -> list[D]:
        """Hand something over; raises Unavailable or Busy when it was not taken."""
        request: WriteRequest[T, D] = WriteRequest(items)
        self._pending.append(request)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return await asyncio.shield(request.outcomes)

    async def _run(self) -> None:
        while self._pending:
            batch, count = [self._pending.pop(0)], 0
            while self._pending and count + len(self._pending[0].items) <= MAX_BATCH_SIZE:
                batch.append(self._pending.pop(0))
                count += len(batch[-1].items)
            try:
                await self._execute(batch)
            except Exception as error:
                if len(batch) == 1:
                    _fail(batch[0], error)
                    continue
                # One of them is at fault; the others need not fail with it.
                for request in batch:
                    try:
                        await self._execute([request])
                    except Exception as fault:
                        _fail(request, fault)
        self._task = None

    async def _execute(self, requests: Sequence[WriteRequest[T, D]]) -> None:
        items = [item for request in requests for item in request.items]
        outcomes = await self._write(lambda session: self._work(session, items))
        for request in requests:
            request_outcomes, outcomes = outcomes[: len(request.items)], outcomes[len(request.items) :]
            if not request.outcomes.done():
                request.outcomes.set_result(request_outcomes)


def _fail(request: WriteRequest[T, D], error: Exception) -> None:
    if not request.outcomes.done():
        request.outcomes.set_exception(error)
