"""All calls about messages, also the reopened ones, and the claim of the operator who is calling now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, select
from sqlmodel import Session

from models import CallOutcome
from services.call_list.call_conditions import IS_CALLED
from services.call_list.call_entries import Claim
from services.call_list.call_queries import CLAIM_DURATION, CLAIM_IS_ACTIVE
from services.call_list.earlier_calls import CALL_COLUMNS, EarlierCall, load_earlier_calls
from services.database.tables import CALL_TABLE, CLAIM_TABLE
from services.messages.message_tables import message

FINAL_CALLS = select(*(CALL_TABLE.c[name] for name in (*CALL_COLUMNS, 'again_at'))).where(
    CALL_TABLE.c.message_id.in_(bindparam('ids', expanding=True)), IS_CALLED
)
ACTIVE_CLAIM = (
    select(CLAIM_TABLE.c.claimed_by, CLAIM_TABLE.c.claimed_at)
    .select_from(message)
    .join(CLAIM_TABLE, and_(CLAIM_TABLE.c.name_key == message.c.name_key, CLAIM_TABLE.c.phone == message.c.phone))
    .where(message.c.id == bindparam('id', type_=message.c.id.type), CLAIM_IS_ACTIVE)
)


@dataclass(frozen=True)
class FinalCall:
    """The last call about a message, after which its recipient is not on the list."""

    called_by: str
    called_at: datetime
    outcome: CallOutcome
    note: str
    again_at: datetime | None
    """When the recipient returns to the list; None if they do not."""


Call = FinalCall | EarlierCall


@dataclass(frozen=True)
class MessageCalls:
    """What is known of the calls about one message."""

    calls: Sequence[Call] = ()
    """The newest first; a call may be about other messages of its recipient as well."""
    claim: Claim | None = None
    """Who is calling the recipient now; None if nobody is."""


def load_calls(session: Session, ids: Sequence[UUID], *, now: datetime) -> Mapping[UUID, Sequence[Call]]:
    """Return all calls about messages, by message, the newest first."""
    calls: dict[UUID, list[Call]] = defaultdict(list)
    if ids:
        for message_id, *call in session.execute(FINAL_CALLS, {'ids': ids, 'now': now}):
            calls[message_id].append(FinalCall(*call))
        for message_id, earlier in load_earlier_calls(session, ids, now=now).items():
            calls[message_id].extend(earlier)
    return {id: sorted(each, key=lambda call: call.called_at, reverse=True) for id, each in calls.items()}


def read_message_calls(session: Session, id: UUID, *, now: datetime) -> MessageCalls:
    """Return the calls about a message, and the active claim on its recipient."""
    claim = session.execute(ACTIVE_CLAIM, {'id': id, 'lapsed': now - CLAIM_DURATION}).one_or_none()
    return MessageCalls(load_calls(session, [id], now=now).get(id, ()), Claim(*claim) if claim else None)
