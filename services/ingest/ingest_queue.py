"""What programs hand over: messages, what happened to them, receipts, documents; gathered by services.database.write_batching."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TypeAlias

from services.database.engine import Database
from services.database.write_batching import Queue
from services.documents import document_ingest as exchange
from services.documents.document_parsing import IncomingDocument
from services.ingest import message_ingest
from services.ingest.message_ingest import Outcome, Receipt, Teller, Told
from services.ingest.message_parsing import Incoming

Handed: TypeAlias = tuple[Incoming, Teller]


class Intake:
    """Takes in messages, what happened to them, what providers report, and documents."""

    def __init__(
        self, database: Database, zone: tzinfo, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Take in by the days of `zone`; `now` tells the time (aware)."""
        self._messages: Queue[Handed, Outcome] = Queue(
            database, lambda session, things: message_ingest.hand_over(session, things, zone=zone, now=now())
        )
        self._told: Queue[Told, Outcome] = Queue(
            database, lambda session, things: message_ingest.tell(session, things, zone=zone, now=now())
        )
        self._receipts: Queue[Receipt, Outcome] = Queue(
            database, lambda session, things: message_ingest.deliver(session, things, zone=zone, now=now())
        )
        self._documents: Queue[tuple[IncomingDocument, Teller], Outcome] = Queue(database, exchange.hand_over)

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
