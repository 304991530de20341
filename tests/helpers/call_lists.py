"""Messages of a call list, its clock, and what it lists."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from models import MessageStatus
from services.audit.hash_chain import Actor
from services.call_list.call_entries import PendingCall
from services.call_list.call_list_service import CallListService
from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.ingest.message_parsing import IncomingMessage
from services.receipts.provider_codes import ProviderCodes
from services.settings import PROJECT_ROOT
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

CODES = ProviderCodes.load(PROJECT_ROOT / 'data' / 'provider_codes.csv')
ANNA, BORIS = Actor(1, 'anna', '10.0.0.1'), Actor(2, 'boris', '10.0.0.2')


class SettableClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def add_messages(database: Database, *messages: IncomingMessage) -> None:
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))


def failed(
    name: str = 'Королёв Иван', *, appointment: timedelta | None = timedelta(days=2), **changes: object
) -> IncomingMessage:
    """Build a message that failed an hour before noon; `appointment` is the time of the appointment after noon."""
    fields: dict[str, object] = {
        'recipient_name': name,
        'status': MessageStatus.FAILED,
        'queued_at': NOON - timedelta(hours=2),
        'attempted_at': NOON - timedelta(hours=1),
        'appointment_at': None if appointment is None else NOON + appointment,
        'error_code': '1',
        'error_name': 'Абонент не существует',
        **changes,
    }
    return incoming_message(**fields)  # type: ignore[arg-type]


async def pending_calls(calls: CallListService, limit: int = 20) -> Sequence[PendingCall]:
    return (await calls.pending_calls(calls.default_query(), limit)).calls


async def names(calls: CallListService) -> list[str]:
    return [call.name for call in await pending_calls(calls)]


async def only_call(calls: CallListService) -> PendingCall:
    (call,) = await pending_calls(calls)
    return call
