"""The part of the summary that the database keeps ready: messages and money by time, status, kind and organisation."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, func, union_all

from models import MessageKind, MessageStatus
from models.column_types import roubles
from services import days, texts
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.messages.message_tables import organization, total
from services.messages.search.query_shape import Asked
from services.messages.search.statements import SHAPES
from services.messages.totals import aggregates
from services.messages.totals.aggregates import Choices
from services.summary.summary_data import Share, Times

MOST_DAYS = 124
"""Days that a picture shows one by one; a longer period is shown by months."""
MOST_ORGANIZATIONS = 15
"""Organisations that are told by name."""


@dataclass(frozen=True)
class Counted:
    """Totals of one query."""

    monthly: bool
    messages: Mapping[MessageStatus, int]
    cost: Decimal
    times: Sequence[Times]
    kinds: Sequence[Share[MessageQuery]]


def count(asked: Asked) -> Counted:
    """Count what a query finds: by time and status, and by kind."""
    query, statuses = asked.query, asked.query.statuses or frozenset(MessageStatus)
    monthly = _is_long(query.period)
    spans = aggregates.spans(query.period) if monthly else aggregates.by_day(query.period)
    rows = asked.connection.execute(_counts(aggregates.choices(asked.shape)), aggregates.values(asked, spans)).all()
    at: dict[int, Counter[MessageStatus]] = defaultdict(Counter)
    messages: Counter[MessageStatus] = Counter()
    by_kind: Counter[MessageKind] = Counter()
    kopecks: Counter[MessageKind] = Counter()
    for period, kind, status, number, amount in rows:
        if not number:  # what there was has moved on
            continue
        at[period // 100 * 100 if monthly else period][status] += number
        messages[status] += number
        by_kind[kind] += number
        kopecks[kind] += amount
    return Counted(
        monthly=monthly,
        messages={status: messages[status] for status in sorted(statuses)},
        cost=roubles(kopecks.total()),
        times=[
            Times(_cut(period, query.period), {status: at[number][status] for status in sorted(statuses)})
            for number, period in _calendar(query.period, at, monthly=monthly)
        ],
        kinds=[Share(replace(query, kind=kind), by_kind[kind], roubles(kopecks[kind])) for kind in texts.KINDS]
        if query.kind is None
        else [],
    )


def by_organization(asked: Asked) -> list[Share[MessageQuery | None]]:
    """Share what a query finds between organisations; all but the dearest are one share."""
    values = aggregates.values(asked, aggregates.spans(asked.query.period))
    messages: Counter[OrganizationName] = Counter()
    kopecks: Counter[OrganizationName] = Counter()
    for id, name, number, amount in asked.connection.execute(_shares(aggregates.choices(asked.shape)), values):
        owner = OrganizationName(id, name)
        messages[owner] += int(number)
        kopecks[owner] += int(amount)
    ordered = sorted(messages, key=lambda owner: (-kopecks[owner], -messages[owner], owner.name))
    ordered = [owner for owner in ordered if messages[owner]]
    named, rest = ordered[:MOST_ORGANIZATIONS], ordered[MOST_ORGANIZATIONS:]
    shares: list[Share[MessageQuery | None]] = [
        Share(replace(asked.query, organization=owner), messages[owner], roubles(kopecks[owner])) for owner in named
    ]
    if rest:
        others = sum(messages[owner] for owner in rest), sum(kopecks[owner] for owner in rest)
        shares.append(Share(None, others[0], roubles(others[1])))
    return shares


@lru_cache(SHAPES)
def _counts(choices: Choices) -> CompoundSelect[Any]:
    return union_all(
        *aggregates.parts(choices, total.c.period, total.c.kind, total.c.status, total.c.messages, total.c.kopecks)
    )


@lru_cache(SHAPES)
def _shares(choices: Choices) -> CompoundSelect[Any]:
    owner = organization.c.id, organization.c.name
    sums = func.sum(total.c.messages), func.sum(total.c.kopecks)
    return union_all(
        *(part.group_by(*owner) for part in aggregates.parts(choices, *owner, *sums, owner=organization.c.id))
    )


def _is_long(period: Period) -> bool:
    return period.since is None or period.until is None or (period.until - period.since).days >= MOST_DAYS


def _calendar(period: Period, at: Collection[int], *, monthly: bool) -> Iterator[tuple[int, Period]]:
    """Give every day or month of a period with its number; an open side ends with the messages there are."""
    first = period.since or (_first(min(at)) if at else None)
    last = period.until or (_first(max(at)) if at else None)
    if first is None or last is None:
        return
    day = first.replace(day=1) if monthly else first
    while day <= last:
        following = (day + timedelta(days=31)).replace(day=1) if monthly else day + timedelta(days=1)
        number = days.number(day)
        yield number // 100 * 100 if monthly else number, Period(day, following - timedelta(days=1))
        day = following


def _cut(part: Period, whole: Period) -> Period:
    """Keep a month within the period that was asked for."""
    assert part.since is not None
    assert part.until is not None
    return Period(max(part.since, whole.since or part.since), min(part.until, whole.until or part.until))


def _first(number: int) -> date:
    """Give the first day of a month by its number, which has no day in it."""
    return days.from_number(number + 1)
