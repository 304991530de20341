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

from services.access_scope.organization_scope import OrganizationScope
from services.database.tables import WEBHOOK_DELIVERY_TABLE, WEBHOOK_TABLE
from services.dictionaries.dictionary_tables import CURRENT_ORGANIZATION
from services.lists.error_keys import is_error_code
from services.messages.change_feed import newest_change_number
from services.messages.message_query import MessageRow
from services.messages.reading.change_page import ChangesNotKeptError, read_change_page
from services.messages.reading.status_names import DELIVERY_NAMES, STATUS_NAMES

MESSAGES_PER_DELIVERY: Final = 100
FIRST_PAUSE: Final = timedelta(seconds=30)
"""The pause after the first attempt, longer than an attempt takes; each further pause is PAUSE_FACTOR times as long."""
PAUSE_FACTOR: Final = 3
MAX_PAUSE: Final = timedelta(hours=12)
MAX_ATTEMPTS: Final = 9
"""Attempts after which a delivery is given up, 21 hours after the first one."""

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
class NextDelivery:
    """The next changes of a webhook, read before the transaction that queues them."""

    webhook_id: int
    position: int
    """The last change that was in a delivery when they were read."""
    last_number: int
    """The last change that was looked through."""
    body: str | None
    """None if all of these changes are of other organisations, or the messages have changed again since."""


@dataclass(frozen=True)
class DueWork:
    """What a node finds to do."""

    next_deliveries: Sequence[NextDelivery]
    has_due: bool
    """Whether a delivery that is queued is to be sent now."""

    def __bool__(self) -> bool:
        return self.has_due or bool(self.next_deliveries)


def find_work(session: Session, now: datetime) -> DueWork:
    """Read which deliveries are to be sent now, and which changes are to be in the next ones."""
    webhooks = session.execute(WEBHOOKS).all()
    if not webhooks:
        return DueWork([], has_due=False)
    live, newest = _live_deliveries(session), newest_change_number(session)
    return DueWork(
        [
            _read_changes(session, webhook, now)
            for webhook in webhooks
            if webhook.id not in live and webhook.position != newest
        ],
        any(row.due_at <= now for row in live.values()),
    )


def claim_work(session: Session, work: DueWork, now: datetime) -> list[DueDelivery]:
    """Queue the next deliveries, and return those to send now, which no other node will send meanwhile."""
    webhooks = session.execute(LOCKED_WEBHOOKS).all()
    positions, live = {webhook.id: webhook.position for webhook in webhooks}, _live_deliveries(session)
    for following in work.next_deliveries:
        # Another node may have queued the same changes, or the webhook may have been removed.
        if following.webhook_id not in live and positions.get(following.webhook_id) == following.position:
            _queue(session, following, now)
    live = _live_deliveries(session)
    claimed = []
    for webhook in webhooks:
        row = live.get(webhook.id)
        if row is None or row.due_at > now:
            continue
        attempts = row.attempts + 1
        pause = min(FIRST_PAUSE * PAUSE_FACTOR ** (attempts - 1), MAX_PAUSE)
        _change(session, row.number, attempts=attempts, due_at=now + pause)
        claimed.append(
            DueDelivery(row.number, webhook.name, webhook.url, webhook.secret, row.event_id, row.body, attempts)
        )
    return claimed


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


def _read_changes(session: Session, webhook: Row[Any], now: datetime) -> NextDelivery:
    """Read the next changes of a webhook."""
    is_bound = webhook.organization_id is not None
    scope = OrganizationScope(frozenset({webhook.organization_id})) if is_bound else None
    try:
        page = read_change_page(session, after=webhook.position, size=MESSAGES_PER_DELIVERY, scope=scope)
    except ChangesNotKeptError:
        newest = newest_change_number(session)
        return NextDelivery(webhook.id, webhook.position, newest, _to_body('changes.lost', {}, now))
    body = None
    if page.rows:
        body = _to_body('messages.changed', {'messages': [_status_facts(row) for row in page.rows]}, now)
    return NextDelivery(webhook.id, webhook.position, page.last_number, body)


def _to_body(event_type: str, data: dict[str, Any], now: datetime) -> str:
    body = {'type': event_type, 'timestamp': now.isoformat(), 'data': data}
    return json.dumps(body, ensure_ascii=False, separators=(',', ':'))


def _queue(session: Session, following: NextDelivery, now: datetime) -> None:
    is_webhook = WEBHOOK_TABLE.c.id == following.webhook_id
    session.execute(update(WEBHOOK_TABLE).where(is_webhook).values(position=following.last_number))
    if following.body is None:
        return
    values = {
        'webhook_id': following.webhook_id,
        'event_id': f'msg_{uuid4().hex}',
        'body': following.body,
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
