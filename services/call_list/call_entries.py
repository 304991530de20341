"""The entries of the call list: recipients to call with their messages, claims on them, and completed calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models import CallOutcome, MessageStatus
from services.call_list.earlier_calls import EarlierCall, count_attempts


@dataclass(frozen=True)
class RecipientKey:
    """The identity of a recipient: the folded name, and the phone in E.164."""

    name_key: str
    phone: str


@dataclass(frozen=True)
class Claim:
    """An operator's claim on a recipient."""

    claimed_by: str
    """The name of the operator's account."""
    claimed_at: datetime


@dataclass(frozen=True)
class UndeliveredMessage:
    """A message that was not delivered: it failed, or has waited too long."""

    id: UUID
    status: MessageStatus
    appointment_at: datetime | None
    organization: str
    kind: str
    text: str
    """The text of the message."""
    error_code: str | None
    error_name: str | None
    """The error; for a message that waits, that it waits and for how long."""
    advice: str | None
    """What to do about the error; None if no advice is known."""


@dataclass(frozen=True)
class PendingCall:
    """A recipient to call."""

    key: RecipientKey
    name: str
    messages: Sequence[UndeliveredMessage]
    """All undelivered messages of the query, the next appointment first."""
    claim: Claim | None
    history: Sequence[EarlierCall] = ()
    """The earlier calls about these messages, the newest first."""

    @property
    def attempts(self) -> int:
        """The number of calls in vain so far."""
        return count_attempts(self.history)

    @property
    def message_ids(self) -> list[UUID]:
        """The ids of the messages."""
        return [message.id for message in self.messages]


@dataclass(frozen=True)
class PendingCalls:
    """The first recipients of the list."""

    calls: Sequence[PendingCall]
    """The most urgent first: future appointments (next one first), then no appointment, then past appointments."""
    total: int
    """The number of recipients on the whole list."""
    postponed: int = 0
    """The number of recipients who were not reached and will return to the list."""
    next_at: datetime | None = None
    """When the next of them returns; None if there are none."""


@dataclass(frozen=True)
class CompletedCall:
    """A completed call."""

    message_ids: Sequence[UUID]
    """The messages that the call was about."""
    name: str
    phone: str
    """E.164."""
    called_by: str
    called_at: datetime
    outcome: CallOutcome
    note: str
    again_at: datetime | None = None
    """When the recipient returns to the list; None if the call is final."""
    history: Sequence[EarlierCall] = ()
    """See PendingCall."""
