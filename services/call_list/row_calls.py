"""The latest call about each message of a page of the list."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, not_, or_, select

from models import CallOutcome
from services.call_list.call_conditions import CallParams, needs_call
from services.call_list.call_queries import CLAIM_DURATION, HAS_CLAIM
from services.call_list.latest_call import LatestCall
from services.database.tables import CALL_TABLE, CLAIM_TABLE, REOPENED_CALL_TABLE
from services.messages.message_tables import message
from services.messages.resent_messages import SCOPE_PARAM

_earlier = REOPENED_CALL_TABLE.alias('earlier')
_EARLIER_CALLS: Final = and_(_earlier.c.message_id == message.c.id, not_(_earlier.c.is_undone))
NEWEST_EARLIER_CALL: Final = select(func.max(_earlier.c.number)).where(_EARLIER_CALLS).correlate(message)
EARLIER_ATTEMPTS: Final = (
    select(func.count()).where(_EARLIER_CALLS, _earlier.c.outcome == CallOutcome.NOT_REACHED).correlate(message)
)


def _is_found(statement: Select[Any]) -> ColumnElement[bool]:
    """Build the condition that a statement of at most one row finds it for `message`.

    It is no EXISTS, for which PostgreSQL may read a whole table instead of looking up single messages.
    """
    return statement.correlate(message).scalar_subquery().is_not(None)


MAY_HAVE_CALLS: Final = or_(
    _is_found(select(CALL_TABLE.c.message_id).where(CALL_TABLE.c.message_id == message.c.id)),
    _is_found(select(_earlier.c.message_id).where(_earlier.c.message_id == message.c.id).limit(1)),
    _is_found(
        select(CLAIM_TABLE.c.phone).where(
            CLAIM_TABLE.c.name_key == message.c.name_key, CLAIM_TABLE.c.phone == message.c.phone
        )
    ),
).label('may_have_calls')
"""A column of a row: whether there are calls about the message, or a claim on its recipient that may have lapsed.

Hardly any message of most pages has calls. As a column it costs a fifth of a statement of its own.
"""


def read_latest_calls(
    connection: Connection, ids: Collection[UUID], call_params: CallParams
) -> Mapping[UUID, LatestCall]:
    """Return the latest call about each of the messages that has any, or the call that is being made.

    Args:
        connection: any connection.
        ids: the ids of the messages with MAY_HAVE_CALLS.
        call_params: see services.call_list.call_conditions; with a scope, its messages alone need calls.
    """
    if not ids:
        return {}
    params = {**call_params, 'lapsed': call_params['now'] - CLAIM_DURATION, 'ids': ids}
    rows = connection.execute(_latest_calls_query(SCOPE_PARAM in call_params), params)
    calls = {row.id: _latest_call(row, call_params) for row in rows}
    return {id: call for id, call in calls.items() if call}


def _latest_call(row: Row[Any], call_params: CallParams) -> LatestCall | None:
    """Build the latest call from a row; None if its claim is about other messages of the recipient."""
    is_called = row.done_by is not None and (row.again_at is None or row.again_at > call_params['now'])
    if row.claimed_by is not None and row.needs_call and not is_called:
        return LatestCall(row.claimed_by, row.claimed_at, None)
    if row.done_by is not None:
        return LatestCall(
            row.done_by,
            row.done_at,
            row.outcome,
            attempts=row.earlier_attempts + (row.outcome is CallOutcome.NOT_REACHED),
            # A message that was sent meanwhile needs no call, whatever was planned.
            again_at=row.again_at if is_called and row.needs_call else None,
            is_pending=row.needs_call and not is_called,
        )
    if row.earlier_by is not None:
        return LatestCall(
            row.earlier_by, row.earlier_at, row.earlier_outcome, row.earlier_attempts, is_pending=row.needs_call
        )
    return None


@cache
def _latest_calls_query(within_scope: bool) -> Select[Any]:
    return (
        select(
            message.c.id,
            CLAIM_TABLE.c.claimed_by,
            CLAIM_TABLE.c.claimed_at,
            CALL_TABLE.c.done_by,
            CALL_TABLE.c.done_at,
            CALL_TABLE.c.outcome,
            CALL_TABLE.c.again_at,
            REOPENED_CALL_TABLE.c.done_by.label('earlier_by'),
            REOPENED_CALL_TABLE.c.done_at.label('earlier_at'),
            REOPENED_CALL_TABLE.c.outcome.label('earlier_outcome'),
            EARLIER_ATTEMPTS.label('earlier_attempts'),
            needs_call(within_scope=within_scope).label('needs_call'),
        )
        .select_from(message)
        .outerjoin(CALL_TABLE, CALL_TABLE.c.message_id == message.c.id)
        .outerjoin(REOPENED_CALL_TABLE, REOPENED_CALL_TABLE.c.number == NEWEST_EARLIER_CALL.scalar_subquery())
        .outerjoin(CLAIM_TABLE, HAS_CLAIM)
        .where(message.c.id.in_(bindparam('ids', expanding=True)))
    )
