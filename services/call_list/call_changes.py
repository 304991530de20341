"""The messages whose calls have changed, for pages that update themselves.

Whatever operators do with calls is in the audit log, in the same transaction and in the order of the commits. So its
records say what has changed, whichever process did it. A claim also ends by itself.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.sql.selectable import NamedFromClause
from sqlmodel import Session

from models import AuditEvent, MessageStatus
from services.access_scope.organization_scope import OrganizationScope, scope_conditions
from services.audit.shown_rows import unpack_keys
from services.call_list.call_queries import CLAIM_DURATION
from services.database.tables import ACCESS_RECORD_TABLE, CALL_TABLE, CLAIM_TABLE, SHOWN_TABLE
from services.messages.message_tables import message
from services.messages.resent_messages import EMPTY_TEXT

CALL_EVENTS: Final = (
    AuditEvent.CALL_CLAIMED,
    AuditEvent.CALL_RELEASED,
    AuditEvent.CALL_COMPLETED,
    AuditEvent.CALL_REOPENED,
    AuditEvent.CALL_UNDONE,
)
NEWEST_RECORD: Final = select(func.coalesce(func.max(ACCESS_RECORD_TABLE.c.number), 0))
CALLED_MESSAGES: Final = (
    select(SHOWN_TABLE.c.row_keys)
    .join(ACCESS_RECORD_TABLE, ACCESS_RECORD_TABLE.c.number == SHOWN_TABLE.c.number)
    .where(
        ACCESS_RECORD_TABLE.c.number > bindparam('after'),
        ACCESS_RECORD_TABLE.c.number <= bindparam('last'),
        ACCESS_RECORD_TABLE.c.act.in_(CALL_EVENTS),
    )
)
_called = message.alias('called')


def _unsent_to(recipients: NamedFromClause) -> Select[Any]:
    """Build the statement that reads the unsent messages to some recipients: a claim is on all of them."""
    return (
        select(message.c.id)
        .select_from(recipients)
        .join(
            message,
            and_(
                message.c.phone == recipients.c.phone,
                # The empty text hides the index on names, because fewer messages have the same phone.
                message.c.name_key.concat(EMPTY_TEXT) == recipients.c.name_key,
                message.c.status != MessageStatus.SENT,
            ),
        )
        .where(recipients.c.phone != '')  # anonymized recipients have nothing in common
    )


UNSENT_TO_CALLED: Final = _unsent_to(_called).where(_called.c.id.in_(bindparam('ids', expanding=True)))
HAS_LAPSED: Final = and_(
    CLAIM_TABLE.c.claimed_at > bindparam('lapsed_before', type_=CLAIM_TABLE.c.claimed_at.type),
    CLAIM_TABLE.c.claimed_at <= bindparam('lapsed', type_=CLAIM_TABLE.c.claimed_at.type),
)
LAPSED_CLAIM: Final = select(CLAIM_TABLE.c.claimed_at).where(HAS_LAPSED).limit(1)
UNSENT_TO_LAPSED: Final = _unsent_to(CLAIM_TABLE).where(HAS_LAPSED)
RETURNED_MESSAGES: Final = select(CALL_TABLE.c.message_id).where(
    CALL_TABLE.c.again_at > bindparam('since', type_=CALL_TABLE.c.again_at.type),
    CALL_TABLE.c.again_at <= bindparam('until', type_=CALL_TABLE.c.again_at.type),
)
"""The messages whose recipients have returned to the list; an index has them, so that looking for none is cheap."""


class CallPosition(NamedTuple):
    """Up to where changes were read."""

    record_number: int
    """The number of the newest audit record."""
    at: datetime
    """The time at which claims, and recipients who return to the list, were looked at."""


def newest_call_position(session: Session, now: datetime) -> CallPosition:
    """Return the position after which everything begins that changes from `now` (aware) on."""
    return CallPosition(session.execute(NEWEST_RECORD).scalar_one(), now)


def calls_changed_since(session: Session, position: CallPosition, now: datetime) -> tuple[CallPosition, set[UUID]]:
    """Return the messages whose calls have changed after a position, and the position up to which they were read.

    Messages whose rows stay as they are may be among them.
    """
    newest = newest_call_position(session, now)
    ids: set[UUID] = set()
    if newest.record_number > position.record_number:
        numbers = {'after': position.record_number, 'last': newest.record_number}
        for packed in session.execute(CALLED_MESSAGES, numbers).scalars():
            ids.update(unpack_keys(packed))
    if ids:
        ids.update(session.execute(UNSENT_TO_CALLED, {'ids': list(ids)}).scalars())
    times = {'lapsed_before': position.at - CLAIM_DURATION, 'lapsed': now - CLAIM_DURATION}
    # Messages are read only for a claim that has lapsed: otherwise each poll would wait where they are locked.
    if session.execute(LAPSED_CLAIM, times).first():
        ids.update(session.execute(UNSENT_TO_LAPSED, times).scalars())
    ids.update(returned_messages(session, position.at, now))
    return newest, ids


def returned_messages(
    session: Session, since: datetime, until: datetime, scope: OrganizationScope | None = None
) -> set[UUID]:
    """Return the messages of a scope whose recipients have returned to the list after `since`, up to `until` (aware).

    Those that need no call any more may be among them.
    """
    ids = set(session.execute(RETURNED_MESSAGES, {'since': since, 'until': until}).scalars())
    if not (ids and scope):
        return ids
    is_own = scope_conditions(session, scope, message)
    return set(session.execute(select(message.c.id).where(message.c.id.in_(ids), *is_own)).scalars())
