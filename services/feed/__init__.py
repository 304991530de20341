"""Messages coming in, whatever the way: each is recorded once, and moves on when its sender says so.

Only `message`, `organization` and the arrival counter are written here; totals and the search index follow by the
database's own triggers.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, SQLModel

from models import MessageStatus
from models.message import arrival, moment, place
from services.days import day_number
from services.feed import bulk
from services.feed.incoming import Incoming
from services.names import fold, initials

MESSAGE = SQLModel.metadata.tables['message']
ORGANIZATION = SQLModel.metadata.tables['organization']
STATE = SQLModel.metadata.tables['journal_state']

LOCK = select(STATE.c.next_arrival).with_for_update()
STORED = select(MESSAGE, ORGANIZATION.c.name.label('organization')).join(ORGANIZATION)
UPDATE = update(MESSAGE).where(MESSAGE.c.place == bindparam('old_place'))


class Outcome(StrEnum):
    """What became of a message that came in."""

    CREATED = 'created'
    UPDATED = 'updated'
    UNCHANGED = 'unchanged'


def record(session: Session, messages: Sequence[Incoming], *, zone: tzinfo, now: datetime) -> list[Outcome]:
    """Record messages in the session's transaction; say of each, in their order, what became of it.

    The same message again changes nothing, so a batch may be repeated after a lost answer. Where an id comes twice in
    a batch, the second counts as coming after the first. Other writers of messages wait until the transaction ends.

    Args:
        session: a writing session; see services.database.
        messages: at most some thousands, for they are looked up in one query.
        zone: whose days the totals count.
        now: the moment (aware) at which a message was queued when nobody knows better.
    """
    if not messages:
        return []
    # The row lock makes writers take turns, so that what is looked up stays true; SQLite has but one writer anyway.
    next_arrival = session.execute(LOCK).scalar_one()
    places, known = _stored(session, {message.id for message in messages})
    outcomes: list[Outcome] = []
    changed: dict[UUID, Incoming] = {}
    for message in messages:
        old = known.get(message.id)
        new = _first(message, now) if old is None else moved_on(old, message)
        if new is old:
            outcomes.append(Outcome.UNCHANGED)
            continue
        outcomes.append(Outcome.CREATED if old is None else Outcome.UPDATED)
        known[message.id] = changed[message.id] = new
    if changed:
        _write(session, changed.values(), places, next_arrival, zone)
    return outcomes


def moved_on(old: Incoming, new: Incoming) -> Incoming:
    """Give what is known of a message after `new` came in; `old` itself when nothing new was said.

    An older file must not undo what happened since: waiting replaces neither sent nor failed. What the sender does not
    know stays as it is. Whoever says times to the minute does not take away their seconds. A message that failed after
    it was sent was attempted when it was sent.
    """
    if new.status == MessageStatus.WAITING != old.status:
        return old
    failed_late = old.sent_at if new.status == MessageStatus.FAILED else None
    same_status = new.status == old.status
    merged = replace(
        new,
        appointment_at=_finer(old.appointment_at, new.appointment_at),
        queued_at=_finer(old.queued_at, new.queued_at) or old.queued_at,
        attempted_at=_finer(old.attempted_at, new.attempted_at) or failed_late or old.attempted_at,
        sent_at=_finer(old.sent_at, new.sent_at),
        error_code=new.error_code or (old.error_code if same_status else None),
        error_name=new.error_name or (old.error_name if same_status else None),
    )
    return old if merged == old else merged


def _first(message: Incoming, now: datetime) -> Incoming:
    return replace(
        message,
        appointment_at=_finer(None, message.appointment_at),
        queued_at=_finer(None, message.queued_at or message.sent_at or message.attempted_at or now),
        attempted_at=_finer(None, message.attempted_at),
        sent_at=_finer(None, message.sent_at),
    )


def _finer(old: datetime | None, new: datetime | None) -> datetime | None:
    if new is None:
        return None
    second = new.replace(microsecond=0)
    return old if old and second in (old, old.replace(second=0)) else second


def _stored(session: Session, ids: Collection[UUID]) -> tuple[dict[UUID, int], dict[UUID, Incoming]]:
    places, known = {}, {}
    for row in session.execute(STORED.where(MESSAGE.c.id.in_(ids))):
        places[row.id] = row.place
        known[row.id] = Incoming(
            id=row.id,
            recipient_name=row.recipient_name,
            phone=row.phone,
            appointment_at=row.appointment_at,
            organization=row.organization,
            kind=row.kind,
            status=row.status,
            queued_at=row.queued_at,
            attempted_at=row.attempted_at,
            sent_at=row.sent_at,
            cost=row.cost,
            text=row.text,
            error_code=row.error_code,
            error_name=row.error_name,
        )
    return places, known


def _write(
    session: Session, messages: Collection[Incoming], places: dict[UUID, int], next_arrival: int, zone: tzinfo
) -> None:
    organizations = organization_ids(session, {message.organization for message in messages})
    created, updated = [], []
    for message in messages:
        old_place = places.get(message.id)
        if old_place is None:
            created.append(_values(message, organizations[message.organization], next_arrival, zone))
            next_arrival += 1
        else:
            values = _values(message, organizations[message.organization], arrival(old_place), zone)
            updated.append({**values, 'old_place': old_place})
    if created:
        session.execute(update(STATE).values(next_arrival=next_arrival))
        bulk.insert(session, map(bulk.bare, created))
    if updated:
        session.connection().execute(UPDATE, updated)


def organization_ids(session: Session, names: Collection[str]) -> dict[str, int]:
    """Give the ids of organisations by their names; those not yet in the dictionary join it."""
    known = _known_ids(session, names)
    # Sorted, so that the same messages number the dictionary the same way every time.
    if unknown := sorted(name for name in names if name not in known):
        session.execute(insert(ORGANIZATION), [{'name': name, 'name_key': fold(name)} for name in unknown])
        known |= _known_ids(session, unknown)
    return known


def _known_ids(session: Session, names: Collection[str]) -> dict[str, int]:
    found = select(ORGANIZATION).where(ORGANIZATION.c.name.in_(names))
    return {row.name: row.id for row in session.execute(found)}


def _values(message: Incoming, organization_id: int, number: int, zone: tzinfo) -> dict[str, Any]:
    assert message.queued_at is not None
    when = moment(sent_at=message.sent_at, attempted_at=message.attempted_at, queued_at=message.queued_at)
    name_key = fold(message.recipient_name)
    return {
        'place': place(when, number),
        'id': message.id,
        'day': day_number(when, zone),
        'recipient_name': message.recipient_name,
        'name_key': name_key,
        'initials': initials(name_key),
        'phone': message.phone,
        'appointment_at': message.appointment_at,
        'organization_id': organization_id,
        'kind': message.kind,
        'status': message.status,
        'queued_at': message.queued_at,
        'attempted_at': message.attempted_at,
        'sent_at': message.sent_at,
        'cost': message.cost,
        'text': message.text,
        'error_code': message.error_code,
        'error_name': message.error_name,
    }
