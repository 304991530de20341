"""What the summary tells: figures, and for each the query whose messages it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Generic, TypeVar

from models import MessageStatus
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery

T = TypeVar('T')


@dataclass(frozen=True)
class Times:
    """A day or a month, with its messages by status."""

    period: Period
    messages: Mapping[MessageStatus, int]
    """Only statuses that were asked for; one without a message has 0."""


@dataclass(frozen=True)
class Share(Generic[T]):
    """What falls to an organisation or a kind."""

    of: T
    messages: int
    cost: Decimal
    """Roubles."""


@dataclass(frozen=True)
class Growing:
    """An error that has become more frequent."""

    code: str | None
    name: str | None
    before: int
    """Failed messages in the days that are compared with."""
    now: int


@dataclass(frozen=True)
class Errors:
    """Errors that grow: some last days of the period, held against as many before them."""

    before: Period
    now: Period
    growing: Sequence[Growing]
    """The steepest first."""


@dataclass(frozen=True)
class Waiting:
    """A message that waits."""

    since: datetime
    """The moment the journal files it by: its last attempt, else when it was queued."""
    lasts: timedelta
    """How long it has waited since then."""
    query: MessageQuery
    """Finds it in the journal, among those of its day, organisation and kind that wait."""


@dataclass(frozen=True)
class Summary:
    """Everything on the page, of one query."""

    query: MessageQuery
    messages: Mapping[MessageStatus, int]
    """Only statuses that were asked for."""
    cost: Decimal
    """Roubles."""
    monthly: bool
    """Whether `times` are months, else days."""
    times: Sequence[Times]
    """From the first to the last, none left out."""
    organizations: Sequence[Share[MessageQuery | None]]
    """The dearest first; None: all others together, at the end. Nothing where one organisation was asked for."""
    kinds: Sequence[Share[MessageQuery]]
    """In the order of the dictionary; nothing where one kind was asked for."""
    errors: Errors | None
    """None where failed messages were not asked for."""
    waiting: Sequence[Waiting] | None
    """The longest first; None where waiting messages were not asked for."""

    @property
    def found(self) -> int:
        """How many messages there are in all."""
        return sum(self.messages.values())

    @property
    def failing(self) -> Decimal | None:
        """The share of failed messages among those that were tried: 0 to 1; None where nobody can say."""
        sent, failed = (self.messages.get(status) for status in (MessageStatus.SENT, MessageStatus.FAILED))
        if sent is None or failed is None or not sent + failed:
            return None
        return Decimal(failed) / (sent + failed)
