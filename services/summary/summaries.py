"""The journal seen from afar: what its messages add up to, which errors grow, what waits longest."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import MessageStatus
from services.database.engine import Database
from services.messages.message_query import MessageQuery
from services.messages.search.query_shape import Asked
from services.messages.search.selectivity import Commonness
from services.summary import breakdowns, error_trends
from services.summary.summary_data import Summary

TIME_LIMIT = 15.0
"""Seconds after which the database stops, and the person is asked to narrow the period."""


class Summaries:
    """Sums the journal up."""

    def __init__(
        self, database: Database, zone: ZoneInfo, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Sum up by the days of `zone`; `now` tells the time (aware)."""
        self._database = database
        self._zone = zone
        self._now = now

    async def of(self, query: MessageQuery) -> Summary:
        """Sum up what a query without a name and a phone finds.

        Raises:
            Refusal: the query contradicts itself.
            Busy, Unavailable: see services.database.engine.
        """
        query.check()
        return await self._database.read_within(TIME_LIMIT, lambda session: self._read(session, query))

    def _read(self, session: Session, query: MessageQuery) -> Summary:
        asked = Asked.of(session, query, self._zone, Commonness(), self._now())
        counted = breakdowns.count(asked)
        now = self._now()
        return Summary(
            query=query,
            messages=counted.messages,
            cost=counted.cost,
            monthly=counted.monthly,
            times=counted.times,
            organizations=[] if query.organization else breakdowns.by_organization(asked),
            kinds=counted.kinds,
            errors=error_trends.errors(asked, now) if MessageStatus.FAILED in counted.messages else None,
            waiting=error_trends.waiting(asked, now) if MessageStatus.WAITING in counted.messages else None,
        )
