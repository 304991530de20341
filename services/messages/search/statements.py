"""The statements of the journal of messages, each built once for all queries of one shape.

Building a statement takes several times as long as executing it.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, literal_column, or_, select

from models import DeliveryState, MessageStatus
from services.lists.query_protocol import Order
from services.messages.delivery import DeliveryCondition
from services.messages.message_tables import MessageSource, message, organization
from services.messages.search.access_path import AccessPath, RequiredColumns
from services.messages.search.dialects.dialect import dialect_module
from services.messages.search.query_shape import QueryShape
from services.messages.search.text_condition import TextShape

STATEMENT_CACHE_SIZE = 2048
"""The number of cached statements of each kind; a busy journal has some hundreds."""

SORT_INDEX_COLUMNS: dict[str, ColumnElement[Any]] = {
    'code': message.c.id,
    'recipient_name': message.c.name_key,
    'phone': message.c.phone,
}
"""Columns that have an index to sort by."""
UNINDEXED_SORT_KEY = literal_column('+message.place', message.c.place.type)
"""Unary plus stops SQLite from using the primary key, so that the column's index drives the query."""
EMPTY_TEXT: ColumnElement[str] = literal_column("''")
"""Appended to a text column, it hides the column's index, which only AccessPath.uses_sort_index may choose."""
SORT_COLUMNS: dict[str, ColumnElement[Any]] = {
    'code': message.c.id,
    'recipient_name': message.c.name_key.concat(EMPTY_TEXT),
    'phone': message.c.phone.concat(EMPTY_TEXT),
    'appointment_at': message.c.appointment_at,
    'organization': organization.c.name_key,
    'kind': message.c.kind,
    'sent_at': message.c.sent_at,
    'status': message.c.status,
    'cost': message.c.cost,
}
"""What each column of the list sorts by (S13); all compare equally on both engines."""
COVERED_COLUMNS = ('organization', 'kind', 'status', 'cost')
"""Columns that the index `message_facts` of SQLite covers."""
ROW_COLUMNS = (
    message.c.id,
    message.c.recipient_name,
    message.c.phone,
    message.c.appointment_at,
    organization.c.name,
    message.c.kind,
    message.c.sent_at,
    message.c.status,
    message.c.cost,
    message.c.queued_at,
    message.c.delivery,
)
"""The columns of a row of the list (S13)."""
# A subquery, because with a join the engine could begin with the organizations, and sort.
_organization_alias = organization.alias('named')
ORGANIZATION_NAME = (
    select(_organization_alias.c.name).where(_organization_alias.c.id == message.c.organization_id).scalar_subquery()
)
MESSAGE_COLUMNS = (
    message.c.id,
    message.c.recipient_name,
    message.c.phone,
    message.c.appointment_at,
    ORGANIZATION_NAME.label('organization'),
    message.c.kind,
    message.c.status,
    message.c.queued_at,
    message.c.attempted_at,
    message.c.sent_at,
    message.c.cost,
    message.c.text,
    message.c.error_code,
    message.c.error_name,
    message.c.delivery,
    message.c.phone_note,
    message.c.parts,
)
"""The columns of an exported message."""
SELECT_ROWS_BY_ID = select(*ROW_COLUMNS).join(organization).where(message.c.id.in_(bindparam('ids', expanding=True)))
"""The rows of messages by their ids."""


@lru_cache(STATEMENT_CACHE_SIZE)
def page_statement(engine: str, shape: QueryShape, path: AccessPath) -> Select[Any]:
    """Build the statement that reads the rows of a page: `size` of them after `skip` others."""
    message_source, conditions = _rows_and_conditions(engine, shape, path, _required_columns(shape, path))
    source = message_source.from_clause
    if shape.order and shape.order.column == 'organization':
        source = source.join(organization, organization.c.id == message.c.organization_id)
    column = _sort_column(shape, path)
    sort_key: ColumnElement[int] = message_source.sort_key.label('place')
    candidates = select(sort_key, column.label('sorted_by')).select_from(source).where(*conditions)
    if engine == 'postgresql' and path.uses_text_index:
        # Materialized, so that PostgreSQL reads the text index first and sorts afterwards.
        materialized = candidates.cte('gathered').prefix_with('MATERIALIZED')
        candidates, sort_key, column = select(materialized.c.place), materialized.c.place, materialized.c.sorted_by
    order = _order_by(shape.order, column, sort_key, path)
    chosen = (
        candidates.order_by(*order).limit(_sort_key_param('size')).offset(_sort_key_param('skip')).subquery('chosen')
    )
    column = _sort_column(shape, AccessPath())
    return (
        select(*ROW_COLUMNS)
        .select_from(chosen)
        .join(message, message.c.place == chosen.c.place)
        .join(organization, organization.c.id == message.c.organization_id)
        .order_by(*_order_by(shape.order, column, message.c.place, AccessPath()))
    )


@lru_cache(STATEMENT_CACHE_SIZE)
def export_statement(engine: str, shape: QueryShape, path: AccessPath) -> Select[Any]:
    """Build the statement that reads all matching messages for an export, in the order of the list."""
    message_source, conditions = _rows_and_conditions(engine, shape, path)
    source, sort_key = message_source.from_clause, message_source.sort_key
    if engine == 'postgresql' and path.uses_text_index:
        candidates = select(sort_key.label('place')).select_from(source).where(*conditions)
        materialized = candidates.cte('gathered').prefix_with('MATERIALIZED')
        source, sort_key = materialized.join(message, message.c.place == materialized.c.place), message.c.place
        conditions = []
    if shape.order and shape.order.column == 'organization':
        source = source.join(organization, organization.c.id == message.c.organization_id)
    column = _sort_column(shape, path)
    return (
        select(*MESSAGE_COLUMNS)
        .select_from(source)
        .where(*conditions)
        .order_by(*_order_by(shape.order, column, sort_key, path))
    )


