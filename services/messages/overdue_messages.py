"""The messages that have waited too long to be sent, or whose appointment is over, for the mailing system."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select

from models import DeliveryState, MessageStatus
from services.messages.delivery import DeliveryCondition, OverdueReason, overdue_reason
from services.messages.message_query import MessageQuery
from services.messages.message_tables import MessageSource, message
from services.messages.search.conditions import filter_conditions
from services.messages.search.query_shape import BoundQuery

MESSAGE_ROWS = MessageSource(message, message.c.place)
QUERY: Final = MessageQuery(delivery=DeliveryCondition.OVERDUE)
"""The query for overdue messages."""


class WaitingRow(NamedTuple):
    """The columns of a message that waits."""

    place: int
    id: UUID
    status: MessageStatus
    delivery: DeliveryState | None
    queued_at: datetime
    sent_at: datetime | None
    appointment_at: datetime | None


@dataclass(frozen=True)
class OverdueMessage:
    """A message that is overdue."""

    id: UUID
    status: MessageStatus
    queued_at: datetime
    appointment_at: datetime | None
    reason: OverdueReason


@dataclass(frozen=True)
class OverduePage:
    """Some overdue messages, those that were queued first at the beginning."""

    messages: Sequence[OverdueMessage]
    last_key: int | None
    """The sort key after which the next page begins; None for the last page."""


def read_overdue(bound_query: BoundQuery, *, after: int, size: int) -> OverduePage:
    """Read `size` overdue messages after the sort key `after`.

    Args:
        bound_query: QUERY.
        after: 0 for the first page.
        size: the largest number of messages.
    """
    statement = (
        select(*(message.c[name] for name in WaitingRow._fields))
        .where(message.c.place > after, *filter_conditions(bound_query.shape, MESSAGE_ROWS))
        .order_by(message.c.place)
        .limit(size + 1)
    )
    rows = [WaitingRow._make(row) for row in bound_query.connection.execute(statement, bound_query.params)]
    return OverduePage(
        [
            OverdueMessage(row.id, row.status, row.queued_at, row.appointment_at, reason)
            for row in rows[:size]
            if (reason := overdue_reason(row, bound_query.timeouts, bound_query.now))
        ],
        rows[size - 1].place if len(rows) > size else None,
    )
