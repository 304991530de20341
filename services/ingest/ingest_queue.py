"""What programs hand over: messages, what happened to them, receipts, documents; gathered by services.database.write_batching."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TypeAlias

from services.database.engine import Database
from services.database.write_batching import WriteBatcher
from services.documents import document_ingest as exchange
from services.documents.document_parsing import IncomingDocument
from services.ingest import message_ingest
from services.ingest.message_ingest import IngestOutcome, Receipt, Sender, StatusUpdate
from services.ingest.message_parsing import IncomingMessage

MessageWithSender: TypeAlias = tuple[IncomingMessage, Sender]


class IngestQueue:
    """Takes in messages, what happened to them, what providers report, and documents."""

    def __init__(
        self, database: Database, zone: tzinfo, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Take in by the days of `zone`; `now` tells the time (aware)."""
        self._message_batcher: WriteBatcher[MessageWithSender, IngestOutcome] = WriteBatcher(
            database, lambda session, things: message_ingest.ingest_messages(session, things, zone=zone, now=now())
        )
        self._status_batcher: WriteBatcher[StatusUpdate, IngestOutcome] = WriteBatcher(
            database, lambda session, things: message_ingest.apply_status_updates(session, things, zone=zone, now=now())
        )
        self._receipt_batcher: WriteBatcher[Receipt, IngestOutcome] = WriteBatcher(
            database, lambda session, things: message_ingest.apply_receipts(session, things, zone=zone, now=now())
        )
        self._document_batcher: WriteBatcher[tuple[IncomingDocument, Sender], IngestOutcome] = WriteBatcher(
            database, exchange.ingest_documents
        )

    async def add_messages(self, messages: Sequence[IncomingMessage], sender: Sender) -> list[IngestOutcome]:
        """Take messages in; say of each what became of it. All may raise Unavailable or Busy."""
        return await self._message_batcher.submit([(message, sender) for message in messages])

    async def add_status_update(self, update: StatusUpdate) -> IngestOutcome:
        """Take in what happened to a message."""
        return (await self._status_batcher.submit([update]))[0]

    async def add_receipts(self, receipts: Sequence[Receipt]) -> list[IngestOutcome]:
        """Take in what a provider reports; UNKNOWN is kept until its message comes."""
        return await self._receipt_batcher.submit(receipts)

    async def add_documents(self, documents: Sequence[IncomingDocument], sender: Sender) -> list[IngestOutcome]:
        """Take documents in; say of each what became of it."""
        return await self._document_batcher.submit([(document, sender) for document in documents])
