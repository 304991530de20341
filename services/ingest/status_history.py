"""The status events of a message, and the status that follows from them in whatever order they are reported.

Each event has the time at which it happened, according to its reporter. The most recent event wins; of two in the same
second, the final one. An event that is reported twice counts once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import Session, SQLModel

from models import DeliveryState, MessageStatus
from models.message import effective_time
from services.ingest.message_parsing import IncomingMessage

MESSAGE_FACT_TABLE = SQLModel.metadata.tables['message_fact']
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True)
class StatusEvent:
    """A status event of a message; see models.MessageFact."""

    at: datetime
    told_by: str
    """The name of the sender or provider that reported it."""
    status: MessageStatus | None
    """None if the provider's code does not determine the status."""
    final: bool = False
    """Whether no other status follows."""
    provider: str | None = None
    code: str | None = None
    """The provider's status code."""
    error_code: str | None = None
    error_name: str | None = None

    @classmethod
    def from_message(cls, message: IncomingMessage, reported_by: str) -> Self:
        """Build the event that a message itself reports; its `queued_at` must be known."""
        assert message.queued_at is not None
        at = effective_time(sent_at=message.sent_at, attempted_at=message.attempted_at, queued_at=message.queued_at)
        return cls(
            at=at,
            told_by=reported_by,
            status=message.status,
            final=message.status == MessageStatus.FAILED,
            error_code=message.error_code,
            error_name=message.error_name,
        )

    def is_duplicate_of(self, other: 'StatusEvent') -> bool:
        """Return whether both report the same event; one of them may have its time without seconds."""
        identity = (self.status, self.provider, self.code, self.error_code)
        if identity != (other.status, other.provider, other.code, other.error_code):
            return False
        difference = abs((self.at - other.at).total_seconds())
        if difference == 0:
            return True
        has_no_seconds = 0 in (self.at.second, other.at.second)
        return difference < SECONDS_PER_MINUTE and has_no_seconds and self.provider is None


def with_status_of_events(message: IncomingMessage, events: Iterable[StatusEvent]) -> IncomingMessage:
    """Return the message with the status, times, error and delivery that follow from all its events.

    Its time of sending is the first SENT event of the last attempt, not the delivery to the phone. A failed message was
    attempted at that time too, if there is one.
    """
    ordered = sorted(
        (event for event in events if event.status is not None),
        key=lambda event: (event.at, event.final, event.status, event.code or '', event.error_code or ''),
    )
    if not ordered:
        return message
    last = ordered[-1]
    assert last.status is not None
    attempt: list[StatusEvent] = []
    for event in ordered:
        if attempt and attempt[-1].status == MessageStatus.FAILED != event.status:
            attempt = []  # after a failure, another status starts a new attempt
        attempt.append(event)
    sent_at = next((event.at for event in attempt if event.status == MessageStatus.SENT), None)
    failures = [event.at for event in ordered if event.status == MessageStatus.FAILED]
    failed = last.status == MessageStatus.FAILED
    attempted_at = failures[-1] if failures else message.attempted_at
    return replace(
        message,
        status=last.status,
        sent_at=sent_at if last.status == MessageStatus.SENT else None,
        attempted_at=(sent_at or last.at) if failed else attempted_at,
        error_code=last.error_code if failed else None,
        error_name=last.error_name if failed else None,
        delivery=_delivery_state(attempt) if last.status == MessageStatus.SENT else None,
    )


def _delivery_state(attempt: Iterable[StatusEvent]) -> DeliveryState | None:
    """Return what providers report about the delivery; a sender's own «sent» does not claim any."""
    finals = {event.final for event in attempt if event.provider and event.status == MessageStatus.SENT}
    if not finals:
        return None
    return DeliveryState.DELIVERED if True in finals else DeliveryState.HANDED_OVER


def load_events(session: Session, ids: Collection[UUID]) -> dict[UUID, list[StatusEvent]]:
    """Load the status events of messages by message id, in the order in which they were recorded."""
    events_by_message: dict[UUID, list[StatusEvent]] = defaultdict(list)
    if ids:
        for row in session.execute(
            select(MESSAGE_FACT_TABLE)
            .where(MESSAGE_FACT_TABLE.c.message_id.in_(ids))
            .order_by(MESSAGE_FACT_TABLE.c.number)
        ):
            values = row._asdict()
            for column in ('number', 'told_at'):
                del values[column]
            events_by_message[values.pop('message_id')].append(StatusEvent(**values))
    return events_by_message


def store_events(session: Session, events: Sequence[tuple[UUID, StatusEvent]], now: datetime) -> None:
    """Insert status events, recorded at `now`, in the session's transaction."""
    if events:
        rows = [{'message_id': id, 'told_at': now, **vars(event)} for id, event in events]
        session.connection().execute(insert(MESSAGE_FACT_TABLE), rows)
