"""Claim a recipient, release the claim, complete the call, and reopen it; of two simultaneous attempts one succeeds.

The primary key of `call_claim` decides in one statement, so this holds across processes.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Executable,
    and_,
    bindparam,
    delete,
    insert,
    literal,
    not_,
    select,
    text,
)
from sqlmodel import Session

from models import MessageStatus
from services.access_scope.organization_scope import OrganizationScope, scope_conditions
from services.call_list.call_conditions import IS_DUE_AGAIN, CallParams
from services.call_list.call_entries import CompletedCall, RecipientKey
from services.call_list.call_queries import CLAIM_DURATION, still_waiting
from services.call_list.earlier_calls import CALL_COLUMNS
from services.database.tables import CALL_TABLE, CLAIM_TABLE, REOPENED_CALL_TABLE
from services.messages.message_tables import message

CLAIM_UNLESS_ACTIVE = text("""
    INSERT INTO call_claim AS held (name_key, phone, claimed_by, claimed_at) VALUES (:name_key, :phone, :by, :now)
    ON CONFLICT (name_key, phone) DO UPDATE SET claimed_by = excluded.claimed_by, claimed_at = excluded.claimed_at
    WHERE held.claimed_by = excluded.claimed_by OR held.claimed_at <= :lapsed
""").bindparams(
    bindparam('now', type_=CLAIM_TABLE.c.claimed_at.type), bindparam('lapsed', type_=CLAIM_TABLE.c.claimed_at.type)
)


def claim(
    session: Session, key: RecipientKey, ids: Collection[UUID], call_params: CallParams, *, username: str
) -> bool:
    """Claim a recipient because of the messages `ids`; return False if somebody else has claimed or called them."""
    now: datetime = call_params['now']
    values = {'name_key': key.name_key, 'phone': key.phone, 'by': username, 'now': now, 'lapsed': now - CLAIM_DURATION}
    if not _execute(session, CLAIM_UNLESS_ACTIVE, values):
        return False
    # Check after claiming: the previous holder may have completed the call, and nobody else can from now on.
    if still_waiting(session, ids, call_params):
        return True
    release(session, key, username=username)
    return False


def are_within_scope(
    session: Session, scope: OrganizationScope | None, ids: Collection[UUID], key: RecipientKey | None = None
) -> bool:
    """Return whether all of some messages are within a scope and, if `key` is given, are of this recipient."""
    is_own = scope_conditions(session, scope, message)
    if not is_own:
        return True
    if key is not None:
        is_own += [message.c.name_key == key.name_key, message.c.phone == key.phone]
    foreign = select(message.c.id).where(message.c.id.in_(list(ids)), not_(and_(*is_own))).limit(1)
    return session.execute(foreign).first() is None


def release(session: Session, key: RecipientKey, *, username: str) -> bool:
    """Release a claim; return False if the operator did not hold it any more."""
    own_claim = (
        CLAIM_TABLE.c.name_key == key.name_key,
        CLAIM_TABLE.c.phone == key.phone,
        CLAIM_TABLE.c.claimed_by == username,
    )
    return _execute(session, delete(CLAIM_TABLE).where(*own_claim)) > 0


def complete(session: Session, key: RecipientKey, call: CompletedCall) -> bool:
    """Store a call for each of its messages and release the claim of the caller; return False if the claim was lost."""
    if not release(session, key, username=call.called_by):
        return False
    _move_returned(session, call.message_ids, call.called_at)
    called = select(
        message.c.id,
        literal(call.called_by),
        literal(call.called_at, CALL_TABLE.c.done_at.type),
        literal(int(call.outcome)),
        literal(call.note),
        literal(call.again_at, CALL_TABLE.c.again_at.type),
    )
    called = called.outerjoin(CALL_TABLE, CALL_TABLE.c.message_id == message.c.id).where(
        message.c.id.in_(list(call.message_ids)),
        message.c.name_key == key.name_key,
        message.c.phone == key.phone,
        message.c.status != MessageStatus.SENT,
        CALL_TABLE.c.message_id.is_(None),
    )
    _execute(session, insert(CALL_TABLE).from_select([*CALL_COLUMNS, 'again_at'], called))
    return True


def reopen(
    session: Session, completed: CompletedCall, *, username: str, now: datetime, is_undone: bool = False
) -> bool:
    """Move a completed call to the reopened ones, so that its messages wait for a call again.

    Return False if another user has reopened the call already.
    """
    this_call = (
        CALL_TABLE.c.message_id.in_(list(completed.message_ids)),
        CALL_TABLE.c.done_by == completed.called_by,
        CALL_TABLE.c.done_at == completed.called_at,
    )
    rows = _remove_calls(session, *this_call)
    reopened = {'reopened_by': username, 'reopened_at': now, 'is_undone': is_undone}
    _add_reopened(session, [row | reopened for row in rows])
    return bool(rows)


def _move_returned(session: Session, ids: Collection[UUID], now: datetime) -> None:
    """Move the calls whose recipients have returned to the reopened ones, because another call replaces them."""
    due = CALL_TABLE.c.message_id.in_(list(ids)), IS_DUE_AGAIN
    rows = _remove_calls(session, *due, params={'now': now})
    _add_reopened(
        session, [row | {'reopened_by': '', 'reopened_at': row['again_at'], 'is_undone': False} for row in rows]
    )


def _remove_calls(
    session: Session, *conditions: ColumnElement[bool], params: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Delete calls and return them: of two simultaneous attempts only one receives them."""
    statement = delete(CALL_TABLE).where(*conditions).returning(*CALL_TABLE.c)
    return [dict(row) for row in session.connection().execute(statement, params).mappings()]


def _add_reopened(session: Session, calls: list[dict[str, Any]]) -> None:
    if calls:
        stored = REOPENED_CALL_TABLE.c.keys()
        rows = [{name: value for name, value in call.items() if name in stored} for call in calls]
        session.connection().execute(REOPENED_CALL_TABLE.insert(), rows)


def _execute(session: Session, statement: Executable, values: dict[str, Any] | None = None) -> int:
    """Execute a statement and return the number of changed rows."""
    result = session.connection().execute(statement, values)
    assert isinstance(result, CursorResult)
    return result.rowcount
