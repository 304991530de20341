"""Whom to call: people whose messages did not get through, with all there is to tell them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, and_, bindparam, case, func, select
from sqlmodel import Session, SQLModel

from models import CallOutcome, MessageKind, MessageStatus
from services.ingest import status_history
from services.ingest.status_history import Fact
from services.messages.message_tables import Rows, message, organization
from services.messages.search import statements
from services.messages.search.query_shape import Asked, Shape
from services.messages.search.statements import SHAPES
from services.receipts.provider_codes import Codes

CLAIM = SQLModel.metadata.tables['call_claim']
CALL = SQLModel.metadata.tables['call_back']
ROWS = Rows(message, message.c.place)
MOST_MESSAGES = 5
"""Messages of one call that are read at most where the newest calls are read."""

HELD = timedelta(minutes=15)
"""How long a person is somebody's; after that another may take him."""

IS_HELD = CLAIM.c.claimed_at > bindparam('lapsed', type_=CLAIM.c.claimed_at.type)
CLAIMS = select(CLAIM).where(CLAIM.c.phone.in_(bindparam('phones', expanding=True)), IS_HELD)
STILL = (
    select(message.c.id, CLAIM.c.claimed_by, CLAIM.c.claimed_at)
    .outerjoin(CALL, CALL.c.message_id == message.c.id)
    .outerjoin(CLAIM, and_(CLAIM.c.name_key == message.c.name_key, CLAIM.c.phone == message.c.phone, IS_HELD))
    .where(
        message.c.id.in_(bindparam('ids', expanding=True)),
        message.c.status == MessageStatus.FAILED,
        CALL.c.message_id.is_(None),
    )
)


@dataclass(frozen=True)
class Key:
    """What tells a person from every other: the folded name, and the phone in E.164."""

    name_key: str
    phone: str


@dataclass(frozen=True)
class Claim:
    """Somebody has taken a person."""

    by: str
    """The name of an account."""
    at: datetime


@dataclass(frozen=True)
class Undelivered:
    """A message that did not get through."""

    id: UUID
    appointment_at: datetime | None
    organization: str
    kind: MessageKind
    text: str
    """What the person was to be told."""
    error_code: str | None
    error_name: str | None
    advice: str | None
    """What to do about the error; None where nobody knows."""


@dataclass(frozen=True)
class Call:
    """A person to call."""

    key: Key
    name: str
    messages: Sequence[Undelivered]
    """All of what was asked for, the next appointment first."""
    claim: Claim | None


@dataclass(frozen=True)
class Calls:
    """The beginning of the list."""

    calls: Sequence[Call]
    """The most urgent first: the next appointment ahead, then those without one, then those that are over."""
    people: int
    """How many there are in all."""


@dataclass(frozen=True)
class Made:
    """A call that was made."""

    ids: Sequence[UUID]
    """The messages that it was about."""
    name: str
    phone: str
    """E.164."""
    by: str
    at: datetime
    outcome: CallOutcome
    note: str


def waiting(session: Session, asked: Asked, codes: Codes, *, now: datetime, limit: int) -> Calls:
    """Read the first `limit` people who wait for a call about the failed messages of a query."""
    people = session.execute(_people(asked.shape), {**asked.values, 'now': now, 'size': limit}).all()
    found: dict[Key, list[Any]] = {Key(row.name_key, row.phone): [] for row in people}
    phones = {key.phone for key in found}
    for row in session.execute(_messages(asked.shape), {**asked.values, 'phones': phones}):
        if (key := Key(row.name_key, row.phone)) in found:
            found[key].append(row)
    facts = status_history.told(session, [row.id for rows in found.values() for row in rows])
    held = session.execute(CLAIMS, {'phones': phones, 'lapsed': now - HELD})
    claims = {Key(row.name_key, row.phone): Claim(row.claimed_by, row.claimed_at) for row in held}
    calls = [
        Call(
            key,
            rows[0].recipient_name,
            [
                _undelivered(row, codes, facts.get(row.id, []))
                for row in sorted(rows, key=lambda row: _urgency(row.appointment_at, now))
            ],
            claims.get(key),
        )
        for key, rows in found.items()
        if rows  # the last of them may have been sent between two questions
    ]
    return Calls(calls, people[0].people if people else 0)


