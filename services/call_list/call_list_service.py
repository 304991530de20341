"""The call-back list: whom a shift calls because a message did not get through, and who has called whom.

A person is the folded name with the phone. He is taken by one operator at a time, for a quarter of an hour; a call that
was made is noted down for each message that it was about, so that the next failure puts him on the list again.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import CallOutcome, MessageStatus
from services.call_list import call_queries, claims
from services.call_list.call_queries import Claim, CompletedCall, PendingCall, PendingCalls, RecipientKey
from services.database.engine import Database
from services.lists.query_protocol import Period
from services.live_updates import notify_page
from services.messages.message_query import MessageQuery
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import TokenSelectivity
from services.receipts.provider_codes import ProviderCodes

DEFAULT_PERIOD_DAYS = 7
"""How many days of failed messages the list begins with."""
MAX_NOTE_LENGTH = 200
QUERY_TIMEOUT_SECONDS = 15.0
"""Seconds after which the database stops reading the list, and the person is asked to narrow the period."""


class CallListSubscriber(Protocol):
    """A page that shows people to call."""

    @property
    def displayed_ids(self) -> Collection[UUID]:
        """The messages that it shows."""

    def on_calls_changed(self, message_ids: Collection[UUID], still_waiting: Mapping[UUID, Claim | None]) -> None:
        """Hear which of some messages still wait for a call, and who has taken their people."""


class CallListService:
    """The list, and what operators do with it. Every call may raise Busy or Unavailable (see services.database.engine)."""

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        codes: ProviderCodes,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """List by the days of `zone`; `now` tells the time (aware)."""
        self._database = database
        self._codes = codes
        self._now = now
        self._subscribers: set[CallListSubscriber] = set()
        self.zone = zone

    def default_query(self) -> MessageQuery:
        """Give the query that a page begins with: what failed in the last days."""
        today = self._now().astimezone(self.zone).date()
        return MessageQuery(period=Period(today - timedelta(days=DEFAULT_PERIOD_DAYS - 1), today))

    def is_past(self, appointment_at: datetime | None) -> bool:
        """Say whether an appointment is past, so that a call comes too late for it."""
        return appointment_at is not None and appointment_at <= self._now()

    async def pending_calls(self, query: MessageQuery, limit: int) -> PendingCalls:
        """Give the first people to call about the failed messages of a query without a name and a phone.

        Raises:
            InvalidQueryError: the query contradicts itself.
        """
        query.check()
        failed = replace(query, statuses=frozenset({MessageStatus.FAILED}))
        return await self._database.read_with_timeout(
            QUERY_TIMEOUT_SECONDS,
            lambda session: call_queries.pending_calls(
                session, self._bind(session, failed), self._codes, now=self._now(), limit=limit
            ),
        )

    async def completed_calls(self, query: MessageQuery, limit: int) -> list[CompletedCall]:
        """Give the newest calls made about the messages of a query, whatever became of those; raises as `waiting`."""
        query.check()
        return await self._database.read_with_timeout(
            QUERY_TIMEOUT_SECONDS,
            lambda session: call_queries.completed_calls(session, self._bind(session, query), limit=limit),
        )

    async def claim(self, call: PendingCall, username: str) -> bool:
        """Take a person for the account named `by`; False when another has been first."""
        ids = [message.id for message in call.messages]
        return await self._database.write(
            lambda session: claims.claim(session, call.key, ids, username=username, now=self._now())
        )

    async def release(self, key: RecipientKey, username: str) -> None:
        """Let a person go again; one whom another has taken meanwhile stays his."""
        await self._database.write(lambda session: claims.release(session, key, username=username))

    async def complete(self, call: PendingCall, username: str, outcome: CallOutcome, note: str) -> bool:
        """Note down that a person was called about the messages shown; False when he is not `by`'s any more.

        Raises:
            ValueError: the note is longer than LONGEST_NOTE.
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
        """Put a person who was called back on the list."""
        await self._database.write(lambda session: claims.reopen(session, completed.message_ids))

    def subscribe(self, subscriber: CallListSubscriber) -> Callable[[], None]:
        """Tell a page in the event loop of its people from now on; the answer ends that."""
        self._subscribers.add(subscriber)
        return lambda: self._subscribers.discard(subscriber)

    async def poll(self) -> None:
        """Ask the database once for all open pages; for services.live_updates, which knows when."""
        displayed = {follower: frozenset(follower.displayed_ids) for follower in self._subscribers}
        ids = frozenset[UUID]().union(*displayed.values())
        if not ids:
            return
        now = self._now()
        waiting = await self._database.read(lambda session: call_queries.still_waiting(session, ids, now=now))
        for subscriber, message_ids in displayed.items():
            notify_page(
                partial(
                    subscriber.on_calls_changed, message_ids, {id: waiting[id] for id in message_ids if id in waiting}
                )
            )

    def _bind(self, session: Session, query: MessageQuery) -> BoundQuery:
        return BoundQuery.bind(session, query, self.zone, TokenSelectivity(), self._now())
