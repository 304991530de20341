"""Messages of known days, for the tests of the summary."""

from collections.abc import Sequence
from datetime import timedelta

from models import MessageStatus
from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.ingest.message_parsing import IncomingMessage
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON


def add_messages(database: Database, messages: Sequence[IncomingMessage]) -> None:
    """Store messages that arrive at NOON."""
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))


def failed(code: str, days_ago: int, **changes: str) -> IncomingMessage:
    """Build a message that failed at noon, some days ago."""
    return incoming_message(
        status=MessageStatus.FAILED,
        queued_at=NOON - timedelta(days=days_ago, hours=1),
        attempted_at=NOON - timedelta(days=days_ago),
        error_code=code,
        error_name=f'Ошибка {code}',
        **changes,  # type: ignore[arg-type]
    )
