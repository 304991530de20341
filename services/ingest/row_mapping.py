"""Mapping between messages and rows of the table `message`."""

from collections.abc import Collection
from dataclasses import fields
from datetime import tzinfo
from operator import attrgetter
from typing import Any

from sqlmodel import Session, SQLModel

from models.message import effective_time, sort_key
from services.days import local_day_number
from services.ingest.anonymized_messages import is_anonymized
from services.ingest.message_parsing import IncomingMessage
from services.lists import reference_data
from services.names import fold_name, initials

ORGANIZATION_TABLE = SQLModel.metadata.tables['organization']

# A single getter for all attributes, because exports convert millions of rows.
get_message_values = attrgetter(*(attribute.name for attribute in fields(IncomingMessage)))


def get_or_create_organization_ids(session: Session, names: Collection[str]) -> dict[str, int]:
    """Return the ids of organisations by name; unknown names are added to the table `organization`."""
    return reference_data.get_or_create_ids(session, ORGANIZATION_TABLE, names)


def message_from_row(row: Any) -> IncomingMessage:
    """Build a message from a stored row, which must also have the name of its organisation as `organization`."""
    return IncomingMessage(*get_message_values(row))


def message_values(message: IncomingMessage, organization_id: int, arrival_number: int, zone: tzinfo) -> dict[str, Any]:
    """Return the values of a message by column; `arrival_number` is its position in the order of arrival."""
    assert message.queued_at is not None
    message_time = effective_time(
        sent_at=message.sent_at, attempted_at=message.attempted_at, queued_at=message.queued_at
    )
    # The name of an anonymized message is a placeholder, by which no search must find it.
    name_key = '' if is_anonymized(message) else fold_name(message.recipient_name)
    values = {
        **vars(message),
        'place': sort_key(message_time, arrival_number),
        'day': local_day_number(message_time, zone),
        'name_key': name_key,
        'initials': initials(name_key),
        'organization_id': organization_id,
    }
    del values['organization']
    return values
