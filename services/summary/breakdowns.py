"""The part of the summary that comes from the aggregates: messages and cost by time, status, kind and organization."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, func, union_all

from models import MessageStatus
from models.column_types import kopecks_to_roubles
from services import days
from services.lists.message_kinds import KindName, MessageKinds
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Order, Period
from services.messages.message_query import MessageQuery
from services.messages.message_tables import organization, total
from services.messages.search.query_shape import BoundQuery
from services.messages.search.statements import STATEMENT_CACHE_SIZE
from services.messages.totals import aggregates
from services.messages.totals.aggregates import AggregateFilters
from services.messages.totals.withdrawn_messages import count_by_organization
from services.summary.summary_data import KindShare, OrganizationTotals, PeriodCounts, StatusTotals

MAX_CHART_DAYS = 124
"""The longest period, in days, that is charted by day; a longer one is charted by month."""


@dataclass(frozen=True)
class SummaryTotals:
    """The totals of one query."""

    is_monthly: bool
    totals: StatusTotals
    by_period: Sequence[PeriodCounts]
    kinds: Sequence[KindShare]


def count_messages(bound_query: BoundQuery, query: MessageQuery) -> SummaryTotals:
    """Count the messages of a query by time and status, and by kind.

    Args:
        bound_query: the query as it is applied.
        query: the query as it was chosen, which the links of the kinds narrow.
    """
    statuses = query.statuses or frozenset(MessageStatus)
    monthly = _is_monthly(query.period)
    spans = aggregates.split_period(query.period) if monthly else aggregates.day_ranges(query.period)
    rows = bound_query.connection.execute(
        _counts_query(aggregates.aggregate_filters(bound_query.shape)), aggregates.aggregate_params(bound_query, spans)
    ).all()
    counts_by_period: dict[int, Counter[MessageStatus]] = defaultdict(Counter)
    messages: Counter[MessageStatus] = Counter()
    by_kind: Counter[int] = Counter()
    kopecks: Counter[int] = Counter()
    for period, kind, status, number, amount in rows:
        if not number:  # the messages of this aggregate have since changed status or day
            continue
        counts_by_period[period // 100 * 100 if monthly else period][status] += number
        messages[status] += number
        by_kind[kind] += number
        kopecks[kind] += amount
    return SummaryTotals(
        is_monthly=monthly,
        totals=StatusTotals(
            {status: messages[status] for status in sorted(statuses)},
            kopecks_to_roubles(kopecks.total()),
            sum(count_by_organization(bound_query).values()),
        ),
        by_period=[
            PeriodCounts(
                _clip(period, query.period), {status: counts_by_period[number][status] for status in sorted(statuses)}
            )
            for number, period in _periods(query.period, counts_by_period, monthly=monthly)
        ],
        kinds=[_kind_share(bound_query, query, kind, by_kind, kopecks) for kind in _read_kinds(bound_query)]
        if len(query.kinds) != 1
        else [],
    )


def _read_kinds(bound_query: BoundQuery) -> Sequence[KindName]:
    """Read the kinds that the query does not exclude, in the order of the dictionary."""
    kinds = [KindName(id, name) for id, name in bound_query.connection.execute(MessageKinds.statement())]
    return [kind for kind in kinds if not bound_query.kind_ids or kind.id in bound_query.kind_ids]


def _kind_share(
    bound_query: BoundQuery, query: MessageQuery, kind: KindName, messages: Counter[int], kopecks: Counter[int]
) -> KindShare:
    """Add up the messages and the cost of the rows of a kind."""
    ids = bound_query.groups.kind_ids(kind.id)
    cost = kopecks_to_roubles(sum(kopecks[id] for id in ids))
    return KindShare(replace(query, kinds=frozenset({kind})), sum(messages[id] for id in ids), cost)


def totals_by_organization(bound_query: BoundQuery, order: Order) -> list[OrganizationTotals]:
    """Return the totals of a query by organization, of all that have messages, sorted."""
    values = aggregates.aggregate_params(bound_query, aggregates.split_period(bound_query.query.period))
    statuses = sorted(bound_query.query.statuses or MessageStatus)
    messages: dict[OrganizationName, Counter[MessageStatus]] = defaultdict(Counter)
    kopecks: Counter[OrganizationName] = Counter()
    for id, name, status, number, amount in bound_query.connection.execute(
        _organizations_query(aggregates.aggregate_filters(bound_query.shape)), values
    ):
        if bound_query.organization_ids and id not in bound_query.organization_ids:
            continue
        owner = OrganizationName(id, name)
        messages[owner][status] += int(number)
        kopecks[owner] += int(amount)
    withdrawn = count_by_organization(bound_query)
    found = [
        OrganizationTotals(
            {status: counts[status] for status in statuses},
            kopecks_to_roubles(kopecks[owner]),
            withdrawn.get(owner, 0),
            owner,
        )
        for owner, counts in messages.items()
        if counts.total()
    ]
    return sort_organizations(found, order)


def sort_organizations(organizations: Iterable[OrganizationTotals], order: Order) -> list[OrganizationTotals]:
    """Sort organisations by a column; those whose value is unknown come last, equal ones are sorted by name."""
    by_name = sorted(organizations, key=lambda each: str(each.sort_value('name')))
    known = [each for each in by_name if each.sort_value(order.column) is not None]
    unknown = [each for each in by_name if each.sort_value(order.column) is None]
    return [*sorted(known, key=lambda each: each.sort_value(order.column), reverse=order.descending), *unknown]  # type: ignore[arg-type,return-value]


def sum_by_status(bound_query: BoundQuery) -> StatusTotals:
    """Count the messages of a query by status, and add up their cost."""
    rows = bound_query.connection.execute(
        _statuses_query(aggregates.aggregate_filters(bound_query.shape)),
        aggregates.aggregate_params(bound_query, aggregates.split_period(bound_query.query.period)),
    )
    messages: Counter[MessageStatus] = Counter()
    kopecks = 0
    for status, number, amount in rows:
        messages[status] += int(number)
        kopecks += int(amount)
    statuses = sorted(bound_query.query.statuses or MessageStatus)
    withdrawn = sum(count_by_organization(bound_query).values())
    return StatusTotals({status: messages[status] for status in statuses}, kopecks_to_roubles(kopecks), withdrawn)


@lru_cache(STATEMENT_CACHE_SIZE)
def _counts_query(choices: AggregateFilters) -> CompoundSelect[Any]:
    return union_all(
        *aggregates.aggregate_selects(
            choices, total.c.period, total.c.kind, total.c.status, total.c.messages, total.c.kopecks
        )
    )


@lru_cache(STATEMENT_CACHE_SIZE)
def _statuses_query(choices: AggregateFilters) -> CompoundSelect[Any]:
    sums = func.sum(total.c.messages), func.sum(total.c.kopecks)
    parts = aggregates.aggregate_selects(choices, total.c.status, *sums)
    return union_all(*(part.group_by(total.c.status) for part in parts))


@lru_cache(STATEMENT_CACHE_SIZE)
def _organizations_query(choices: AggregateFilters) -> CompoundSelect[Any]:
    groups = organization.c.entry_id, organization.c.name, total.c.status
    sums = func.sum(total.c.messages), func.sum(total.c.kopecks)
    return union_all(
        *(
            part.group_by(*groups)
            for part in aggregates.aggregate_selects(choices, *groups, *sums, organization_id=organization.c.id)
        )
    )


def _is_monthly(period: Period) -> bool:
    return period.since is None or period.until is None or (period.until - period.since).days >= MAX_CHART_DAYS


def _periods(period: Period, period_numbers: Collection[int], *, monthly: bool) -> Iterator[tuple[int, Period]]:
    """Yield every day or month of a period with its number; the messages limit a period without start or end."""
    first = period.since or (_first_day(min(period_numbers)) if period_numbers else None)
    last = period.until or (_first_day(max(period_numbers)) if period_numbers else None)
    if first is None or last is None:
        return
    day = first.replace(day=1) if monthly else first
    while day <= last:
        following = (day + timedelta(days=31)).replace(day=1) if monthly else day + timedelta(days=1)
        number = days.to_number(day)
        yield number // 100 * 100 if monthly else number, Period(day, following - timedelta(days=1))
        day = following


def _clip(part: Period, whole: Period) -> Period:
    """Clip a month to the period of the query."""
    assert part.since is not None
    assert part.until is not None
    return Period(max(part.since, whole.since or part.since), min(part.until, whole.until or part.until))


def _first_day(number: int) -> date:
    """Return the first day of a month by its number (year and month with day 0)."""
    return days.from_number(number + 1)
