"""A message whose person has been removed: what it is known by, and that nobody brings the person back.

It has no phone, which no other message lacks. Everything else that speaks of the person is empty too, so that no
search finds it: the folded name and the initials. What stays is what sums and lists need.
"""

from dataclasses import replace
from typing import Any, Final

from services import texts
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent

ANONYMIZED_VALUES: Final[dict[str, Any]] = {
    'recipient_name': texts.ANONYMIZED,
    'phone': '',
    'appointment_at': None,
    'text': '',
    'error_name': None,
}
"""What stands in the place of what was told of the person. An error's name is in free words: the code says as much."""


def is_anonymized(message: IncomingMessage) -> bool:
    """Say whether the person has been removed from a message."""
    return not message.phone


def anonymize_message(message: IncomingMessage) -> IncomingMessage:
    """Give a message as it is kept of one that is blanked already."""
    return replace(message, **ANONYMIZED_VALUES)


def anonymize_event(event: StatusEvent) -> StatusEvent:
    """Give a fact as it is kept of a message that is blanked already."""
    return replace(event, error_name=None)
