"""Parsing of a submitted message: the JSON of the API becomes an incoming message."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from journal_ui.api.ingest.reference_input import parse_reference, receipts_have_phone
from journal_ui.api.schemas import InvalidItemError, MessageIn, parse_datetime, validate_model
from services import texts
from services.ingest import message_fields
from services.ingest.message_ingest import Submission
from services.ingest.validation import InvalidValueError, MessageField
from services.lists.message_kinds import KnownKinds
from services.messages.reading.status_names import STATUSES
from services.providers.provider import Providers

MAX_DIGITS: Final = 30
"""Digits before or after the point of a number that is written without an exponent."""


def parse_message(
    value: object, now: datetime, providers: Providers, known_kinds: KnownKinds | None = None, address: str = ''
) -> Submission:
    """Parse a message from JSON.

    Args:
        value: the JSON.
        now: the current time (aware).
        providers: all SMS providers.
        known_kinds: checks its kind, if passed.
        address: the IP address of the program that submits it.

    Raises:
        InvalidItemError: the message is invalid.
    """
    body: MessageIn = validate_model(MessageIn, value)
    reference = parse_reference(body, providers)
    status = STATUSES.get(body.status)

    def get_text(field: MessageField) -> str:
        if field is MessageField.STATUS and status is not None:
            return texts.STATUSES[status]
        value = getattr(body, field, None)
        return '' if value is None else format_number(value) if isinstance(value, int | Decimal) else value

    def get_time(field: MessageField) -> datetime | None:
        return parse_datetime(getattr(body, field, None), field)

    try:
        message = message_fields.parse_message(get_text, get_time)
        message_fields.check_times(message, get_text, now)
        if known_kinds:
            known_kinds.check(message.kind)
    except InvalidValueError as error:
        raise InvalidItemError(error.field, error.reason, error.describe()) from None
    return Submission(message, reference, body.replace, address, receipts_have_phone(reference, providers))


def format_number(value: int | Decimal) -> str:
    """Return the digits of a JSON number: 3.1 → '3.1', 1e-7 → '0.0000001'; an absurdly long number as it came."""
    number = Decimal(value)
    return f'{number:f}' if abs(number.adjusted()) < MAX_DIGITS else str(number)
