"""What programs hand over, gathered: many requests that come at the same time share one transaction.

A request is answered when its transaction has been committed: what was answered is on disk.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Generic, TypeAlias, TypeVar

from sqlmodel import Session

from services import feed
from services.database import Database
from services.exchange import feed as exchange
from services.exchange.incoming import IncomingDocument
from services.feed import Outcome, Receipt, Teller, Told
from services.feed.incoming import Incoming

Handed: TypeAlias = tuple[Incoming, Teller]
T = TypeVar('T')
MOST = 2_000
"""Messages, or facts, of a transaction that several requests share."""


@dataclass
class Request(Generic[T]):
    """What one request hands over, and where its outcomes go."""

    things: Sequence[T]
    done: asyncio.Future[list[Outcome]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Queue(Generic[T]):
    """Requests of one kind that wait for a transaction; one is under way at a time."""

    def __init__(self, database: Database, work: Callable[[Session, Sequence[T]], list[Outcome]]) -> None:
        """Carry out with `work` what waits."""
        self._database = database
        self._work = work
        self._waiting: list[Request[T]] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, things: Sequence[T]) -> list[Outcome]:
        """Hand something over; raises Unavailable or Busy when it was not taken."""
        request = Request(things)
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

    async def _carry_out(self, requests: Sequence[Request[T]]) -> None:
        things = [thing for request in requests for thing in request.things]
        outcomes = await self._database.write(lambda session: self._work(session, things))
        for request in requests:
            mine, outcomes = outcomes[: len(request.things)], outcomes[len(request.things) :]
            if not request.done.done():
                request.done.set_result(mine)


class Intake:
    """Takes in messages, what happened to them, what providers report, and documents."""

    def __init__(
        self, database: Database, zone: tzinfo, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Take in by the days of `zone`; `now` tells the time (aware)."""
        self._messages: Queue[Handed] = Queue(
            database, lambda session, things: feed.hand_over(session, things, zone=zone, now=now())
        )
        self._told: Queue[Told] = Queue(
            database, lambda session, things: feed.tell(session, things, zone=zone, now=now())
        )
        self._receipts: Queue[Receipt] = Queue(
            database, lambda session, things: feed.deliver(session, things, zone=zone, now=now())
        )
        self._documents: Queue[tuple[IncomingDocument, Teller]] = Queue(database, exchange.hand_over)

    async def messages(self, messages: Sequence[Incoming], teller: Teller) -> list[Outcome]:
        """Take messages in; say of each what became of it. All may raise Unavailable or Busy."""
        return await self._messages.put([(message, teller) for message in messages])

    async def told(self, told: Told) -> Outcome:
        """Take in what happened to a message."""
        return (await self._told.put([told]))[0]

    async def receipts(self, receipts: Sequence[Receipt]) -> list[Outcome]:
        """Take in what a provider reports; UNKNOWN is kept until its message comes."""
        return await self._receipts.put(receipts)

    async def documents(self, documents: Sequence[IncomingDocument], teller: Teller) -> list[Outcome]:
        """Take documents in; say of each what became of it."""
        return await self._documents.put([(document, teller) for document in documents])


def _fail(request: Request[T], error: Exception) -> None:
    if not request.done.done():
        request.done.set_exception(error)
