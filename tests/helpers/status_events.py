"""Status events of one message, at a number of minutes after it was queued."""

from datetime import UTC, datetime, timedelta

from models import MessageStatus
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from tests.helpers.factories import incoming_message

QUEUED = datetime(2026, 11, 22, 8, tzinfo=UTC)


def waiting_message() -> IncomingMessage:
    """Build a message that was queued at QUEUED."""
    return incoming_message(status=MessageStatus.WAITING, queued_at=QUEUED)


def status_event(
    minutes: float,
    status: MessageStatus | None,
    *,
    code: str = '',
    final: bool = False,
    source: str = 'smsc',
    error_code: str | None = None,
    error_name: str | None = None,
    provider_id: str | None = None,
) -> StatusEvent:
    """Build an event that a provider reports."""
    at = QUEUED + timedelta(minutes=minutes)
    return StatusEvent(at, source, status, final, source, code, error_code, error_name, provider_id)


def sender_event(
    minutes: float, status: MessageStatus, *, provider: str | None = None, provider_id: str | None = None
) -> StatusEvent:
    """Build an event that the sender of the message reports; it may name the provider's id of the message."""
    at = QUEUED + timedelta(minutes=minutes)
    final = status == MessageStatus.FAILED
    return StatusEvent(at, 'mailer', status, final, provider, provider_id=provider_id)
