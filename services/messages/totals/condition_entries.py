"""What the indexes of single conditions tell about a query: counts up to a limit, and the bounds of appointments."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, literal, literal_column, select

from models import MessageStatus
from services.messages.message_tables import MessageSource, message
from services.messages.search.access_path import AccessPath, LeadingCondition
from services.messages.search.conditions import (
    IS_QUEUED_BEFORE,
    IS_WAITING,
    appointment_day_conditions,
    filter_conditions,
    sort_key_param,
    surname_conditions,
)
from services.messages.search.dialects.dialect import dialect_module
from services.messages.search.query_shape import BoundQuery, QueryShape
from services.messages.search.statements import STATEMENT_CACHE_SIZE, with_index_hint
from services.messages.search.text_condition import TextShape

ONLY_FAILED = frozenset({MessageStatus.FAILED})
CURRENT_STEP: ColumnElement[int] = literal_column('steps.day', Integer)
"""The day of a step through the index of the days of appointments."""


def count_entries(bound_query: BoundQuery, lead: LeadingCondition) -> int | None:
    """Count the entries of the index of a condition that fit it and the period; None if they are too many."""
    limit = bound_query.settings.max_counted_entries
    statement = _count_statement(bound_query.engine, _shape_of(bound_query.shape, lead), lead)
    count: int = bound_query.connection.execute(statement, {**bound_query.params, 'size': limit + 1}).scalar_one()
    return count if count <= limit else None


def aggregated_query(bound_query: BoundQuery) -> BoundQuery:
    """Return the query whose aggregates count at least the rows of another one: only failed messages have errors."""
    query = bound_query.query
    if query.errors and not query.statuses:
        return bound_query.with_query(replace(query, statuses=ONLY_FAILED))
    return bound_query


def appointment_boundary(bound_query: BoundQuery, *, reverse: bool) -> int | None:
    """Return the highest sort key of the messages whose appointments fit, or the lowest one; None if there are none.

    The keys are read day by day from the index, whose entries are in the order of the list for each day.

    Args:
        bound_query: the query.
        reverse: whether the lowest key is returned.
    """
    shape = bound_query.shape
    statement = _boundary_statement(bound_query.engine, shape.appointment_since, shape.appointment_until, reverse)
    boundary: int | None = bound_query.connection.execute(statement, bound_query.params).scalar()
    return boundary


def _shape_of(shape: QueryShape, lead: LeadingCondition) -> QueryShape:
    """Return the shape of a query that has only one condition and the period."""
    only = replace(
        shape, text=TextShape((), ()), order=None, organizations=0, kinds=0, statuses=(), delivery=None,
        has_min_waiting_time=shape.has_min_waiting_time and lead == 'waiting',
    )  # fmt: skip
    if lead != 'errors':
        only = replace(only, errors=0)
    if lead != 'surnames':
        only = replace(only, surnames=0)
    if lead != 'appointment':
        only = replace(only, appointment_since=False, appointment_until=False, appointment_days=0)
    return only


@lru_cache(STATEMENT_CACHE_SIZE)
def _count_statement(engine: str, shape: QueryShape, lead: LeadingCondition) -> Select[Any]:
    if lead == 'waiting':
        return _count_waiting_statement(shape)
    conditions = [
        *surname_conditions(engine, shape, lead),
        *filter_conditions(shape, MessageSource(message, message.c.place), lead),
    ]
    if lead == 'appointment':
        conditions = [*appointment_day_conditions(engine, shape, None), *conditions]
    entries = select(literal(1, Integer)).select_from(message).where(*conditions).limit(sort_key_param('size'))
    return select(func.count()).select_from(with_index_hint(entries, AccessPath(lead=lead)).subquery())


def _count_waiting_statement(shape: QueryShape) -> Select[Any]:
    """Build the statement that counts the entries of the queue; other conditions would need the messages themselves."""
    is_late = [IS_QUEUED_BEFORE] if shape.has_min_waiting_time else []
    entries = select(literal(1, Integer)).select_from(message).where(IS_WAITING, *is_late)
    entries = with_index_hint(entries.limit(sort_key_param('size')), AccessPath(lead='waiting'))
    return select(func.count()).select_from(entries.subquery())


@lru_cache(STATEMENT_CACHE_SIZE)
def _boundary_statement(engine: str, has_since: bool, has_until: bool, reverse: bool) -> Select[Any]:
    """Build the statement that steps through the days of the index, and reads the first or the last key of each."""
    end, day = func.min if reverse else func.max, dialect_module(engine).APPOINTMENT_DAY
    known = message.c.appointment_at.is_not(None)
    since = [day >= bindparam('first_appointment_day', type_=Integer)] if has_since else []
    until = [bindparam('last_appointment_day', type_=Integer) >= CURRENT_STEP] if has_until else []
    first = select(func.min(day).label('day')).select_from(message).where(known, *since)
    following = select(func.min(day)).select_from(message).where(known, day > CURRENT_STEP).scalar_subquery()
    steps = first.cte('steps', recursive=True)
    steps = steps.union_all(select(following).select_from(steps).where(CURRENT_STEP.is_not(None), *until))
    key = select(end(message.c.place)).where(known, day == CURRENT_STEP).scalar_subquery()
    keys = select(key.label('key')).select_from(steps).where(*until).subquery()
    return select(end(keys.c.key))
