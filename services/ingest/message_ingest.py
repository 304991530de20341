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
from services.receipts.provider_references import ProviderIdentifier, ProviderReferences, own_id, taken_ids

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


@dataclass(frozen=True)
class StatusUpdate:
    """A status event that a sender reports for a message it has sent before."""

    id: UUID
    event: StatusEvent
    """Names the provider's identifier of the message if the sender has passed it to a provider."""
    sender: Sender
    receipts_have_phone: bool = False
    """Whether the provider that the event names sends the phone with each receipt, see services.providers.provider."""


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
    taken = taken_ids(session, {message.id: message.phone for message, _ in messages if not batch.find(message.id)})
    outcomes = [
        IngestOutcome.CONFLICT if message.id in taken else batch.apply_message(message, sender)
        for message, sender in messages
    ]
    pending_receipts.apply_pending(session, batch, set(batch.created_ids()), ProviderReferences(session, ()))
    batch.write()
    return outcomes


def apply_status_updates(
    session: Session, updates: Sequence[StatusUpdate], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record status updates; return the outcome of each, in their order. Otherwise like `ingest_messages`."""
    if not updates:
        return []
    named = [reference for update in updates if (reference := update.event.reference)]
    # The receipts of a part have the identifier of the message and the number of the part.
    named += [whole for reference in named if (whole := pending_receipts.whole_message(reference))]
    own_ids = {id for reference in named if reference.provider_id and (id := own_id(reference.provider_id))}
    batch = IngestBatch(session, {update.id for update in updates} | own_ids, zone=zone, now=now)
    phones = {message.phone for update in updates if (message := batch.find(update.id))}
    references = ProviderReferences(session, named, phones)
    batch.load(references.message_ids())
    outcomes = [_apply_status_update(batch, references, update) for update in updates]
    accepted = {
        (update.id, reference.provider_id)
        for update, outcome in zip(updates, outcomes, strict=True)
        if (reference := update.event.reference) and outcome in (IngestOutcome.UPDATED, IngestOutcome.UNCHANGED)
    }
    references.write(session)
    provider_ids = {provider_id for _, provider_id in accepted if provider_id}
    pending_receipts.apply_pending(session, batch, {id for id, _ in accepted}, references, provider_ids)
    batch.write()
    return outcomes


def _apply_status_update(batch: IngestBatch, references: ProviderReferences, update: StatusUpdate) -> IngestOutcome:
    """Apply a status update, unless its time cannot be, or another message has the identifier that it names."""
    if rejection := batch.rejection(update.id, update.sender):
        return rejection
    if batch.is_before_queued(update.id, update.event):
        return IngestOutcome.BEFORE_QUEUED
    message = batch.find(update.id)
    reference = update.event.reference
    if message and reference and reference.provider_id:
        phone = message.phone if update.receipts_have_phone else ''
        new = ProviderIdentifier(reference.provider, reference.provider_id, phone, reference.account, message.id)
        if references.belongs_to_another(new) or _is_own_id_of_another(batch, new):
            return IngestOutcome.CONFLICT
        whole = pending_receipts.whole_message(reference)
        if (
            whole
            and whole.provider_id
            and _is_part_of_another(batch, references, update.sender, new._replace(provider_id=whole.provider_id))
        ):
            return IngestOutcome.CONFLICT
        references.add(new)
    return batch.apply_event(update.id, update.event, update.sender)


def _is_own_id_of_another(batch: IngestBatch, new: ProviderIdentifier) -> bool:
    """Return whether a receipt with the identifier would be about the message that has it as its own id."""
    id = own_id(new.provider_id)
    other = batch.find(id) if id else None
    return bool(other and other.id != new.message_id and (other.phone == new.phone or '' in (other.phone, new.phone)))


def _is_part_of_another(
    batch: IngestBatch, references: ProviderReferences, sender: Sender, whole: ProviderIdentifier
) -> bool:
    """Return whether the receipts of a part of another message would get lost to the sender.

    An identifier may end in a number that is not that of a part, so that the messages of one sender may have both; a
    UUID with a number is always that of a part.
    """
    if own_id(whole.provider_id):
        return references.belongs_to_another(whole) or _is_own_id_of_another(batch, whole)
    return any(batch.rejection(id, sender) for id in references.owners(whole) if id != whole.message_id)


def apply_receipts(
    session: Session, receipts: Sequence[Receipt], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record receipts of providers; a receipt for an unknown message is stored until the message arrives."""
    if not receipts:
        return []
    # Lock before the lookup, otherwise a reference that another writer stores meanwhile would never be matched.
    acquire_writer_lock(session)
    phones = {receipt.phone for receipt in receipts}
    readings = [reading for receipt in receipts for reading in receipt.readings]
    references = ProviderReferences(
        session, [reading.reference for reading in readings], None if '' in phones else phones
    )
    candidates = {
        id
        for reading in readings
        for id in (own_id(reading.provider_id), references.find(reading.reference, reading.phone))
        if id
    }
    batch = IngestBatch(session, candidates, zone=zone, now=now)
    located = [pending_receipts.find_reading(receipt, batch, references) for receipt in receipts]
    outcomes = [
        batch.apply_event(*found, is_timed=receipt.is_timed) if found else IngestOutcome.UNKNOWN
        for found, receipt in zip(located, receipts, strict=True)
    ]
    unknown = [receipt for receipt, outcome in zip(receipts, outcomes, strict=True) if outcome == IngestOutcome.UNKNOWN]
    pending_receipts.store_pending(session, unknown)
    batch.write()
    return outcomes
