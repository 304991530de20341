"""Models of API requests and responses, as OpenAPI documents them, and their conversion to incoming data."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models import MessageStatus
from services import texts
from services.errors import InvalidInputError
from services.ingest import message_fields, message_parsing
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.ingest.validation import IncomingField, InvalidValueError, InvalidValueReason, MessageField
from services.lists.message_kinds import KnownKinds
from services.providers.registry import ProviderKey

STATUSES = {'pending': MessageStatus.WAITING, 'sent': MessageStatus.SENT, 'failed': MessageStatus.FAILED}
STATUS_NAMES = {status: name for name, status in STATUSES.items()}
TIME_DESCRIPTION = 'ISO 8601 with an offset: 2026-11-22T18:48:00+03:00'
STATUS_DESCRIPTION = 'pending, sent or failed; or the Russian name'


class StrictModel(BaseModel):
    """A model that rejects unknown fields and converts no types."""

    model_config = ConfigDict(extra='forbid', strict=True)


class MessageIn(StrictModel):
    """A message that was queued, sent, or failed."""

    id: str = Field(description='A UUID chosen by the sender; a repeated message changes nothing')
    recipient_name: str = Field(description='Full name of the recipient', examples=['Королёв Иван Петрович'])
    phone: str = Field(description='Phone number in any notation', examples=['+79990000001'])
    appointment_at: str | None = Field(None, description=f'Time of the appointment. {TIME_DESCRIPTION}')
    organization: str = Field(description='Name of the medical organisation, in any spelling; an unknown name is added')
    kind: str = Field(
        description='Kind of message, by its name in the dictionary of kinds', examples=list(texts.KINDS.values())
    )
    text: str = Field(description='Text of the message')
    cost: str = Field(description='Cost in roubles', examples=['3.10'])
    queued_at: str | None = Field(None, description=f'Time of queueing, by default now. {TIME_DESCRIPTION}')
    sent_at: str | None = Field(None, description=f'Time of sending, only if the status is sent. {TIME_DESCRIPTION}')
    status: str = Field('pending', description=STATUS_DESCRIPTION)
    error_code: str | None = Field(None, description='Error code of the provider')
    error_name: str | None = Field(None, description='Description of the error')


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


class Result(BaseModel):
    """The outcome of an item. Unless it was refused, the item is stored durably."""

    id: str | None = Field(description='The id as sent; null if there was none')
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
    queued_at: datetime
    sent_at: datetime | None
    status: Literal['pending', 'sent', 'failed']
    error_code: str | None
    error_name: str | None
    history: list[FactOut]


class InvalidItemError(InvalidInputError):
    """An invalid item: the name of its field, a code, and a sentence in Russian."""

    def __init__(self, field: str | None, code: str, detail: str) -> None:
        super().__init__(code)
        self.field = field
        self.code = code
        self.detail = detail


def parse_message(value: object, known_kinds: KnownKinds | None = None) -> IncomingMessage:
    """Parse a message from JSON; its kind is checked by `known_kinds`, if they are passed.

    Raises:
        InvalidItemError: the message is invalid.
    """
    body = validate_model(MessageIn, value)
    status = STATUSES.get(body.status)

    def get_text(field: MessageField) -> str:
        if field is MessageField.STATUS and status is not None:
            return texts.STATUSES[status]
        return getattr(body, field) or ''

    def get_time(field: MessageField) -> datetime | None:
        return parse_datetime(getattr(body, field, None), field)

    try:
        message = message_fields.parse_message(get_text, get_time)
        if known_kinds:
            known_kinds.check(message.kind)
    except InvalidValueError as error:
        raise InvalidItemError(error.field, error.reason, error.describe()) from None
    return message


def parse_status_event(value: object, reported_by: str) -> tuple[StatusEvent, tuple[str, str] | None]:
    """Parse a status of a message from JSON; return its event, and the provider with its identifier of the message.

    Raises:
        InvalidItemError: the status is invalid.
    """
    body = validate_model(StatusIn, value)
    if (body.provider is None) != (body.provider_id is None):
        raise InvalidItemError('provider_id', 'missing', texts.API_PROBLEMS['half_a_name'])
    provider_reference = None
    if body.provider and body.provider_id is not None:
        if not body.provider_id.strip() or not body.provider_id.isprintable():
            raise InvalidItemError(
                'provider_id', 'unreadable', texts.API_PROBLEMS['wrong_type'].format(field='provider_id')
            )
        provider_reference = (body.provider, body.provider_id.strip())
    try:
        at = parse_datetime(body.at, MessageField.SENT_AT)
        if at is None:
            raise InvalidValueError(MessageField.SENT_AT, InvalidValueReason.MISSING)
        status = _parse_status(body.status)
        event = StatusEvent(
            at=at,
            told_by=reported_by,
            status=status,
            final=status == MessageStatus.FAILED,
            error_code=message_parsing.parse_error_code(body.error_code or ''),
            error_name=message_parsing.parse_error_name(body.error_name or ''),
        )
    except InvalidValueError as error:
        field = 'at' if error.field is MessageField.SENT_AT else error.field
        raise InvalidItemError(field, error.reason, error.describe()) from None
    return event, provider_reference


def validate_model(model: type[Any], value: object) -> Any:
    """Validate a JSON value by a model.

    Raises:
        InvalidItemError: the first error of the validation.
    """
    if not isinstance(value, Mapping):
        raise InvalidItemError(None, 'not_an_object', texts.API_PROBLEMS['not_an_object'])
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = str(first['loc'][0])
        code = {'missing': 'missing', 'extra_forbidden': 'unknown_field'}.get(first['type'], 'wrong_type')
        raise InvalidItemError(field, code, texts.API_PROBLEMS[code].format(field=field)) from None


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
