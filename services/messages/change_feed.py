"""What has come in or changed since somebody looked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, SQLModel

from services.messages.message_query import MessageRow
from services.messages.message_tables import message
from services.messages.search import statements
from services.messages.search.query_shape import Asked

CHANGE = SQLModel.metadata.tables['change']
NEWEST = select(func.coalesce(func.max(CHANGE.c.number), 0))
MOST = 2_000
"""Changes that are looked at one by one; of more at once only the newest are."""


@dataclass(frozen=True)
class News:
    """Which messages have come in and which have changed."""

    number: int
    """Of the newest change."""
    changed: Collection[UUID] = field(default_factory=set)
    created: Sequence[int] = ()
    """The places of new messages."""


def newest(session: Session) -> int:
    """Give the number of the newest change."""
    number: int = session.execute(NEWEST).scalar_one()
    return number


def since(session: Session, number: int) -> News:
    """Give what has happened since a change."""
    found = select(CHANGE).where(CHANGE.c.number > number).order_by(CHANGE.c.number.desc()).limit(MOST)
    rows = session.execute(found).all()
    if not rows:
        return News(number)
    created = {row.message_id for row in rows if row.created}
    places = session.execute(select(message.c.place).where(message.c.id.in_(created))) if created else ()
    return News(rows[0].number, {row.message_id for row in rows} - created, [place for (place,) in places])


def lines(session: Session, ids: Collection[UUID]) -> Mapping[str, MessageRow]:
    """Give the lines of some messages by their keys."""
    rows = [MessageRow._make(row) for row in session.execute(statements.LINES, {'ids': list(ids)})]
    return {row.key: row for row in rows}


def fitting(asked: Asked, places: Sequence[int]) -> int:
    """Count the messages at some places that fit a query."""
    statement = statements.among(asked.engine, asked.shape)
    number: int = asked.connection.execute(statement, {**asked.values, 'places': list(places)}).scalar_one()
    return number
