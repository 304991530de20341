"""Models of API requests and responses, as OpenAPI documents them, and their conversion to incoming data."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from journal_ui.api.json_body import JsonObject, is_storable, quotable
from journal_ui.api.problem_details import describe_validation_error
from models import MessageStatus
from services import texts
from services.errors import InvalidInputError
from services.ingest import message_fields, message_parsing
from services.ingest.message_parsing import MAX_PARTS, IncomingMessage
from services.ingest.status_history import ProviderReference, StatusEvent
from services.ingest.validation import IncomingField, InvalidValueError, InvalidValueReason, MessageField
from services.lists.message_kinds import KnownKinds
from services.messages.delivery import OverdueReason
from services.messages.reading.status_names import STATUSES
from services.providers.registry import PROVIDERS, ProviderKey

TIME_DESCRIPTION = 'ISO 8601 with an offset: 2026-11-22T18:48:00+03:00'
PHONE_NOTE_DESCRIPTION = 'Extension or further numbers that belong to the phone number'
MAX_DIGITS = 30
"""Digits before or after the point of a number that is written without an exponent."""
STATUS_DESCRIPTION = 'pending, sent or failed; or the Russian name'


class StrictModel(BaseModel):
    """A model that rejects unknown fields and converts no types."""

    model_config = ConfigDict(extra='forbid', strict=True)


class MessageIn(StrictModel):
    """A message that was queued, sent, or failed."""

    id: str = Field(description='A UUID chosen by the sender; a repeated message changes nothing')
    recipient_name: str = Field(description='Full name of the recipient', examples=['Королёв Иван Петрович'])
    phone: str = Field(
        description='Phone number in any notation; of several numbers the first, the rest becomes phone_note',
        examples=['+79990000001'],
    )
    appointment_at: str | None = Field(None, description=f'Time of the appointment. {TIME_DESCRIPTION}')
    organization: str = Field(description='Name of the medical organisation, in any spelling; an unknown name is added')
    kind: str = Field(
        description='Kind of message, by its name in the dictionary of kinds', examples=list(texts.KINDS.values())
    )
    text: str = Field(description='Text of the message')
    cost: str | int | Decimal = Field(
        description='Cost in roubles; a fraction of a kopeck is rounded half to even',
        examples=['3.10'],
        json_schema_extra={'anyOf': [{'type': 'string'}, {'type': 'number'}]},
    )
    parts: int | None = Field(
        None,
        description='Number of SMS parts that the provider sent, by default computed from the text',
        json_schema_extra={'minimum': 1, 'maximum': MAX_PARTS},
    )
    queued_at: str | None = Field(None, description=f'Time of queueing, by default now. {TIME_DESCRIPTION}')
    sent_at: str | None = Field(None, description=f'Time of sending, only if the status is sent. {TIME_DESCRIPTION}')
    status: str = Field('pending', description=STATUS_DESCRIPTION)
    error_code: str | None = Field(None, description='Error code of the provider')
    error_name: str | None = Field(None, description='Description of the error')
    phone_note: str | None = Field(None, description=PHONE_NOTE_DESCRIPTION)


class StatusIn(StrictModel):
    """A status of a message at a point in time."""

    status: str = Field(description=STATUS_DESCRIPTION)
    at: str = Field(description=f'Time of the status. {TIME_DESCRIPTION}')
    error_code: str | None = Field(None, description='Error code of the provider')
    error_name: str | None = Field(None, description='Description of the error')
    provider: ProviderKey | None = Field(None, description='Provider to which the message was passed')
    provider_id: str | None = Field(
        None, description='Identifier of the message in the provider’s receipts, if it is not the id', max_length=64
    )
    provider_account: str | None = Field(
        None, description='Account with the provider, as in `account` of the URL of its receipts', max_length=64
    )


class Result(BaseModel):
    """The outcome of an item. Unless it was refused, the item is stored durably."""

    id: str | None = Field(description='The id as sent, at most 64 characters; null if there was none')
    outcome: Literal['created', 'updated', 'unchanged', 'refused']
    field: str | None = Field(None, description='Name of the invalid field')
    code: str | None = Field(None, description='Error code for programs')
    detail: str | None = Field(None, description='Description of the error in Russian')


class FactOut(BaseModel):
    """A status event of a message."""

    at: datetime
    told_by: str
    status: Literal['pending', 'sent', 'failed'] | None
    provider: str | None
    code: str | None = Field(description='Status code of the provider')
    error_code: str | None
    error_name: str | None
    claimed_at: datetime | None = Field(
        description='Impossible time that the provider reported; `at` is then the time of arrival'
    )
    part: int | None = Field(description='Number of the SMS part that a receipt is about, if the provider numbers them')


class MessageOut(BaseModel):
    """A message with its status events."""

    id: UUID
    recipient_name: str
    phone: str = Field(description='Phone number in E.164')
    appointment_at: datetime | None
    organization: str
    kind: str
    text: str
    cost: str
    parts: int | None = Field(
        description='Number of SMS parts, as submitted or computed from the text; null if the text is not known'
    )
    queued_at: datetime
    sent_at: datetime | None
    status: Literal['pending', 'sent', 'failed']
    delivery: Literal['handed_over', 'delivered'] | None = Field(
        description='What the provider reports about the delivery of a sent message; null if it has not reported any'
    )
    error_code: str | None
    error_name: str | None
    phone_note: str | None = Field(description=PHONE_NOTE_DESCRIPTION)
    history: list[FactOut]


class OverdueMessageOut(BaseModel):
    """A message that has waited too long to be sent."""

    id: UUID
    status: Literal['pending']
    queued_at: datetime
    appointment_at: datetime | None
    reason: OverdueReason


class OverdueOut(BaseModel):
    """Some of the overdue messages."""

    messages: list[OverdueMessageOut] = Field(description='The longest waiting first')
    next: str | None = Field(description='Value of `after` for the next page; null on the last page')


class InvalidItemError(InvalidInputError):
    """An invalid item: the name of its field, a code, and a sentence in Russian."""

    def __init__(self, field: str | None, code: str, detail: str) -> None:
        super().__init__(code)
        self.field = field
        self.code = code
        self.detail = detail


def parse_message(value: object, now: datetime, known_kinds: KnownKinds | None = None) -> IncomingMessage:
    """Parse a message from JSON; `now` is the current time (aware). Its kind is checked by `known_kinds`, if passed.

    Raises:
        InvalidItemError: the message is invalid.
    """
    body = validate_model(MessageIn, value)
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
    return message


def format_number(value: int | Decimal) -> str:
    """Return the digits of a JSON number: 3.1 → '3.1', 1e-7 → '0.0000001'; an absurdly long number as it came."""
    number = Decimal(value)
    return f'{number:f}' if abs(number.adjusted()) < MAX_DIGITS else str(number)


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


def validate_model(model: type[Any], value: object) -> Any:
    """Validate a JSON value by a model.

    Raises:
        InvalidItemError: the first error of the validation.
    """
    if not isinstance(value, Mapping):
        raise InvalidItemError(None, 'not_an_object', texts.API_PROBLEMS['not_an_object'])
    if isinstance(value, JsonObject) and value.doubled_name is not None:
        raise _field_error(value.doubled_name, 'doubled_field')
    for name, content in value.items():
        if not is_storable(name) or (isinstance(content, str) and not is_storable(content)):
            raise _field_error(name, 'unreadable')
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = quotable(str(first['loc'][0]))
        raise InvalidItemError(field, *describe_validation_error(first, field)) from None


def _field_error(name: str, code: str) -> InvalidItemError:
    field = quotable(name)
    return InvalidItemError(field, code, texts.API_PROBLEMS[code].format(field=field))


def _parse_status(value: str) -> MessageStatus:
    return STATUSES.get(value) or message_parsing.parse_status(value)


def parse_datetime(value: str | None, field: IncomingField) -> datetime | None:
    """Parse an ISO 8601 time with an offset; return UTC without fractions of a second.

    Raises:
        InvalidValueError: the value is not such a time, or its year is out of range.
    """
    if value is None:
        return None
    try:
        local_datetime = datetime.fromisoformat(value)
        if local_datetime.tzinfo is None:
            raise ValueError
        utc_datetime = local_datetime.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise InvalidValueError(field, InvalidValueReason.NOT_MOMENT, value) from None
    if utc_datetime.year not in message_parsing.VALID_YEARS:
        raise InvalidValueError(field, InvalidValueReason.YEAR_OUT_OF_RANGE, value)
    return utc_datetime
