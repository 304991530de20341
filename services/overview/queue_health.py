"""The queue of messages that wait to be sent: how many, since when, and when the last message was sent.

Everything is read from totals and from the ends of indexes, so that the cost depends neither on the size of the journal
nor on that of the queue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, bindparam, func, literal_column, select
from sqlmodel import Session

from models import MessageStatus
from models.message import ARRIVAL_BITS, first_sort_key
from models.total import Granularity
from services import days, texts
from services.access_scope.organization_scope import OrganizationScope, read_row_ids, scope_conditions
from services.database.indexes.condition_indexes import IS_WAITING
from services.formats import day, duration, integer
from services.lists.query_protocol import Order, Period
from services.messages.delivery import DAYS_FROM
from services.messages.message_query import MINUTES_PER_HOUR, MessageQuery
from services.messages.message_tables import message, total
from services.messages.totals.aggregates import outermost_period, owner_condition

OLDEST_FIRST: Final = Order('queued_at')
WAITING_QUERY: Final = MessageQuery(statuses=frozenset({MessageStatus.WAITING}), order=OLDEST_FIRST)
"""The query that finds all waiting messages, the oldest first."""
LONG_WAITING_QUERY: Final = MessageQuery(older_than=MINUTES_PER_HOUR, order=OLDEST_FIRST)
"""The query that finds the messages that have been waiting for more than an hour, the oldest first."""
LONG_WAIT: Final = timedelta(minutes=MINUTES_PER_HOUR)
A_MINUTE: Final = timedelta(minutes=1)
MAX_COUNTED: Final = 10_000
"""More messages that have been waiting for an hour are not counted."""
SCANNED_MESSAGES: Final = (100, 10_000)
"""How many of the newest messages are scanned for one that was sent; the second number if the first yields none."""

IN_RANGE: Final = (
    message.c.place >= bindparam('first', type_=BigInteger),
    message.c.place < bindparam('end', type_=BigInteger),
)
"""The condition that a message is in a period; `range_params` returns the parameters."""
WAITING_COUNT: Final = select(func.coalesce(func.sum(total.c.messages), 0)).where(
    total.c.scale == Granularity.MONTH,
    total.c.status == MessageStatus.WAITING,
)
WAITING_TIMES: Final = select(message.c.queued_at).where(literal_column(IS_WAITING))
OLDEST_WAITING: Final = WAITING_TIMES.order_by(message.c.queued_at).limit(1)
LONG_WAITING: Final = WAITING_TIMES.where(
    message.c.queued_at <= bindparam('deadline', type_=message.c.queued_at.type)
).limit(bindparam('limit', type_=Integer))
LAST_SENT_DAY: Final = (
    select(total.c.period)
    .where(
        total.c.scale == Granularity.DAY,
        total.c.period <= bindparam('today', type_=Integer),
        total.c.status == MessageStatus.SENT,
        total.c.messages > 0,
    )
    .order_by(total.c.period.desc())
    .limit(1)
)


@dataclass(frozen=True)
class QueueThresholds:
    """When the queue needs attention."""

    warning: timedelta = timedelta(hours=1)
    """How long a message waits until the queue is highlighted."""
    alarm: timedelta = timedelta(hours=24)
    """How long a message waits until the queue is highlighted as a failure."""
    silence: timedelta = timedelta(hours=2)
    """How long nothing is sent, while a message has been waiting for `warning`, until the queue counts as stuck."""


class QueueLevel(StrEnum):
    """How much attention the queue needs."""

    CALM = 'calm'
    WARNING = 'warning'
    ALARM = 'alarm'


@dataclass(frozen=True)
class QueueHealth:
    """The queue at one moment."""

    count: int
    """The number of messages that wait."""
    oldest: datetime | None
    """When the message that has been waiting longest was queued; None if none waits."""
    long_waiting: int
    """How many have been waiting for LONG_WAIT; MAX_COUNTED + 1 if there are more than MAX_COUNTED."""
    last_sent: datetime | date | None
    """When a message was last sent; only the day if that is all that is known; None if none ever was."""

    @property
    def last_sent_at(self) -> datetime | None:
        """The time of `last_sent`; None if it is not known."""
        return self.last_sent if isinstance(self.last_sent, datetime) else None


@dataclass(frozen=True)
class QueueReport:
    """The queue in words."""

    health: QueueHealth
    level: QueueLevel
    is_stuck: bool
    text: str
    """«Очередь: 364, старшее ждёт 8 дн., последнее отправлено 1 ч назад»."""
    summary: str
    """The queue without the last sent message: «всего в очереди 364, старшее ждёт 8 дн.»."""
    last_sent: str
    """When a message was last sent: «1 ч назад»."""
    last_sent_query: MessageQuery
    """The query that finds the messages that were sent on the last day on which any was."""


def read_queue(session: Session, zone: ZoneInfo, now: datetime, scope: OrganizationScope | None = None) -> QueueHealth:
    """Read the state of the queue at the moment `now` (aware), of the messages of a scope."""
    is_own = scope_conditions(session, scope, message)
    scope_rows = read_row_ids(session.connection(), scope)
    long_waiting = session.execute(
        select(func.count()).select_from(LONG_WAITING.where(*is_own).subquery()),
        {'deadline': now - LONG_WAIT, 'limit': MAX_COUNTED + 1},
    ).scalar_one()
    return QueueHealth(
        count=int(session.execute(WAITING_COUNT.where(owner_condition(scope_rows))).scalar_one()),
        oldest=session.execute(OLDEST_WAITING.where(*is_own)).scalar(),
        long_waiting=int(long_waiting),
        last_sent=_read_last_sent(session, zone, now, scope_rows, is_own),
    )


def report_queue(health: QueueHealth, thresholds: QueueThresholds, zone: ZoneInfo, now: datetime) -> QueueReport:
    """Describe the state of the queue, and how much attention it needs."""
    age = now - health.oldest if health.count and health.oldest else None
    silence = _silence(health.last_sent, zone, now)
    is_late = age is not None and age >= thresholds.warning
    is_stuck = is_late and (health.last_sent is None or (silence is not None and silence >= thresholds.silence))
    level = QueueLevel.WARNING if is_late else QueueLevel.CALM
    if is_stuck or (age is not None and age >= thresholds.alarm):
        level = QueueLevel.ALARM
    waiting_time = duration(age, days_from=DAYS_FROM) if age is not None else ''
    last_sent = _describe_last_sent(health.last_sent, zone, now)
    title = texts.QUEUE_STUCK if is_stuck else texts.QUEUE if health.count else texts.QUEUE_EMPTY
    oldest = texts.QUEUE_OLDEST.format(time=waiting_time) if waiting_time else ''
    sent = texts.QUEUE_LAST_SENT.format(time=last_sent) if health.last_sent else texts.QUEUE_NOTHING_SENT
    total_text = (texts.QUEUE_TOTAL if health.count else texts.QUEUE_EMPTY.lower()).format(count=integer(health.count))
    return QueueReport(
        health=health,
        level=level,
        is_stuck=is_stuck,
        text=_join(title.format(count=integer(health.count)), oldest, sent),
        summary=_join(total_text, oldest),
        last_sent=last_sent,
        last_sent_query=_last_sent_query(health.last_sent, zone),
    )


def _join(*parts: str) -> str:
    return ', '.join(filter(None, parts))


def _last_sent_query(last_sent: datetime | date | None, zone: ZoneInfo) -> MessageQuery:
    last_day = last_sent.astimezone(zone).date() if isinstance(last_sent, datetime) else last_sent
    return MessageQuery(statuses=frozenset({MessageStatus.SENT}), period=Period(last_day, last_day))


def _read_last_sent(
    session: Session,
    zone: ZoneInfo,
    now: datetime,
    scope_rows: Sequence[int] | None,
    is_own: Sequence[ColumnElement[bool]],
) -> datetime | date | None:
    """Return when a message was last sent, as far as few messages have to be scanned for it, or else the day.

    A message that a sender's clock dates after `now` is ignored.
    """
    today = now.astimezone(zone).date()
    statement = outermost_period(LAST_SENT_DAY, scope_rows, func.max)
    number = session.execute(statement, {'today': days.to_number(today)}).scalar()
    if number is None:
        return None
    last_day = days.from_number(number)
    until = min(days.day_end(last_day, zone), now + timedelta(seconds=1))
    keys = range_params(days.day_start(last_day, zone), until)
    for size in SCANNED_MESSAGES:
        if place := session.execute(newest_sent_statement(size, *is_own), keys).scalar():
            return datetime.fromtimestamp(place >> ARRIVAL_BITS, UTC)
    return last_day


def range_params(since: datetime, until: datetime) -> dict[str, int]:
    """Return the parameters of IN_RANGE for a period whose end (aware) does not belong to it."""
    return {'first': first_sort_key(since), 'end': first_sort_key(until)}


def newest_sent_statement(size: int, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Build the query for the newest sent message among the `size` newest of a range that meet the conditions."""
    newest = (
        select(message.c.place, message.c.status)
        .where(*IN_RANGE, *conditions)
        .order_by(message.c.place.desc())
        .limit(size)
        .subquery()
    )
    return select(func.max(newest.c.place)).where(newest.c.status == MessageStatus.SENT)


def _silence(last_sent: datetime | date | None, zone: ZoneInfo, now: datetime) -> timedelta | None:
    """Return for how long at least nothing has been sent; None if it is not known."""
    if last_sent is None:
        return None
    if not isinstance(last_sent, datetime):
        end = days.day_end(last_sent, zone)
        return now - end if end <= now else None
    return now - last_sent


def _describe_last_sent(last_sent: datetime | date | None, zone: ZoneInfo, now: datetime) -> str:
    if last_sent is None:
        return texts.NOTHING_SENT
    if not isinstance(last_sent, datetime):
        return texts.SENT_TODAY if last_sent == now.astimezone(zone).date() else day(last_sent)
    elapsed = now - last_sent
    return texts.TIME_AGO.format(time=duration(elapsed, days_from=DAYS_FROM)) if elapsed >= A_MINUTE else texts.JUST_NOW
