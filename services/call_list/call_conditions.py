"""The messages about which the recipient must be called.

A failed message needs a call, and so does a message that waits too long while its appointment is near: then nobody else
will remind the patient in time. On the day of the appointment an hour is too long. After the appointment a call is of
no use, and long before it the message may still be sent. No call is needed about a message that was sent again, if the
repeat has the status SENT, nor about one that its sender has withdrawn.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, not_, or_

from models import MessageStatus
from services.database.tables import CALL_TABLE
from services.days import day_end
from services.ingest.status_history import WITHDRAWN
from services.messages.delivery import DeliveryTimeouts
from services.messages.message_tables import message
from services.messages.resent_messages import SCOPE_PARAM, was_sent_again
from services.messages.search.conditions import UNINDEXED_ORGANIZATION

STATUSES: Final = frozenset({MessageStatus.FAILED, MessageStatus.WAITING})
"""The statuses of the messages that may need a call."""
NEAR_APPOINTMENT: Final = timedelta(hours=48)
"""The time before its appointment in which a message that has waited too long needs a call."""
LONG_WAIT_ON_THE_DAY: Final = timedelta(hours=1)
"""The time that a message has waited too long for on the day of its appointment."""
CallParams = Mapping[str, Any]
"""The parameters of `needs_call` and of the other conditions of this module."""

NOW = bindparam('now', type_=CALL_TABLE.c.done_at.type)
IS_CALLED: Final = and_(
    CALL_TABLE.c.message_id.is_not(None), or_(CALL_TABLE.c.again_at.is_(None), CALL_TABLE.c.again_at > NOW)
)
"""The condition that a recipient was called about a message, and has not returned to the list."""
IS_DUE_AGAIN: Final = CALL_TABLE.c.again_at <= NOW
"""The condition that a recipient who was not reached has returned to the list."""
IS_POSTPONED: Final = CALL_TABLE.c.again_at > NOW
"""The condition that a recipient who was not reached will return to the list."""
IS_UNCALLED: Final = or_(CALL_TABLE.c.message_id.is_(None), IS_DUE_AGAIN)


def needs_call(*, within_scope: bool) -> ColumnElement[bool]:
    """Build the condition that a message needs a call; `call_params` has its parameters.

    Args:
        within_scope: whether it must be of an organisation in the parameter SCOPE_PARAM, and its repeats too.
    """
    is_not_repeated = not_(was_sent_again(within_scope=within_scope))
    is_own = [UNINDEXED_ORGANIZATION.in_(bindparam(SCOPE_PARAM, expanding=True))] if within_scope else []
    names = ('queued_until', 'near_until', 'queued_until_on_day', 'day_until')
    times = {name: bindparam(name, type_=message.c.queued_at.type) for name in names}
    failed = and_(message.c.status == MessageStatus.FAILED, message.c.error_code.is_distinct_from(WITHDRAWN))
    is_due = or_(
        failed,
        and_(
            message.c.status == MessageStatus.WAITING,
            message.c.appointment_at > NOW,
            or_(
                and_(message.c.queued_at <= times['queued_until'], message.c.appointment_at <= times['near_until']),
                and_(
                    message.c.queued_at <= times['queued_until_on_day'], message.c.appointment_at < times['day_until']
                ),
            ),
        ),
    )
    return and_(is_due, is_not_repeated, *is_own)


def call_params(
    timeouts: DeliveryTimeouts, now: datetime, zone: tzinfo, scope_rows: Sequence[int] | None = None
) -> CallParams:
    """Return the parameters at the moment `now` (aware), by the calendar days of `zone`, within a scope."""
    own = {} if scope_rows is None else {SCOPE_PARAM: scope_rows}
    return own | {
        'now': now,
        'queued_until': timeouts.waiting_deadline(now),
        'near_until': now + NEAR_APPOINTMENT,
        'queued_until_on_day': now - LONG_WAIT_ON_THE_DAY,
        'day_until': day_end(now.astimezone(zone).date(), zone),
    }
