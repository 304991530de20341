"""Ingest of messages from every source: each message is recorded once, and its status follows its status events."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, Self
from uuid import UUID

from sqlmodel import Session

from models import MessageStatus
from services import texts
from services.accounts.api_corrections import program_actor, record_corrections
from services.audit.hash_chain import Actor
from services.ingest import pending_receipts
from services.ingest.anonymized_messages import is_anonymized
from services.ingest.ingest_batch import IngestBatch, IngestOutcome, Sender
from services.ingest.message_merge import replaced_field
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import WITHDRAWN, ProviderReference, StatusEvent
from services.ingest.validation import MessageField
from services.receipts.provider_references import ProviderReferences, taken_ids
from services.receipts.receipt_matching import Receipt
from services.receipts.reference_claims import claim_reference, own_ids, with_whole_messages

__all__ = [
    'IngestOutcome',
    'Receipt',
    'Sender',
    'StatusUpdate',
    'Submission',
    'apply_status_updates',
    'ingest_imported_messages',
    'ingest_messages',
    'ingest_submissions',
]


REPLACEMENTS: Final = {
    MessageField.PHONE: IngestOutcome.OTHER_PHONE,
    MessageField.RECIPIENT_NAME: IngestOutcome.OTHER_RECIPIENT,
    MessageField.TEXT: IngestOutcome.OTHER_TEXT,
}
"""The outcomes of messages that would replace these fields without saying so."""


@dataclass(frozen=True)
class Submission:
    """A message as a program submits it."""

    message: IncomingMessage
    reference: ProviderReference | None = None
    """The provider's identifier of the message, if the program has passed it to a provider already."""
    replaces: bool = False
    """Whether it may replace the phone, the recipient and the text of the stored message with its id."""
    address: str = ''
    """The IP address of the program, for the audit log."""
    receipts_have_phone: bool = False
    """Whether the provider of the identifier sends the phone with each receipt, see services.providers.provider."""

    @property
    def organization(self) -> str:
        """The name of the organisation whose message it is."""
        return self.message.organization


ACCEPTED: Final = frozenset({IngestOutcome.CREATED, IngestOutcome.UPDATED, IngestOutcome.UNCHANGED})
"""The outcomes of what was accepted."""


@dataclass(frozen=True)
class StatusUpdate:
    """A status event that a sender reports for a message it has sent before."""

    id: UUID
    event: StatusEvent
    """Names the provider's identifier of the message if the sender has passed it to a provider."""
    sender: Sender
    receipts_have_phone: bool = False
    """Whether the provider of the identifier sends the phone with each receipt, see services.providers.provider."""
    only_waiting: bool = False
    """Whether it is refused unless the message waits to be sent."""

    @classmethod
    def withdrawal(cls, id: UUID, sender: Sender, now: datetime) -> Self:
        """Build the update by which a sender withdraws a message that waits to be sent, at the time `now` (aware).

        It is not final, because the provider may report that it has sent the message nevertheless.
        """
        event = StatusEvent(
            now.replace(microsecond=0),
            sender.name,
            MessageStatus.FAILED,
            error_code=WITHDRAWN,
            error_name=texts.WITHDRAWN_ERROR,
        )
        return cls(id, event, sender, only_waiting=True)


