"""The values of the summary: counts and costs, each with the query that finds its messages."""

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
class PeriodCounts:
    """The messages of a day or a month by status."""

    period: Period
    messages: Mapping[MessageStatus, int]
    """Only statuses of the query; a status without messages has 0."""


@dataclass(frozen=True)
class CostShare(Generic[T]):
    """The share of an organization or a kind in the totals."""

    subject: T
    messages: int
    cost: Decimal
    """Roubles."""


@dataclass(frozen=True)
class GrowingError:
    """An error that has become more frequent."""

    code: str | None
    name: str | None
    count_before: int
    """Failed messages in the previous period."""
    count_now: int


@dataclass(frozen=True)
class ErrorTrends:
    """Errors that grew: the last days of the query's period compared with the same number of days before them."""

    previous_period: Period
    current_period: Period
    growing: Sequence[GrowingError]
    """The largest increase first."""


@dataclass(frozen=True)
class WaitingMessage:
    """A message that waits to be sent."""

    waiting_since: datetime
    """The time of its last attempt, else when it was queued."""
    waiting_time: timedelta
    """The time since then."""
    query: MessageQuery
    """Finds the message in the journal, among the waiting messages of its day, organization and kind."""


@dataclass(frozen=True)
class Summary:
    """The summary of one query."""

    query: MessageQuery
    messages: Mapping[MessageStatus, int]
    """Only statuses of the query."""
    cost: Decimal
    """Roubles."""
    is_monthly: bool
    """Whether `by_period` has months instead of days."""
    by_period: Sequence[PeriodCounts]
    """In order of time and without gaps."""
    organizations: Sequence[CostShare[MessageQuery | None]]
    """The highest cost first; None at the end for all others together. Empty if the query names an organization."""
    kinds: Sequence[CostShare[MessageQuery]]
    """In the order of the dictionary; empty if the query names a kind."""
    errors: ErrorTrends | None
    """None if the query excludes failed messages."""
    longest_waiting: Sequence[WaitingMessage] | None
    """The longest first; None if the query excludes waiting messages."""

    @property
    def message_count(self) -> int:
        """The number of all messages."""
        return sum(self.messages.values())

    @property
    def failure_rate(self) -> Decimal | None:
        """The share of failed among sent and failed messages, 0 to 1; None if it cannot be computed."""
        sent, failed = (self.messages.get(status) for status in (MessageStatus.SENT, MessageStatus.FAILED))
        if sent is None or failed is None or not sent + failed:
            return None
        return Decimal(failed) / (sent + failed)
