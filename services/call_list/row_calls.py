"""The latest call about each message of a page of the list."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    cast,
    func,
    not_,
    null,
    select,
    union_all,
)

from models import CallOutcome
from services.call_list.call_conditions import CallParams, needs_call
from services.call_list.call_queries import CLAIM_DURATION, CLAIM_IS_ACTIVE, HAS_CLAIM
from services.call_list.latest_call import LatestCall
from services.database.tables import CALL_TABLE, CLAIM_TABLE, REOPENED_CALL_TABLE
from services.messages.message_tables import message
from services.messages.resent_messages import SCOPE_PARAM
from services.messages.search.statements import STATEMENT_CACHE_SIZE

_earlier = REOPENED_CALL_TABLE.alias('earlier')
_EARLIER_CALLS: Final = and_(_earlier.c.message_id == message.c.id, not_(_earlier.c.is_undone))
NEWEST_EARLIER_CALL: Final = select(func.max(_earlier.c.number)).where(_EARLIER_CALLS).correlate(message)
EARLIER_ATTEMPTS: Final = (
    select(func.count()).where(_EARLIER_CALLS, _earlier.c.outcome == CallOutcome.NOT_REACHED).correlate(message)
)


def read_latest_calls(
    connection: Connection, phones: Mapping[UUID, str], call_params: CallParams
) -> Mapping[UUID, LatestCall]:
    """Return the latest call about each of the messages that has any, or the call that is being made.

    Args:
        connection: any connection.
        phones: the ids of the messages, at most those of a few pages, and the phones of their recipients (E.164).
        call_params: see services.call_list.call_conditions; with a scope, its messages alone need calls.
    """
    if not phones:
        return {}
    params = {'lapsed': call_params['now'] - CLAIM_DURATION}
    ids = {f'id_{number}': id for number, id in enumerate(phones)}
    found = connection.execute(with_calls_query(len(ids)), {**params, **ids}).all()
    claimed_phones = {row.phone for row in found}
    with_calls = {row.message_id for row in found} & phones.keys()
    with_calls |= {id for id, phone in phones.items() if phone in claimed_phones}
    if not with_calls:
        return {}
    statement = _latest_calls_query(SCOPE_PARAM in call_params)
    rows = connection.execute(statement, {**call_params, **params, 'ids': list(with_calls)})
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


@lru_cache(STATEMENT_CACHE_SIZE)
def with_calls_query(count: int) -> CompoundSelect[Any]:
    """Build the statement that reads which of some messages have calls, and the phones that are being called now.

    Hardly any message of most pages has calls, and few phones are being called: most pages cost no more than this. The
    parameters are not expanding, which would double its time, and EXISTS would make PostgreSQL read all calls.
    """
    ids = [bindparam(f'id_{number}', type_=message.c.id.type) for number in range(count)]
    no_phone, no_id = cast(null(), CLAIM_TABLE.c.phone.type), cast(null(), message.c.id.type)
    called = CALL_TABLE.c.message_id
    called_before = REOPENED_CALL_TABLE.c.message_id
    return union_all(
        select(called.label('message_id'), no_phone.label('phone')).where(called.in_(ids)),
        select(called_before, no_phone).where(called_before.in_(ids)),
        select(no_id, CLAIM_TABLE.c.phone).where(CLAIM_IS_ACTIVE),
    )


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
