"""The messages about which the recipient must be called.

A failed message needs a call, unless it was sent again and the repeat has the status SENT. A message that waits needs a
call if it has waited too long and its appointment is near: then nobody else will remind the patient in time. After the
appointment a call is of no use, and long before it the message may still be sent.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, not_, or_

from models import MessageStatus
from services.messages.delivery import DeliveryTimeouts
from services.messages.message_tables import message
from services.messages.resent_messages import was_sent_again

STATUSES: Final = frozenset({MessageStatus.FAILED, MessageStatus.WAITING})
"""The statuses of the messages that may need a call."""
NEAR_APPOINTMENT: Final = timedelta(hours=48)
"""The time before its appointment in which a message that has waited too long needs a call."""


def needs_call() -> ColumnElement[bool]:
    """Build the condition that a message needs a call; `call_params` has its parameters."""
    times = {name: bindparam(name, type_=message.c.queued_at.type) for name in ('queued_until', 'now', 'near_until')}
    return or_(
        and_(message.c.status == MessageStatus.FAILED, not_(was_sent_again())),
        and_(
            message.c.status == MessageStatus.WAITING,
            message.c.queued_at <= times['queued_until'],
            message.c.appointment_at > times['now'],
            message.c.appointment_at <= times['near_until'],
        ),
    )


def call_params(timeouts: DeliveryTimeouts, now: datetime) -> dict[str, Any]:
    """Return the parameters of `needs_call` at the moment `now` (aware)."""
    return {'queued_until': timeouts.waiting_deadline(now), 'now': now, 'near_until': now + NEAR_APPOINTMENT}
