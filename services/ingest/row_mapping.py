"""Messages as the database has them, and the dictionary of organisations that comes of them."""

from collections.abc import Collection
from datetime import tzinfo
from typing import Any

from sqlmodel import Session, SQLModel

from models.message import moment, place
from services.days import day_number
from services.ingest.anonymized_messages import is_blanked
from services.ingest.message_parsing import Incoming
from services.lists import reference_data
from services.names import fold, initials

ORGANIZATION = SQLModel.metadata.tables['organization']


def organization_ids(session: Session, names: Collection[str]) -> dict[str, int]:
    """Give the ids of organisations by their names; those not yet in the dictionary join it."""
    return reference_data.ids(session, ORGANIZATION, names)


def as_told(row: Any) -> Incoming:
    """Give a stored message as its sender told it; the row has the name of its organisation too."""
    return Incoming(
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


def values(message: Incoming, organization_id: int, number: int, zone: tzinfo) -> dict[str, Any]:
    """Give the columns of the `number`-th message to arrive."""
    assert message.queued_at is not None
    when = moment(sent_at=message.sent_at, attempted_at=message.attempted_at, queued_at=message.queued_at)
    # Nobody is found by what stands in the place of a name.
    name_key = '' if is_blanked(message) else fold(message.recipient_name)
    return {
        'place': place(when, number),
        'id': message.id,
        'day': day_number(when, zone),
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
