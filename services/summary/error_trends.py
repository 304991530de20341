"""Problems for an operator to examine: errors that grow, and messages that wait longest."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, case, func, select

from models import MessageStatus
from models.message import ARRIVAL_BITS, first_sort_key
from models.total import Granularity
from services import days
from services.ingest.status_history import WITHDRAWN
from services.lists.message_kinds import KindName
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.messages.message_tables import (
    HAS_KIND,
    HAS_ORGANIZATION,
    MessageSource,
    kind,
    message,
    organization,
    total,
)
from services.messages.search.conditions import filter_conditions
from services.messages.search.query_shape import BoundQuery, QueryShape
from services.messages.search.statements import STATEMENT_CACHE_SIZE
from services.messages.totals import aggregates
from services.messages.totals.aggregates import AggregateFilters
from services.summary.summary_data import ErrorTrends, GrowingError, WaitingMessage

COMPARISON_WINDOW = timedelta(days=7)
"""The longest window that is compared with the one before it; it is short, because failed messages are scanned."""
MAX_ERRORS = 10
MAX_WAITING = 10
ONLY_FAILED = frozenset({MessageStatus.FAILED})
ONLY_WAITING = frozenset({MessageStatus.WAITING})


def growing_errors(bound_query: BoundQuery, now: datetime, first_day: date | None) -> ErrorTrends:
    """Return the errors that grew at the end of a query's period, or up to the day of `now` if that is earlier.

    Args:
        bound_query: the query.
        now: the current time (aware).
        first_day: see services.summary.comparisons.read_first_day.
    """
    today = now.astimezone(bound_query.zone).date()
    until = min(bound_query.query.period.until or today, today)
    longest = until - COMPARISON_WINDOW + timedelta(days=1)
    since = min(max(bound_query.query.period.since or longest, longest), until)
    length = until - since + timedelta(days=1)
    before = Period(since - length, since - timedelta(days=1))
    both = bound_query.with_query(replace(bound_query.query, period=Period(before.since, until), statuses=ONLY_FAILED))
    values = {**both.params, 'now': first_sort_key(days.day_start(since, bound_query.zone))}
    compared = _join_names(bound_query.connection.execute(_errors_query(both.shape), values).all())
    growing = [error for error in compared if error.count_now > error.count_before]
    growing.sort(key=lambda error: (error.count_before - error.count_now, error.count_before, error.key))
    is_before_known = first_day is not None and first_day <= since - length
    return ErrorTrends(before, Period(since, until), growing[:MAX_ERRORS], is_before_known)


def _join_names(rows: Sequence[Any]) -> list[GrowingError]:
    """Add up the counts of each error, which may have come with several names; the most frequent name remains.

    A withdrawn message is left out, because its sending has not failed.

    Args:
        rows: code, name, id and name of an organisation, count before and count now.
    """
    counts: dict[tuple[str | None, str | None], tuple[int, int]] = defaultdict(lambda: (0, 0))
    affected: dict[str, Counter[OrganizationName]] = defaultdict(Counter)
    for code, name, owner_id, owner_name, before, now in rows:
        if code == WITHDRAWN:
            continue
        known_before, known_now = counts[code, name]
        counts[code, name] = known_before + before, known_now + now
        affected[GrowingError(code, name, 0, 0).key][OrganizationName(owner_id, owner_name)] += now
    errors: dict[str, GrowingError] = {}
    for (code, name), (before, now) in sorted(counts.items(), key=lambda each: (sum(each[1]), each[0][1] or '')):
        error = GrowingError(code, name, before, now)
        if known := errors.get(error.key):
            error = replace(error, count_before=before + known.count_before, count_now=now + known.count_now)
        errors[error.key] = error
    return [_with_organizations(error, affected[key]) for key, error in errors.items()]


def _with_organizations(error: GrowingError, counts: Counter[OrganizationName]) -> GrowingError:
    """Add the organisations whose messages failed now."""
    if not counts.total():
        return error
    most = min(counts, key=lambda owner: (-counts[owner], owner.name))
    return replace(
        error,
        organization_count=sum(count > 0 for count in counts.values()),
        most_affected=most,
        most_affected_count=counts[most],
    )


def longest_waiting(bound_query: BoundQuery, now: datetime) -> list[WaitingMessage]:
    """Return the messages that have waited longest by `now`."""
    return list(_read_longest_waiting(bound_query.with_query(replace(bound_query.query, statuses=ONLY_WAITING)), now))


def _read_longest_waiting(bound_query: BoundQuery, now: datetime) -> Iterator[WaitingMessage]:
    # The aggregates contain the first day with a waiting message, so that the index need not be scanned up to it.
    values = aggregates.aggregate_params(bound_query, aggregates.day_ranges(bound_query.query.period))
    first: int | None = bound_query.connection.execute(
        _first_waiting_day_query(aggregates.aggregate_filters(bound_query.shape)), values
    ).scalar()
    if first is None:
        return
    period = replace(bound_query.query.period, since=days.from_number(first))
    narrowed = bound_query.with_query(replace(bound_query.query, period=period))
    for row in bound_query.connection.execute(_waiting_query(narrowed.shape), narrowed.params):
        since = datetime.fromtimestamp(row.place >> ARRIVAL_BITS, UTC)
        day = since.astimezone(bound_query.zone).date()
        message_query = MessageQuery(
            kinds=frozenset({KindName(row.kind_id, row.kind)}),
            period=Period(day, day),
            organizations=frozenset({OrganizationName(row.organization_id, row.organization)}),
        )
        yield WaitingMessage(since, now - since, replace(message_query, statuses=ONLY_WAITING))


@lru_cache(STATEMENT_CACHE_SIZE)
def _errors_query(shape: QueryShape) -> Select[Any]:
    is_now = message.c.place >= bindparam('now', type_=message.c.place.type)
    return (
        select(
            message.c.error_code,
            message.c.error_name,
            organization.c.entry_id,
            organization.c.name,
            func.sum(case((is_now, 0), else_=1), type_=Integer),
            func.sum(case((is_now, 1), else_=0), type_=Integer),
        )
        .join(organization, HAS_ORGANIZATION)
        .where(*filter_conditions(shape, MessageSource(message, message.c.place)))
        .group_by(message.c.error_code, message.c.error_name, organization.c.entry_id, organization.c.name)
    )


@lru_cache(STATEMENT_CACHE_SIZE)
def _first_waiting_day_query(choices: AggregateFilters) -> Select[Any]:
    """Build the statement from the day aggregates, which are the first of the parts that make up a period."""
    scale, _ = aggregates.PERIOD_PARTS[0]
    assert scale is Granularity.DAY
    part = next(aggregates.aggregate_selects(choices, func.min(total.c.period)))
    return part.where(total.c.messages > 0)


@lru_cache(STATEMENT_CACHE_SIZE)
def _waiting_query(shape: QueryShape) -> Select[Any]:
    return (
        select(
            message.c.place,
            kind.c.entry_id.label('kind_id'),
            kind.c.name.label('kind'),
            organization.c.entry_id.label('organization_id'),
            organization.c.name.label('organization'),
        )
        .join(organization, HAS_ORGANIZATION)
        .join(kind, HAS_KIND)
        .where(*filter_conditions(shape, MessageSource(message, message.c.place)))
        .order_by(message.c.place)
        .limit(MAX_WAITING)
    )
