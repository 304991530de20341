"""What is known of a message after its sender said more, or said it again."""

from dataclasses import replace
from datetime import datetime

from models import MessageStatus
from services.ingest.message_parsing import Incoming


def moved_on(old: Incoming, new: Incoming) -> Incoming:
    """Give what is known of a message after `new` came in; `old` itself when nothing new was said.

    An older file must not undo what happened since: waiting replaces neither sent nor failed. What the sender does not
    know stays as it is. Whoever says times to the minute does not take away their seconds. A message that failed after
    it was sent was attempted when it was sent.
    """
    if new.status == MessageStatus.WAITING != old.status:
        return old
    failed_late = old.sent_at if new.status == MessageStatus.FAILED else None
    same_status = new.status == old.status
    merged = replace(
        new,
        appointment_at=finer(old.appointment_at, new.appointment_at),
        queued_at=finer(old.queued_at, new.queued_at) or old.queued_at,
        attempted_at=finer(old.attempted_at, new.attempted_at) or failed_late or old.attempted_at,
        sent_at=finer(old.sent_at, new.sent_at),
        error_code=new.error_code or (old.error_code if same_status else None),
        error_name=new.error_name or (old.error_name if same_status else None),
    )
    return old if merged == old else merged


def with_status_of(old: Incoming, new: Incoming) -> Incoming:
    """Give a message that says of its status what is known already."""
    return replace(
        new,
        status=old.status,
        sent_at=old.sent_at,
        attempted_at=old.attempted_at,
        error_code=old.error_code,
        error_name=old.error_name,
    )


def first(message: Incoming, now: datetime) -> Incoming:
    """Give a message as it is kept when it comes in first, at the moment `now`: to the second, and with a time."""
    return replace(
        message,
        appointment_at=finer(None, message.appointment_at),
        queued_at=finer(None, message.queued_at or message.sent_at or message.attempted_at or now),
        attempted_at=finer(None, message.attempted_at),
        sent_at=finer(None, message.sent_at),
    )


def finer(old: datetime | None, new: datetime | None) -> datetime | None:
    """Give a moment to the second: the old one where the new says no more than its minute."""
    if new is None:
        return None
    second = new.replace(microsecond=0)
    return old if old and second in (old, old.replace(second=0)) else second
