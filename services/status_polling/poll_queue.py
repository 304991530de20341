"""The queue of messages whose status a provider is asked for, in the database, so that one node asks for each of them.

A message enters the queue when its sender has named the provider's identifier, and leaves it with its final status, or
when no answer is expected any more.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models import DeliveryState, MessageStatus
from services.database.tables import (
    MESSAGE_FACT_TABLE,
    MESSAGE_TABLE,
    STATUS_POLL_POSITION_TABLE,
    STATUS_POLL_TABLE,
)

EVENTS_PER_SEARCH: Final = 20_000
EVENTS_BEFORE_FIRST_SEARCH: Final = 100_000
"""Events that are searched when a provider is asked for the first time."""
POLLS_PER_ROUND: Final = 100
"""How many messages are asked for in a round; the others are due in the next one."""
CLAIMED_FOR: Final = timedelta(minutes=5)
"""Longer than a round takes. If a node dies in a round, its messages are asked for afterwards."""
MAX_PAUSE: Final = timedelta(hours=12)
MAX_DOUBLINGS: Final = 16

poll, position, event = STATUS_POLL_TABLE.c, STATUS_POLL_POSITION_TABLE.c, MESSAGE_FACT_TABLE.c
IS_SETTLED: Final = or_(
    MESSAGE_TABLE.c.id.is_(None),
    MESSAGE_TABLE.c.status == MessageStatus.FAILED,
    MESSAGE_TABLE.c.delivery == DeliveryState.DELIVERED,
)
"""Whether nothing is left to ask: the message was removed, or its status is final."""


@dataclass(frozen=True)
class PollSchedule:
    """When the status of a message is polled."""

    first_pause: timedelta
    """The pause before the first question; each further pause is twice as long, up to MAX_PAUSE."""
    expires_after: timedelta
    """The age after which no answer is expected."""

    def pause(self, attempts: int) -> timedelta:
        """Return the pause after so many questions."""
        return min(self.first_pause * (1 << min(attempts, MAX_DOUBLINGS)), MAX_PAUSE)


@dataclass(frozen=True)
class DuePoll:
    """A message whose status this node polls."""

    provider: str
    provider_id: str
    account: str
    attempts: int
    """Polls before this one."""


def has_work(session: Session, provider: str, now: datetime) -> bool:
    """Return whether there are new events to search, or messages to poll now."""
    searched = session.execute(select(position.position).where(position.provider == provider)).scalar_one_or_none()
    newest = session.execute(select(func.max(event.number))).scalar_one()
    if newest is not None and newest != searched:
        return True
    return bool(session.execute(select(select(poll.provider_id).where(_is_due(provider, now)).exists())).scalar_one())


def claim_polls(session: Session, provider: str, login: str, schedule: PollSchedule, now: datetime) -> list[DuePoll]:
    """Queue the messages that are new, and return those to poll now; no other node polls them meanwhile.

    Args:
        session: a session whose transaction does not write messages.
        provider: the key of the provider.
        login: the login; messages of an account with another name are not asked for.
        schedule: when a message is asked for.
        now: the current time (aware).
    """
    _queue_new(session, provider, login, schedule, now)
    statement = (
        select(STATUS_POLL_TABLE, IS_SETTLED.label('is_settled'))
        .outerjoin(MESSAGE_TABLE, MESSAGE_TABLE.c.id == poll.message_id)
        .where(_is_due(provider, now))
        .order_by(poll.due_at, poll.provider_id)
        .limit(POLLS_PER_ROUND)
    )
    claimed = []
    for row in session.execute(statement).all():
        if row.is_settled or row.since < now - schedule.expires_after:
            session.execute(delete(STATUS_POLL_TABLE).where(_has_key(row)))
            continue
        session.execute(update(STATUS_POLL_TABLE).where(_has_key(row)).values(due_at=now + CLAIMED_FOR))
        claimed.append(DuePoll(row.provider, row.provider_id, row.account, row.attempts))
    return claimed


def schedule_next(session: Session, polls: Sequence[DuePoll], schedule: PollSchedule, now: datetime) -> None:
    """Record that messages were polled, and when to poll them again; settled ones leave the queue at that time."""
    for each in polls:
        values = {'attempts': each.attempts + 1, 'due_at': now + schedule.pause(each.attempts + 1)}
        session.execute(update(STATUS_POLL_TABLE).where(_has_key(each)).values(values))


def postpone(session: Session, polls: Sequence[DuePoll], until: datetime) -> None:
    """Put messages off because the provider does not answer; the attempt does not count."""
    for each in polls:
        session.execute(update(STATUS_POLL_TABLE).where(_has_key(each)).values(due_at=until))


def _is_due(provider: str, now: datetime) -> ColumnElement[bool]:
    return and_(poll.provider == provider, poll.due_at <= now)


def _has_key(each: Row[Any] | DuePoll) -> ColumnElement[bool]:
    return and_(poll.provider == each.provider, poll.provider_id == each.provider_id, poll.account == each.account)


def _queue_new(session: Session, provider: str, login: str, schedule: PollSchedule, now: datetime) -> None:
    """Search the events since the last search for identifiers that senders have named."""
    searched = _lock_position(session, provider)
    last = (
        session.execute(
            select(event.number)
            .where(event.number > searched)
            .order_by(event.number)
            .limit(1)
            .offset(EVENTS_PER_SEARCH - 1)
        ).scalar_one_or_none()
        or session.execute(select(func.max(event.number))).scalar_one()
    )
    if last is None or last <= searched:
        return
    named = select(event.provider_id, event.account, event.message_id, event.at).where(
        event.number > searched,
        event.number <= last,
        event.provider == provider,
        event.provider_id.is_not(None),
        event.code.is_(None),  # a code is in receipts only
        event.at > now - schedule.expires_after,
        func.coalesce(event.account, '').in_(('', login)),
    )
    new = {(row.provider_id, row.account or ''): row for row in session.execute(named)}
    queued = select(poll.provider_id, poll.account).where(
        poll.provider == provider, poll.provider_id.in_([provider_id for provider_id, _ in new])
    )
    for row in session.execute(queued).all():
        new.pop((row.provider_id, row.account), None)
    rows = [
        _new_row(provider, provider_id, account, row.message_id, row.at, now + schedule.pause(0))
        for (provider_id, account), row in new.items()
    ]
    if rows:
        session.execute(insert(STATUS_POLL_TABLE), rows)
    session.execute(update(STATUS_POLL_POSITION_TABLE).where(position.provider == provider).values(position=last))


def _new_row(
    provider: str, provider_id: str, account: str, message_id: UUID, since: datetime, due_at: datetime
) -> dict[str, Any]:
    return {
        'provider': provider,
        'provider_id': provider_id,
        'account': account,
        'message_id': message_id,
        'since': since,
        'attempts': 0,
        'due_at': due_at,
    }


def _lock_position(session: Session, provider: str) -> int:
    """Return how far the events were searched; other nodes wait here until the transaction ends."""
    statement = select(position.position).where(position.provider == provider).with_for_update()
    if session.execute(statement).scalar_one_or_none() is None:
        newest = session.execute(select(func.max(event.number))).scalar_one() or 0
        start = max(0, newest - EVENTS_BEFORE_FIRST_SEARCH)
        with suppress(IntegrityError), session.begin_nested():  # another node may be the first
            session.execute(insert(STATUS_POLL_POSITION_TABLE).values(provider=provider, position=start))
    return int(session.execute(statement).scalar_one())
