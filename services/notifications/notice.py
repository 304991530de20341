"""What a notification says, and the protocol of the channels that send it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.errors import JournalError


class NoticeNotSentError(JournalError):
    """A channel could not send a notification; the message has the reason, and no secret."""


@dataclass(frozen=True)
class Notice:
    """The beginning or the end of an alert, without anything about a person.

    It contains counts, times, and the name of an organisation or of a kind of messages.
    """

    kind: str
    """A value of services.overview.alert_model.AlertKind."""
    is_end: bool
    text: str
    url: str
    """The list that shows more; without an origin if the journal does not know its own."""
    at: datetime
    """When the alert began or ended (aware)."""


class Channel(Protocol):
    """A way to send notifications."""

    @property
    def name(self) -> str:
        """The name in the database and in logs."""

    async def send(self, notice: Notice) -> None:
        """Send a notification; return when it was accepted.

        Raises:
            NoticeNotSentError: it was not accepted.
        """
