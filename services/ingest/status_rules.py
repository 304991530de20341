"""The rules by which the status of a message follows from its status events; docs/statuses.md describes them.

1. The events are divided into attempts to send the message; only its sender begins one (`split_into_attempts`).
2. One event is the outcome of an attempt (`outcome_event`); of a message of several parts, some of which were not
   delivered, it is a failure (`Attempt.partial_delivery`).
3. The outcome of the last attempt determines the status; being queued again replaces only a failure
   (`decisive_attempt`).

Apart from one exception (see `_is_queued_again`), the order in which events arrive matters only for events of the same
second.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from models import DeliveryState, MessageStatus
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import ProviderReference, StatusEvent
from services.receipts.part_receipts import PartialDelivery, partial_delivery
from services.receipts.receipt_billing import with_reported_billing


@dataclass(eq=False)
class Attempt:
    """An attempt to send a message."""

    part_count: int
    """The number of SMS parts of the message."""
    reference: ProviderReference | None = None
    """The provider's identifier of the message in this attempt; None until the sender or a receipt names it."""
    events: list[StatusEvent] = field(default_factory=list)
    """What the sender and the provider report about this attempt, in the order of `in_order`."""

    @property
    def partial_delivery(self) -> PartialDelivery | None:
        """How the message was delivered, if some of its parts were delivered and others were not."""
        return partial_delivery(self.events, self.part_count)

    @property
    def events_until_outcome(self) -> list[StatusEvent]:
        """The events that precede the outcome, and the outcome itself; what follows it changes only the history."""
        outcome = outcome_event(self)
        return self.events[: self.events.index(outcome) + 1] if outcome else self.events

    @property
    def sent_at(self) -> datetime | None:
        """The first time at which the message was sent; not the delivery to the phone."""
        return next((event.at for event in self.events_until_outcome if event.status == MessageStatus.SENT), None)

    @property
    def error(self) -> tuple[str | None, str | None]:
        """The code and the name of the last error; a sender may report a failure without its cause."""
        if partial := self.partial_delivery:
            return partial.failure.error_code, partial.describe()
        for event in reversed(self.events_until_outcome):
            if event.status == MessageStatus.FAILED and (event.error_code or event.error_name):
                return event.error_code, event.error_name
        return None, None


def with_status_of_events(message: IncomingMessage, events: Sequence[StatusEvent]) -> IncomingMessage:
    """Return the message with the status, times, error, delivery and billing that follow from all its events.

    Its time of sending is the first SENT event of the attempt that decides, not the delivery to the phone. A failed
    message was attempted at that time too, if there is one. Its withdrawal is no attempt to send it.

    Args:
        message: the message.
        events: its events in the order in which they were recorded.
    """
    message = with_reported_billing(message, in_order(events))
    if not any(event.status for event in events):
        return message
    failures = [
        event.at for event in in_order(events) if event.status == MessageStatus.FAILED and not event.is_withdrawal
    ]
    attempted_at = failures[-1] if failures else message.attempted_at
    attempt = decisive_attempt(events, message.part_count or 1)
    decisive = outcome_event(attempt) if attempt else None
    if attempt is None or decisive is None:
        return _with_status(message, MessageStatus.WAITING, attempted_at=attempted_at)
    if decisive.status == MessageStatus.SENT:
        return _with_status(
            message,
            MessageStatus.SENT,
            attempted_at=attempted_at,
            sent_at=attempt.sent_at,
            delivery=_delivery_state(attempt),
        )
    attempted_at = attempt.sent_at or (attempted_at if decisive.is_withdrawal else decisive.at)
    return _with_status(message, MessageStatus.FAILED, attempted_at=attempted_at, error=attempt.error)


def decisive_attempt(events: Sequence[StatusEvent], part_count: int) -> Attempt | None:
    """Return the attempt that determines the status of the message; None if the message waits to be sent.

    An attempt without an outcome, in which the message was only queued, replaces a failure of an earlier attempt, but
    does not undo that an earlier attempt has sent the message.
    """
    attempts = split_into_attempts(events, part_count)
    for attempt in reversed(attempts):
        outcome = outcome_event(attempt)
        if outcome:
            is_replaced = attempt is not attempts[-1] and outcome.status == MessageStatus.FAILED
            return None if is_replaced else attempt
    return None


def decisive_event(events: Sequence[StatusEvent], part_count: int) -> StatusEvent | None:
    """Return the event that determines the status of the message; None if the message waits to be sent."""
    attempt = decisive_attempt(events, part_count)
    return outcome_event(attempt) if attempt else None


