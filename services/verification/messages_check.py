"""What must hold of every message by itself."""

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
from services.days import day_number
from services.ingest.ingest_batch import MESSAGE, ORGANIZATION
from services.verification.check_result import Found

AT_ONCE = 5_000
"""Rows that are held in memory."""
DOUBLED = select(MESSAGE.c.id, func.count().label('times')).group_by(MESSAGE.c.id).having(func.count() > 1)
ORPHANS = (
    select(MESSAGE.c.organization_id, func.count().label('messages'))
    .where(MESSAGE.c.organization_id.not_in(select(ORGANIZATION.c.id)))
    .group_by(MESSAGE.c.organization_id)
)
CONTRADICTIONS = select(MESSAGE.c.id).where(
    or_(
        and_(MESSAGE.c.status == MessageStatus.SENT, MESSAGE.c.sent_at.is_(None)),
        and_(MESSAGE.c.status != MessageStatus.SENT, MESSAGE.c.sent_at.is_not(None)),
        MESSAGE.c.cost < Decimal(0),
    )
)
MOMENT = func.coalesce(MESSAGE.c.sent_at, MESSAGE.c.attempted_at, MESSAGE.c.queued_at)
FILED = MESSAGE.c.place.op('>>')(literal_column(str(ARRIVAL_BITS)))
"""The second by which a message is filed."""
DAYS = select(
    MESSAGE.c.day, func.min(MESSAGE.c.place).label('first'), func.max(MESSAGE.c.place).label('last')
).group_by(MESSAGE.c.day)


def doubled(session: Session, _: ZoneInfo) -> Iterator[Found]:
    """Say each id that several messages have."""
    for row in _stream(session, DOUBLED):
        yield texts.VERIFY_DOUBLED.format(id=row.id, times=row.times)


def orphans(session: Session, _: ZoneInfo) -> Iterator[Found]:
    """Say each organisation that messages have and the dictionary has not."""
    for row in session.execute(ORPHANS):
        yield texts.VERIFY_ORPHAN.format(organization=row.organization_id, messages=row.messages)


def contradictions(session: Session, _: ZoneInfo) -> Iterator[Found]:
    """Say each message whose status and time of sending contradict each other (spec S14), or that cost less than 0."""
    for row in _stream(session, CONTRADICTIONS):
        yield texts.VERIFY_CONTRADICTION.format(id=row.id)


def misplaced(session: Session, zone: ZoneInfo) -> Iterator[Found]:
    """Say each message that does not stand where its moment puts it, and each day that holds another day's messages."""
    seconds = cast(extract('epoch', MOMENT), BigInteger) if session.get_bind().dialect.name == 'postgresql' else MOMENT
    for row in _stream(
        session, select(MESSAGE.c.id).where(MESSAGE.c.place.op('>>')(literal_column(str(ARRIVAL_BITS))) != seconds)
    ):
        yield texts.VERIFY_MISPLACED.format(id=row.id)
    for row in session.execute(DAYS):
        # The later a message, the higher its place: where both ends are of the day, all between are.
        for place in {row.first, row.last}:
            if day_number(datetime.fromtimestamp(place >> ARRIVAL_BITS, UTC), zone) != row.day:
                yield texts.VERIFY_DAY.format(day=row.day)


def _stream(session: Session, statement: Select[tuple[UUID]]) -> Iterator[Row[tuple[UUID]]]:
    return session.execute(statement, execution_options={'yield_per': AT_ONCE})
