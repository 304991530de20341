"""The deliveries of webhooks in the database, so that all nodes send each of them, in order, until it is accepted.

A webhook has one delivery at a time, with the messages that changed since the one before. Messages that change while a
delivery waits are in the next one, so a receiver that is away makes no queue grow: the table of changes is the queue.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Row, delete, insert, select, update
from sqlmodel import Session

from models import DeliveryState, MessageStatus
from services.database.tables import WEBHOOK_DELIVERY_TABLE, WEBHOOK_TABLE
from services.dictionaries.dictionary_tables import CURRENT_ORGANIZATION
from services.lists.error_keys import is_error_code
from services.messages.change_feed import newest_change_number
from services.messages.message_query import MessageRow
from services.messages.reading.change_page import ChangesNotKeptError, read_change_page

MESSAGES_PER_DELIVERY: Final = 100
FIRST_PAUSE: Final = timedelta(seconds=30)
"""The pause after the first attempt, longer than an attempt takes; each further pause is PAUSE_FACTOR times as long."""
PAUSE_FACTOR: Final = 3
MAX_PAUSE: Final = timedelta(hours=12)
MAX_ATTEMPTS: Final = 9
"""Attempts after which a delivery is given up, 21 hours after the first one."""
STATUS_NAMES: Final = {MessageStatus.WAITING: 'pending', MessageStatus.SENT: 'sent', MessageStatus.FAILED: 'failed'}
DELIVERY_NAMES: Final = {DeliveryState.HANDED_OVER: 'handed_over', DeliveryState.DELIVERED: 'delivered'}

delivery = WEBHOOK_DELIVERY_TABLE.c
WEBHOOKS: Final = (
    select(WEBHOOK_TABLE, CURRENT_ORGANIZATION.c.name.label('organization'))
    .outerjoin(CURRENT_ORGANIZATION, CURRENT_ORGANIZATION.c.id == WEBHOOK_TABLE.c.organization_id)
    .order_by(WEBHOOK_TABLE.c.id)
)
# The other nodes wait here, and then see what was claimed.
LOCKED_WEBHOOKS: Final = WEBHOOKS.with_for_update(of=WEBHOOK_TABLE)
LIVE_DELIVERIES: Final = (
    select(WEBHOOK_DELIVERY_TABLE).where(delivery.due_at.is_not(None)).order_by(delivery.number.desc())
)


@dataclass(frozen=True)
class DueDelivery:
    """A request that this node is to send."""

    number: int
    webhook: str
    """The name of the webhook."""
    url: str
    secret: str
    """Encrypted."""
    event_id: str
    body: str
    attempts: int
    """With the one that begins."""


@dataclass(frozen=True)
class ClaimedWork:
    """What a node does next."""

    deliveries: Sequence[DueDelivery]
    has_progress: bool
    """Whether changes were looked through, so that there may be more to do at once."""


def has_work(session: Session, now: datetime) -> bool:
    """Return whether a delivery is to be sent now, or changes are not in a delivery yet."""
    webhooks = session.execute(select(WEBHOOK_TABLE.c.id, WEBHOOK_TABLE.c.position)).all()
    if not webhooks:
        return False
    live, newest = _live_deliveries(session), newest_change_number(session)
    return any(live[id].due_at <= now if id in live else position != newest for id, position in webhooks)


def claim_work(session: Session, now: datetime) -> ClaimedWork:
    """Return the requests to send now, which no other node will send meanwhile."""
    webhooks = session.execute(LOCKED_WEBHOOKS).all()
    live = _live_deliveries(session)
    claimed, has_progress = [], False
    for webhook in webhooks:
        if webhook.id not in live:
            has_progress |= _queue_changes(session, webhook, now)
            live = _live_deliveries(session)
        row = live.get(webhook.id)
        if row is None or row.due_at > now:
            continue
        attempts = row.attempts + 1
        pause = min(FIRST_PAUSE * PAUSE_FACTOR ** (attempts - 1), MAX_PAUSE)
        _change(session, row.number, attempts=attempts, due_at=now + pause)
        claimed.append(
            DueDelivery(row.number, webhook.name, webhook.url, webhook.secret, row.event_id, row.body, attempts)
        )
    return ClaimedWork(claimed, has_progress)


def settle(session: Session, due: DueDelivery, failure: str | None) -> None:
    """Delete a delivery that was accepted; note why it was not, and give it up after MAX_ATTEMPTS."""
    if failure is None:
        session.execute(delete(WEBHOOK_DELIVERY_TABLE).where(delivery.number == due.number))
    elif due.attempts >= MAX_ATTEMPTS:
        _change(session, due.number, failure=failure, due_at=None)
    else:
        _change(session, due.number, failure=failure)


def _live_deliveries(session: Session) -> dict[int, Row[Any]]:
    """Return the first delivery of each webhook that is not given up."""
    return {row.webhook_id: row for row in session.execute(LIVE_DELIVERIES)}


def _queue_changes(session: Session, webhook: Row[Any], now: datetime) -> bool:
    """Queue a delivery with the next changes of a webhook; return whether there were any, also of others."""
    try:
        page = read_change_page(
            session, after=webhook.position, size=MESSAGES_PER_DELIVERY, organization_name=webhook.organization
        )
    except ChangesNotKeptError:
        position = newest_change_number(session)
        _queue(session, webhook.id, {'type': 'changes.lost', 'timestamp': now.isoformat(), 'data': {}}, now)
    else:
        position = page.last_number
        if page.rows:
            messages = [_status_facts(row) for row in page.rows]
            body = {'type': 'messages.changed', 'timestamp': now.isoformat(), 'data': {'messages': messages}}
            _queue(session, webhook.id, body, now)
    if position == webhook.position:
        return False
    session.execute(update(WEBHOOK_TABLE).where(WEBHOOK_TABLE.c.id == webhook.id).values(position=position))
    return True


def _queue(session: Session, webhook_id: int, body: dict[str, Any], now: datetime) -> None:
    values = {
        'webhook_id': webhook_id,
        'event_id': f'msg_{uuid4().hex}',
        'body': json.dumps(body, ensure_ascii=False, separators=(',', ':')),
        'queued_at': now,
        'attempts': 0,
        'due_at': now,
    }
    session.execute(insert(WEBHOOK_DELIVERY_TABLE).values(values))


def _status_facts(row: MessageRow) -> dict[str, str | None]:
    """Return what is known of the status of a message; an error without a code is free text, and is left out."""
    times = {name: getattr(row, name) for name in ('queued_at', 'attempted_at', 'sent_at')}
    return {
        'id': row.key,
        'status': STATUS_NAMES[row.status],
        'delivery': DELIVERY_NAMES[row.delivery] if row.delivery else None,
        **{name: moment.isoformat() if moment else None for name, moment in times.items()},
        'error_code': row.error_code if row.error_code and is_error_code(row.error_code) else None,
    }


def _change(session: Session, number: int, **values: Any) -> None:
    session.execute(update(WEBHOOK_DELIVERY_TABLE).where(delivery.number == number).values(**values))
