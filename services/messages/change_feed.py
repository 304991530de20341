"""What has come in or changed since somebody looked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, SQLModel

from services.messages.message_query import MessageRow
from services.messages.message_tables import message
from services.messages.search import statements
from services.messages.search.query_shape import BoundQuery

CHANGE_TABLE = SQLModel.metadata.tables['change']
SELECT_NEWEST_NUMBER = select(func.coalesce(func.max(CHANGE_TABLE.c.number), 0))
MAX_CHANGES = 2_000
"""Changes that are looked at one by one; of more at once only the newest are."""


@dataclass(frozen=True)
class MessageChanges:
    """Which messages have come in and which have changed."""

    newest_number: int
    """Of the newest change."""
    changed_ids: Collection[UUID] = field(default_factory=set)
    created_sort_keys: Sequence[int] = ()
    """The places of new messages."""


def newest_change_number(session: Session) -> int:
    """Give the number of the newest change."""
    number: int = session.execute(SELECT_NEWEST_NUMBER).scalar_one()
    return number


def changes_since(session: Session, change_number: int) -> MessageChanges:
    """Give what has happened since a change."""
    statement = (
        select(CHANGE_TABLE)
        .where(CHANGE_TABLE.c.number > change_number)
        .order_by(CHANGE_TABLE.c.number.desc())
        .limit(MAX_CHANGES)
    )
    rows = session.execute(statement).all()
    if not rows:
        return MessageChanges(change_number)
    created_ids = {row.message_id for row in rows if row.created}
    key_rows = session.execute(select(message.c.place).where(message.c.id.in_(created_ids))) if created_ids else ()
    return MessageChanges(
        rows[0].number, {row.message_id for row in rows} - created_ids, [sort_key for (sort_key,) in key_rows]
    )


def rows_by_id(session: Session, ids: Collection[UUID]) -> Mapping[str, MessageRow]:
    """Give the lines of some messages by their keys."""
    rows = [MessageRow._make(row) for row in session.execute(statements.SELECT_ROWS_BY_ID, {'ids': list(ids)})]
    return {row.key: row for row in rows}


def count_matching(bound_query: BoundQuery, sort_keys: Sequence[int]) -> int:
    """Count the messages at some places that fit a query."""
    statement = statements.count_matching_statement(bound_query.engine, bound_query.shape)
    number: int = bound_query.connection.execute(
        statement, {**bound_query.params, 'places': list(sort_keys)}
    ).scalar_one()
    return number
