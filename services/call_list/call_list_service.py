"""The call list: recipients to phone because a message was not delivered, and the calls that were made.

A recipient is identified by folded name and phone. One operator at a time claims a recipient, for 15 minutes. A
completed call is stored for each message that it was about, so that the next failed message adds the recipient again.
A recipient who was not reached may return to the list at a time that the operator chooses; every call is counted.
services.call_list.call_conditions defines which messages need a call.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import AuditEvent, CallOutcome
from services.access_scope.organization_scope import OrganizationScope, ScopedService, read_row_ids
from services.audit.hash_chain import Actor
from services.call_list import call_changes, call_conditions, call_queries, call_records, claims, message_calls
from services.call_list.call_conditions import CallParams
from services.call_list.call_entries import Claim, CompletedCall, PendingCall, PendingCalls
from services.call_list.message_calls import MessageCalls
from services.call_list.return_times import ReturnTime, describe_return, return_time
from services.database.engine import QUERY_TIMEOUT_SECONDS, Database
from services.listeners import notify_page
from services.lists.query_protocol import Period
from services.messages.delivery import DEFAULT_TIMEOUTS, DeliveryTimeouts
from services.messages.message_query import MessageQuery
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import TokenSelectivity
from services.receipts.provider_codes import ProviderCodes

DEFAULT_PERIOD_DAYS = 7
"""The days of failed messages in the initial query."""
MAX_NOTE_LENGTH = 200


class CallListSubscriber(Protocol):
    """A page that displays recipients to call."""

    @property
    def displayed_ids(self) -> Collection[UUID]:
        """The ids of the displayed messages."""

    def on_calls_changed(self, message_ids: Collection[UUID], still_waiting: Mapping[UUID, Claim | None]) -> None:
        """Update the page: `still_waiting` maps those of `message_ids` that wait for a call to their active claim."""

    def on_calls_returned(self, message_ids: Collection[UUID]) -> None:
        """Update the page: the recipients of these messages have returned to the list."""


class CallListService(ScopedService):
    """Read the call list, and claim, complete and reopen calls.

    What a user does is recorded in the audit log in the same transaction. `poll` serves the pages of every scope. Every
    method may raise DatabaseError (see services.errors).
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
        self._subscribers: dict[CallListSubscriber, OrganizationScope | None] = {}
        """The open pages, each with its scope."""
        self._polled_until = now()
        """The time up to which pages were notified of recipients who have returned to the list."""
        self.zone = zone

    def default_query(self) -> MessageQuery:
        """Return the initial query of a page: the last DEFAULT_PERIOD_DAYS days."""
        today = self._now().astimezone(self.zone).date()
        return MessageQuery(period=Period(today - timedelta(days=DEFAULT_PERIOD_DAYS - 1), today))

    def is_past(self, appointment_at: datetime | None) -> bool:
        """Return whether an appointment is past."""
        return appointment_at is not None and appointment_at <= self._now()

    async def pending_calls(self, query: MessageQuery, limit: int) -> PendingCalls:
        """Return the first `limit` recipients to call about the messages of a query.

        Raises:
            InvalidQueryError: the query contradicts itself.
        """
        query.check()
        unsent = replace(query, statuses=call_conditions.STATUSES)
        return await self._database.read_with_timeout(
            QUERY_TIMEOUT_SECONDS,
            lambda session: call_queries.pending_calls(
                session, self._bind(session, unsent), self._codes, self._call_params(session), limit=limit
            ),
        )

    async def count_pending(self, query: MessageQuery, time_limit: float = QUERY_TIMEOUT_SECONDS) -> int:
        """Count the recipients to call; see `pending_calls`. QueryTimeoutError after `time_limit` seconds."""
        query.check()
        unsent = replace(query, statuses=call_conditions.STATUSES)
        return await self._database.read_with_timeout(
            time_limit,
            lambda session: call_queries.count_pending(
                session, self._bind(session, unsent), self._call_params(session)
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
            lambda session: call_queries.completed_calls(
                session, self._bind(session, query), now=self._now(), limit=limit
            ),
        )

    async def calls_about(self, message_id: UUID) -> MessageCalls:
        """Return the calls about a message, and who is calling its recipient now."""
        now = self._now()

        def read(session: Session) -> MessageCalls:
            is_own = claims.are_within_scope(session, self._scope, [message_id])
            return message_calls.read_message_calls(session, message_id, now=now) if is_own else MessageCalls()

        return await self._database.read(read)

    async def claim(self, call: PendingCall, actor: Actor) -> bool:
        """Claim a recipient; return False if somebody else has claimed or called them already."""
        return await self._database.write(partial(self._claim, call=call, actor=actor))

    def _claim(self, session: Session, call: PendingCall, actor: Actor) -> bool:
        params = self._call_params(session)
        is_claimed = claims.are_within_scope(session, self._scope, call.message_ids, call.key) and claims.claim(
            session, call.key, call.message_ids, params, username=actor.name
        )
        if is_claimed:
            call_records.record(session, AuditEvent.CALL_CLAIMED, actor, params['now'], call.message_ids)
        return is_claimed

    async def release(self, call: PendingCall, actor: Actor) -> None:
        """Release the claim of a user; a claim that somebody else took meanwhile stays."""
        now = self._now()

        def release(session: Session) -> None:
            if not claims.are_within_scope(session, self._scope, call.message_ids):
                return
            if claims.release(session, call.key, username=actor.name):
                call_records.record(session, AuditEvent.CALL_RELEASED, actor, now, call.message_ids)

        await self._database.write(release)

    def describe_return(self, returning: ReturnTime) -> str:
        """Describe when a recipient who is not reached now would return to the list."""
        return describe_return(returning, self._now(), self.zone)

    async def complete(
        self, call: PendingCall, actor: Actor, outcome: CallOutcome, note: str, returning: ReturnTime | None = None
    ) -> CompletedCall | None:
        """Record a completed call about the displayed messages; return None if the claim is lost.

        Args:
            call: the recipient.
            actor: the operator who has called.
            outcome: the outcome of the call.
            note: what the operator noted; may be empty.
            returning: when the recipient returns to the list; None if the call is final.

        Raises:
            ValueError: the note is longer than MAX_NOTE_LENGTH.
        """
        note = note.strip()
        if len(note) > MAX_NOTE_LENGTH:
            raise ValueError(f'a note of {len(note)} characters')
        now = self._now()
        again_at = None if returning is None else return_time(returning, now, self.zone)
        completed = CompletedCall(
            call.message_ids, call.name, call.key.phone, actor.name, now, outcome, note, again_at, call.history
        )

        def complete(session: Session) -> bool:
            if not claims.are_within_scope(session, self._scope, call.message_ids):
                return False
            is_completed = claims.complete(session, call.key, completed)
            if is_completed:
                call_records.record_completed(session, actor, completed, self.zone)
            return is_completed

        return completed if await self._database.write(complete) else None

    async def undo(self, call: PendingCall, completed: CompletedCall, actor: Actor) -> bool:
        """Undo a call that was just completed, and claim its recipient again; what was noted moves to the history.

        Return False if the call was reopened already, or somebody else has claimed the recipient meanwhile.
        """
        now = self._now()

        def undo(session: Session) -> bool:
            if not self._reopen(session, completed, actor, now, is_undone=True):
                return False
            call_records.record_undone(session, actor, now, completed)
            return self._claim(session, call, actor)

        return await self._database.write(undo)

    async def reopen(self, completed: CompletedCall, actor: Actor) -> None:
        """List the recipient of a completed call again; its outcome and note move to the history."""
        now = self._now()

        def reopen(session: Session) -> None:
            if self._reopen(session, completed, actor, now):
                call_records.record_reopened(session, actor, now, completed)

        await self._database.write(reopen)

    def _reopen(
        self, session: Session, completed: CompletedCall, actor: Actor, now: datetime, *, is_undone: bool = False
    ) -> bool:
        return claims.are_within_scope(session, self._scope, completed.message_ids) and claims.reopen(
            session, completed, username=actor.name, now=now, is_undone=is_undone
        )

    def subscribe(self, subscriber: CallListSubscriber) -> Callable[[], None]:
        """Notify a page of changes, in the event loop; return the callback that unsubscribes it."""
        self._subscribers[subscriber] = self._scope

        def unsubscribe() -> None:
            self._subscribers.pop(subscriber, None)

        return unsubscribe

    async def poll(self) -> None:
        """Query the database once for all subscribers of a scope and notify them; called by services.live_updates."""
        now = self._now()
        for scope in frozenset(self._subscribers.values()):
            await self._poll_pages(scope, now)
        self._polled_until = now

    async def _poll_pages(self, scope: OrganizationScope | None, now: datetime) -> None:
        pages = [subscriber for subscriber, own_scope in self._subscribers.items() if own_scope == scope]
        displayed = {subscriber: frozenset(subscriber.displayed_ids) for subscriber in pages}
        ids = frozenset[UUID]().union(*displayed.values())

        def read(session: Session) -> tuple[Mapping[UUID, Claim | None], Collection[UUID]]:
            returned = call_changes.returned_messages(session, self._polled_until, now, scope)
            if not ids:
                return {}, returned
            rows = read_row_ids(session.connection(), scope)
            return call_queries.still_waiting(session, ids, self._params(rows)), returned

        waiting, returned = await self._database.read(read)
        for subscriber, message_ids in displayed.items():
            if returned:
                notify_page(partial(subscriber.on_calls_returned, returned))
            notify_page(
                partial(
                    subscriber.on_calls_changed, message_ids, {id: waiting[id] for id in message_ids if id in waiting}
                )
            )

    def _call_params(self, session: Session) -> CallParams:
        return self._params(read_row_ids(session.connection(), self._scope))

    def _params(self, scope_rows: Sequence[int] | None) -> CallParams:
        return call_conditions.call_params(self._timeouts, self._now(), self.zone, scope_rows)

    def _bind(self, session: Session, query: MessageQuery) -> BoundQuery:
        return BoundQuery.bind(
            session, query, self.zone, TokenSelectivity(), self._now(), timeouts=self._timeouts, scope=self._scope
        )
