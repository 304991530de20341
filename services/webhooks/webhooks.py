"""The webhooks that administrators configure. Every change is recorded in the audit log, in its transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx
from sqlalchemy import delete, insert, select, update
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.accounts.accounts import NAME_PATTERN
from services.audit.hash_chain import append_entries, command_entry
from services.database.engine import Database
from services.database.tables import ORGANIZATION_TABLE, WEBHOOK_DELIVERY_TABLE, WEBHOOK_TABLE
from services.dictionaries.name_folding import fold_entry_name
from services.errors import InvalidInputError
from services.keys.data_key import DataKey
from services.messages.change_feed import newest_change_number
from services.webhooks.delivery_queue import WEBHOOKS
from services.webhooks.signature import create_secret

SECRET_PURPOSE: Final = 'webhook'
MAX_URL_LENGTH: Final = 2_000
MAX_LISTED: Final = 200
"""The largest number of deliveries in a list."""

delivery = WEBHOOK_DELIVERY_TABLE.c


class WebhookError(InvalidInputError):
    """A webhook cannot be added, removed or tried again; the message is for the user."""


@dataclass(frozen=True)
class WebhookInfo:
    """What may be shown of a webhook."""

    name: str
    url: str
    organization: str | None
    """The only organisation whose messages are sent; None for all."""
    failure: str | None
    """Why the last attempt failed; None if it did not, or if nothing waits."""
    next_attempt_at: datetime | None
    """When the delivery that waits is tried again; None if nothing waits."""
    given_up: int
    """The number of deliveries that were given up."""


@dataclass(frozen=True)
class GivenUpDelivery:
    """A delivery that was given up. It contains no data of a patient."""

    webhook: str
    event_id: str
    queued_at: datetime
    attempts: int
    failure: str


class Webhooks:
    """Add, list and remove webhooks, and send again what was given up."""

    def __init__(
        self, database: Database, data_key: DataKey, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Change `database`; `data_key` encrypts the secrets, `now` returns the current time (aware)."""
        self._database = database
        self._data_key = data_key
        self._now = now

    def add(self, name: str, url: str, organization: str | None = None) -> str:
        """Add a webhook for the changes from now on, and return its secret; it cannot be read again later. Blocks.

        Raises:
            WebhookError: the name or the URL is invalid, the name is taken, or there is no such organisation.
        """
        if not NAME_PATTERN.fullmatch(name):
            raise WebhookError(texts.WEBHOOK_NAME_RULE.format(name=name))
        _check_url(url)
        secret = create_secret()

        def insert_and_record(session: Session) -> None:
            if session.execute(select(WEBHOOK_TABLE.c.id).where(WEBHOOK_TABLE.c.name == name)).first():
                raise WebhookError(texts.WEBHOOK_EXISTS.format(name=name))
            values = {
                'name': name,
                'url': url,
                'secret': self._data_key.encrypt(SECRET_PURPOSE, secret),
                'organization_id': _organization_id(session, organization) if organization else None,
                'position': newest_change_number(session),
                'created_at': self._now(),
            }
            session.execute(insert(WEBHOOK_TABLE).values(values))
            what = texts.ACCESS_WEBHOOK_ADDED.format(organization=organization or texts.TOKEN_ALL_ORGANIZATIONS)
            append_entries(session, [command_entry(AuditEvent.WEBHOOK_CHANGED, what, about=name)])

        self._database.write_sync(insert_and_record)
        return secret

    def remove(self, name: str) -> None:
        """Remove a webhook with all its deliveries; blocks.

        Raises:
            WebhookError: there is no such webhook.
        """

        def delete_and_record(session: Session) -> None:
            id = _webhook_id(session, name)
            session.execute(delete(WEBHOOK_DELIVERY_TABLE).where(delivery.webhook_id == id))
            session.execute(delete(WEBHOOK_TABLE).where(WEBHOOK_TABLE.c.id == id))
            entry = command_entry(AuditEvent.WEBHOOK_CHANGED, texts.ACCESS_WEBHOOK_REMOVED, about=name)
            append_entries(session, [entry])

        self._database.write_sync(delete_and_record)

    def retry(self, name: str) -> int:
        """Queue again the deliveries of a webhook that were given up, and return their number; blocks.

        Raises:
            WebhookError: there is no such webhook.
        """

        def queue_and_record(session: Session) -> int:
            is_given_up = (delivery.webhook_id == _webhook_id(session, name), delivery.due_at.is_(None))
            again = update(WEBHOOK_DELIVERY_TABLE).where(*is_given_up).values(attempts=0, due_at=self._now())
            count = session.connection().execute(again).rowcount
            what = texts.ACCESS_WEBHOOK_RETRIED.format(count=count)
            append_entries(session, [command_entry(AuditEvent.WEBHOOK_CHANGED, what, about=name)])
            return count

        return self._database.write_sync(queue_and_record)

    def list_sync(self) -> Sequence[WebhookInfo]:
        """Return every webhook, the oldest first; blocks."""
        return self._database.read_sync(_read_webhooks)

    async def list_all(self) -> Sequence[WebhookInfo]:
        """Return every webhook, the oldest first; raises DatabaseError."""
        return await self._database.read(_read_webhooks)

    async def given_up(self) -> Sequence[GivenUpDelivery]:
        """Return the newest deliveries that were given up, at most MAX_LISTED; raises DatabaseError."""
        statement = (
            select(WEBHOOK_TABLE.c.name, delivery.event_id, delivery.queued_at, delivery.attempts, delivery.failure)
            .join(WEBHOOK_TABLE, WEBHOOK_TABLE.c.id == delivery.webhook_id)
            .where(delivery.due_at.is_(None))
            .order_by(delivery.number.desc())
            .limit(MAX_LISTED)
        )
        return await self._database.read(lambda session: [GivenUpDelivery(*row) for row in session.execute(statement)])


def _check_url(url: str) -> None:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        parsed = httpx.URL('')
    if parsed.scheme not in {'http', 'https'} or not parsed.host or len(url) > MAX_URL_LENGTH:
        raise WebhookError(texts.WEBHOOK_URL_RULE)


def _organization_id(session: Session, name: str) -> int:
    statement = select(ORGANIZATION_TABLE.c.id).where(ORGANIZATION_TABLE.c.folded_name == fold_entry_name(name))
    id: int | None = session.execute(statement).scalar_one_or_none()
    if id is None:
        raise WebhookError(texts.TOKEN_NO_ORGANIZATION.format(name=name))
    return id


def _webhook_id(session: Session, name: str) -> int:
    id: int | None = session.execute(select(WEBHOOK_TABLE.c.id).where(WEBHOOK_TABLE.c.name == name)).scalar()
    if id is None:
        raise WebhookError(texts.WEBHOOK_UNKNOWN.format(name=name))
    return id


def _read_webhooks(session: Session) -> list[WebhookInfo]:
    columns = (delivery.webhook_id, delivery.failure, delivery.due_at)
    rows = session.execute(select(*columns).order_by(delivery.number.desc())).all()
    live = {row.webhook_id: row for row in rows if row.due_at}
    given_up = [row.webhook_id for row in rows if not row.due_at]
    return [
        WebhookInfo(
            webhook.name,
            webhook.url,
            webhook.organization,
            live[webhook.id].failure if webhook.id in live else None,
            live[webhook.id].due_at if webhook.id in live else None,
            given_up.count(webhook.id),
        )
        for webhook in session.execute(WEBHOOKS)
    ]
