"""What an operator should look into: errors that grow, and messages that wait longest."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, case, func, select

from models import MessageStatus
from models.message import ARRIVAL_BITS, first_place
from models.total import Scale
from services import days
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.messages.message_tables import Rows, message, organization, total
from services.messages.search import statements
from services.messages.search.query_shape import Asked, Shape
from services.messages.search.statements import SHAPES
from services.messages.totals import aggregates
from services.messages.totals.aggregates import Choices
from services.summary.summary_data import Errors, Growing, Waiting

WINDOW = timedelta(days=7)
"""How long the last days are that are held against those before them: failed messages are read one by one."""
MOST_ERRORS = 10
MOST_WAITING = 10
ONLY_FAILED = frozenset({MessageStatus.FAILED})
ONLY_WAITING = frozenset({MessageStatus.WAITING})


def errors(asked: Asked, now: datetime) -> Errors:
    """Find the errors that grow at the end of a query's period, or up to the day of `now` where that goes on."""
    today = now.astimezone(asked.zone).date()
    until = min(asked.query.period.until or today, today)
    longest = until - WINDOW + timedelta(days=1)
    since = min(max(asked.query.period.since or longest, longest), until)
    length = until - since + timedelta(days=1)
    before = Period(since - length, since - timedelta(days=1))
    both = asked.about(replace(asked.query, period=Period(before.since, until), statuses=ONLY_FAILED))
    values = {**both.values, 'now': first_place(days.start(since, asked.zone))}
    found = [Growing(*row) for row in asked.connection.execute(_errors(both.shape), values)]
    growing = [error for error in found if error.now > error.before]
    growing.sort(key=lambda error: (error.before - error.now, error.before, error.code or '', error.name or ''))
    return Errors(before, Period(since, until), growing[:MOST_ERRORS])


def waiting(asked: Asked, now: datetime) -> list[Waiting]:
    """Find the messages that wait longest at a moment."""
    return list(_waiting_longest(asked.about(replace(asked.query, statuses=ONLY_WAITING)), now))


def _waiting_longest(asked: Asked, now: datetime) -> Iterator[Waiting]:
    # The totals say on which day the first of them waits, so that no index is read through to get there.
    values = aggregates.values(asked, aggregates.by_day(asked.query.period))
    first: int | None = asked.connection.execute(_first_waiting(aggregates.choices(asked.shape)), values).scalar()
    if first is None:
        return
    period = replace(asked.query.period, since=days.from_number(first))
    nearer = asked.about(replace(asked.query, period=period))
    for place, kind, id, name in asked.connection.execute(_waiting(nearer.shape), nearer.values):
        since = datetime.fromtimestamp(place >> ARRIVAL_BITS, UTC)
        day = since.astimezone(asked.zone).date()
        found = MessageQuery(kind=kind, period=Period(day, day), organization=OrganizationName(id, name))
        yield Waiting(since, now - since, replace(found, statuses=ONLY_WAITING))


@lru_cache(SHAPES)
def _errors(shape: Shape) -> Select[Any]:
    is_now = message.c.place >= bindparam('now', type_=message.c.place.type)
    return (
        select(
            message.c.error_code,
            message.c.error_name,
            func.sum(case((is_now, 0), else_=1), type_=Integer),
            func.sum(case((is_now, 1), else_=0), type_=Integer),
        )
        .where(*statements.plain(shape, Rows(message, message.c.place)))
        .group_by(message.c.error_code, message.c.error_name)
    )


@lru_cache(SHAPES)
def _first_waiting(choices: Choices) -> Select[Any]:
    """Read days alone, which are the first of the parts that make up a period."""
    scale, _ = aggregates.PARTS[0]
    assert scale is Scale.DAY
    part = next(aggregates.parts(choices, func.min(total.c.period)))
    return part.where(total.c.messages > 0)


@lru_cache(SHAPES)
def _waiting(shape: Shape) -> Select[Any]:
    return (
        select(message.c.place, message.c.kind, organization.c.id, organization.c.name)
        .join(organization)
        .where(*statements.plain(shape, Rows(message, message.c.place)))
        .order_by(message.c.place)
        .limit(MOST_WAITING)
    )
