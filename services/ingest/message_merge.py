"""Merging of a message with what its sender reports later."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from models import MessageStatus
from services.ingest.anonymized_messages import is_anonymized
from services.ingest.message_parsing import INVISIBLE_IN_TEXT, IncomingMessage
from services.ingest.table_files.spreadsheet_losses import restore_attributes, restore_known
from services.ingest.validation import MessageField
from services.names import fold_name

TEXTS_OF_FILES = ('recipient_name', 'text', 'error_name', 'phone_note', 'sender')
"""Attributes of a message that a spreadsheet may impoverish, besides times and the error code."""


def merge_message(old: IncomingMessage, new: IncomingMessage) -> IncomingMessage:
    """Merge `new` into `old`; return `old` itself if nothing changes.

    An older file must not undo later changes: the status WAITING replaces neither SENT nor FAILED. Values that the
    sender does not know remain. A time without seconds does not replace the same minute with seconds. A message that
    failed after it was sent was attempted when it was sent.
    """
    if new.status == MessageStatus.WAITING != old.status:
        return old
    sent_before_failure = old.sent_at if new.status == MessageStatus.FAILED else None
    same_status = new.status == old.status
    with_cost = old if new.cost_source else new
    # The number in receipts is that of what was sent, whatever text is submitted later.
    with_parts = old if not new.parts and (new.text == old.text or old.parts_from_receipts) else new
    merged = replace(
        new,
        appointment_at=more_precise(old.appointment_at, new.appointment_at),
        queued_at=more_precise(old.queued_at, new.queued_at) or old.queued_at,
        attempted_at=more_precise(old.attempted_at, new.attempted_at) or sent_before_failure or old.attempted_at,
        sent_at=more_precise(old.sent_at, new.sent_at),
        error_code=new.error_code or (old.error_code if same_status else None),
        error_name=new.error_name or (old.error_name if same_status else None),
        delivery=old.delivery if same_status else None,
        phone_note=new.phone_note or (old.phone_note if new.phone == old.phone else None),
        sender=new.sender or old.sender,
        channel=new.channel or old.channel,
        cost=with_cost.cost,
        cost_source=with_cost.cost_source,
        parts=with_parts.parts,
        parts_from_receipts=with_parts.parts_from_receipts,
    )
    return old if merged == old else merged


def replaced_field(old: IncomingMessage, new: IncomingMessage) -> MessageField | None:
    """Return the first of the fields that say what was sent to whom, and that `new` would replace; None if none.

    The notation of the name does not matter. A text that was not known is added, not replaced. Whether an anonymized
    message had another recipient cannot be known.
    """
    if is_anonymized(old):
        return None
    if new.phone != old.phone:
        return MessageField.PHONE
    if new.recipient_name != old.recipient_name and fold_name(new.recipient_name) != fold_name(old.recipient_name):
        return MessageField.RECIPIENT_NAME
    # Texts that were stored before invisible characters were removed are compared without them.
    if old.text and new.text != old.text and new.text != INVISIBLE_IN_TEXT.sub('', old.text):
        return MessageField.TEXT
    return None


def restore_losses(old: IncomingMessage, new: IncomingMessage, error_codes: Iterable[str | None]) -> IncomingMessage:
    """Return the message of a file with what a spreadsheet has lost; see table_files.spreadsheet_losses.

    An empty text or appointment is a loss too: a file cannot report that there is none. A cost or a number of parts
    of receipts, which the file repeats, does not become the sender's own.

    Args:
        old: the stored message.
        new: the message of the file.
        error_codes: those that were ever reported about the message.
    """
    restored = restore_attributes(old, new, TEXTS_OF_FILES)
    if old.cost_source and new.cost in (0, old.cost):
        restored = replace(restored, cost_source=old.cost_source)
    if old.parts_from_receipts and new.parts == old.parts:
        restored = replace(restored, parts=None)
    return replace(
        restored,
        appointment_at=new.appointment_at or old.appointment_at,
        text=restored.text or old.text,
        error_code=restore_known(new.error_code, (old.error_code, *error_codes)),
    )


def with_known_status(old: IncomingMessage, new: IncomingMessage) -> IncomingMessage:
    """Return `new` with the status, times, error and delivery of `old`."""
    return replace(
        new,
        status=old.status,
        sent_at=old.sent_at,
        attempted_at=old.attempted_at,
        error_code=old.error_code,
        error_name=old.error_name,
        delivery=old.delivery,
    )


def with_later_status(old: IncomingMessage, new: IncomingMessage) -> IncomingMessage:
    """Return `new`, with the status of `old` if `new` only repeats that the message was queued before."""
    return with_known_status(old, new) if new.status == MessageStatus.WAITING != old.status else new


def with_initial_times(message: IncomingMessage, now: datetime) -> IncomingMessage:
    """Return a new message with its times rounded down to seconds, and queued at `now` if no time is known."""
    times = (message.appointment_at, message.queued_at, message.attempted_at, message.sent_at)
    # Nearly all messages: a copy would take longer than all the rest of their merging.
    if message.queued_at and not any(moment and moment.microsecond for moment in times):
        return message
    return replace(
        message,
        appointment_at=more_precise(None, message.appointment_at),
        queued_at=more_precise(None, message.queued_at or message.sent_at or message.attempted_at or now),
        attempted_at=more_precise(None, message.attempted_at),
        sent_at=more_precise(None, message.sent_at),
    )


def more_precise(old: datetime | None, new: datetime | None) -> datetime | None:
    """Return the new time in seconds, or the old time if the new one is only its minute."""
    if new is None:
        return None
    new_in_seconds = new.replace(microsecond=0)
    if old and new_in_seconds in (old, old.replace(second=0)):
        return old
    return new_in_seconds