def outcome_event(attempt: Attempt) -> StatusEvent | None:
    """Return the event that decides the outcome of an attempt; None if the message was only queued.

    Being queued loses to any other event, whatever the clocks of the sender and the provider say. A final event is
    replaced only by a later final one. The delivery of one part does not replace the failure of another.
    """
    if partial := attempt.partial_delivery:
        return partial.failure
    outcomes = [event for event in attempt.events if event.status in (MessageStatus.SENT, MessageStatus.FAILED)]
    finals = [event for event in outcomes if event.final]
    return next(reversed(finals or outcomes), None)


def split_into_attempts(events: Sequence[StatusEvent], part_count: int) -> list[Attempt]:
    """Assign each event to an attempt to send the message, oldest first.

    An attempt begins when the sender queues the message again after a failure, or names another provider or another
    identifier of it. A receipt belongs to the last attempt with its identifier, so a late receipt about a former
    attempt begins no new one. An identifier that the sender has never named is the message's own id, with which the
    sender has passed it to another provider.

    Args:
        events: in the order in which they were recorded.
        part_count: the number of SMS parts of the message.
    """
    attempts = [Attempt(part_count)]
    for event in in_order(events):
        current = attempts[-1]
        if event.is_receipt:
            attempt = _attempt_of_receipt(attempts, event)
        elif _names_another_reference(current, event) or _is_queued_again(current, event, events):
            attempt = Attempt(part_count, current.reference)
        else:
            attempt = current
        if attempt not in attempts:
            attempts.append(attempt)
        attempt.events.append(event)
        if event.reference and (attempt.reference is None or not event.is_receipt):
            attempt.reference = event.reference
    return attempts


def in_order(events: Sequence[StatusEvent]) -> list[StatusEvent]:
    """Return events in the order in which they happened: by time, in the same second a final one last.

    The sender's first event comes before all others if it says that the message was queued, because the clocks of
    senders and providers differ by seconds.

    Args:
        events: in the order in which they were recorded.
    """
    begins_queued = bool(events) and events[0].status == MessageStatus.WAITING and not events[0].is_receipt
    first, others = (list(events[:1]), events[1:]) if begins_queued else ([], events)
    return first + sorted(others, key=lambda event: (event.at, event.final))


def _delivery_state(attempt: Attempt) -> DeliveryState | None:
    """Return what the provider has reported about the delivery; a sender that reports SENT does not claim any."""
    finals = {event.final for event in attempt.events if event.is_receipt and event.status == MessageStatus.SENT}
    if not finals:
        return None
    return DeliveryState.DELIVERED if True in finals else DeliveryState.HANDED_OVER


def _attempt_of_receipt(attempts: Sequence[Attempt], event: StatusEvent) -> Attempt:
    assert event.reference
    for attempt in reversed(attempts):
        if attempt.reference is None or attempt.reference.may_equal(event.reference):
            return attempt
    # Being queued at another provider does not replace a failure until the sender or that provider says more.
    return (
        attempts[-1]
        if event.status in (None, MessageStatus.WAITING)
        else Attempt(attempts[-1].part_count, event.reference)
    )


def _names_another_reference(current: Attempt, event: StatusEvent) -> bool:
    return bool(current.reference and event.reference and not current.reference.may_equal(event.reference))


def _is_queued_again(current: Attempt, event: StatusEvent, recorded: Sequence[StatusEvent]) -> bool:
    """Return whether the sender reports a new attempt after a failure with the same identifier or without any.

    The failure must be older than the event, and known to the journal when the sender reported the event: otherwise the
    sender only repeats, with a clock that is ahead, that the message was queued before. A failure that the sender has
    reported itself has the same clock; after it, the sender may report the next attempt as queued or as sent.
    """
    failure = outcome_event(current)
    if failure is None or failure.status != MessageStatus.FAILED or event.at <= failure.at:
        return False
    if not failure.is_receipt:
        return event.status in (MessageStatus.WAITING, MessageStatus.SENT)
    return event.status == MessageStatus.WAITING and recorded.index(event) > recorded.index(failure)


def _with_status(
    message: IncomingMessage,
    status: MessageStatus,
    *,
    attempted_at: datetime | None,
    sent_at: datetime | None = None,
    error: tuple[str | None, str | None] = (None, None),
    delivery: DeliveryState | None = None,
) -> IncomingMessage:
    return replace(
        message,
        status=status,
        attempted_at=attempted_at,
        sent_at=sent_at,
        error_code=error[0],
        error_name=error[1],
        delivery=delivery,
    )
