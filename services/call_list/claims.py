"""Taking a person to call, giving him back, and marking the call as made: one of two who try at once succeeds.

The key of `call_claim` decides, in one statement of the database, whichever process asks.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Executable, bindparam, delete, insert, literal, select, text
from sqlmodel import Session

from models import CallOutcome, MessageStatus
from services.call_list.call_queries import CALL, CLAIM, HELD, Key, still_waiting
from services.messages.message_tables import message

TAKE = text("""
    INSERT INTO call_claim AS held (name_key, phone, claimed_by, claimed_at) VALUES (:name_key, :phone, :by, :now)
    ON CONFLICT (name_key, phone) DO UPDATE SET claimed_by = excluded.claimed_by, claimed_at = excluded.claimed_at
    WHERE held.claimed_by = excluded.claimed_by OR held.claimed_at <= :lapsed
""").bindparams(bindparam('now', type_=CLAIM.c.claimed_at.type), bindparam('lapsed', type_=CLAIM.c.claimed_at.type))


def take(session: Session, key: Key, ids: Collection[UUID], *, by: str, now: datetime) -> bool:
    """Take a person for `by` on account of some messages; False when another has him, or has called him already."""
    values = {'name_key': key.name_key, 'phone': key.phone, 'by': by, 'now': now, 'lapsed': now - HELD}
    if not _changed(session, TAKE, values):
        return False
    # Asked once the claim is held: whoever held it before may have called meanwhile, and nobody can from here on.
    if still_waiting(session, ids, now=now):
        return True
    give_back(session, key, by=by)
    return False


def give_back(session: Session, key: Key, *, by: str) -> bool:
    """Let a person go again; False when `by` did not have him any more."""
    held = (CLAIM.c.name_key == key.name_key, CLAIM.c.phone == key.phone, CLAIM.c.claimed_by == by)
    return _changed(session, delete(CLAIM).where(*held)) > 0


def finish(
    session: Session, key: Key, ids: Collection[UUID], *, by: str, now: datetime, outcome: CallOutcome, note: str
) -> bool:
    """Mark a person's messages as called about, and let him go; False when another has taken him meanwhile."""
    if not give_back(session, key, by=by):
        return False
    called = select(message.c.id, literal(by), literal(now, CALL.c.done_at.type), literal(int(outcome)), literal(note))
    called = called.outerjoin(CALL, CALL.c.message_id == message.c.id).where(
        message.c.id.in_(list(ids)),
        message.c.name_key == key.name_key,
        message.c.phone == key.phone,
        message.c.status == MessageStatus.FAILED,
        CALL.c.message_id.is_(None),
    )
    columns = ['message_id', 'done_by', 'done_at', 'outcome', 'note']
    _changed(session, insert(CALL).from_select(columns, called))
    return True


def put_back(session: Session, ids: Collection[UUID]) -> None:
    """Take the mark of a made call from some messages, so that they wait for one again."""
    _changed(session, delete(CALL).where(CALL.c.message_id.in_(list(ids))))


def _changed(session: Session, statement: Executable, values: dict[str, Any] | None = None) -> int:
    """Carry a statement out; give how many rows it changed."""
    done = session.connection().execute(statement, values)
    assert isinstance(done, CursorResult)
    return done.rowcount
