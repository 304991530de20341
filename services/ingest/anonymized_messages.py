"""Anonymized messages: the recipient's personal data has been removed, and no later update restores it.

An anonymized message is recognised by its empty phone; every other message has one. All other personal data, including
the folded name and the initials, is empty too, so that no search finds the message. Totals and lists need the rest.
"""

from dataclasses import replace
from typing import Any, Final

from services import texts
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent

ANONYMIZED_VALUES: Final[dict[str, Any]] = {
    'recipient_name': texts.ANONYMIZED,
    'phone': '',
    'phone_note': None,
    'appointment_at': None,
    'text': '',
    'error_name': None,
}
"""Values that replace personal data. An error's name is free text and may contain some; its code remains."""


def is_anonymized(message: IncomingMessage) -> bool:
    """Return whether the recipient's data has been removed from a message."""
    return not message.phone


def anonymize_message(message: IncomingMessage) -> IncomingMessage:
    """Return the message without the recipient's data."""
    return replace(message, **ANONYMIZED_VALUES)


def anonymize_event(event: StatusEvent) -> StatusEvent:
    """Return the event without the free text that may contain the recipient's data."""
    return replace(event, error_name=None)
