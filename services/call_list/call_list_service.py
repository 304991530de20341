"""The call list: recipients to phone because a message was not delivered, and the calls that were made.

A recipient is identified by folded name and phone. One operator at a time claims a recipient, for 15 minutes. A
completed call is stored for each message that it was about, so that the next failed message adds the recipient again.
services.call_list.call_conditions defines which messages need a call.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import CallOutcome
from services.call_list import call_conditions, call_queries, claims
from services.call_list.call_queries import Claim, CompletedCall, PendingCall, PendingCalls, RecipientKey
from services.database.engine import Database
from services.lists.query_protocol import Period
from services.live_updates import notify_page
from services.messages.delivery import DEFAULT_TIMEOUTS, DeliveryTimeouts
from services.messages.message_query import MessageQuery
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import TokenSelectivity
from services.receipts.provider_codes import ProviderCodes

DEFAULT_PERIOD_DAYS = 7
"""The days of failed messages in the initial query."""
MAX_NOTE_LENGTH = 200
QUERY_TIMEOUT_SECONDS = 15.0
"""Seconds after which the database cancels reading the list; the user then has to narrow the period."""


class CallListSubscriber(Protocol):
    """A page that displays recipients to call."""

    @property
    def displayed_ids(self) -> Collection[UUID]:
        """The ids of the displayed messages."""

    def on_calls_changed(self, message_ids: Collection[UUID], still_waiting: Mapping[UUID, Claim | None]) -> None:
        """Update the page: `still_waiting` maps those of `message_ids` that wait for a call to their active claim."""


class CallListService:
    """Read the call list, and claim, complete and reopen calls.

    Every method may raise DatabaseError (see services.errors).
    """

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        codes: ProviderCodes,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeouts: DeliveryTimeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        """List by calendar days of `zone`; `now` returns the current time (timezone-aware)."""
        self._database = database
        self._codes = codes
        self._now = now
        self._timeouts = timeouts
        self._subscribers: set[CallListSubscriber] = set()
        self.zone = zone

    def default_query(self) -> MessageQuery:
        """Return the initial query of a page: the last DEFAULT_PERIOD_DAYS days."""
        today = self._now().astimezone(self.zone).date()
        return MessageQuery(period=Period(today - timedelta(days=DEFAULT_PERIOD_DAYS - 1), today))

    def is_past(self, appointment_at: datetime | None) -> bool:
        """Return whether an appointment is past."""
        return appointment_at is not None and appointment_at <= self._now()

    async def pending_calls(self, query: MessageQuery, limit: int) -> PendingCalls:
        """Return the first `limit` recipients to call about the messages of a query without name and phone.

        Raises:
            InvalidQueryError: the query contradicts itself.
        """
        query.check()
        unsent = replace(query, statuses=call_conditions.STATUSES)
        return await self._database.read_with_timeout(
            QUERY_TIMEOUT_SECONDS,
            lambda session: call_queries.pending_calls(
                session, self._bind(session, unsent), self._codes, now=self._now(), limit=limit
            ),
        )

    async def completed_calls(self, query: MessageQuery, limit: int) -> list[CompletedCall]:
        """Return the newest completed calls about the messages of a query, whatever their status is now.

        Raises:
            InvalidQueryError: the query contradicts itself.
        """
        query.check()
        return await self._database.read_with_timeout(
            QUERY_TIMEOUT_SECONDS,
            lambda session: call_queries.completed_calls(session, self._bind(session, query), limit=limit),
        )

    async def claim(self, call: PendingCall, username: str) -> bool:
        """Claim a recipient for an account; return False if somebody else has claimed or called them already."""
        ids = [message.id for message in call.messages]
        return await self._database.write(
            lambda session: claims.claim(session, call.key, ids, self._timeouts, username=username, now=self._now())
        )

    async def release(self, key: RecipientKey, username: str) -> None:
        """Release the claim of an account; a claim that somebody else took meanwhile stays."""
        await self._database.write(lambda session: claims.release(session, key, username=username))

    async def complete(self, call: PendingCall, username: str, outcome: CallOutcome, note: str) -> bool:
        """Record a completed call about the displayed messages; return False if the claim is lost.

        Raises:
            ValueError: the note is longer than MAX_NOTE_LENGTH.
        """
        note = note.strip()
        if len(note) > MAX_NOTE_LENGTH:
            raise ValueError(f'a note of {len(note)} characters')
        ids = [message.id for message in call.messages]
        complete = partial(
            claims.complete, key=call.key, ids=ids, username=username, now=self._now(), outcome=outcome, note=note
        )
        return await self._database.write(complete)

    async def reopen(self, completed: CompletedCall) -> None:
        """Delete a completed call, so that the recipient is listed again."""
        await self._database.write(lambda session: claims.reopen(session, completed.message_ids))

    def subscribe(self, subscriber: CallListSubscriber) -> Callable[[], None]:
        """Notify a page of changes, in the event loop; return the callback that unsubscribes it."""
        self._subscribers.add(subscriber)
        return lambda: self._subscribers.discard(subscriber)

    async def poll(self) -> None:
        """Query the database once for all subscribers and notify them; called by services.live_updates."""
        displayed = {subscriber: frozenset(subscriber.displayed_ids) for subscriber in self._subscribers}
        ids = frozenset[UUID]().union(*displayed.values())
        if not ids:
            return
        now = self._now()
        waiting = await self._database.read(
            lambda session: call_queries.still_waiting(session, ids, self._timeouts, now=now)
        )
        for subscriber, message_ids in displayed.items():
            notify_page(
                partial(
                    subscriber.on_calls_changed, message_ids, {id: waiting[id] for id in message_ids if id in waiting}
                )
            )

    def _bind(self, session: Session, query: MessageQuery) -> BoundQuery:
        return BoundQuery.bind(session, query, self.zone, TokenSelectivity(), self._now(), timeouts=self._timeouts)
