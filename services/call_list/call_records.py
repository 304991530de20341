"""The records of calls in the audit log: who claimed, released, completed, undid or reopened which call.

A record has the outcome, but not the note: a note may be removed on request of the patient, a record cannot.
"""

from collections.abc import Collection
from datetime import datetime, tzinfo
from uuid import UUID

from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.audit.hash_chain import Actor, AuditEntry, append_entries
from services.audit.shown_rows import subject_of
from services.call_list.call_entries import CompletedCall
from services.formats import date_and_minute, integer


def record(
    session: Session, act: AuditEvent, actor: Actor, now: datetime, ids: Collection[UUID], what: str = ''
) -> None:
    """Record an action about messages in the transaction of the action."""
    what = what or texts.ACCESS_CALL_MESSAGES.format(count=integer(len(ids)))
    entry = AuditEntry(now, actor, act, texts.CALLS_TITLE, what, subject_of(ids), shown=tuple(ids))
    append_entries(session, [entry])


def record_completed(session: Session, actor: Actor, completed: CompletedCall, zone: tzinfo) -> None:
    """Record a completed call, with the time in `zone` at which the recipient returns to the list."""
    template = texts.ACCESS_CALL_NOTED if completed.note else texts.ACCESS_CALL_OUTCOME
    ids = completed.message_ids
    what = template.format(count=integer(len(ids)), outcome=texts.CALLS_OUTCOMES[completed.outcome])
    if completed.again_at:
        what = texts.ACCESS_CALL_RETURNS.format(what=what, time=date_and_minute(completed.again_at, zone))
    record(session, AuditEvent.CALL_COMPLETED, actor, completed.called_at, ids, what)


def record_reopened(session: Session, actor: Actor, now: datetime, completed: CompletedCall) -> None:
    """Record that a completed call was put back on the list, with its outcome."""
    what = _describe_earlier(completed)
    record(session, AuditEvent.CALL_REOPENED, actor, now, completed.message_ids, what)


def record_undone(session: Session, actor: Actor, now: datetime, completed: CompletedCall) -> None:
    """Record that an operator undid a call, with its outcome."""
    what = _describe_earlier(completed)
    record(session, AuditEvent.CALL_UNDONE, actor, now, completed.message_ids, what)


def _describe_earlier(completed: CompletedCall) -> str:
    return texts.ACCESS_CALL_REOPENED.format(
        count=integer(len(completed.message_ids)),
        outcome=texts.CALLS_OUTCOMES[completed.outcome],
        by=completed.called_by,
    )
