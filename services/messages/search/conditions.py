"""The conditions of the statements of the journal of messages."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, func, literal_column, or_

from models import DeliveryState, MessageStatus
from services.messages.delivery import DeliveryCondition
from services.messages.message_tables import MessageSource, message
from services.messages.search.dialects.dialect import dialect_module
from services.messages.search.query_shape import QueryShape
from services.messages.search.text_condition import TextShape


def filter_conditions(
    shape: QueryShape, source: MessageSource, organization_number: int | None = None
) -> list[ColumnElement[bool]]:
    """Build the conditions apart from the text; BoundQuery.params has their parameters.

    Args:
        shape: the shape of the query.
        source: the source of the rows.
        organization_number: which of the rows of the organization fits; None if any of them does.
    """
    conditions: list[ColumnElement[bool]] = []
    if shape.since:
        conditions.append(source.sort_key >= sort_key_param('since'))
    if shape.until:
        conditions.append(source.sort_key <= sort_key_param('until'))
    if organization_number is not None:
        conditions.append(message.c.organization_id == bindparam(f'organization_{organization_number}'))
    elif shape.organizations:
        conditions.append(is_one_of(message.c.organization_id, 'organization', shape.organizations))
    if shape.kinds:
        conditions.append(is_one_of(message.c.kind, 'kind', shape.kinds))
    if shape.statuses:
        conditions.append(status_condition(message.c.status, shape.statuses))
        if MessageStatus.SENT not in shape.statuses:
            # Repeats the condition of the partial index on unsent messages, so that the engine can use it.
            conditions.append(message.c.status != _literal(MessageStatus.SENT))
    if shape.has_min_waiting_time:
        conditions.append(status_condition(message.c.status, (MessageStatus.WAITING,)))
        conditions.append(message.c.status != _literal(MessageStatus.SENT))
        conditions.append(message.c.queued_at <= bindparam('queued_before', type_=message.c.queued_at.type))
    if shape.delivery:
        conditions += _delivery_conditions(shape.delivery, source)
    return conditions


def _delivery_conditions(delivery: DeliveryCondition, source: MessageSource) -> list[ColumnElement[bool]]:
    """Build the conditions on the delivery; a sent message is listed by the time when it was sent."""
    if delivery is DeliveryCondition.OVERDUE:
        is_late = message.c.queued_at <= bindparam('waiting_deadline', type_=message.c.queued_at.type)
        is_over = message.c.appointment_at <= bindparam('appointment_deadline', type_=message.c.appointment_at.type)
        return [
            message.c.status == _literal(MessageStatus.WAITING),
            message.c.status != _literal(MessageStatus.SENT),
            or_(is_late, is_over),
        ]
    if delivery is DeliveryCondition.DELIVERED:
        return [message.c.delivery == _literal(DeliveryState.DELIVERED)]
    deadline = sort_key_param('answer_deadline')
    is_expected = source.sort_key >= deadline if delivery is DeliveryCondition.AWAITING else source.sort_key < deadline
    return [message.c.delivery == _literal(DeliveryState.HANDED_OVER), is_expected]


def is_one_of(column: ColumnElement[int], name: str, count: int) -> ColumnElement[bool]:
    """Build the condition that a column has one of `count` values (services.messages.search.query_shape)."""
    params = [bindparam(f'{name}_{number}', type_=Integer) for number in range(count)]
    return column == params[0] if count == 1 else column.in_(params)


def status_condition(status: ColumnElement[Any], chosen: tuple[MessageStatus, ...]) -> ColumnElement[bool]:
    """Build the condition that a status is one of those chosen."""
    return or_(*(status == _literal(each) for each in chosen))


def text_conditions(engine: str, shape: TextShape) -> list[ColumnElement[bool]]:
    """Build the conditions on a message's name and phone."""
    contains = dialect_module(engine).contains
    pattern_conditions: list[ColumnElement[bool]] = []
    for number, (fragments, has_given_initial, has_patronymic_initial) in enumerate(shape.name_patterns):
        parts = [contains(message.c.name_key, f'name_{number}_{each}') for each in range(fragments)]
        for is_known, letter, value in ((has_given_initial, 1, 'given'), (has_patronymic_initial, 2, 'patronymic')):
            if is_known:
                parts.append(func.substr(message.c.initials, letter, 1) == bindparam(f'{value}_{number}'))
        pattern_conditions.append(and_(*parts))
    conditions = [or_(*pattern_conditions)] if pattern_conditions else []
    phone_conditions = [
        message.c.phone == bindparam(f'phone_{number}')
        if pattern == 'whole'
        else contains(message.c.phone, f'phone_{number}')
        for number, pattern in enumerate(shape.phone_patterns)
    ]
    return [*conditions, or_(*phone_conditions)] if phone_conditions else conditions


@cache
def sort_key_param(name: str) -> ColumnElement[int]:
    """Return the parameter of a sort key, or of a number of rows."""
    return bindparam(name, type_=message.c.place.type)


def _literal(value: MessageStatus | DeliveryState) -> ColumnElement[int]:
    """Return a value as a literal, because a parameter would hide that a partial index fits."""
    return literal_column(str(int(value)), Integer)
