"""The details of one message with its status history."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from models import MessageStatus
from services.access_scope.organization_scope import OrganizationScope, scope_conditions
from services.ingest import status_history, status_rules
from services.ingest.ingest_batch import FILE_SOURCE, STORED_MESSAGES
from services.ingest.message_parsing import IncomingMessage
from services.ingest.row_mapping import message_from_row
from services.ingest.status_history import StatusEvent
from services.messages import resent_messages
from services.messages.message_tables import message
from services.messages.resent_messages import NO_RELATED_MESSAGES, RelatedMessages
from services.receipts.part_receipts import PartialDelivery


@dataclass(frozen=True)
class MessageDetails:
    """A message with its status history, oldest first; the first event is that it was queued."""

    message: IncomingMessage
    events: Sequence[StatusEvent]
    decisive_event: StatusEvent | None = None
    """The event that determines the status; None if the message waits to be sent."""
    related: RelatedMessages = NO_RELATED_MESSAGES
    partial_delivery: PartialDelivery | None = None
    """How the message was delivered, if some of its parts were delivered and others were not."""


def read_details(session: Session, message_id: UUID, scope: OrganizationScope | None = None) -> MessageDetails | None:
    """Read the details of a message; None if there is no such message, or it is outside the scope."""
    is_own = scope_conditions(session, scope, message)
    row = session.execute(STORED_MESSAGES.where(message.c.id == message_id, *is_own)).one_or_none()
    if row is None:
        return None
    stored_message = message_from_row(row)
    events = status_history.load_events(session, [message_id]).get(message_id) or [
        StatusEvent.from_message(stored_message, FILE_SOURCE)
    ]
    history = status_rules.in_order(events)
    assert stored_message.queued_at is not None
    if history[0].status != MessageStatus.WAITING or history[0].is_receipt:
        # The first event on record is the sender's, whatever the providers have reported.
        history.insert(0, StatusEvent(stored_message.queued_at, events[0].told_by, MessageStatus.WAITING))
    attempt = status_rules.decisive_attempt(events, stored_message.part_count or 1)
    related = resent_messages.read_related(session, message_id, scope)
    return MessageDetails(
        stored_message,
        history,
        status_rules.outcome_event(attempt) if attempt else None,
        related,
        attempt.partial_delivery if attempt else None,
    )
