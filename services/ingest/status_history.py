"""The status events of a message, as senders and providers report them; an event that is reported twice counts once.

Each event has the time at which it happened, according to its reporter. services.ingest.status_rules derives the status
of the message from them.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple, Self
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from models import MessageStatus
from models.message import effective_time
from services.database import row_insert
from services.database.tables import MESSAGE_FACT_TABLE
from services.ingest.message_parsing import IncomingMessage

SECONDS_PER_MINUTE = 60
WITHDRAWN: Final = 'withdrawn'
"""The error code of a message that its sender has withdrawn before it was sent."""


class ProviderReference(NamedTuple):
    """The identifier by which a provider knows a message."""

    provider: str
    provider_id: str | None
    """None for an event that was recorded before identifiers were."""
    account: str = ''
    """The account with the provider; empty if unknown."""

    def may_equal(self, other: 'ProviderReference') -> bool:
        """Return whether both may be the same identifier: a part that is unknown equals any."""
        return (
            self.provider == other.provider
            and (self.provider_id == other.provider_id or None in (self.provider_id, other.provider_id))
            and (self.account == other.account or '' in (self.account, other.account))
        )


@dataclass(frozen=True)
class StatusEvent:
    """A status event of a message; see models.MessageEvent."""

    at: datetime
    told_by: str
    """The name of the sender or provider that reported it."""
    status: MessageStatus | None
    """None if the provider's code does not determine the status."""
    final: bool = False
    """Whether no other status follows."""
    provider: str | None = None
    """The provider that reported it, or to which its sender has passed the message."""
    code: str | None = None
    """The provider's status code; None for an event that the sender of the message reports."""
    error_code: str | None = None
    error_name: str | None = None
    provider_id: str | None = None
    account: str | None = None
    claimed_at: datetime | None = None
    """The impossible time that the provider reported; `at` is then the time of its arrival."""
    part: int | None = None
    """The number of the SMS part that a receipt is about, from 1; None if the provider numbers no parts."""
    cost: Decimal | None = None
    """What the message costs according to a receipt, in roubles."""
    parts: int | None = None
    """The number of SMS parts of the message according to a receipt."""

    @property
    def is_receipt(self) -> bool:
        """Whether the provider reports it, and not the sender of the message."""
        return self.code is not None

    @property
    def is_withdrawal(self) -> bool:
        """Whether the sender has withdrawn the message, so that no attempt to send it was made."""
        return not self.is_receipt and self.error_code == WITHDRAWN

    @property
    def reference(self) -> ProviderReference | None:
        """The provider's identifier of the message, if the event names a provider."""
        return ProviderReference(self.provider, self.provider_id, self.account or '') if self.provider else None

    @classmethod
    def from_message(
        cls, message: IncomingMessage, reported_by: str, reference: ProviderReference | None = None
    ) -> Self:
        """Build the event that a message itself reports; its `queued_at` must be known.

        A message that waits was queued at that time, whatever attempt to send it was made since.
        """
        assert message.queued_at is not None
        attempted_at = None if message.status == MessageStatus.WAITING else message.attempted_at
        at = effective_time(sent_at=message.sent_at, attempted_at=attempted_at, queued_at=message.queued_at)
        return cls(
            at=at,
            told_by=reported_by,
            status=message.status,
            final=message.status == MessageStatus.FAILED,
            provider=reference.provider if reference else None,
            error_code=message.error_code,
            error_name=message.error_name,
            provider_id=reference.provider_id if reference else None,
            account=(reference.account or None) if reference else None,
        )

    def is_duplicate_of(self, other: 'StatusEvent') -> bool:
        """Return whether this event adds nothing to the other; a sender may report a time without seconds."""
        identity = (self.status, self.code, self.error_code, self.part)
        if identity != (other.status, other.code, other.error_code, other.part):
            return False
        if self.reference and not (other.reference and self.reference.may_equal(other.reference)):
            return False
        if self.claimed_at:
            return self.claimed_at == other.claimed_at
        difference = abs((self.at - other.at).total_seconds())
        if difference == 0:
            return True
        has_no_seconds = 0 in (self.at.second, other.at.second)
        return difference < SECONDS_PER_MINUTE and has_no_seconds and not self.is_receipt


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


def first_recording_time(session: Session, message_id: UUID) -> datetime | None:
    """Return the time at which the first event of a message was recorded; None if there is none."""
    recorded = select(MESSAGE_FACT_TABLE.c.told_at).where(MESSAGE_FACT_TABLE.c.message_id == message_id)
    return session.execute(recorded.order_by(MESSAGE_FACT_TABLE.c.number).limit(1)).scalar_one_or_none()


def store_events(session: Session, events: Sequence[tuple[UUID, StatusEvent]], now: datetime) -> None:
    """Insert status events, recorded at `now`, in the session's transaction."""
    rows = [{'message_id': id, 'told_at': now, **vars(event)} for id, event in events]
    row_insert.insert_rows(session, MESSAGE_FACT_TABLE, rows)
