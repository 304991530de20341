"""The completed calls whose recipients are on the list again: what was noted then is part of their history."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from sqlalchemy import bindparam, literal, select
from sqlmodel import Session

from models import CallOutcome
from services.call_list.call_conditions import IS_DUE_AGAIN
from services.database.tables import CALL_TABLE, REOPENED_CALL_TABLE

CALL_COLUMNS = ('message_id', 'done_by', 'done_at', 'outcome', 'note')
"""The columns that completed and reopened calls have in common."""
EARLIER_CALLS = (
    select(*(REOPENED_CALL_TABLE.c[name] for name in (*CALL_COLUMNS, 'reopened_by', 'reopened_at', 'is_undone')))
    .where(REOPENED_CALL_TABLE.c.message_id.in_(bindparam('ids', expanding=True)))
    .order_by(REOPENED_CALL_TABLE.c.number.desc())
)
RETURNED_CALLS = select(
    *(CALL_TABLE.c[name] for name in CALL_COLUMNS),
    literal(''),
    CALL_TABLE.c.again_at,
    literal(False),
).where(CALL_TABLE.c.message_id.in_(bindparam('ids', expanding=True)), IS_DUE_AGAIN)
"""The calls whose recipients have returned to the list at the chosen time, and were not called again yet."""


@dataclass(frozen=True)
class EarlierCall:
    """A completed call whose recipient is on the list again."""

    called_by: str
    called_at: datetime
    outcome: CallOutcome
    note: str
    reopened_by: str
    """The operator who put it back; empty if it returned at the time that was chosen."""
    reopened_at: datetime
    is_undone: bool = False
    """Whether the operator undid the call at once."""


def load_earlier_calls(session: Session, ids: Sequence[UUID], *, now: datetime) -> Mapping[UUID, Sequence[EarlierCall]]:
    """Return the calls about messages whose recipients are on the list again, by message."""
    calls: dict[UUID, list[EarlierCall]] = defaultdict(list)
    if ids:
        reopened = session.execute(EARLIER_CALLS, {'ids': ids})
        returned = session.execute(RETURNED_CALLS, {'ids': ids, 'now': now})
        for message_id, *call in chain(reopened, returned):
            calls[message_id].append(EarlierCall(*call))
    return calls


def count_attempts(history: Iterable[EarlierCall]) -> int:
    """Count the calls in vain."""
    return sum(call.outcome is CallOutcome.NOT_REACHED and not call.is_undone for call in history)


def history_of(ids: Sequence[UUID], earlier_calls: Mapping[UUID, Sequence[EarlierCall]]) -> Sequence[EarlierCall]:
    """Return the earlier calls about any of the messages, each once, the newest first."""
    calls = {call for id in ids for call in earlier_calls.get(id, ())}
    return sorted(calls, key=lambda call: (call.reopened_at, call.called_at), reverse=True)
