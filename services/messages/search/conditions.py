"""The conditions of the statements of the journal of messages."""

from functools import cache
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import ColumnElement, Integer, String, and_, bindparam, func, literal_column, or_

from models import DeliveryState, MessageStatus
from services.database.indexes import condition_indexes
from services.ingest.status_history import WITHDRAWN
from services.messages.delivery import DeliveryCondition
from services.messages.message_tables import MessageSource, message
from services.messages.search.access_path import LeadingCondition
from services.messages.search.dialects.dialect import dialect_module
from services.messages.search.query_shape import QueryShape
from services.messages.search.text_condition import TextShape

EMPTY_TEXT: Final[ColumnElement[str]] = literal_column("''", String)
"""Appended to a text, it hides the index of the text."""
SPACE: Final[ColumnElement[str]] = literal_column("' '", String)
ERROR_KEY: Final[ColumnElement[str]] = literal_column(condition_indexes.ERROR_KEY, String)
IS_WAITING: Final[ColumnElement[Any]] = literal_column(condition_indexes.IS_WAITING)
IS_QUEUED_BEFORE: Final = message.c.queued_at <= bindparam('queued_before', type_=message.c.queued_at.type)
UNINDEXED_ORGANIZATION: Final[ColumnElement[int]] = literal_column('+message.organization_id', Integer)
"""Unary plus hides the index on the organisation from both engines."""
PartName = Literal['organization', 'kind', 'error', 'surname', 'appointment_day']


class Part(NamedTuple):
    """A part of a result: the rows with one of the values of a condition."""

    condition: PartName
    number: int
    """Which of the values."""


def filter_conditions(
    shape: QueryShape,
    source: MessageSource,
    lead: LeadingCondition = '',
    part: Part | None = None,
    *,
    hides_organizations: bool = False,
) -> list[ColumnElement[bool]]:
    """Build the conditions apart from the text; BoundQuery.params has their parameters.

    Args:
        shape: the shape of the query.
        source: the source of the rows.
        lead: the condition whose index is read; the indexes of the others are hidden.
        part: the part of the result; None for all of it.
        hides_organizations: whether the index of organizations is hidden too; a code always hides it.
    """
    conditions: list[ColumnElement[bool]] = []
    if shape.has_code:
        first, last = (bindparam(name, type_=message.c.id.type) for name in ('code_first', 'code_last'))
        conditions.append(message.c.id.between(first, last))
    if shape.since:
        conditions.append(source.sort_key >= sort_key_param('since'))
    if shape.until:
        conditions.append(source.sort_key <= sort_key_param('until'))
    if shape.organizations:
        organization_id = UNINDEXED_ORGANIZATION if shape.has_code or hides_organizations else message.c.organization_id
        conditions.append(_has_value(organization_id, 'organization', shape.organizations, part))
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
        conditions.append(IS_QUEUED_BEFORE)
    if shape.delivery:
        conditions += _delivery_conditions(shape.delivery, source)
    if lead == 'waiting':
        conditions.append(IS_WAITING)
    if shape.errors:
        key = ERROR_KEY if lead == 'errors' else ERROR_KEY.concat(EMPTY_TEXT)
        conditions.append(_has_value(key, 'error', shape.errors, part))
        conditions.append(message.c.status == _literal(MessageStatus.FAILED))
        conditions.append(message.c.status != _literal(MessageStatus.SENT))
    if shape.has_appointment:
        conditions += _appointment_conditions(shape)
    return conditions


def appointment_day_conditions(engine: str, shape: QueryShape, part: Part | None) -> list[ColumnElement[bool]]:
    """Build the conditions by which the index of the days of appointments is read; they repeat the others."""
    day = dialect_module(engine).APPOINTMENT_DAY
    conditions: list[ColumnElement[bool]] = [message.c.appointment_at.is_not(None)]
    if part or shape.appointment_days == 1:
        number = part.number if part else 0
        conditions.append(day == bindparam(f'appointment_day_{number}', type_=Integer))
        return conditions
    if shape.appointment_since:
        conditions.append(day >= bindparam('first_appointment_day', type_=Integer))
    if shape.appointment_until:
        conditions.append(day <= bindparam('last_appointment_day', type_=Integer))
    return conditions