def ingest_imported_messages(
    session: Session, messages: Sequence[IncomingMessage], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record the messages of a file, without status events of their own; see `ingest_messages`."""
    return ingest_messages(session, [(message, None) for message in messages], zone=zone, now=now)


def ingest_messages(
    session: Session, messages: Sequence[tuple[IncomingMessage, Sender | None]], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record messages of which the providers' identifiers are not known; see `ingest_submissions`."""
    return ingest_submissions(
        session, [(Submission(message), sender) for message, sender in messages], zone=zone, now=now
    )


def ingest_submissions(
    session: Session, submissions: Sequence[tuple[Submission, Sender | None]], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record messages in the session's transaction; return the outcome of each, in their order.

    A repeated message changes nothing, so a batch may be repeated if its response was lost. If an id occurs twice in a
    batch, the second message is applied after the first. Receipts that arrived before their message are applied too.

    Args:
        session: a writing session; see services.database.engine.
        submissions: at most some thousands, each with its sender; None for a file.
        zone: the time zone of the days that totals are counted by.
        now: the time (aware) at which a message was queued if its sender does not know.
    """
    if not submissions:
        return []
    incoming = {submission.message.id: submission.message for submission, _ in submissions}
    named = with_whole_messages(submission.reference for submission, _ in submissions)
    batch = IngestBatch(
        session,
        incoming.keys() | own_ids(named),
        zone=zone,
        now=now,
        incoming=[submission.message for submission, _ in submissions],
    )
    phones = {submission.message.phone for submission, _ in submissions}
    phones |= {stored.phone for id in incoming if (stored := batch.find(id))}
    references = ProviderReferences(session, named, phones)
    batch.load(references.message_ids())
    taken = taken_ids(session, {id: message.phone for id, message in incoming.items() if not batch.find(id)})
    corrected: defaultdict[Actor, set[UUID]] = defaultdict(set)
    outcomes = [
        IngestOutcome.CONFLICT
        if submission.message.id in taken
        else _apply_submission(batch, references, submission, sender, incoming, corrected)
        for submission, sender in submissions
    ]
    accepted = {
        (submission.message.id, submission.reference.provider_id)
        for (submission, _), outcome in zip(submissions, outcomes, strict=True)
        if submission.reference and outcome in ACCEPTED
    }
    _finish(session, batch, references, accepted, set(batch.created_ids()))
    record_corrections(session, corrected, now, section=texts.JOURNAL_TITLE, what=texts.ACCESS_CORRECTED)
    return outcomes


def _apply_submission(
    batch: IngestBatch,
    references: ProviderReferences,
    submission: Submission,
    sender: Sender | None,
    incoming: Mapping[UUID, IncomingMessage],
    corrected: Mapping[Actor, set[UUID]],
) -> IngestOutcome:
    """Apply a message, unless it contradicts a stored one, or the identifier that it names belongs to another.

    A message that replaces what was sent to whom is added to those that its sender has `corrected`.
    """
    message, reference = submission.message, submission.reference
    stored = batch.find(message.id)
    replaced = None
    if stored and sender:
        if rejection := batch.rejection(message.id, sender):
            return rejection
        replaced = replaced_field(stored, message)
        if replaced and not submission.replaces:
            return REPLACEMENTS[replaced]
    # The phone of an anonymized message must not be stored again with the identifier.
    named = stored if stored and is_anonymized(stored) else message
    if (
        reference
        and sender
        and not claim_reference(
            batch, references, named, reference, sender, incoming, has_phone=submission.receipts_have_phone
        )
    ):
        return IngestOutcome.PROVIDER_ID_TAKEN
    outcome = batch.apply_message(message, sender, reference)
    if replaced and sender and outcome is IngestOutcome.UPDATED:
        corrected[program_actor(sender.name, submission.address)].add(message.id)
    return outcome


def apply_status_updates(
    session: Session, updates: Sequence[StatusUpdate], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record status updates; return the outcome of each, in their order. Otherwise like `ingest_messages`."""
    if not updates:
        return []
    named = with_whole_messages(update.event.reference for update in updates)
    batch = IngestBatch(session, {update.id for update in updates} | own_ids(named), zone=zone, now=now)
    phones = {message.phone for update in updates if (message := batch.find(update.id))}
    references = ProviderReferences(session, named, phones)
    batch.load(references.message_ids())
    outcomes = [_apply_status_update(batch, references, update) for update in updates]
    accepted = {
        (update.id, reference.provider_id)
        for update, outcome in zip(updates, outcomes, strict=True)
        if (reference := update.event.reference) and outcome in ACCEPTED
    }
    _finish(session, batch, references, accepted)
    return outcomes


def _finish(
    session: Session,
    batch: IngestBatch,
    references: ProviderReferences,
    accepted: Collection[tuple[UUID, str | None]],
    created: Collection[UUID] = (),
) -> None:
    """Apply the receipts that waited for messages and identifiers, and write the batch.

    Args:
        session: the session of the batch.
        batch: has applied all items.
        references: the identifiers that are known and that were added.
        accepted: the ids of the messages with the identifiers that were named for them.
        created: the ids of the new messages.
    """
    references.write(session)
    provider_ids = {provider_id for _, provider_id in accepted if provider_id}
    ids = {id for id, _ in accepted}.union(created)
    pending_receipts.apply_pending(session, batch, ids, references, provider_ids)
    batch.write()


def _apply_status_update(batch: IngestBatch, references: ProviderReferences, update: StatusUpdate) -> IngestOutcome:
    """Apply a status update, unless its time cannot be, or another message has the identifier that it names."""
    if rejection := batch.rejection(update.id, update.sender):
        return rejection
    message = batch.find(update.id)
    if update.only_waiting:
        if message and message.status != MessageStatus.WAITING:
            return IngestOutcome.UNCHANGED if message.error_code == WITHDRAWN else IngestOutcome.NOT_WAITING
    elif batch.is_before_queued(update.id, update.event):
        return IngestOutcome.BEFORE_QUEUED
    reference = update.event.reference
    if (
        message
        and reference
        and not claim_reference(
            batch, references, message, reference, update.sender, has_phone=update.receipts_have_phone
        )
    ):
        return IngestOutcome.CONFLICT
    return batch.apply_event(update.id, update.event, update.sender)
