"""The summary of a query: totals, cost, growing errors, longest waiting messages."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import MessageStatus
from services.access_scope.organization_scope import ScopedService
from services.database.engine import QUERY_TIMEOUT_SECONDS, Database
from services.messages.message_query import MessageQuery
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import TokenSelectivity
from services.summary import breakdowns, error_trends, status_counts
from services.summary.comparisons import compare_periods, read_first_day
from services.summary.status_counts import Grouping, StatusCount
from services.summary.summary_data import Summary
from services.summary.summary_query import SummaryQuery


class Summaries(ScopedService):
    """Compute summaries of the journal."""

    def __init__(
        self, database: Database, zone: ZoneInfo, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Summarize by calendar days of `zone`; `now` returns the current time (timezone-aware)."""
        self._database = database
        self._zone = zone
        self._now = now

    async def summarize(self, query: SummaryQuery) -> Summary:
        """Return the summary of a query without name and phone.

        Raises:
            InvalidQueryError: the query contradicts itself.
            DatabaseError: see services.errors.
        """
        query.check()
        return await self._database.read_with_timeout(
            QUERY_TIMEOUT_SECONDS, lambda session: self._summarize(session, query)
        )

    async def count_by_status(self, query: MessageQuery, grouping: Grouping) -> Sequence[StatusCount]:
        """Count the messages of a query without name and phone by status, and by day, kind or organisation.

        Raises:
            InvalidQueryError: the query contradicts itself.
            DatabaseError: see services.errors.
        """
        query.check()
        return await self._database.read_with_timeout(
            QUERY_TIMEOUT_SECONDS,
            lambda session: status_counts.count_by_status(self._bind(session, query, self._now()), grouping),
        )

    def _summarize(self, session: Session, query: SummaryQuery) -> Summary:
        now = self._now()
        bound_query = self._bind(session, query, now)
        counted = breakdowns.count_messages(bound_query, query)
        statuses, first_day = counted.totals.messages, read_first_day(bound_query)
        return Summary(
            query=query,
            totals=counted.totals,
            comparisons=compare_periods(bound_query, now.astimezone(self._zone).date(), first_day),
            is_monthly=counted.is_monthly,
            by_period=counted.by_period,
            organizations=breakdowns.totals_by_organization(bound_query, query.organization_order),
            kinds=counted.kinds,
            errors=error_trends.growing_errors(bound_query, now, first_day)
            if MessageStatus.FAILED in statuses
            else None,
            longest_waiting=error_trends.longest_waiting(bound_query, now)
            if MessageStatus.WAITING in statuses
            else None,
        )

    def _bind(self, session: Session, query: MessageQuery, now: datetime) -> BoundQuery:
        return BoundQuery.bind(session, query, self._zone, TokenSelectivity(), now, scope=self._scope)
