"""The format of a file of messages."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from uuid import UUID

from sqlmodel import Session

from models.message import effective_time
from services.ingest import message_parsing
from services.ingest.file_import.import_format import ImportFormat
from services.ingest.file_import.local_times import parse_local_time
from services.ingest.message_fields import MESSAGE_FIELDS, check_times, parse_message
from services.ingest.message_ingest import ingest_imported_messages
from services.ingest.message_parsing import IncomingMessage
from services.ingest.validation import MessageField
from services.lists.message_kinds import read_known_kinds


def parse_message_row(cells: Mapping[MessageField, str], zone: tzinfo) -> IncomingMessage:
    """Parse a message from the cells of a row; raises InvalidValueError, see parse_message."""
    return parse_message(
        lambda field: cells.get(field, ''),
        lambda field: parse_local_time(cells.get(field, ''), field, zone),
    )


def _id_and_time(message: IncomingMessage) -> tuple[UUID, datetime]:
    """Return the id of a message and the time by which it is listed; without one it is queued when it is recorded."""
    queued_at = message.queued_at or datetime.max.replace(tzinfo=UTC)
    return message.id, effective_time(sent_at=message.sent_at, attempted_at=message.attempted_at, queued_at=queued_at)


def message_format(*, accepts_unknown_kinds: bool) -> ImportFormat[IncomingMessage]:
    """Return the format of a file of messages; `accepts_unknown_kinds`: see services.lists.message_kinds."""

    def load_check(session: Session) -> Callable[[IncomingMessage], None]:
        known_kinds = read_known_kinds(session, accepts_unknown=accepts_unknown_kinds)
        return lambda message: known_kinds.check(message.kind)

    return ImportFormat(
        MessageField,
        tuple(definition.title for definition in MESSAGE_FIELDS if not definition.required),
        parse_message_row,
        lambda session, messages, zone, now: ingest_imported_messages(session, messages, zone=zone, now=now),
        lambda message, cells, now: check_times(message, lambda field: cells.get(field, ''), now),
        load_check,
        id_and_time=_id_and_time,
        is_rounded=lambda cells: message_parsing.is_cost_rounded(cells.get(MessageField.COST, '')),
    )


MESSAGE_FORMAT = message_format(accepts_unknown_kinds=False)
"""A file of messages whose kinds must be in the dictionary."""
