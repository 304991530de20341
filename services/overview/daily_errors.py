"""The failed messages of today, compared with the same weekday of the weeks before."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from sqlalchemy import Integer, bindparam, func, select
from sqlmodel import Session

from models import MessageStatus
from models.total import Granularity
from services import days
from services.access_scope.organization_scope import OrganizationScope, read_row_ids
from services.lists.query_protocol import Period
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import MessageQuery
from services.messages.message_tables import total
from services.messages.totals.aggregates import owner_condition
from services.messages.totals.withdrawn_messages import count_in_range
from services.overview.queue_health import range_params

COMPARED_WEEKS: Final = 4
COUNTS_BY_DAY: Final = (
    select(total.c.period, total.c.status, func.sum(total.c.messages).label('messages'))
    .where(
        total.c.scale == Granularity.DAY,
        total.c.period.in_(bindparam('days', type_=Integer, expanding=True)),
    )
    .group_by(total.c.period, total.c.status)
)


@dataclass(frozen=True)
class DailyErrors:
    """The failed messages of a day."""

    day: date
    count: int
    """Without the withdrawn messages."""
    usual: Decimal | None
    """The mean of whole days, those of the same weekday in the weeks before; None if none of them has messages."""
    compared_weeks: int
    """The number of these days: at most COMPARED_WEEKS, without those that have no messages at all."""
    withdrawn: int = 0
    """The withdrawn messages of the day, which have the same status."""

    @property
    def query(self) -> MessageQuery:
        """The query that finds them, without the withdrawn messages."""
        return failed_on(self.day)


def failed_on(day: date) -> MessageQuery:
    """Return the query that finds the failed messages of a day, without the withdrawn ones."""
    return MessageQuery(period=Period(day, day), delivery=DeliveryCondition.FAILED)


def read_daily_errors(
    session: Session, today: date, zone: tzinfo, scope: OrganizationScope | None = None
) -> DailyErrors:
    """Count the failed messages of a scope of today and of the days to compare with, which are days of `zone`."""
    counts_by_day = COUNTS_BY_DAY.where(owner_condition(read_row_ids(session.connection(), scope)))
    earlier = [today - timedelta(weeks=weeks) for weeks in range(1, COMPARED_WEEKS + 1)]
    failed: Counter[int] = Counter()
    has_messages: set[int] = set()
    numbers = list(map(days.to_number, (today, *earlier)))
    for period, status, messages in session.execute(counts_by_day, {'days': numbers}):
        if messages:
            has_messages.add(period)
        if status == MessageStatus.FAILED:
            failed[period] = int(messages)

    def count_withdrawn(day: date) -> int:
        day_range = range_params(days.day_start(day, zone), days.day_end(day, zone))
        return count_in_range(session, day_range, scope) if failed[days.to_number(day)] else 0

    compared = [
        failed[days.to_number(day)] - count_withdrawn(day) for day in earlier if days.to_number(day) in has_messages
    ]
    usual = Decimal(sum(compared)) / len(compared) if compared else None
    withdrawn = count_withdrawn(today)
    return DailyErrors(today, failed[days.to_number(today)] - withdrawn, usual, len(compared), withdrawn)
