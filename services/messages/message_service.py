"""The service that searches the journal of sent messages."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlmodel import Session

from models import MessageStatus
from models.message import effective_time
from services import texts
from services.access_scope.organization_scope import ScopedService, read_row_ids
from services.call_list.call_conditions import call_params
from services.call_list.latest_call import LatestCall
from services.call_list.row_calls import read_latest_calls
from services.database.engine import QUERY_TIMEOUT_SECONDS, Database
from services.days import one_month_earlier
from services.lists.query_protocol import Page, Period, Totals
from services.messages import change_feed, delivery, error_counts, message_details, message_page, overdue_messages
from services.messages.change_feed import ChangePosition, MessageChanges
from services.messages.delivery import (
    DEFAULT_TIMEOUTS,
    DeliveryTimeouts,
    MessageProgress,
    ReportedMessage,
)
from services.messages.error_counts import ErrorCount
from services.messages.message_codes import MIN_PREFIX_LENGTH, find_decimal_code
from services.messages.message_details import MessageDetails
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.overdue_messages import OverduePage
from services.messages.search import explain
from services.messages.search.estimates import Estimates
from services.messages.search.planner_settings import DEFAULT_SETTINGS, PlannerSettings
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import TokenSelectivity
from services.messages.totals import message_totals

T = TypeVar('T')

ERROR_COUNT_TIMEOUT_SECONDS = 3.0
"""Seconds after which no errors are offered: a list that opens later is of no use."""


class MessageService(ScopedService):
    """Searches the journal; the data source of its list page."""

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        time_limit: float = QUERY_TIMEOUT_SECONDS,
        planner: PlannerSettings = DEFAULT_SETTINGS,
        timeouts: DeliveryTimeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        """Search `database` by the calendar days of `zone`.

        Args:
            database: the journal's database.
            zone: the time zone of the journal's days.
            now: returns the current time (aware).
            time_limit: seconds after which a search is stopped.
            planner: the limits by which access paths are chosen.
            timeouts: how long answers are expected, and how long messages may wait.
        """
        self._database = database
        self.zone = zone
        self._now = now
        self._time_limit = time_limit
        self._planner = planner
        self.timeouts = timeouts
        self._selectivity = TokenSelectivity()

    def today(self) -> date:
        """Return the current day on the journal's calendar."""
        return self._now().astimezone(self.zone).date()

    def default_query(self) -> MessageQuery:
        """Return the query with which a page begins: the month up to today (S7)."""
        today = self.today()
        return MessageQuery(period=Period(one_month_earlier(today), today))

    async def page(self, query: MessageQuery, *, number: int, size: int, count: int | None = None) -> Page[MessageRow]:
        """Read a page of the result.

        Raises:
            InvalidQueryError: the query contradicts itself.
            ValueError: the size is not one of PAGE_SIZES.
            DatabaseError: see services.errors.
        """
        page = await self.read_bound(
            query,
            self._time_limit,
            lambda bound_query: self._add_calls(
                message_page.read_page(Estimates(bound_query), number=number, size=size, count=count), bound_query
            ),
        )
        return page if page.rows else replace(page, hint=await self._hint_at_code(query))

    async def _hint_at_code(self, query: MessageQuery) -> str | None:
        """Return a sentence if the digits that were searched for as a phone are the beginning of a code."""
        code = None if query.code else find_decimal_code(query.phone)
        if code is None or not (await self.totals(MessageQuery(code=code))).count:
            return None
        return texts.BEGINS_LIKE_CODE.format(code=f'{code[:MIN_PREFIX_LENGTH]}-')

    async def totals(self, query: MessageQuery) -> Totals:
        """Count the result and add up its cost; raises as `page` does."""
        return await self.read_bound(
            query, self._time_limit, lambda bound_query: message_totals.compute_totals(Estimates(bound_query))
        )

    async def read_bound(self, query: MessageQuery, seconds: float, work: Callable[[BoundQuery], T]) -> T:
        """Run reading work on a query, bound to a connection of a reader thread.

        Raises:
            InvalidQueryError: the query contradicts itself.
            DatabaseError: see services.errors; QueryTimeoutError after `seconds`.
        """
        query.check()
        return await self._database.read_with_timeout(seconds, lambda session: work(self._bind(session, query)))

    def explain(self, query: MessageQuery, number: int = 1) -> list[str]:
        """Describe how a page of a query is planned, for the command line; raises as `page` does."""
        query.check()
        return self._database.read_sync(lambda session: explain.explain(self._bind(session, query), number))

    def status_note(self, message: ReportedMessage) -> str:
        """Describe below the status of a message what it leaves open, as of now; empty if nothing is known."""
        return delivery.status_note(message, self.timeouts, self._now())

    def waiting_time(self, message: MessageProgress) -> str:
        """Return how long a message has been waiting to be sent, as of now; empty if it does not wait."""
        return delivery.waiting_time(message, self._now())

    def describe_delivery(self, message: MessageProgress) -> str:
        """Describe the delivery of a message in a sentence, as of now; empty if unknown."""
        return delivery.description(message, self.timeouts, self._now())

    async def details(self, message_id: UUID) -> MessageDetails | None:
        """Read the details of a row (S15); None if there is no such message."""
        return await self._database.read(lambda session: message_details.read_details(session, message_id, self._scope))

    async def error_counts(self, query: MessageQuery) -> Sequence[ErrorCount]:
        """Count the failed messages of a query's period, organizations, kinds and appointments by error.

        Raises:
            DatabaseError: see services.errors; QueryTimeoutError after ERROR_COUNT_TIMEOUT_SECONDS.
        """
        return await self._database.read_with_timeout(
            ERROR_COUNT_TIMEOUT_SECONDS, lambda session: error_counts.count_errors(self._bind(session, query))
        )

    async def same_error(self, message: MessageRow) -> tuple[int, MessageQuery] | None:
        """Count the other messages that have failed by the same error within a week; None if it has not failed.

        Returns:
            The count, and the query that finds them.
        """
        if message.status is not MessageStatus.FAILED:
            return None
        query = MessageQuery(errors=frozenset({message.error_key}), period=error_counts.week_until(self.today()))
        count = (await self.totals(query)).count
        moment = effective_time(sent_at=None, attempted_at=message.attempted_at, queued_at=message.queued_at)
        assert query.period.since
        is_counted = query.period.since <= moment.astimezone(self.zone).date() <= self.today()
        return count - is_counted, query

    async def overdue(self, *, after: int, size: int) -> OverduePage:
        """Read the messages that have waited too long; see overdue_messages."""
        return await self.read_bound(
            overdue_messages.QUERY,
            self._time_limit,
            lambda bound_query: overdue_messages.read_overdue(bound_query, after=after, size=size),
        )

    async def newest_change(self) -> ChangePosition:
        """Return the position of the newest change to any message, or to the calls about it."""
        return await self._database.read(lambda session: change_feed.newest_position(session, self._now()))

    async def changes_since(self, position: ChangePosition) -> MessageChanges:
        """Return the messages created and changed after a position, and those whose calls have changed."""
        return await self._database.read(
            lambda session: change_feed.changes_since(session, position, self._now(), self._scope)
        )

    async def rows_by_id(self, ids: Collection[UUID]) -> Mapping[str, MessageRow]:
        """Read the rows of messages with the calls about them, by their keys."""

        def read(session: Session) -> Mapping[str, MessageRow]:
            rows = change_feed.rows_by_id(session, ids, self._scope)
            calls = self._read_calls(
                session.connection(), rows.values(), read_row_ids(session.connection(), self._scope)
            )
            return {key: row._replace(call=calls.get(row.code)) for key, row in rows.items()}

        return await self._database.read(read)

    async def count_matching(
        self, queries: Collection[MessageQuery], sort_keys: Sequence[int]
    ) -> Mapping[MessageQuery, int]:
        """Count, for each query, the matching messages among those with the given sort keys."""

        def count(session: Session) -> dict[MessageQuery, int]:
            return {query: change_feed.count_matching(self._bind(session, query), sort_keys) for query in queries}

        return await self._database.read(count)

    def _add_calls(self, page: Page[MessageRow], bound_query: BoundQuery) -> Page[MessageRow]:
        """Return a page with the calls about its messages."""
        calls = self._read_calls(bound_query.connection, page.rows, bound_query.scope_rows)
        return replace(page, rows=[row._replace(call=calls.get(row.code)) for row in page.rows]) if calls else page

    def _read_calls(
        self, connection: Connection, rows: Collection[MessageRow], scope_rows: Sequence[int] | None
    ) -> Mapping[UUID, LatestCall]:
        params = call_params(self.timeouts, self._now(), self.zone, scope_rows)
        return read_latest_calls(connection, [row.code for row in rows if row.may_have_calls], params)

    def _bind(self, session: Session, query: MessageQuery) -> BoundQuery:
        return BoundQuery.bind(
            session, query, self.zone, self._selectivity, self._now(), self._planner, self.timeouts, self._scope
        )
