"""Ingest of messages from every source: each message is recorded once, and its status follows its status events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from sqlmodel import Session

from services.ingest import pending_receipts
from services.ingest.ingest_batch import IngestBatch, IngestOutcome, Sender, acquire_writer_lock
from services.ingest.message_parsing import IncomingMessage
from services.ingest.pending_receipts import Receipt
from services.ingest.status_history import StatusEvent

__all__ = [
    'IngestOutcome',
    'Receipt',
    'Sender',
    'StatusUpdate',
    'apply_receipts',
    'apply_status_updates',
    'ingest_imported_messages',
    'ingest_messages',
]


REJECTED_OUTCOMES = frozenset({IngestOutcome.UNKNOWN, IngestOutcome.OTHER_ORGANIZATION})


@dataclass(frozen=True)
class StatusUpdate:
    """A status event that a sender reports for a message it has sent before."""

    id: UUID
    event: StatusEvent
    sender: Sender
    provider_reference: tuple[str, str] | None = None
    """A provider, and the provider's identifier of the message."""


def ingest_imported_messages(
    session: Session, messages: Sequence[IncomingMessage], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record the messages of a file, without status events of their own; see `ingest_messages`."""
    return ingest_messages(session, [(message, None) for message in messages], zone=zone, now=now)


def ingest_messages(
    session: Session, messages: Sequence[tuple[IncomingMessage, Sender | None]], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record messages in the session's transaction; return the outcome of each, in their order.

    A repeated message changes nothing, so a batch may be repeated if its response was lost. If an id occurs twice in a
    batch, the second message is applied after the first. Receipts that arrived before their message are applied too.

    Args:
        session: a writing session; see services.database.engine.
        messages: at most some thousands, each with its sender; None for a file.
        zone: the time zone of the days that totals are counted by.
        now: the time (aware) at which a message was queued if its sender does not know.
    """
    if not messages:
        return []
    batch = IngestBatch(
        session,
        {message.id for message, _ in messages},
        zone=zone,
        now=now,
        incoming=[message for message, _ in messages],
    )
    outcomes = [batch.apply_message(message, sender) for message, sender in messages]
    pending_receipts.apply_pending(session, batch, set(batch.created_ids()))
    batch.write()
    return outcomes


def apply_status_updates(
    session: Session, updates: Sequence[StatusUpdate], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record status updates; return the outcome of each, in their order. Otherwise like `ingest_messages`."""
    if not updates:
        return []
    batch = IngestBatch(session, {update.id for update in updates}, zone=zone, now=now)
    outcomes = [batch.apply_event(update.id, update.event, update.sender) for update in updates]
    references = [
        (*update.provider_reference, update.id)
        for update, outcome in zip(updates, outcomes, strict=True)
        if update.provider_reference and outcome not in REJECTED_OUTCOMES
    ]
    if references:
        pending_receipts.store_provider_references(session, references)
        pending_receipts.apply_pending(session, batch, {id for *_, id in references})
    batch.write()
    return outcomes


def apply_receipts(
    session: Session, receipts: Sequence[Receipt], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record receipts of providers; a receipt for an unknown message is stored until the message arrives."""
    if not receipts:
        return []
    # Lock before the lookup, otherwise a reference that another writer stores meanwhile would never be matched.
    acquire_writer_lock(session)
    ids_by_reference = pending_receipts.ids_of_references(session, receipts)
    ids = [ids_by_reference.get((receipt.provider, receipt.provider_id)) for receipt in receipts]
    batch = IngestBatch(session, {id for id in ids if id}, zone=zone, now=now)
    outcomes = [
        batch.apply_event(id, receipt.event) if id else IngestOutcome.UNKNOWN
        for id, receipt in zip(ids, receipts, strict=True)
    ]
    unknown = [receipt for receipt, outcome in zip(receipts, outcomes, strict=True) if outcome == IngestOutcome.UNKNOWN]
    pending_receipts.store_pending(session, unknown)
    batch.write()
    return outcomes
