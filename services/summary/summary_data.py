"""The values of the summary: counts and costs, each with the query that finds its messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from models import MessageStatus
from services.dictionaries.name_folding import fold_sort_name
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.summary.summary_query import SummaryQuery

STATUS_ORDER: Final = (MessageStatus.SENT, MessageStatus.WAITING, MessageStatus.FAILED)
"""The order of columns, and of the segments of a stacked bar from bottom to top."""
STATUSES_BY_COLUMN: Final = {status.name.lower(): status for status in MessageStatus}
"""The columns of the table of organisations that count the messages of a status."""


@dataclass(frozen=True)
class PeriodCounts:
    """The messages of a day or a month by status."""

    period: Period
    messages: Mapping[MessageStatus, int]
    """Only statuses of the query; a status without messages has 0."""


@dataclass(frozen=True)
class KindShare:
    """The share of a kind in the totals."""

    query: MessageQuery
    """Finds its messages."""
    messages: int
    cost: Decimal
    """Roubles."""


@dataclass(frozen=True)
class StatusTotals:
    """Messages by status, and their cost."""

    messages: Mapping[MessageStatus, int]
    """Only statuses of the query; a status without messages has 0."""
    cost: Decimal
    """Roubles."""
    withdrawn: int
    """The messages that their senders withdrew; they are counted among the failed ones."""

    @property
    def message_count(self) -> int:
        """The number of all messages."""
        return sum(self.messages.values())

    @property
    def statuses(self) -> list[MessageStatus]:
        """The statuses of the query, in the order of columns."""
        return [status for status in STATUS_ORDER if status in self.messages]

    @property
    def has_failure_rate(self) -> bool:
        """Whether the query has the statuses that a failure rate compares."""
        return {MessageStatus.SENT, MessageStatus.FAILED} <= self.messages.keys()

    @property
    def failure_rate(self) -> Decimal | None:
        """The share of failed among sent and failed messages, 0 to 1; None if it cannot be computed.

        Withdrawn messages were never to be sent.
        """
        if not self.has_failure_rate:
            return None
        sent, failed = self.messages[MessageStatus.SENT], self.messages[MessageStatus.FAILED] - self.withdrawn
        return Decimal(failed) / (sent + failed) if sent + failed else None


@dataclass(frozen=True)
class OrganizationTotals(StatusTotals):
    """The totals of an organisation."""

    organization: OrganizationName

    def sort_value(self, column: str) -> Decimal | int | str | None:
        """Return what a column of `summary_query.ORGANIZATION_COLUMNS` is sorted by; None if it is unknown."""
        if column in STATUSES_BY_COLUMN:
            return self.messages.get(STATUSES_BY_COLUMN[column])
        values: Mapping[str, Decimal | int | str | None] = {
            'name': fold_sort_name(self.organization.name),
            'messages': self.message_count,
            'failure_rate': self.failure_rate,
            'cost': self.cost,
        }
        return values[column]


class ComparisonKind(StrEnum):
    """With which period a period is compared."""

    PREVIOUS = 'previous'
    LAST_YEAR = 'last_year'


@dataclass(frozen=True)
class Comparison:
    """The totals of a period with which that of the query is compared."""

    kind: ComparisonKind
    period: Period
    totals: StatusTotals | None
    """None if they are not known, because the journal begins later, or has no message at all of these days."""


@dataclass(frozen=True)
class Comparisons:
    """What the period of a query is compared with."""

    period: Period
    """The part of the period that has passed, which is compared."""
    by_dates: bool
    """Whether the same dates are compared, and not the same weekdays."""
    is_today_included: bool
    """Whether the period ends today, a day that has not passed yet."""
    first_day: date | None
    """The first day with a message in the journal; None if it is empty."""
    comparisons: Sequence[Comparison]


@dataclass(frozen=True)
class GrowingError:
    """An error that has become more frequent."""

    code: str | None
    name: str | None
    count_before: int
    """Failed messages in the previous period."""
    count_now: int
    organization_count: int = 0
    """The number of organisations whose messages failed now."""
    most_affected: OrganizationName | None = None
    """The organisation with most of these messages; None if there are none now."""
    most_affected_count: int = 0

    @property
    def key(self) -> str:
        """What the error is searched by; see MessageRow.error_key."""
        return self.code or self.name or ''


@dataclass(frozen=True)
class ErrorTrends:
    """Errors that grew: the last days of the query's period compared with the same number of days before them."""

    previous_period: Period
    current_period: Period
    growing: Sequence[GrowingError]
    """The largest increase first."""
    is_before_known: bool
    """Whether the journal had begun when the previous period began."""


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

    query: SummaryQuery
    totals: StatusTotals
    comparisons: Comparisons | None
    """None if the period has no start, or has not begun."""
    is_monthly: bool
    """Whether `by_period` has months instead of days."""
    by_period: Sequence[PeriodCounts]
    """In order of time and without gaps."""
    organizations: Sequence[OrganizationTotals]
    """All that have messages, in the order of the query."""
    kinds: Sequence[KindShare]
    """In the order of the dictionary; empty if the query names one kind."""
    errors: ErrorTrends | None
    """None if the query excludes failed messages."""
    longest_waiting: Sequence[WaitingMessage] | None
    """The longest first; None if the query excludes waiting messages."""
