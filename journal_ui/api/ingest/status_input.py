"""Parsing of a submitted status report: the JSON of the API becomes a status event."""

from datetime import datetime

from journal_ui.api.ingest.reference_input import parse_reference, receipts_have_phone
from journal_ui.api.schemas import InvalidItemError, MessageStatusIn, StatusIn, parse_datetime, validate_model
from models import MessageStatus
from services.ingest import message_fields, message_parsing
from services.ingest.message_ingest import Sender, StatusUpdate
from services.ingest.status_history import StatusEvent
from services.ingest.validation import InvalidValueError, InvalidValueReason, MessageField
from services.messages.reading.status_names import STATUSES
from services.providers.provider import Providers


def parse_status_event(value: object, reported_by: str, now: datetime, providers: Providers) -> StatusEvent:
    """Parse a status of a message from JSON; `now` is the current time (aware), `providers` are all providers.

    Raises:
        InvalidItemError: the status is invalid.
    """
    return _to_event(validate_model(StatusIn, value), reported_by, now, providers)


def parse_status_update(value: object, sender: Sender, now: datetime, providers: Providers) -> StatusUpdate:
    """Parse a status with the id of its message from JSON; see `parse_status_event`.

    Raises:
        InvalidItemError: the id or the status is invalid.
    """
    body: MessageStatusIn = validate_model(MessageStatusIn, value)
    try:
        id = message_parsing.parse_id(body.id)
    except InvalidValueError as error:
        raise InvalidItemError(error.field, error.reason, error.describe()) from None
    event = _to_event(body, sender.name, now, providers)
    return StatusUpdate(id, event, sender, receipts_have_phone(event.reference, providers))


def _to_event(body: StatusIn, reported_by: str, now: datetime, providers: Providers) -> StatusEvent:
    reference = parse_reference(body, providers)
    try:
        at = parse_datetime(body.at, MessageField.SENT_AT)
        if at is None:
            raise InvalidValueError(MessageField.SENT_AT, InvalidValueReason.MISSING)
        message_fields.check_not_in_future(at, MessageField.SENT_AT, body.at, now)
        status = _parse_status(body.status)
        event = StatusEvent(
            at=at,
            told_by=reported_by,
            status=status,
            final=status == MessageStatus.FAILED,
            provider=reference.provider if reference else None,
            error_code=message_parsing.parse_error_code(body.error_code or ''),
            error_name=message_parsing.parse_error_name(body.error_name or ''),
            provider_id=reference.provider_id if reference else None,
            account=(reference.account or None) if reference else None,
        )
    except InvalidValueError as error:
        field = 'at' if error.field is MessageField.SENT_AT else error.field
        raise InvalidItemError(field, error.reason, error.describe()) from None
    return event


def _parse_status(value: str) -> MessageStatus:
    return STATUSES.get(value) or message_parsing.parse_status(value)
