"""Messages coming in, whatever the way: each is recorded once, and moves on when somebody says so."""

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
    """What a sender tells of a message that he has handed over."""

    id: UUID
    event: StatusEvent
    sender: Sender
    provider_reference: tuple[str, str] | None = None
    """A provider, and what it calls the message."""


def ingest_imported_messages(
    session: Session, messages: Sequence[IncomingMessage], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record the messages of a file, which get no history of their own; see `hand_over`."""
    return ingest_messages(session, [(message, None) for message in messages], zone=zone, now=now)


def ingest_messages(
    session: Session, messages: Sequence[tuple[IncomingMessage, Sender | None]], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record messages in the session's transaction; say of each, in their order, what became of it.

    The same message again changes nothing, so a batch may be repeated after a lost answer. Where an id comes twice in
    a batch, the second counts as coming after the first. What was told of a message before it came is told of it now.

    Args:
        session: a writing session; see services.database.engine.
        messages: at most some thousands, each with whoever hands it over.
        zone: whose days the totals count.
        now: the moment (aware) at which a message was queued when nobody knows better.
    """
    if not messages:
        return []
    batch = IngestBatch(session, {message.id for message, _ in messages}, zone=zone, now=now)
    outcomes = [batch.apply_message(message, sender) for message, sender in messages]
    pending_receipts.apply_pending(session, batch, set(batch.created_ids()))
    batch.write()
    return outcomes


def apply_status_updates(
    session: Session, updates: Sequence[StatusUpdate], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Tell what happened to messages; say of each fact, in their order, what became of it. Otherwise as `hand_over`."""
    if not updates:
        return []
    batch = IngestBatch(session, {one.id for one in updates}, zone=zone, now=now)
    outcomes = [batch.apply_event(update.id, update.event, update.sender) for update in updates]
    accepted = [one for one, outcome in zip(updates, outcomes, strict=True) if outcome not in REJECTED_OUTCOMES]
    if references := [(*one.provider_reference, one.id) for one in accepted if one.provider_reference]:
        pending_receipts.store_provider_references(session, references)
        pending_receipts.apply_pending(session, batch, {id for *_, id in references})
    batch.write()
    return outcomes


def apply_receipts(
    session: Session, receipts: Sequence[Receipt], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Tell what providers report; what is for a message that has not come in yet is kept until it does."""
    if not receipts:
        return []
    # Before names are looked up: one that another writer gives just now would be missed for ever.
    acquire_writer_lock(session)
    ids_by_reference = pending_receipts.ids_of_references(session, receipts)
    ids = [ids_by_reference.get((receipt.provider, receipt.provider_id)) for receipt in receipts]
    batch = IngestBatch(session, {id for id in ids if id}, zone=zone, now=now)
    outcomes = [
        batch.apply_event(id, receipt.event) if id else IngestOutcome.UNKNOWN
        for id, receipt in zip(ids, receipts, strict=True)
    ]
    unknown = [one for one, outcome in zip(receipts, outcomes, strict=True) if outcome == IngestOutcome.UNKNOWN]
    pending_receipts.store_pending(session, unknown)
    batch.write()
    return outcomes
