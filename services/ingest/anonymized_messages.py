"""A message whose person has been removed: what it is known by, and that nobody brings the person back.

It has no phone, which no other message lacks. Everything else that speaks of the person is empty too, so that no
search finds it: the folded name and the initials. What stays is what sums and lists need.
"""

from dataclasses import replace
from typing import Any, Final

from services import texts
from services.ingest.message_parsing import Incoming
from services.ingest.status_history import Fact

NOBODY: Final[dict[str, Any]] = {
    'recipient_name': texts.BLANKED,
    'phone': '',
    'appointment_at': None,
    'text': '',
    'error_name': None,
}
"""What stands in the place of what was told of the person. An error's name is in free words: the code says as much."""


def is_blanked(message: Incoming) -> bool:
    """Say whether the person has been removed from a message."""
    return not message.phone


def without_person(message: Incoming) -> Incoming:
    """Give a message as it is kept of one that is blanked already."""
    return replace(message, **NOBODY)


def fact_without_person(fact: Fact) -> Fact:
    """Give a fact as it is kept of a message that is blanked already."""
    return replace(fact, error_name=None)
