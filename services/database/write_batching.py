"""Batching of writes: concurrent requests of one kind share a transaction.

A request completes after its transaction has been committed, so that acknowledged data is on disk.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlmodel import Session

from services.database.engine import Database
from services.errors import DatabaseError, DatabaseTimeoutError

T = TypeVar('T')
D = TypeVar('D')
MAX_BATCH_SIZE = 2_000
"""The largest number of items in a transaction that several requests share."""


@dataclass
class WriteRequest(Generic[T, D]):
    """The items of one request and the future of their outcomes."""

    items: Sequence[T]
    outcomes: asyncio.Future[list[D]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class WriteBatcher(Generic[T, D]):
    """A queue of requests of one kind; one transaction runs at a time."""

    def __init__(
        self, database: Database, work: Callable[[Session, Sequence[T]], list[D]], *, priority: bool = False
    ) -> None:
        """Prepare the queue.

        Args:
            database: where to write.
            work: writes the items and returns one outcome for each, in the same order.
            priority: whether to write with `Database.write_priority`.
        """
        self._write = database.write_priority if priority else database.write
        self._work = work
        self._pending: list[WriteRequest[T, D]] = []
        self._task: asyncio.Task[None] | None = None

    async def submit(self, items: Sequence[T]) -> list[D]:
        """Write items and return their outcomes.

        Raises:
            DatabaseError: nothing was written; see services.errors.
        """
        request: WriteRequest[T, D] = WriteRequest(items)
        self._pending.append(request)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return await asyncio.shield(request.outcomes)

    async def _run(self) -> None:
        while self._pending:
            batch = self._next_batch()
            try:
                await self._execute(batch)
            except DatabaseTimeoutError as error:  # none of them would be quicker alone
                _fail_all(batch, error)
            except Exception as error:
                if len(batch) == 1:
                    _fail_all(batch, error)
                else:
                    await self._execute_separately(batch)
        self._task = None

    def _next_batch(self) -> list[WriteRequest[T, D]]:
        first = self._pending.pop(0)
        batch, count = [first], 0
        while self._pending and count + len(self._pending[0].items) <= MAX_BATCH_SIZE:
            request = self._pending.pop(0)
            batch.append(request)
            count += len(request.items)
        return batch

    async def _execute_separately(self, batch: Sequence[WriteRequest[T, D]]) -> None:
        """Run each request in a transaction of its own, so that only the faulty one fails.

        If the database itself is at fault, the requests after the first one do not wait for it again.
        """
        for number, request in enumerate(batch):
            try:
                await self._execute([request])
            except DatabaseError as error:
                _fail_all(batch[number:], error)
                return
            except Exception as error:
                _fail_all([request], error)

    async def _execute(self, requests: Sequence[WriteRequest[T, D]]) -> None:
        items = [item for request in requests for item in request.items]
        outcomes = await self._write(lambda session: self._work(session, items))
        for request in requests:
            request_outcomes, outcomes = outcomes[: len(request.items)], outcomes[len(request.items) :]
            if not request.outcomes.done():
                request.outcomes.set_result(request_outcomes)


def _fail_all(requests: Sequence[WriteRequest[T, D]], error: Exception) -> None:
    for request in requests:
        if not request.outcomes.done():
            request.outcomes.set_exception(error)
