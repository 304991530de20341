"""The messages that were created or changed after a change, each once and as it is now, for programs that follow them.

The numbers of changes become visible in their order: every transaction that writes changes holds the lock of
`acquire_writer_lock` from before it takes a number until its commit is visible. So no change with a lower number
appears after one that was read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, literal_column, select
from sqlmodel import Session

from services.access_scope.organization_scope import OrganizationScope, read_row_ids
from services.database.tables import CHANGE_TABLE
from services.errors import JournalError
from services.messages.message_query import MessageRow
from services.messages.message_tables import message
from services.messages.resent_messages import SCOPE_PARAM
from services.messages.search.statements import ROW_COLUMNS

MAX_CHANGES_PER_PAGE: Final = 10_000
"""Changes that are looked through for one page, most of which may be of other organisations."""

change = CHANGE_TABLE.c
AFTER: Final = bindparam('after', type_=change.number.type)
LAST: Final = bindparam('last', type_=change.number.type)
SIZE: Final = bindparam('size', type_=Integer)
# Two subqueries, because SQLite reads the whole table for both ends at once.
KEPT_CHANGES: Final = select(
    select(func.min(change.number)).scalar_subquery(), select(func.max(change.number)).scalar_subquery()
)


def _following_changes() -> Select[Any, int]:
    """Build the statement that finds the last of the changes to look through, and their count."""
    following = select(change.number).where(change.number > AFTER).order_by(change.number)
    limited = following.limit(bindparam('max_changes', type_=Integer)).subquery()
    return select(func.max(limited.c.number), func.count())


def _changed_rows(*, within_scope: bool) -> Select[Any]:
    """Build the statement that reads the messages whose last change is among those to look through.

    One statement reads the changes and their messages, because PostgreSQL reads each statement at a moment of its own.
    The changes have no index by message, which every write would pay for: the later ones are read once instead, and a
    program that keeps in step has few of them.
    """
    newest = (
        select(change.message_id, func.max(change.number).label('number'))
        .where(change.number > AFTER, change.number <= LAST)
        .group_by(change.message_id)
        .cte('newest')
    )
    later = (
        select(change.message_id)
        .where(change.number > LAST, change.message_id.in_(select(newest.c.message_id)))
        .distinct()
        .subquery('later')
    )
    has_no_later = newest.outerjoin(later, later.c.message_id == newest.c.message_id)
    chosen = select(newest).select_from(has_no_later).where(later.c.message_id.is_(None))
    if within_scope:
        found = chosen.subquery('found')
        # Unary plus hides the index on the organisation, so that the changes drive the query.
        organization_id: ColumnElement[int] = literal_column('+message.organization_id', Integer)
        conditions = [organization_id.in_(bindparam(SCOPE_PARAM, expanding=True))]
    else:
        found, conditions = chosen.order_by(newest.c.number).limit(SIZE).subquery('found'), []
    return (
        select(*ROW_COLUMNS, found.c.number)
        .select_from(found.join(message, message.c.id == found.c.message_id))
        .where(*conditions)
        .order_by(found.c.number)
        .limit(SIZE)
    )


FOLLOWING_CHANGES: Final = _following_changes()
CHANGED_ROWS: Final = _changed_rows(within_scope=False)
OWN_CHANGED_ROWS: Final = _changed_rows(within_scope=True)


class ChangesNotKeptError(JournalError):
    """The changes after a given one are not kept any more, or the database has never had it."""


@dataclass(frozen=True)
class ChangePage:
    """Some of the messages that were created or changed, in the order of their last changes."""

    rows: Sequence[MessageRow]
    last_number: int
    """The number of the last change that the page covers, after which the next page begins."""
    has_more: bool
    """Whether there are changes after it already."""


def read_newest_change(session: Session) -> ChangePage:
    """Return the page without messages after which everything begins that changes from now on."""
    _, newest = session.execute(KEPT_CHANGES).one()
    return ChangePage([], newest or 0, has_more=False)


def read_change_page(
    session: Session,
    *,
    after: int,
    size: int,
    scope: OrganizationScope | None = None,
    max_changes: int = MAX_CHANGES_PER_PAGE,
) -> ChangePage:
    """Read the messages that were created or changed after a change.

    Args:
        session: a reading session.
        after: `last_number` of the page before.
        size: the largest number of messages.
        scope: the only organisations whose messages are read; None for all.
        max_changes: how many changes are looked through.

    Raises:
        ChangesNotKeptError: some of the changes are not kept any more; all messages have to be read anew.
    """
    last, count = session.execute(FOLLOWING_CHANGES, {'after': after, 'max_changes': max_changes}).one()
    statement, params = CHANGED_ROWS, {'after': after, 'last': last or after, 'size': size + 1}
    scope_rows = read_row_ids(session.connection(), scope)
    if scope_rows is not None:
        statement, params = OWN_CHANGED_ROWS, {**params, SCOPE_PARAM: scope_rows}
    rows = session.execute(statement, params).all() if count else []
    # Checked after reading, because a writer may have deleted the oldest changes meanwhile.
    oldest, newest = session.execute(KEPT_CHANGES).one()
    if after > (newest or 0) or after < (oldest or 0) - 1:
        raise ChangesNotKeptError
    found = [MessageRow(*columns) for *columns, _ in rows[:size]]
    if len(rows) > size:
        return ChangePage(found, rows[size - 1][-1], has_more=True)
    return ChangePage(found, last or after, has_more=count == max_changes)