def surname_conditions(
    engine: str, shape: QueryShape, lead: LeadingCondition = '', part: Part | None = None
) -> list[ColumnElement[bool]]:
    """Build the conditions on the surname; see filter_conditions."""
    if not shape.surnames:
        return []
    surname, name = dialect_module(engine).SURNAME, message.c.name_key
    if lead == 'surnames':
        return [_has_value(surname, 'surname', shape.surnames, part)]
    # Most names do not contain the surnames, which is found out sooner than which of their words is the surname.
    params = (bindparam(f'surname_{number}', type_=String) for number in range(shape.surnames))
    contains_any = or_(*(func.replace(name, param, EMPTY_TEXT) != name for param in params))
    return [contains_any, _has_value(surname.concat(EMPTY_TEXT), 'surname', shape.surnames, part)]


def unindexed_conditions(engine: str, shape: QueryShape, source: MessageSource) -> list[ColumnElement[bool]]:
    """Build all conditions of a query; those on name, surname and phone read no index, where few rows are left."""
    return [
        *surname_conditions(engine, shape),
        *filter_conditions(shape, source),
        *text_conditions(engine, shape.text),
    ]


def _appointment_conditions(shape: QueryShape) -> list[ColumnElement[bool]]:
    column, conditions = message.c.appointment_at, []
    if shape.appointment_since:
        conditions.append(column >= bindparam('appointment_since', type_=column.type))
    if shape.appointment_until:
        conditions.append(column < bindparam('appointment_until', type_=column.type))
    return conditions


def _has_value(column: ColumnElement[Any], name: PartName, count: int, part: Part | None) -> ColumnElement[bool]:
    """Build the condition that a column has the value of a part, or one of `count` values."""
    if part and part.condition == name:
        return column == bindparam(f'{name}_{part.number}', type_=column.type)
    return is_one_of(column, name, count)


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
    if delivery is DeliveryCondition.FAILED:
        return [
            message.c.status == _literal(MessageStatus.FAILED),
            message.c.status != _literal(MessageStatus.SENT),
            ERROR_KEY.concat(EMPTY_TEXT) != WITHDRAWN,
        ]
    if delivery is DeliveryCondition.DELIVERED:
        return [message.c.delivery == _literal(DeliveryState.DELIVERED)]
    deadline = sort_key_param('answer_deadline')
    is_expected = source.sort_key >= deadline if delivery is DeliveryCondition.AWAITING else source.sort_key < deadline
    return [message.c.delivery == _literal(DeliveryState.HANDED_OVER), is_expected]


def is_one_of(column: ColumnElement[Any], name: str, count: int) -> ColumnElement[bool]:
    """Build the condition that a column has one of `count` values (services.messages.search.query_shape)."""
    params = [bindparam(f'{name}_{number}', type_=column.type) for number in range(count)]
    return column == params[0] if count == 1 else column.in_(params)


def status_condition(status: ColumnElement[Any], chosen: tuple[MessageStatus, ...]) -> ColumnElement[bool]:
    """Build the condition that a status is one of those chosen."""
    return or_(*(status == _literal(each) for each in chosen))


def text_conditions(engine: str, shape: TextShape) -> list[ColumnElement[bool]]:
    """Build the conditions on a message's name and phone."""
    contains = dialect_module(engine).contains
    pattern_conditions: list[ColumnElement[bool]] = []
    for number, (fragments, has_given_initial, has_patronymic_initial, words) in enumerate(shape.name_patterns):
        parts = [contains(message.c.name_key, f'name_{number}_{each}') for each in range(fragments)]
        parts += [_has_word(engine, f'word_{number}_{each}') for each in range(words)]
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


def _has_word(engine: str, param_name: str) -> ColumnElement[bool]:
    """Build the condition that a name has a whole word, or a double surname a half; the parameter has it in spaces."""
    dialect = dialect_module(engine)
    # Of a double surname, `name_key` has it as one word, and SEARCH_WORDS its halves.
    return or_(
        *(
            dialect.contains(SPACE.concat(words).concat(SPACE), param_name)
            for words in (
                message.c.name_key,
                dialect.SEARCH_WORDS,
            )
        )
    )


@cache
def sort_key_param(name: str) -> ColumnElement[int]:
    """Return the parameter of a sort key, or of a number of rows."""
    return bindparam(name, type_=message.c.place.type)


def _literal(value: MessageStatus | DeliveryState) -> ColumnElement[int]:
    """Return a value as a literal, because a parameter would hide that a partial index fits."""
    return literal_column(str(int(value)), Integer)
