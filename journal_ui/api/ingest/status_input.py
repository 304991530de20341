"""Parsing of a submitted status report: the JSON of the API becomes a status event."""

from datetime import datetime

from journal_ui.api.schemas import STATUSES, InvalidItemError, StatusIn, parse_datetime, validate_model
from models import MessageStatus
from services import texts
from services.ingest import message_fields, message_parsing
from services.ingest.status_history import ProviderReference, StatusEvent
from services.ingest.validation import InvalidValueError, InvalidValueReason, MessageField
from services.providers.registry import PROVIDERS


def parse_status_event(value: object, reported_by: str, now: datetime) -> StatusEvent:
    """Parse a status of a message from JSON; `now` is the current time (aware).

    Raises:
        InvalidItemError: the status is invalid.
    """
    body = validate_model(StatusIn, value)
    reference = _parse_reference(body)
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


def _parse_reference(body: StatusIn) -> ProviderReference | None:
    if (body.provider is None) != (body.provider_id is None):
        raise InvalidItemError('provider_id', 'missing', texts.API_PROBLEMS['half_a_name'])
    account = message_parsing.remove_invisible(body.provider_account or '').strip()
    if not account.isprintable() or (account and not body.provider):
        raise InvalidItemError(
            'provider_account', 'unreadable', texts.API_PROBLEMS['wrong_type'].format(field='provider_account')
        )
    if body.provider is None or body.provider_id is None:
        return None
    provider_id = message_parsing.remove_invisible(body.provider_id).strip()
    if not provider_id or not provider_id.isprintable():
        raise InvalidItemError(
            'provider_id', 'unreadable', texts.API_PROBLEMS['wrong_type'].format(field='provider_id')
        )
    return ProviderReference(body.provider, PROVIDERS[body.provider].normalize_id(provider_id), account)


def _parse_status(value: str) -> MessageStatus:
    return STATUSES.get(value) or message_parsing.parse_status(value)
