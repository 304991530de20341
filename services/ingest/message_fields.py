"""The fields of a message: how each is parsed and exported. Import, export and API derive their columns from here."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, TypeAlias

from models import CostSource
from models.message import is_cost_known
from services import formats, texts
from services.ingest import message_parsing
from services.ingest.channels.sender_parsing import check_sender, parse_channel, parse_sender
from services.ingest.message_parsing import MAX_CLOCK_DIFFERENCE, MAX_CLOCK_LEAD, IncomingMessage
from services.ingest.validation import IncomingField, InvalidValueError, InvalidValueReason, MessageField
from services.phones import ParsedPhone

CellValue: TypeAlias = str | datetime | Decimal | int | None
"""The value of a cell of an exported file: a text, a local time without a zone, roubles, a number, or nothing."""


@dataclass(frozen=True)
class FieldDefinition:
    """A field of a message."""

    field: MessageField
    """Its name in Python and in the API."""
    parse: Callable[[str], Any] | None
    """Parse its text; raises InvalidValueError. None for a time, because a file and the API write times differently."""
    value: Callable[[IncomingMessage, tzinfo], CellValue]
    """Return the value of its cell in an exported file, with times in the given zone."""
    width: int
    """Width of its column in a spreadsheet, in characters."""
    required: bool = True
    """Whether an imported file must have its column."""

    @property
    def title(self) -> str:
        """The title of its column."""
        return self.field.column


def to_local_time(moment: datetime | None, zone: tzinfo) -> datetime | None:
    """Convert an aware time to the local time of `zone`, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None) if moment else None


MESSAGE_FIELDS = (
    FieldDefinition(MessageField.ID, message_parsing.parse_id, lambda message, zone: str(message.id), 38),
    FieldDefinition(
        MessageField.RECIPIENT_NAME,
        message_parsing.parse_recipient_name,
        lambda message, zone: message.recipient_name,
        34,
    ),
    FieldDefinition(
        MessageField.PHONE, message_parsing.parse_phone, lambda message, zone: formats.phone(message.phone), 19
    ),
    FieldDefinition(
        MessageField.APPOINTMENT_AT, None, lambda message, zone: to_local_time(message.appointment_at, zone), 17
    ),
    FieldDefinition(
        MessageField.ORGANIZATION, message_parsing.parse_organization, lambda message, zone: message.organization, 44
    ),
    FieldDefinition(MessageField.KIND, message_parsing.parse_kind, lambda message, zone: message.kind, 22),
    FieldDefinition(MessageField.SENT_AT, None, lambda message, zone: to_local_time(message.sent_at, zone), 17),
    FieldDefinition(
        MessageField.STATUS, message_parsing.parse_status, lambda message, zone: texts.STATUSES[message.status], 18
    ),
    FieldDefinition(
        MessageField.COST,
        message_parsing.parse_optional_cost,
        lambda message, zone: message.cost if is_cost_known(message.cost_source) else None,
        12,
    ),
    FieldDefinition(MessageField.TEXT, message_parsing.parse_text, lambda message, zone: message.text, 60),
    FieldDefinition(
        MessageField.ERROR_CODE, message_parsing.parse_error_code, lambda message, zone: message.error_code, 12
    ),
    FieldDefinition(
        MessageField.ERROR_NAME, message_parsing.parse_error_name, lambda message, zone: message.error_name, 34
    ),
    FieldDefinition(
        MessageField.QUEUED_AT,
        None,
        lambda message, zone: to_local_time(message.queued_at, zone),
        17,
        required=False,
    ),
    FieldDefinition(
        MessageField.ATTEMPTED_AT,
        None,
        lambda message, zone: to_local_time(message.attempted_at, zone),
        17,
        required=False,
    ),
    FieldDefinition(
        MessageField.PHONE_NOTE,
        message_parsing.parse_phone_note,
        lambda message, zone: message.phone_note,
        34,
        required=False,
    ),
    FieldDefinition(
        MessageField.PARTS, message_parsing.parse_parts, lambda message, zone: message.parts, 8, required=False
    ),
    FieldDefinition(MessageField.SENDER, parse_sender, lambda message, zone: message.sender, 16, required=False),
    FieldDefinition(
        MessageField.CHANNEL,
        parse_channel,
        lambda message, zone: texts.CHANNELS[message.channel] if message.channel else None,
        16,
        required=False,
    ),
)
"""In the order of the columns of a file."""

_DEFINITIONS = {definition.field.value: definition for definition in MESSAGE_FIELDS}
DERIVED_ATTRIBUTES = {'delivery', 'cost_source', 'parts_from_receipts'}
"""Attributes of a message that no sender supplies."""
_PARSE_ORDER = tuple(
    (attribute.name, _DEFINITIONS[attribute.name].field, _DEFINITIONS[attribute.name].parse)
    for attribute in fields(IncomingMessage)
    if attribute.name not in DERIVED_ATTRIBUTES
)
"""The attribute, the field and the parser of each value."""


def parse_message(
    get_text: Callable[[MessageField], str], get_time: Callable[[MessageField], datetime | None]
) -> IncomingMessage:
    """Build a message from the values of its fields.

    Args:
        get_text: returns the text of a field; an empty text means that there is none.
        get_time: parses the time of a field; None means that there is none.

    Raises:
        InvalidValueError: the first field that cannot be parsed, in the order of IncomingMessage.
    """
    values: dict[str, Any] = {
        attribute: parse(get_text(field)) if parse else get_time(field) for attribute, field, parse in _PARSE_ORDER
    }
    phone: ParsedPhone = values['phone']
    notes = dict.fromkeys(note for note in (phone.note, values['phone_note']) if note)
    check_sender(values['sender'], values['channel'])
    cost: Decimal | None = values['cost']
    return IncomingMessage(
        **values
        | {
            'phone': phone.e164,
            'phone_note': '; '.join(notes) or None,
            'cost': cost or Decimal(0),
            'cost_source': CostSource.UNKNOWN if cost is None else None,
        }
    )


def check_times(message: IncomingMessage, get_text: Callable[[MessageField], str], now: datetime) -> None:
    """Check that the times of a message from outside can be true.

    Args:
        message: the parsed message.
        get_text: returns the text of a field, for the sentence about it.
        now: the current time (aware).

    Raises:
        InvalidValueError: a time is later than now, or the message was sent before it was queued. Clocks may differ.
    """
    times = {
        MessageField.QUEUED_AT: message.queued_at,
        MessageField.ATTEMPTED_AT: message.attempted_at,
        MessageField.SENT_AT: message.sent_at,
    }
    for field, moment in times.items():
        check_not_in_future(moment, field, get_text(field), now)
    for field, moment in times.items():
        if moment and message.queued_at and moment < message.queued_at - MAX_CLOCK_DIFFERENCE:
            raise InvalidValueError(field, InvalidValueReason.BEFORE_QUEUED, get_text(field))


def check_not_in_future(moment: datetime | None, field: IncomingField, text: str, now: datetime) -> None:
    """Check that a time is not later than the current time `now`; raises InvalidValueError. Clocks may differ."""
    if moment and moment > now + MAX_CLOCK_LEAD:
        raise InvalidValueError(field, InvalidValueReason.IN_FUTURE, text)