def made(session: Session, asked: Asked, *, limit: int) -> list[Made]:
    """Read the `limit` newest calls that were made about the messages of a query."""
    found: dict[tuple[Any, ...], list[UUID]] = {}
    for id, *call in session.execute(_made(asked.shape), {**asked.values, 'size': limit * MOST_MESSAGES}):
        found.setdefault(tuple(call), []).append(id)
    calls = [Made(ids, name, phone, *rest) for (name, phone, *rest), ids in found.items()]
    return calls[:limit]


def still_waiting(session: Session, ids: Collection[UUID], *, now: datetime) -> dict[UUID, Claim | None]:
    """Give those of some messages that still wait for a call, each with who has taken its person."""
    rows = session.execute(STILL, {'ids': list(ids), 'lapsed': now - HELD})
    return {row.id: Claim(row.claimed_by, row.claimed_at) if row.claimed_by else None for row in rows}


def _undelivered(row: Any, codes: Codes, facts: list[Fact]) -> Undelivered:
    facts.sort(key=lambda fact: (fact.at, fact.final))
    return Undelivered(
        id=row.id,
        appointment_at=row.appointment_at,
        organization=row.organization,
        kind=row.kind,
        text=row.text,
        error_code=row.error_code,
        error_name=row.error_name,
        advice=codes.advice(row.error_name, facts),
    )


def _urgency(appointment_at: datetime | None, now: datetime) -> tuple[int, datetime]:
    if appointment_at is None:
        return 1, now
    return (0 if appointment_at > now else 2), appointment_at


@lru_cache(SHAPES)
def _people(shape: Shape) -> Select[Any]:
    appointment, moment = message.c.appointment_at, bindparam('now', type_=message.c.appointment_at.type)
    ahead = func.min(case((appointment > moment, appointment)))
    oldest = func.min(message.c.place)
    over = and_(ahead.is_(None), func.count() == func.count(appointment))
    return (
        select(message.c.name_key, message.c.phone, func.count().over().label('people'))
        .outerjoin(CALL, CALL.c.message_id == message.c.id)
        .where(CALL.c.message_id.is_(None), *statements.plain(shape, ROWS))
        .group_by(message.c.name_key, message.c.phone)
        .order_by(
            case((over, 2), (ahead.is_(None), 1), else_=0),
            ahead.nulls_last(),
            case((over, -oldest), else_=oldest),
            message.c.name_key,
            message.c.phone,
        )
        .limit(bindparam('size', type_=Integer))
    )


@lru_cache(SHAPES)
def _messages(shape: Shape) -> Select[Any]:
    return (
        select(
            message.c.name_key,
            message.c.phone,
            message.c.recipient_name,
            message.c.id,
            message.c.appointment_at,
            organization.c.name.label('organization'),
            message.c.kind,
            message.c.text,
            message.c.error_code,
            message.c.error_name,
        )
        .join(organization)
        .outerjoin(CALL, CALL.c.message_id == message.c.id)
        .where(
            message.c.phone.in_(bindparam('phones', expanding=True)),
            CALL.c.message_id.is_(None),
            *statements.plain(shape, ROWS),
        )
        .order_by(message.c.place)
    )


@lru_cache(SHAPES)
def _made(shape: Shape) -> Select[Any]:
    told = CALL.c.done_by, CALL.c.done_at, CALL.c.outcome, CALL.c.note
    return (
        select(message.c.id, message.c.recipient_name, message.c.phone, *told)
        .join(CALL, CALL.c.message_id == message.c.id)
        .where(*statements.plain(shape, ROWS))
        .order_by(CALL.c.done_at.desc(), message.c.name_key, message.c.phone, message.c.place)
        .limit(bindparam('size', type_=Integer))
    )
