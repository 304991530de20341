"""Claim a recipient, release the claim, and complete the call; of two simultaneous attempts one succeeds.

The primary key of `call_claim` decides in one statement, so this holds across processes.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Executable, bindparam, delete, insert, literal, select, text
from sqlmodel import Session

from models import CallOutcome, MessageStatus
from services.call_list.call_queries import CLAIM_DURATION, RecipientKey, still_waiting
from services.database.tables import CALL_TABLE, CLAIM_TABLE
from services.messages.delivery import DeliveryTimeouts
from services.messages.message_tables import message

CLAIM_UNLESS_ACTIVE = text("""
    INSERT INTO call_claim AS held (name_key, phone, claimed_by, claimed_at) VALUES (:name_key, :phone, :by, :now)
    ON CONFLICT (name_key, phone) DO UPDATE SET claimed_by = excluded.claimed_by, claimed_at = excluded.claimed_at
    WHERE held.claimed_by = excluded.claimed_by OR held.claimed_at <= :lapsed
""").bindparams(
    bindparam('now', type_=CLAIM_TABLE.c.claimed_at.type), bindparam('lapsed', type_=CLAIM_TABLE.c.claimed_at.type)
)


def claim(
    session: Session,
    key: RecipientKey,
    ids: Collection[UUID],
    timeouts: DeliveryTimeouts,
    *,
    username: str,
    now: datetime,
) -> bool:
    """Claim a recipient because of the messages `ids`; return False if somebody else has claimed or called them."""
    values = {'name_key': key.name_key, 'phone': key.phone, 'by': username, 'now': now, 'lapsed': now - CLAIM_DURATION}
    if not _execute(session, CLAIM_UNLESS_ACTIVE, values):
        return False
    # Check after claiming: the previous holder may have completed the call, and nobody else can from now on.
    if still_waiting(session, ids, timeouts, now=now):
        return True
    release(session, key, username=username)
    return False


def release(session: Session, key: RecipientKey, *, username: str) -> bool:
    """Release a claim; return False if the operator did not hold it any more."""
    own_claim = (
        CLAIM_TABLE.c.name_key == key.name_key,
        CLAIM_TABLE.c.phone == key.phone,
        CLAIM_TABLE.c.claimed_by == username,
    )
    return _execute(session, delete(CLAIM_TABLE).where(*own_claim)) > 0


def complete(
    session: Session,
    key: RecipientKey,
    ids: Collection[UUID],
    *,
    username: str,
    now: datetime,
    outcome: CallOutcome,
    note: str,
) -> bool:
    """Store the completed call for each message and release the claim; return False if the claim was lost."""
    if not release(session, key, username=username):
        return False
    called = select(
        message.c.id, literal(username), literal(now, CALL_TABLE.c.done_at.type), literal(int(outcome)), literal(note)
    )
    called = called.outerjoin(CALL_TABLE, CALL_TABLE.c.message_id == message.c.id).where(
        message.c.id.in_(list(ids)),
        message.c.name_key == key.name_key,
        message.c.phone == key.phone,
        message.c.status != MessageStatus.SENT,
        CALL_TABLE.c.message_id.is_(None),
    )
    columns = ['message_id', 'done_by', 'done_at', 'outcome', 'note']
    _execute(session, insert(CALL_TABLE).from_select(columns, called))
    return True


def reopen(session: Session, ids: Collection[UUID]) -> None:
    """Delete the completed call of the messages, so that they wait for a call again."""
    _execute(session, delete(CALL_TABLE).where(CALL_TABLE.c.message_id.in_(list(ids))))


def _execute(session: Session, statement: Executable, values: dict[str, Any] | None = None) -> int:
    """Execute a statement and return the number of changed rows."""
    result = session.connection().execute(statement, values)
    assert isinstance(result, CursorResult)
    return result.rowcount
