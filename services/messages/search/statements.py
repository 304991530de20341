"""The statements of the journal of messages, each built once for a shape: building takes longer than executing."""

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.sql.selectable import HasHints

from services.database.indexes import condition_indexes
from services.ingest.message_parsing import IncomingMessage
from services.lists.query_protocol import Order
from services.messages.message_tables import HAS_KIND, HAS_ORGANIZATION, MessageSource, kind, message, organization
from services.messages.search.access_path import AccessPath, RequiredColumns
from services.messages.search.conditions import (
    EMPTY_TEXT,
    Part,
    PartName,
    appointment_day_conditions,
    filter_conditions,
    sort_key_param,
    surname_conditions,
    text_conditions,
)
from services.messages.search.dialects.dialect import dialect_module
from services.messages.search.query_shape import QueryShape
from services.messages.search.text_condition import TextShape

S = TypeVar('S', bound=HasHints)

STATEMENT_CACHE_SIZE = 2048
"""The number of cached statements of each kind; a busy journal has some hundreds."""
MAX_PARTS = 200
"""The largest number of parts of a statement; SQLite accepts 500."""

SORT_INDEX_COLUMNS: dict[str, ColumnElement[Any]] = {
    'code': message.c.id, 'recipient_name': message.c.name_key, 'phone': message.c.phone,
}  # fmt: skip
"""Columns that have an index to sort by."""
UNINDEXED_SORT_KEY = literal_column('+message.place', message.c.place.type)
"""Unary plus stops SQLite from using the primary key, so that the column's index drives the query."""
PLACE: ColumnElement[int] = literal_column('place', message.c.place.type)
SORTED_BY: ColumnElement[Any] = literal_column('sorted_by')
"""The columns of the candidates of a page."""
# EMPTY_TEXT hides the index of a column, which only AccessPath.uses_sort_index may choose.
SORT_COLUMNS: dict[str, ColumnElement[Any]] = {
    'code': message.c.id,
    'recipient_name': message.c.name_key.concat(EMPTY_TEXT),
    'phone': message.c.phone.concat(EMPTY_TEXT),
    'appointment_at': message.c.appointment_at,
    'organization': organization.c.sort_name,
    'kind': kind.c.name_key,
    'sent_at': message.c.sent_at,
    'status': message.c.status,
    'cost': message.c.cost,
    'queued_at': message.c.queued_at,
    'attempted_at': message.c.attempted_at,
}
"""What each column of the list sorts by (S13); all compare equally on both engines."""
COVERED_COLUMNS = ('organization', 'kind', 'status', 'cost')
"""Columns that the index `message_facts` of SQLite covers."""
# Subqueries, because with joins PostgreSQL plans longer, and an engine could begin with the dictionaries, and sort.
ORGANIZATION_NAME = select(organization.c.name).where(HAS_ORGANIZATION).correlate(message).scalar_subquery()
KIND_NAME = select(kind.c.name).where(HAS_KIND).correlate(message).scalar_subquery()
ROW_COLUMNS = (
    message.c.id,
    message.c.recipient_name,
    message.c.phone,
    message.c.appointment_at,
    ORGANIZATION_NAME.label('organization'),
    KIND_NAME.label('kind'),
    message.c.sent_at,
    message.c.status,
    message.c.cost,
    message.c.queued_at,
    message.c.delivery,
    message.c.attempted_at,
    message.c.error_code,
    message.c.error_name,
    message.c.sender,
    message.c.channel,
    message.c.cost_source,
)
"""The columns of a row of the list (S13)."""
ENTRY_NAMES = {'organization': ORGANIZATION_NAME.label('organization'), 'kind': KIND_NAME.label('kind')}
MESSAGE_COLUMNS = tuple(
    ENTRY_NAMES[field.name] if field.name in ENTRY_NAMES else message.c[field.name] for field in fields(IncomingMessage)
)
"""The columns of an exported message."""
SELECT_ROWS_BY_ID = select(*ROW_COLUMNS).where(message.c.id.in_(bindparam('ids', expanding=True)))
"""The rows of messages by their ids."""


