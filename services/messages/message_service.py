"""The journal of sent messages: what can be asked of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from services.database.engine import Database
from services.days import month_before
from services.lists.query_protocol import Page, Period, Totals
from services.messages import change_feed, message_details
from services.messages import message_page as pages
from services.messages.change_feed import News
from services.messages.message_details import Opened
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.search.query_shape import Asked
from services.messages.search.selectivity import Commonness
from services.messages.totals import message_totals as sums

TIME_LIMIT = 15.0
"""Seconds after which a search is stopped in the database, and the person asked to narrow it."""


class Messages:
    """Searches the journal; a Source for the component that draws it."""

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        time_limit: float = TIME_LIMIT,
    ) -> None:
        """Search in `database` by the days of `zone`; `now` tells the time (aware), `time_limit` is in seconds."""
        self._database = database
        self.zone = zone
        self._now = now
        self._time_limit = time_limit
        self._commonness = Commonness()

    def today(self) -> date:
        """Give the present day on the journal's calendar."""
        return self._now().astimezone(self.zone).date()

    def query(self) -> MessageQuery:
        """Give the query that a page begins with: the month up to today (spec S7)."""
        today = self.today()
        return MessageQuery(period=Period(month_before(today), today))

    async def page(self, query: MessageQuery, *, number: int, size: int, count: int | None = None) -> Page[MessageRow]:
        """Give a page of the result.

        Raises:
            Refusal: the query contradicts itself.
            ValueError: the size is not one of PAGE_SIZES.
            Busy, Unavailable: see services.database.engine.
        """
        query.check()
        return await self._database.read_within(
            self._time_limit,
            lambda session: pages.read(self._asked(session, query), number=number, size=size, count=count),
        )

    async def totals(self, query: MessageQuery) -> Totals:
        """Count the result and add up its cost; raises as `page` does."""
        query.check()
        return await self._database.read_within(
            self._time_limit, lambda session: sums.read(self._asked(session, query))
        )

    async def details(self, code: UUID) -> Opened | None:
        """Give what opens under a row (spec S15); None when there is no such message."""
        return await self._database.read(lambda session: message_details.read(session, code))

    async def newest(self) -> int:
        """Give the number of the newest change to any message."""
        return await self._database.read(change_feed.newest)

    async def since(self, number: int) -> News:
        """Give what has come in and what has changed since a change."""
        return await self._database.read(lambda session: change_feed.since(session, number))

    async def lines(self, ids: Collection[UUID]) -> Mapping[str, MessageRow]:
        """Give the lines of some messages by their keys."""
        return await self._database.read(lambda session: change_feed.lines(session, ids))

    async def fitting(self, queries: Collection[MessageQuery], places: Sequence[int]) -> Mapping[MessageQuery, int]:
        """Count for each of some queries the messages at some places that fit."""

        def count(session: Session) -> dict[MessageQuery, int]:
            return {query: change_feed.fitting(self._asked(session, query), places) for query in queries}

        return await self._database.read(count)

    def _asked(self, session: Session, query: MessageQuery) -> Asked:
        return Asked.of(session, query, self.zone, self._commonness, self._now())
