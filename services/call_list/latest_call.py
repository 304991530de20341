"""What the row of a message says of the calls about it."""

from dataclasses import dataclass
from datetime import datetime

from models import CallOutcome


@dataclass(frozen=True)
class LatestCall:
    """The latest call about a message, or the one that is being made; one that was undone is none."""

    called_by: str
    """The name of the operator's account."""
    called_at: datetime
    outcome: CallOutcome | None
    """None while the recipient is being called."""
    attempts: int = 0
    """The number of calls in vain so far."""
    again_at: datetime | None = None
    """When the recipient returns to the call list; None if they do not, or have returned."""
    is_pending: bool = False
    """Whether the recipient is on the call list again."""