@lru_cache(STATEMENT_CACHE_SIZE)
def page_statement(engine: str, shape: QueryShape, path: AccessPath) -> Select[Any]:
    """Build the statement that reads the rows of a page: `size` of them after `skip` others."""
    candidates = _candidates(engine, shape, path, _required_columns(shape, path))
    if engine == 'postgresql' and path.uses_text_index:
        # Materialized, so that PostgreSQL reads the text index first and sorts afterwards.
        materialized = candidates.cte('gathered').prefix_with('MATERIALIZED')
        candidates = select(materialized.c.place, materialized.c.sorted_by)
    order = _order_by(shape.order, SORTED_BY, PLACE, path)
    chosen = candidates.order_by(*order).limit(sort_key_param('size')).offset(sort_key_param('skip')).subquery('chosen')
    return (
        select(*ROW_COLUMNS)
        .select_from(chosen)
        .join(message, message.c.place == chosen.c.place)
        .order_by(*_order_by(shape.order, chosen.c.sorted_by, message.c.place, AccessPath()))
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
    statement = (
        select(*MESSAGE_COLUMNS)
        .select_from(_with_sorted_entries(source, shape))
        .where(*conditions)
        .order_by(*_order_by(shape.order, _sort_column(shape, path), sort_key, path))
    )
    return with_index_hint(statement, path)


@lru_cache(STATEMENT_CACHE_SIZE)
def totals_statement(engine: str, shape: QueryShape, path: AccessPath) -> Select[int, Any]:
    """Build the statement that counts the matching messages and adds up their cost in kopecks."""
    message_source, conditions = _rows_and_conditions(
        engine, shape, path, 'facts' if path.is_exact and not shape.has_unindexed_filters else 'all'
    )
    statement = (
        select(func.count(), func.sum(message.c.cost, type_=Integer))
        .select_from(message_source.from_clause)
        .where(*conditions)
    )
    return with_index_hint(statement, path)


@lru_cache(STATEMENT_CACHE_SIZE)
def count_matching_statement(engine: str, shape: QueryShape) -> Select[int]:
    """Build the statement that counts the matching messages among those with some sort keys."""
    _, conditions = _rows_and_conditions(engine, shape, AccessPath())
    has_given_key = message.c.place.in_(bindparam('places', expanding=True))
    return select(func.count()).select_from(message).where(has_given_key, *conditions)


@lru_cache(STATEMENT_CACHE_SIZE)
def boundary_key_statement(engine: str, shape: QueryShape, path: AccessPath) -> Select[Any] | CompoundSelect[Any]:
    """Build the statement that finds the sort key after `skip` rows of a scan that fit everything but the text."""
    shape = replace(shape, text=TextShape((), ()), order=None)
    return (
        _candidates(engine, shape, path, _required_columns(shape, path))
        .order_by(*_order_by(None, SORTED_BY, PLACE, path))
        .offset(sort_key_param('skip'))
        .limit(sort_key_param('size'))
    )


def _candidates(
    engine: str, shape: QueryShape, path: AccessPath, required_columns: RequiredColumns
) -> Select[Any] | CompoundSelect[Any]:
    """Build the select of the matching messages: their sort keys, and what they are sorted by.

    The first rows of each organization, error or day of appointments are read on their own, in the order of its index;
    with `IN` the engines would read all rows of all of them, and sort.
    """
    column = _sort_column(shape, path)
    name, count = _parts(shape, path)
    if not 1 < count <= MAX_PARTS or path.uses_text_index or path.uses_sort_index or path.uses_code_index:
        return _candidates_of(engine, shape, path, required_columns, column)
    order = _order_by(shape.order, SORTED_BY, PLACE, path)
    row_limit = sort_key_param('skip') + sort_key_param('size')
    parts = []
    for number in range(count):
        part = _candidates_of(engine, shape, path, required_columns, column, Part(name, number))
        first_rows = part.order_by(*order).limit(row_limit).subquery()
        parts.append(select(first_rows.c.place, first_rows.c.sorted_by))
    return union_all(*parts)


def _parts(shape: QueryShape, path: AccessPath) -> tuple[PartName, int]:
    """Return the condition by whose values a scan is divided, and how many there are."""
    by_lead: dict[str, tuple[PartName, int]] = {
        '': ('organization', shape.organizations),
        'errors': ('error', shape.errors),
        'surnames': ('surname', shape.surnames),
        'appointment': ('appointment_day', shape.appointment_days),
    }
    return by_lead.get(path.lead, ('organization', 0))  # the index of the queue is not in the order of the list


def with_index_hint(statement: S, path: AccessPath) -> S:
    """Name the index of the leading condition, because SQLite cannot know that it is the best one."""
    hint = f'INDEXED BY {condition_indexes.INDEX_BY_CONDITION[path.lead]}' if path.lead else ''
    return statement.with_hint(message, hint, 'sqlite') if hint else statement


def _candidates_of(
    engine: str,
    shape: QueryShape,
    path: AccessPath,
    required_columns: RequiredColumns,
    column: ColumnElement[Any],
    part: Part | None = None,
) -> Select[Any]:
    message_source, conditions = _rows_and_conditions(engine, shape, path, required_columns, part)
    source = _with_sorted_entries(message_source.from_clause, shape)
    sort_key: ColumnElement[int] = message_source.sort_key.label('place')
    statement = select(sort_key, column.label('sorted_by')).select_from(source).where(*conditions)
    return with_index_hint(statement, path)


def _with_sorted_entries(source: FromClause, shape: QueryShape) -> FromClause:
    """Join the entries of the dictionary by which the rows are sorted."""
    if shape.order and shape.order.column == 'organization':
        return source.join(organization, HAS_ORGANIZATION)
    if shape.order and shape.order.column == 'kind':
        return source.join(kind, HAS_KIND)
    return source


def _rows_and_conditions(
    engine: str,
    shape: QueryShape,
    path: AccessPath,
    required_columns: RequiredColumns = 'all',
    part: Part | None = None,
) -> tuple[MessageSource, list[ColumnElement[bool]]]:
    index_conditions: Sequence[ColumnElement[bool]] = ()
    if path.uses_text_index:
        message_source, index_conditions = dialect_module(engine).indexed_rows(path, required_columns)
    elif path.uses_sort_index or path.uses_code_index:
        message_source = MessageSource(message, UNINDEXED_SORT_KEY)
    else:
        message_source = dialect_module(engine).ordered_rows(required_columns)
    if path.lead == 'appointment':
        index_conditions = appointment_day_conditions(engine, shape, part)
    hides_organizations = path.hides_organizations or path.uses_sort_index
    filters = filter_conditions(shape, message_source, path.lead, part, hides_organizations=hides_organizations)
    conditions = [*index_conditions, *surname_conditions(engine, shape, path.lead, part), *filters]
    return message_source, conditions if path.is_exact else [*conditions, *text_conditions(engine, shape.text)]


def _required_columns(shape: QueryShape, path: AccessPath) -> RequiredColumns:
    """Return what is needed of messages to choose the rows of a page."""
    if (shape.text and not path.is_exact) or shape.has_unindexed_filters:
        return 'all'
    if shape.order is None:
        return 'all' if shape.has_filters else 'places'
    return 'facts' if shape.order.column in COVERED_COLUMNS else 'all'


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
