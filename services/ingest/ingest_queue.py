"""The entry point of ingest for programs: messages, status updates, receipts and documents are written in batches.

services.database.write_batching collects what arrives during a transaction into the next one.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TypeAlias

from services.database.engine import Database
from services.database.write_batching import WriteBatcher
from services.documents import document_ingest
from services.documents.document_ingest import SubmittedDocument
from services.ingest import message_ingest
from services.ingest.message_ingest import IngestOutcome, Receipt, Sender, StatusUpdate, Submission
from services.ingest.message_parsing import IncomingMessage
from services.receipts import receipt_ingest

SubmissionWithSender: TypeAlias = tuple[Submission, Sender]


class IngestQueue:
    """Records messages, status updates, receipts and documents; every method may raise DatabaseError."""

    def __init__(
        self, database: Database, zone: tzinfo, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Create the queue; `zone` determines the day of a message, `now` returns the current time (aware)."""
        self._message_batcher: WriteBatcher[SubmissionWithSender, IngestOutcome] = WriteBatcher(
            database, lambda session, batch: message_ingest.ingest_submissions(session, batch, zone=zone, now=now())
        )
        self._status_batcher: WriteBatcher[StatusUpdate, IngestOutcome] = WriteBatcher(
            database, lambda session, batch: message_ingest.apply_status_updates(session, batch, zone=zone, now=now())
        )
        self._receipt_batcher: WriteBatcher[Receipt, IngestOutcome] = WriteBatcher(
            database, lambda session, batch: receipt_ingest.apply_receipts(session, batch, zone=zone, now=now())
        )
        self._document_batcher: WriteBatcher[tuple[SubmittedDocument, Sender], IngestOutcome] = WriteBatcher(
            database, lambda session, batch: document_ingest.ingest_documents(session, batch, now)
        )

    async def add_messages(self, messages: Sequence[IncomingMessage], sender: Sender) -> list[IngestOutcome]:
        """Record messages of which the providers' identifiers are not known; see `add_submissions`."""
        return await self.add_submissions([Submission(message) for message in messages], sender)

    async def add_submissions(self, submissions: Sequence[Submission], sender: Sender) -> list[IngestOutcome]:
        """Record messages; return the outcome of each, in their order."""
        return await self._message_batcher.submit([(submission, sender) for submission in submissions])

    async def add_status_update(self, update: StatusUpdate) -> IngestOutcome:
        """Record a status update of a message."""
        return (await self.add_status_updates([update]))[0]

    async def add_status_updates(self, updates: Sequence[StatusUpdate]) -> list[IngestOutcome]:
        """Record status updates of messages; return the outcome of each, in their order."""
        return await self._status_batcher.submit(updates)

    async def add_receipts(self, receipts: Sequence[Receipt]) -> list[IngestOutcome]:
        """Record receipts of a provider; a receipt with the outcome UNKNOWN is stored until its message arrives."""
        return await self._receipt_batcher.submit(receipts)

    async def add_documents(self, documents: Sequence[SubmittedDocument], sender: Sender) -> list[IngestOutcome]:
        """Record documents; return the outcome of each, in their order."""
        return await self._document_batcher.submit([(document, sender) for document in documents])
