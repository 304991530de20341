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
from services.call_list.call_queries import Call, Calls, Claim, Key, Made
from services.database.engine import Database
from services.lists.query_protocol import Period
from services.live_updates import tell
from services.messages.message_query import MessageQuery
from services.messages.search.query_shape import Asked
from services.messages.search.selectivity import Commonness
from services.receipts.provider_codes import Codes

DAYS = 7
"""How many days of failed messages the list begins with."""
LONGEST_NOTE = 200
TIME_LIMIT = 15.0
"""Seconds after which the database stops reading the list, and the person is asked to narrow the period."""


class CallFollower(Protocol):
    """A page that shows people to call."""

    @property
    def shown(self) -> Collection[UUID]:
        """The messages that it shows."""

    def follow(self, asked: Collection[UUID], waiting: Mapping[UUID, Claim | None]) -> None:
        """Hear which of some messages still wait for a call, and who has taken their people."""


class CallBacks:
    """The list, and what operators do with it. Every call may raise Busy or Unavailable (see services.database.engine)."""

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        codes: Codes,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """List by the days of `zone`; `now` tells the time (aware)."""
        self._database = database
        self._codes = codes
        self._now = now
        self._followers: set[CallFollower] = set()
        self.zone = zone

    def query(self) -> MessageQuery:
        """Give the query that a page begins with: what failed in the last days."""
        today = self._now().astimezone(self.zone).date()
        return MessageQuery(period=Period(today - timedelta(days=DAYS - 1), today))

    def is_over(self, appointment_at: datetime | None) -> bool:
        """Say whether an appointment is past, so that a call comes too late for it."""
        return appointment_at is not None and appointment_at <= self._now()

    async def waiting(self, query: MessageQuery, limit: int) -> Calls:
        """Give the first people to call about the failed messages of a query without a name and a phone.

        Raises:
            Refusal: the query contradicts itself.
        """
        query.check()
        failed = replace(query, statuses=frozenset({MessageStatus.FAILED}))
        return await self._database.read_within(
            TIME_LIMIT,
            lambda session: call_queries.waiting(
                session, self._asked(session, failed), self._codes, now=self._now(), limit=limit
            ),
        )

    async def made(self, query: MessageQuery, limit: int) -> list[Made]:
        """Give the newest calls made about the messages of a query, whatever became of those; raises as `waiting`."""
        query.check()
        return await self._database.read_within(
            TIME_LIMIT, lambda session: call_queries.made(session, self._asked(session, query), limit=limit)
        )

    async def take(self, call: Call, by: str) -> bool:
        """Take a person for the account named `by`; False when another has been first."""
        ids = [message.id for message in call.messages]
        return await self._database.write(lambda session: claims.take(session, call.key, ids, by=by, now=self._now()))

    async def give_back(self, key: Key, by: str) -> None:
        """Let a person go again; one whom another has taken meanwhile stays his."""
        await self._database.write(lambda session: claims.give_back(session, key, by=by))

    async def finish(self, call: Call, by: str, outcome: CallOutcome, note: str) -> bool:
        """Note down that a person was called about the messages shown; False when he is not `by`'s any more.

        Raises:
            ValueError: the note is longer than LONGEST_NOTE.
        """
        note = note.strip()
        if len(note) > LONGEST_NOTE:
            raise ValueError(f'a note of {len(note)} characters')
        ids = [message.id for message in call.messages]
        work = partial(claims.finish, key=call.key, ids=ids, by=by, now=self._now(), outcome=outcome, note=note)
        return await self._database.write(work)

    async def put_back(self, made: Made) -> None:
        """Put a person who was called back on the list."""
        await self._database.write(lambda session: claims.put_back(session, made.ids))

    def follow(self, follower: CallFollower) -> Callable[[], None]:
        """Tell a page in the event loop of its people from now on; the answer ends that."""
        self._followers.add(follower)
        return lambda: self._followers.discard(follower)

    async def look(self) -> None:
        """Ask the database once for all open pages; for services.live_updates, which knows when."""
        shown = {follower: frozenset(follower.shown) for follower in self._followers}
        ids = frozenset[UUID]().union(*shown.values())
        if not ids:
            return
        now = self._now()
        waiting = await self._database.read(lambda session: call_queries.still_waiting(session, ids, now=now))
        for follower, asked in shown.items():
            tell(partial(follower.follow, asked, {id: waiting[id] for id in asked if id in waiting}))

    def _asked(self, session: Session, query: MessageQuery) -> Asked:
        return Asked.of(session, query, self.zone, Commonness(), self._now())
