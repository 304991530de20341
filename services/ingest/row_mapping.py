"""Messages as the database has them, and the dictionary of organisations that comes of them."""

from collections.abc import Collection
from datetime import tzinfo
from typing import Any

from sqlmodel import Session, SQLModel

from models.message import effective_time, sort_key
from services.days import local_day_number
from services.ingest.anonymized_messages import is_anonymized
from services.ingest.message_parsing import IncomingMessage
from services.lists import reference_data
from services.names import fold, initials

ORGANIZATION_TABLE = SQLModel.metadata.tables['organization']


def get_or_create_organization_ids(session: Session, names: Collection[str]) -> dict[str, int]:
    """Give the ids of organisations by their names; those not yet in the dictionary join it."""
    return reference_data.get_or_create_ids(session, ORGANIZATION_TABLE, names)


def message_from_row(row: Any) -> IncomingMessage:
    """Give a stored message as its sender told it; the row has the name of its organisation too."""
    return IncomingMessage(
        id=row.id,
        recipient_name=row.recipient_name,
        phone=row.phone,
        appointment_at=row.appointment_at,
        organization=row.organization,
        kind=row.kind,
        status=row.status,
        queued_at=row.queued_at,
        attempted_at=row.attempted_at,
        sent_at=row.sent_at,
        cost=row.cost,
        text=row.text,
        error_code=row.error_code,
        error_name=row.error_name,
    )


def message_values(message: IncomingMessage, organization_id: int, arrival_number: int, zone: tzinfo) -> dict[str, Any]:
    """Give the columns of the `number`-th message to arrive."""
    assert message.queued_at is not None
    message_time = effective_time(
        sent_at=message.sent_at, attempted_at=message.attempted_at, queued_at=message.queued_at
    )
    # Nobody is found by what stands in the place of a name.
    name_key = '' if is_anonymized(message) else fold(message.recipient_name)
    return {
        'place': sort_key(message_time, arrival_number),
        'id': message.id,
        'day': local_day_number(message_time, zone),
        'recipient_name': message.recipient_name,
        'name_key': name_key,
        'initials': initials(name_key),
        'phone': message.phone,
        'appointment_at': message.appointment_at,
        'organization_id': organization_id,
        'kind': message.kind,
        'status': message.status,
        'queued_at': message.queued_at,
        'attempted_at': message.attempted_at,
        'sent_at': message.sent_at,
        'cost': message.cost,
        'text': message.text,
        'error_code': message.error_code,
        'error_name': message.error_name,
    }
