"""The failed messages of today, compared with the same weekday of the weeks before."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import Integer, bindparam, func, select
from sqlmodel import Session

from models import MessageStatus
from models.total import Granularity
from services import days
from services.access_scope.organization_scope import OrganizationScope, read_row_ids
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.messages.message_tables import total
from services.messages.totals.aggregates import owner_condition

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
    usual: Decimal | None
    """The mean of whole days, those of the same weekday in the weeks before; None if none of them has messages."""
    compared_weeks: int
    """The number of these days: at most COMPARED_WEEKS, without those that have no messages at all."""

    @property
    def query(self) -> MessageQuery:
        """The query that finds them."""
        return MessageQuery(period=Period(self.day, self.day), statuses=frozenset({MessageStatus.FAILED}))


def read_daily_errors(session: Session, today: date, scope: OrganizationScope | None = None) -> DailyErrors:
    """Count the failed messages of a scope of today and of the days to compare with."""
    counts_by_day = COUNTS_BY_DAY.where(owner_condition(read_row_ids(session.connection(), scope)))
    earlier = [days.to_number(today - timedelta(weeks=weeks)) for weeks in range(1, COMPARED_WEEKS + 1)]
    number = days.to_number(today)
    failed: dict[int, int] = {}
    has_messages: set[int] = set()
    for period, status, messages in session.execute(counts_by_day, {'days': [number, *earlier]}):
        if messages:
            has_messages.add(period)
        if status == MessageStatus.FAILED:
            failed[period] = int(messages)
    compared = [failed.get(period, 0) for period in earlier if period in has_messages]
    usual = Decimal(sum(compared)) / len(compared) if compared else None
    return DailyErrors(today, failed.get(number, 0), usual, len(compared))
