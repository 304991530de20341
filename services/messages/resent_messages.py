"""Messages that were sent again under a new id, and the messages that repeat them.

A message repeats another one if it was queued later for the same person, phone, kind and appointment. Without an
appointment the texts must be equal, because two messages of one kind may be about different things. Nothing of this is
stored: it is read from the messages, so that it holds for imported messages as well.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
)
from sqlmodel import Session

from models import MessageStatus
from models.message import ARRIVAL_BITS
from services.access_scope.organization_scope import OrganizationScope, scope_conditions
from services.messages.message_tables import message

MAX_RELATED = 5
"""The largest number of messages that an opened row names in each direction."""
SCOPE_PARAM = 'scope_organizations'
"""The parameter with the rows of the organisations of a scope."""
EMPTY_TEXT: ColumnElement[str] = literal_column("''")
original, repeat = message.alias('original'), message.alias('repeat')


@dataclass(frozen=True)
class RelatedMessage:
    """A message that repeats another one, or that another one repeats."""

    id: UUID
    status: MessageStatus


@dataclass(frozen=True)
class RelatedMessages:
    """The messages related to one message, in the order in which they were queued."""

    resent_as: Sequence[RelatedMessage] = ()
    """The messages that repeat it; only a failed message has any."""
    resend_of: Sequence[RelatedMessage] = ()
    """The failed messages that it repeats."""


NO_RELATED_MESSAGES: Final = RelatedMessages()


def was_sent_again(*, within_scope: bool = False) -> ColumnElement[bool]:
    """Build the condition that a message which repeats `message`, which was not sent, has the status SENT.

    Args:
        within_scope: whether only messages of the organisations in the parameter SCOPE_PARAM repeat it.
    """
    is_own = [repeat.c.organization_id.in_(bindparam(SCOPE_PARAM, expanding=True))] if within_scope else []
    return exists().where(_is_repeat(repeat, message), repeat.c.status == MessageStatus.SENT, *is_own)


def read_originals(session: Session, ids: Collection[UUID], scope: OrganizationScope | None) -> set[UUID]:
    """Read the unsent messages of a scope that any of some messages, if it was sent, repeats."""
    statement = SELECT_UNSENT_ORIGINALS.where(*scope_conditions(session, scope, original))
    return set(session.execute(statement, {'ids': list(ids)}).scalars()) if ids else set()


def read_related(session: Session, id: UUID, scope: OrganizationScope | None = None) -> RelatedMessages:
    """Read the messages of a scope that repeat a message, and those that it repeats."""
    found = (
        session.execute(statement.where(*scope_conditions(session, scope, related)), {'id': id}).all()
        for statement, related in ((SELECT_REPEATS, repeat), (SELECT_ORIGINALS, original))
    )
    return RelatedMessages(*([RelatedMessage(*row) for row in rows] for rows in found))


def _is_repeat(later: FromClause, earlier: FromClause) -> ColumnElement[bool]:
    """Build the condition that the message `later` repeats the message `earlier`."""
    return and_(
        later.c.phone == earlier.c.phone,
        earlier.c.phone != '',  # the messages of anonymized recipients have nothing in common
        # The empty text hides the index on names, because fewer messages have the same phone.
        later.c.name_key.concat(EMPTY_TEXT) == earlier.c.name_key.concat(EMPTY_TEXT),
        later.c.kind == earlier.c.kind,
        or_(
            later.c.appointment_at == earlier.c.appointment_at,
            and_(later.c.appointment_at.is_(None), earlier.c.appointment_at.is_(None), later.c.text == earlier.c.text),
        ),
        or_(
            later.c.queued_at > earlier.c.queued_at,
            and_(later.c.queued_at == earlier.c.queued_at, _arrival(later) > _arrival(earlier)),
        ),
    )


def _arrival(source: FromClause) -> ColumnElement[int]:
    """Return the arrival number of a message, which is part of its sort key."""
    number: ColumnElement[int] = source.c.place.op('&')(literal_column(str((1 << ARRIVAL_BITS) - 1), BigInteger))
    return number


def _related_query(known: FromClause, related: FromClause) -> Select[Any]:
    """Build the statement that reads the messages related to the message with the parameter `id`."""
    return (
        select(related.c.id, related.c.status)
        .select_from(known.join(related, _is_repeat(repeat, original)))
        .where(known.c.id == bindparam('id'), original.c.status == MessageStatus.FAILED)
        .order_by(related.c.queued_at, related.c.place)
        .limit(MAX_RELATED)
    )


SELECT_REPEATS = _related_query(original, repeat)
SELECT_ORIGINALS = _related_query(repeat, original)
SELECT_UNSENT_ORIGINALS = (
    select(original.c.id)
    .select_from(repeat.join(original, _is_repeat(repeat, original)))
    .where(
        repeat.c.id.in_(bindparam('ids', expanding=True)),
        repeat.c.status == MessageStatus.SENT,
        original.c.status != MessageStatus.SENT,
    )
)
