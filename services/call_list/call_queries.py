"""Queries of the call list: recipients with undelivered messages, completed calls, active claims."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Subquery, and_, bindparam, case, func, select
from sqlmodel import Session

from models import MessageStatus
from services import texts
from services.call_list.call_conditions import IS_CALLED, IS_POSTPONED, IS_UNCALLED, CallParams, needs_call
from services.call_list.call_entries import (
    Claim,
    CompletedCall,
    PendingCall,
    PendingCalls,
    RecipientKey,
    UndeliveredMessage,
)
from services.call_list.earlier_calls import history_of, load_earlier_calls
from services.database.tables import CALL_TABLE, CLAIM_TABLE
from services.formats import duration
from services.ingest import status_history, status_rules
from services.ingest.channels.sms_parts import known_part_count
from services.ingest.status_history import StatusEvent
from services.messages.delivery import DAYS_FROM
from services.messages.message_tables import HAS_KIND, HAS_ORGANIZATION, MessageSource, kind, message, organization
from services.messages.resent_messages import EMPTY_TEXT, SCOPE_PARAM
from services.messages.search.conditions import unindexed_conditions
from services.messages.search.query_shape import BoundQuery, QueryShape
from services.messages.search.statements import STATEMENT_CACHE_SIZE
from services.receipts.operator_codes import load_operator_codes
from services.receipts.provider_codes import ProviderCodes

MESSAGE_ROWS = MessageSource(message, message.c.place)
MAX_MESSAGES_PER_CALL = 5
"""The largest number of messages per completed call that is read with the newest calls."""

CLAIM_DURATION = timedelta(minutes=15)
"""The lifetime of a claim; after it another operator may claim the recipient."""

CLAIM_IS_ACTIVE = CLAIM_TABLE.c.claimed_at > bindparam('lapsed', type_=CLAIM_TABLE.c.claimed_at.type)
HAS_CLAIM = and_(
    # The empty text hides the index on names, because many messages have a common name.
    CLAIM_TABLE.c.name_key == message.c.name_key.concat(EMPTY_TEXT),
    CLAIM_TABLE.c.phone == message.c.phone,
    CLAIM_IS_ACTIVE,
)
ACTIVE_CLAIMS = select(CLAIM_TABLE).where(CLAIM_TABLE.c.phone.in_(bindparam('phones', expanding=True)), CLAIM_IS_ACTIVE)


def pending_calls(
    session: Session, bound_query: BoundQuery, codes: ProviderCodes, call_params: CallParams, *, limit: int
) -> PendingCalls:
    """Read the first `limit` recipients to call about the messages of a query that need a call."""
    params = {**bound_query.params, **call_params}
    now: datetime = call_params['now']
    shape, engine, within_scope = bound_query.shape, bound_query.engine, SCOPE_PARAM in call_params
    recipients = session.execute(_recipients_query(shape, engine, within_scope), {**params, 'size': limit}).all()
    rows_by_recipient: dict[RecipientKey, list[Any]] = {RecipientKey(row.name_key, row.phone): [] for row in recipients}
    phones = {key.phone for key in rows_by_recipient}
    for row in session.execute(_messages_query(shape, engine, within_scope), {**params, 'phones': phones}):
        if (key := RecipientKey(row.name_key, row.phone)) in rows_by_recipient:
            rows_by_recipient[key].append(row)
    ids = [row.id for rows in rows_by_recipient.values() for row in rows]
    events_by_message = status_history.load_events(session, ids)
    earlier_calls = load_earlier_calls(session, ids, now=now)
    codes = codes.with_operator_codes(load_operator_codes(session))
    active_claims = session.execute(ACTIVE_CLAIMS, {'phones': phones, 'lapsed': now - CLAIM_DURATION})
    claims = {RecipientKey(row.name_key, row.phone): Claim(row.claimed_by, row.claimed_at) for row in active_claims}
    calls = [
        PendingCall(
            key,
            rows[0].recipient_name,
            [
                _undelivered_message(row, codes, events_by_message.get(row.id, []), now)
                for row in sorted(rows, key=lambda row: _urgency(row.appointment_at, now))
            ],
            claims.get(key),
            history_of([row.id for row in rows], earlier_calls),
        )
        for key, rows in rows_by_recipient.items()
        if rows  # the last message may have been sent between the two statements
    ]
    postponed = session.execute(_postponed_query(shape, engine, within_scope), params).one()
    return PendingCalls(calls, recipients[0].people if recipients else 0, postponed.people, postponed.next_at)


def count_pending(session: Session, bound_query: BoundQuery, call_params: CallParams) -> int:
    """Count the recipients to call about the messages of a query that need a call."""
    params = {**bound_query.params, **call_params, 'size': 1}
    statement = _recipients_query(bound_query.shape, bound_query.engine, SCOPE_PARAM in call_params)
    first = session.execute(statement, params).first()
    return first.people if first else 0


def completed_calls(session: Session, bound_query: BoundQuery, *, now: datetime, limit: int) -> list[CompletedCall]:
    """Read the `limit` newest completed calls about the messages of a query, except those that have returned."""
    ids_by_call: dict[tuple[Any, ...], list[UUID]] = {}
    params = {**bound_query.params, 'now': now, 'size': limit * MAX_MESSAGES_PER_CALL}
    for id, *call in session.execute(_completed_query(bound_query.shape, bound_query.engine), params):
        ids_by_call.setdefault(tuple(call), []).append(id)
    newest = list(ids_by_call.items())[:limit]
    earlier_calls = load_earlier_calls(session, [id for _, ids in newest for id in ids], now=now)
    return [
        CompletedCall(ids, name, phone, by, at, outcome, note, again_at, history_of(ids, earlier_calls))
        for (name, phone, by, at, outcome, note, again_at), ids in newest
    ]


def still_waiting(session: Session, ids: Collection[UUID], call_params: CallParams) -> dict[UUID, Claim | None]:
    """Return those of the messages that still wait for a call, each with the active claim on its recipient.

    With a scope in the parameters those outside it are left out.
    """
    params = {'ids': list(ids), 'lapsed': call_params['now'] - CLAIM_DURATION}
    rows = session.execute(_still_waiting_query(SCOPE_PARAM in call_params), {**params, **call_params})
    return {row.id: Claim(row.claimed_by, row.claimed_at) if row.claimed_by else None for row in rows}


def _undelivered_message(
    row: Any, codes: ProviderCodes, events: list[StatusEvent], now: datetime
) -> UndeliveredMessage:
    waits = row.status == MessageStatus.WAITING
    waiting = texts.CALLS_STILL_WAITING.format(time=duration(now - row.queued_at, days_from=DAYS_FROM))
    part_count = known_part_count(row.parts, row.text, row.channel) or 1
    advice = codes.advice(row.error_name, status_rules.decisive_event(events, part_count))
    return UndeliveredMessage(
        id=row.id,
        status=row.status,
        appointment_at=row.appointment_at,
        organization=row.organization,
        kind=row.kind,
        text=row.text,
        error_code=row.error_code,
        error_name=waiting if waits else row.error_name,
        advice=texts.CALLS_STILL_WAITING_ADVICE if waits else advice,
    )


def _urgency(appointment_at: datetime | None, now: datetime) -> tuple[int, datetime]:
    """Return the sort key: future appointments, then none, then past ones."""
    if appointment_at is None:
        return 1, now
    return (0 if appointment_at > now else 2), appointment_at


@cache
def _still_waiting_query(within_scope: bool) -> Select[Any]:
    return (
        select(message.c.id, CLAIM_TABLE.c.claimed_by, CLAIM_TABLE.c.claimed_at)
        .outerjoin(CALL_TABLE, CALL_TABLE.c.message_id == message.c.id)
        .outerjoin(CLAIM_TABLE, HAS_CLAIM)
        .where(message.c.id.in_(bindparam('ids', expanding=True)), IS_UNCALLED, needs_call(within_scope=within_scope))
    )


@lru_cache(STATEMENT_CACHE_SIZE)
def _recipients_query(shape: QueryShape, engine: str, within_scope: bool) -> Select[Any]:
    appointment, now = message.c.appointment_at, bindparam('now', type_=message.c.appointment_at.type)
    next_appointment = func.min(case((appointment > now, appointment)))
    oldest = func.min(message.c.place)
    is_past = and_(next_appointment.is_(None), func.count() == func.count(appointment))
    return (
        select(message.c.name_key, message.c.phone, func.count().over().label('people'))
        .outerjoin(CALL_TABLE, CALL_TABLE.c.message_id == message.c.id)
        .where(IS_UNCALLED, *unindexed_conditions(engine, shape, MESSAGE_ROWS), needs_call(within_scope=within_scope))
        .group_by(message.c.name_key, message.c.phone)
        .order_by(
            case((is_past, 2), (next_appointment.is_(None), 1), else_=0),
            next_appointment.nulls_last(),
            case((is_past, -oldest), else_=oldest),
            message.c.name_key,
            message.c.phone,
        )
        .limit(bindparam('size', type_=Integer))
    )


@lru_cache(STATEMENT_CACHE_SIZE)
def _messages_query(shape: QueryShape, engine: str, within_scope: bool) -> Select[Any]:
    return (
        select(
            message.c.name_key,
            message.c.phone,
            message.c.recipient_name,
            message.c.id,
            message.c.appointment_at,
            organization.c.name.label('organization'),
            message.c.status,
            message.c.queued_at,
            kind.c.name.label('kind'),
            message.c.text,
            message.c.error_code,
            message.c.error_name,
            message.c.parts,
            message.c.channel,
        )
        .join(organization, HAS_ORGANIZATION)
        .join(kind, HAS_KIND)
        .outerjoin(CALL_TABLE, CALL_TABLE.c.message_id == message.c.id)
        .where(
            message.c.phone.in_(bindparam('phones', expanding=True)),
            IS_UNCALLED,
            *unindexed_conditions(engine, shape, MESSAGE_ROWS),
            needs_call(within_scope=within_scope),
        )
        .order_by(message.c.place)
    )


@lru_cache(STATEMENT_CACHE_SIZE)
def _postponed_query(shape: QueryShape, engine: str, within_scope: bool) -> Select[Any]:
    """Build the statement that counts the recipients who will return to the list."""
    recipients: Subquery = (
        select(func.min(CALL_TABLE.c.again_at).label('again_at'))
        .select_from(message.join(CALL_TABLE, CALL_TABLE.c.message_id == message.c.id))
        .where(IS_POSTPONED, *unindexed_conditions(engine, shape, MESSAGE_ROWS), needs_call(within_scope=within_scope))
        .group_by(message.c.name_key, message.c.phone)
        .subquery()
    )
    columns: list[ColumnElement[Any]] = [func.count().label('people'), func.min(recipients.c.again_at).label('next_at')]
    return select(*columns).select_from(recipients)


@lru_cache(STATEMENT_CACHE_SIZE)
def _completed_query(shape: QueryShape, engine: str) -> Select[Any]:
    call_columns = [CALL_TABLE.c[name] for name in ('done_by', 'done_at', 'outcome', 'note', 'again_at')]
    return (
        select(message.c.id, message.c.recipient_name, message.c.phone, *call_columns)
        .join(CALL_TABLE, CALL_TABLE.c.message_id == message.c.id)
        .where(IS_CALLED, *unindexed_conditions(engine, shape, MESSAGE_ROWS))
        .order_by(CALL_TABLE.c.done_at.desc(), message.c.name_key, message.c.phone, message.c.place)
        .limit(bindparam('size', type_=Integer))
    )