@lru_cache(STATEMENT_CACHE_SIZE)
def totals_statement(engine: str, shape: QueryShape, path: AccessPath) -> Select[int, Any]:
    """Build the statement that counts the matching messages and adds up their cost in kopecks."""
    message_source, conditions = _rows_and_conditions(
        engine, shape, path, 'facts' if path.is_exact and not shape.has_unindexed_filters else 'all'
    )
    return (
        select(func.count(), func.sum(message.c.cost, type_=Integer))
        .select_from(message_source.from_clause)
        .where(*conditions)
    )


@lru_cache(STATEMENT_CACHE_SIZE)
def count_matching_statement(engine: str, shape: QueryShape) -> Select[int]:
    """Build the statement that counts the matching messages among those with some sort keys."""
    _, conditions = _rows_and_conditions(engine, shape, AccessPath())
    has_given_key = message.c.place.in_(bindparam('places', expanding=True))
    return select(func.count()).select_from(message).where(has_given_key, *conditions)


@lru_cache(STATEMENT_CACHE_SIZE)
def boundary_key_statement(engine: str, shape: QueryShape, *, reverse: bool) -> Select[Any]:
    """Build the statement that finds the sort key after `skip` rows that fit everything but the text."""
    message_source = dialect_module(engine).ordered_rows('all' if shape.has_filters else 'places')
    return (
        select(message_source.sort_key)
        .where(*filter_conditions(shape, message_source))
        .order_by(message_source.sort_key.asc() if reverse else message_source.sort_key.desc())
        .offset(_sort_key_param('skip'))
        .limit(_sort_key_param('size'))
    )


def _rows_and_conditions(
    engine: str, shape: QueryShape, path: AccessPath, required_columns: RequiredColumns = 'all'
) -> tuple[MessageSource, list[ColumnElement[bool]]]:
    index_conditions: Sequence[ColumnElement[bool]] = ()
    if path.uses_text_index:
        message_source, index_conditions = dialect_module(engine).indexed_rows(path, required_columns)
    elif path.uses_sort_index:
        message_source = MessageSource(message, UNINDEXED_SORT_KEY)
    else:
        message_source = dialect_module(engine).ordered_rows(required_columns)
    conditions = [*index_conditions, *filter_conditions(shape, message_source)]
    return message_source, conditions if path.is_exact else [*conditions, *_text_conditions(engine, shape.text)]


def _required_columns(shape: QueryShape, path: AccessPath) -> RequiredColumns:
    """Return what is needed of messages to choose the rows of a page."""
    if (shape.text and not path.is_exact) or shape.has_unindexed_filters:
        return 'all'
    if shape.order is None:
        return 'all' if shape.has_filters else 'places'
    return 'facts' if shape.order.column in COVERED_COLUMNS else 'all'


def filter_conditions(shape: QueryShape, source: MessageSource) -> list[ColumnElement[bool]]:
    """Build the conditions apart from the text; BoundQuery.params has their parameters."""
    conditions: list[ColumnElement[bool]] = []
    if shape.since:
        conditions.append(source.sort_key >= _sort_key_param('since'))
    if shape.until:
        conditions.append(source.sort_key <= _sort_key_param('until'))
    if shape.organization:
        conditions.append(message.c.organization_id == bindparam('organization'))
    if shape.kind:
        conditions.append(message.c.kind == bindparam('kind'))
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
    deadline = _sort_key_param('answer_deadline')
    is_expected = source.sort_key >= deadline if delivery is DeliveryCondition.AWAITING else source.sort_key < deadline
    return [message.c.delivery == _literal(DeliveryState.HANDED_OVER), is_expected]


def status_condition(status: ColumnElement[Any], chosen: tuple[MessageStatus, ...]) -> ColumnElement[bool]:
    """Build the condition that a status is one of those chosen."""
    return or_(*(status == _literal(each) for each in chosen))


def _text_conditions(engine: str, shape: TextShape) -> list[ColumnElement[bool]]:
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


def _sort_column(shape: QueryShape, path: AccessPath) -> ColumnElement[Any]:
    """Return the column by which rows are sorted before their sort keys."""
    if shape.order is None:
        return literal_column('0')
    return (SORT_INDEX_COLUMNS if path.uses_sort_index else SORT_COLUMNS)[shape.order.column]


def _order_by(
    order: Order | None, column: ColumnElement[Any], sort_key: ColumnElement[int], path: AccessPath
) -> list[ColumnElement[Any]]:
    """Return the order of the list, or its reverse; ties are broken by sort key, newest first."""
    by_sort_key = sort_key.asc() if path.reverse else sort_key.desc()
    if order is None:
        return [by_sort_key]
    sorted_by = column.desc() if order.descending != path.reverse else column.asc()
    # An indexed column has no NULL; and an index would yield NULLs last in one direction only.
    if not path.uses_sort_index:
        sorted_by = sorted_by.nulls_first() if path.reverse else sorted_by.nulls_last()
    return [sorted_by, by_sort_key]


@cache
def _sort_key_param(name: str) -> ColumnElement[int]:
    return bindparam(name, type_=message.c.place.type)


def _literal(value: MessageStatus | DeliveryState) -> ColumnElement[int]:
    """Return a value as a literal, because a parameter would hide that a partial index fits."""
    return literal_column(str(int(value)), Integer)
