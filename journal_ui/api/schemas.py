"""What the interface takes and gives, as its documentation shows it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models import MessageStatus
from services import texts
from services.errors import InvalidInputError
from services.ingest import message_parsing
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.ingest.validation import IncomingField, InvalidValueError, InvalidValueReason, MessageField
from services.providers.registry import ProviderKey

STATUSES = {'pending': MessageStatus.WAITING, 'sent': MessageStatus.SENT, 'failed': MessageStatus.FAILED}
STATUS_NAMES = {status: name for name, status in STATUSES.items()}
TIME_DESCRIPTION = 'ISO 8601 with an offset: 2026-11-22T18:48:00+03:00'
STATUS_DESCRIPTION = 'pending, sent or failed; or the Russian word'


class StrictModel(BaseModel):
    """Unknown fields are refused, and nothing is taken for what it is not."""

    model_config = ConfigDict(extra='forbid', strict=True)


class MessageIn(StrictModel):
    """A message as it was queued, sent, or failed."""

    id: str = Field(description='A UUID of the sender’s own: the same message again changes nothing')
    recipient_name: str = Field(description='Who is written to', examples=['Королёв Иван Петрович'])
    phone: str = Field(description='In any notation', examples=['+79990000001'])
    appointment_at: str | None = Field(None, description=TIME_DESCRIPTION)
    organization: str = Field(description='Its name; an unknown one joins the dictionary')
    kind: str = Field(description='The Russian word', examples=list(texts.KINDS.values()))
    text: str = Field(description='What the message says')
    cost: str = Field(description='Roubles', examples=['3.10'])
    queued_at: str | None = Field(None, description=f'{TIME_DESCRIPTION}; now, if it is not said')
    sent_at: str | None = Field(None, description=f'{TIME_DESCRIPTION}; of a sent message, and of no other')
    status: str = Field('pending', description=STATUS_DESCRIPTION)
    error_code: str | None = Field(None, description='The provider’s')
    error_name: str | None = Field(None, description='The error in words')


class StatusIn(StrictModel):
    """Something that happened to a message."""

    status: str = Field(description=STATUS_DESCRIPTION)
    at: str = Field(description=f'When it happened. {TIME_DESCRIPTION}')
    error_code: str | None = Field(None, description='The provider’s')
    error_name: str | None = Field(None, description='The error in words')
    provider: ProviderKey | None = Field(None, description='To whom the message was handed over')
    provider_id: str | None = Field(
        None, description='What the provider calls the message in its receipts, if not by our id', max_length=64
    )


class Result(BaseModel):
    """What became of a message; what was not refused is on disk."""

    id: str | None = Field(description='As it was sent; null where there was none')
    outcome: Literal['created', 'updated', 'unchanged', 'refused']
    field: str | None = Field(None, description='The field at fault')
    code: str | None = Field(None, description='What is wrong, for programs')
    detail: str | None = Field(None, description='What is wrong, for people, in Russian')


class FactOut(BaseModel):
    """Something that happened to a message."""

    at: datetime
    told_by: str
    status: Literal['pending', 'sent', 'failed'] | None
    provider: str | None
    code: str | None = Field(description='The provider’s own')
    error_code: str | None
    error_name: str | None


class MessageOut(BaseModel):
    """A message with all that happened to it."""

    id: UUID
    recipient_name: str
    phone: str = Field(description='E.164')
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
    """A message or a fact that cannot be taken: which field, why, and a sentence for people."""

    def __init__(self, field: str | None, code: str, detail: str) -> None:
        super().__init__(code)
        self.field = field
        self.code = code
        self.detail = detail


def parse_message(value: object) -> IncomingMessage:
    """Read a message.

    Raises:
        Wrong: it cannot be taken.
    """
    body = validate_model(MessageIn, value)
    try:
        return IncomingMessage(
            id=message_parsing.parse_id(body.id),
            recipient_name=message_parsing.parse_recipient_name(body.recipient_name),
            phone=message_parsing.parse_phone(body.phone),
            appointment_at=parse_datetime(body.appointment_at, MessageField.APPOINTMENT_AT),
            organization=message_parsing.parse_organization(body.organization),
            kind=message_parsing.parse_kind(body.kind),
            status=_parse_status(body.status),
            queued_at=parse_datetime(body.queued_at, MessageField.QUEUED_AT),
            attempted_at=None,
            sent_at=parse_datetime(body.sent_at, MessageField.SENT_AT),
            cost=message_parsing.parse_cost(body.cost),
            text=message_parsing.parse_text(body.text),
            error_code=message_parsing.parse_error_code(body.error_code or ''),
            error_name=message_parsing.parse_error_name(body.error_name or ''),
        )
    except InvalidValueError as refused:
        raise InvalidItemError(refused.field, refused.reason, refused.describe()) from None


def parse_status_event(value: object, reported_by: str) -> tuple[StatusEvent, tuple[str, str] | None]:
    """Read what happened to a message, and what a provider calls it; raises as `message` does."""
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
    except InvalidValueError as refused:
        field = 'at' if refused.field is MessageField.SENT_AT else refused.field
        raise InvalidItemError(field, refused.reason, refused.describe()) from None
    return event, provider_reference


def validate_model(model: type[Any], value: object) -> Any:
    """Read a value as of a shape.

    Raises:
        Wrong: it is not of it.
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
    """Read a moment with its offset, to the second.

    Raises:
        Refused: it is none.
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
