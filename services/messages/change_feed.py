"""The messages created or changed since a given change, for pages that update themselves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from services.access_scope.organization_scope import OrganizationScope, scope_conditions
from services.call_list.call_changes import CallPosition, calls_changed_since, newest_call_position
from services.call_list.row_calls import MAY_HAVE_CALLS
from services.database.tables import CHANGE_TABLE
from services.messages.message_query import MessageRow
from services.messages.message_tables import message
from services.messages.resent_messages import read_originals
from services.messages.search import statements
from services.messages.search.query_shape import BoundQuery

SELECT_NEWEST_NUMBER = select(func.coalesce(func.max(CHANGE_TABLE.c.number), 0))
MAX_CHANGES = 2_000
"""The maximum number of changes read at once; older ones are left out."""


class ChangePosition(NamedTuple):
    """Up to where changes were read."""

    number: int
    """The number of the newest change to any message."""
    calls: CallPosition


@dataclass(frozen=True)
class MessageChanges:
    """The messages that were created, and those that were changed."""

    position: ChangePosition
    """Up to where they were read."""
    changed_ids: Collection[UUID] = field(default_factory=set)
    """The messages that were changed, or sent again, or the calls about them."""
    created_sort_keys: Sequence[int] = ()
    """The sort keys of the created messages."""


def newest_change_number(session: Session) -> int:
    """Return the number of the newest change."""
    number: int = session.execute(SELECT_NEWEST_NUMBER).scalar_one()
    return number


def newest_position(session: Session, now: datetime) -> ChangePosition:
    """Return the position after which everything begins that changes from `now` (aware) on."""
    return ChangePosition(newest_change_number(session), newest_call_position(session, now))


def changes_since(
    session: Session, position: ChangePosition, now: datetime, scope: OrganizationScope | None = None
) -> MessageChanges:
    """Return the messages of a scope that were created and changed after a position, up to `now` (aware)."""
    calls, called_ids = calls_changed_since(session, position.calls, now)
    changes = select(CHANGE_TABLE)
    if is_own := scope_conditions(session, scope, message):
        called_ids = set(session.execute(select(message.c.id).where(message.c.id.in_(called_ids), *is_own)).scalars())
        changes = changes.join(message, message.c.id == CHANGE_TABLE.c.message_id).where(*is_own)
    statement = (
        changes.where(CHANGE_TABLE.c.number > position.number).order_by(CHANGE_TABLE.c.number.desc()).limit(MAX_CHANGES)
    )
    rows = session.execute(statement).all()
    if not rows:
        return MessageChanges(ChangePosition(position.number, calls), called_ids)
    ids = {row.message_id for row in rows}
    created_ids = {row.message_id for row in rows if row.created}
    key_rows = session.execute(select(message.c.place).where(message.c.id.in_(created_ids))) if created_ids else ()
    return MessageChanges(
        ChangePosition(rows[0].number, calls),
        # A message needs no call any more when its repeat is sent.
        ids - created_ids | called_ids | read_originals(session, ids, scope),
        [sort_key for (sort_key,) in key_rows],
    )


def rows_by_id(
    session: Session, ids: Collection[UUID], scope: OrganizationScope | None = None
) -> Mapping[str, MessageRow]:
    """Read the rows of messages, by their keys; those outside the scope are left out."""
    is_own = scope_conditions(session, scope, message)
    statement = statements.SELECT_ROWS_BY_ID.add_columns(MAY_HAVE_CALLS).where(*is_own)
    rows = [MessageRow(*row) for row in session.execute(statement, {'ids': list(ids)})]
    return {row.key: row for row in rows}


def count_matching(bound_query: BoundQuery, sort_keys: Sequence[int]) -> int:
    """Count the messages that fit a query among those with the given sort keys."""
    statement = statements.count_matching_statement(bound_query.engine, bound_query.shape)
    number: int = bound_query.connection.execute(
        statement, {**bound_query.params, 'places': list(sort_keys)}
    ).scalar_one()
    return number
