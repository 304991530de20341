"""Check the messages themselves: unique ids, organizations, consistent fields, sort keys and days."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Row, Select, and_, cast, extract, func, literal_column, or_, select
from sqlmodel import Session

from models import MessageStatus
from models.message import ARRIVAL_BITS
from services import texts
from services.database.tables import MESSAGE_KIND_TABLE, MESSAGE_TABLE, ORGANIZATION_TABLE
from services.days import local_day_number
from services.verification.check_result import CheckOutput

FETCH_SIZE = 5_000
"""Rows in memory at a time."""
DUPLICATE_IDS = (
    select(MESSAGE_TABLE.c.id, func.count().label('times')).group_by(MESSAGE_TABLE.c.id).having(func.count() > 1)
)
MISSING_ORGANIZATIONS = (
    select(MESSAGE_TABLE.c.organization_id, func.count().label('messages'))
    .where(MESSAGE_TABLE.c.organization_id.not_in(select(ORGANIZATION_TABLE.c.id)))
    .group_by(MESSAGE_TABLE.c.organization_id)
)
MISSING_KINDS = (
    select(MESSAGE_TABLE.c.kind, func.count().label('messages'))
    .where(MESSAGE_TABLE.c.kind.not_in(select(MESSAGE_KIND_TABLE.c.id)))
    .group_by(MESSAGE_TABLE.c.kind)
)
CONTRADICTORY_MESSAGES = select(MESSAGE_TABLE.c.id).where(
    or_(
        and_(MESSAGE_TABLE.c.status == MessageStatus.SENT, MESSAGE_TABLE.c.sent_at.is_(None)),
        and_(MESSAGE_TABLE.c.status != MessageStatus.SENT, MESSAGE_TABLE.c.sent_at.is_not(None)),
        and_(MESSAGE_TABLE.c.status != MessageStatus.SENT, MESSAGE_TABLE.c.delivery.is_not(None)),
        MESSAGE_TABLE.c.cost < Decimal(0),
    )
)
EFFECTIVE_TIME = func.coalesce(MESSAGE_TABLE.c.sent_at, MESSAGE_TABLE.c.attempted_at, MESSAGE_TABLE.c.queued_at)
DAY_BOUNDS = select(
    MESSAGE_TABLE.c.day, func.min(MESSAGE_TABLE.c.place).label('first'), func.max(MESSAGE_TABLE.c.place).label('last')
).group_by(MESSAGE_TABLE.c.day)


def duplicate_ids(session: Session, _: ZoneInfo) -> Iterator[CheckOutput]:
    """Yield each id that several messages have."""
    for row in _stream(session, DUPLICATE_IDS):
        yield texts.VERIFY_DUPLICATE.format(id=row.id, times=row.times)


def missing_organizations(session: Session, _: ZoneInfo) -> Iterator[CheckOutput]:
    """Yield each organization id of messages that has no row."""
    for row in session.execute(MISSING_ORGANIZATIONS):
        yield texts.VERIFY_ORPHAN.format(organization=row.organization_id, messages=row.messages)


def missing_kinds(session: Session, _: ZoneInfo) -> Iterator[CheckOutput]:
    """Yield each kind of messages that has no row."""
    for row in session.execute(MISSING_KINDS):
        yield texts.VERIFY_NO_KIND.format(kind=row.kind, messages=row.messages)


def contradictory_messages(session: Session, _: ZoneInfo) -> Iterator[CheckOutput]:
    """Yield each message with a negative cost, or whose status contradicts its time of sending (S14) or delivery."""
    for row in _stream(session, CONTRADICTORY_MESSAGES):
        yield texts.VERIFY_CONTRADICTION.format(id=row.id)


def misplaced_messages(session: Session, zone: ZoneInfo) -> Iterator[CheckOutput]:
    """Yield each message whose sort key differs from its time, and each day that contains messages of another day."""
    seconds = (
        cast(extract('epoch', EFFECTIVE_TIME), BigInteger)
        if session.get_bind().dialect.name == 'postgresql'
        else EFFECTIVE_TIME
    )
    for row in _stream(
        session,
        select(MESSAGE_TABLE.c.id).where(MESSAGE_TABLE.c.place.op('>>')(literal_column(str(ARRIVAL_BITS))) != seconds),
    ):
        yield texts.VERIFY_MISPLACED.format(id=row.id)
    for row in session.execute(DAY_BOUNDS):
        # Sort keys grow with time: if the first and the last message belong to the day, all between them do.
        for sort_key in {row.first, row.last}:
            if local_day_number(datetime.fromtimestamp(sort_key >> ARRIVAL_BITS, UTC), zone) != row.day:
                yield texts.VERIFY_DAY.format(day=row.day)


def _stream(session: Session, statement: Select[tuple[UUID]]) -> Iterator[Row[tuple[UUID]]]:
    return session.execute(statement, execution_options={'yield_per': FETCH_SIZE})
