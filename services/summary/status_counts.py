"""Counts and costs by status, and by day, kind or organisation, from the totals that the database maintains."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, func, union_all

from models import MessageStatus
from services import days
from services.messages.message_tables import kind, organization, total
from services.messages.search.conditions import is_one_of
from services.messages.search.query_shape import BoundQuery
from services.messages.search.statements import STATEMENT_CACHE_SIZE
from services.messages.totals import aggregates, withdrawn_messages
from services.messages.totals.aggregates import AggregateFilters


class Grouping(StrEnum):
    """By what messages are counted besides their status; the values are used by the API."""

    DAY = 'day'
    KIND = 'kind'
    ORGANIZATION = 'organization'


@dataclass(frozen=True)
class StatusCount:
    """The messages of a status on a day, of a kind or of an organisation."""

    key: date | str
    """The day, or the name of the kind or of the organisation."""
    status: MessageStatus
    messages: int
    """At least 1."""
    kopecks: int
    """Their cost."""
    withdrawn: int = 0
    """How many of them their senders have withdrawn; 0 unless the status is FAILED."""


def count_by_status(bound_query: BoundQuery, grouping: Grouping) -> Sequence[StatusCount]:
    """Count the messages of a query without a name and a phone; what has no messages is left out.

    Returns:
        The counts, sorted by the day or the name, and by status.
    """
    period = bound_query.query.period
    ranges = aggregates.day_ranges(period) if grouping is Grouping.DAY else aggregates.split_period(period)
    statement = _counts_statement(
        grouping, aggregates.aggregate_filters(bound_query.shape), bound_query.shape.organizations
    )
    messages: Counter[tuple[Any, MessageStatus]] = Counter()
    kopecks: Counter[tuple[Any, MessageStatus]] = Counter()
    for key, status, count, cost in bound_query.connection.execute(
        statement, aggregates.aggregate_params(bound_query, ranges)
    ):
        messages[key, status] += int(count)
        kopecks[key, status] += int(cost)
    withdrawn = _count_withdrawn(bound_query, grouping)
    keys = {key: days.from_number(key) if grouping is Grouping.DAY else key for key, _ in messages}
    return [
        StatusCount(
            keys[key],
            status,
            count,
            kopecks[key, status],
            withdrawn.get(keys[key], 0) if status is MessageStatus.FAILED else 0,
        )
        for (key, status), count in sorted(messages.items())
        if count
    ]


def _count_withdrawn(bound_query: BoundQuery, grouping: Grouping) -> Mapping[Any, int]:
    """Count the withdrawn messages of a query by the keys of its counts."""
    match grouping:
        case Grouping.DAY:
            return withdrawn_messages.count_by_day(bound_query)
        case Grouping.KIND:
            return {each.name: count for each, count in withdrawn_messages.count_by_kind(bound_query).items()}
        case Grouping.ORGANIZATION:
            return {each.name: count for each, count in withdrawn_messages.count_by_organization(bound_query).items()}


@lru_cache(STATEMENT_CACHE_SIZE)
def _counts_statement(grouping: Grouping, filters: AggregateFilters, organizations: int) -> CompoundSelect[Any]:
    """Build the statement; `organizations` is the number of rows of the query's organisations, 0 for any."""
    sums = func.sum(total.c.messages), func.sum(total.c.kopecks)
    group: ColumnElement[Any] = total.c.period
    owner = None
    conditions: list[ColumnElement[bool]] = []
    if grouping is Grouping.KIND:
        group = kind.c.name
        conditions.append(kind.c.id == total.c.kind)
    if grouping is Grouping.ORGANIZATION:
        group, owner = organization.c.name, organization.c.id
        if organizations:
            conditions.append(is_one_of(organization.c.id, 'organization', organizations))
    parts = aggregates.aggregate_selects(filters, group, total.c.status, *sums, organization_id=owner)
    return union_all(*(part.where(*conditions).group_by(group, total.c.status) for part in parts))
