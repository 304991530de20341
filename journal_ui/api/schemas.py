"""Models of API requests and responses, as OpenAPI documents them, and the validation of items by them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema

from journal_ui.api.json_body import JsonObject, is_storable, quotable
from journal_ui.api.problem_details import describe_validation_error
from services import texts
from services.errors import InvalidInputError
from services.ingest import message_parsing
from services.ingest.message_parsing import MAX_PARTS
from services.ingest.validation import IncomingField, InvalidValueError, InvalidValueReason
from services.messages.delivery import OverdueReason
from services.messages.reading.status_names import CHANNEL_NAMES, STATUSES

TIME_DESCRIPTION = 'ISO 8601 with an offset: 2026-11-22T18:48:00+03:00'
PHONE_NOTE_DESCRIPTION = 'Extension or further numbers that belong to the phone number'
SENDER_DESCRIPTION = 'Name or number under which it was sent; null if not known'
CHANNEL_DESCRIPTION = 'Channel by which it was sent; null if not known'
STATUS_DESCRIPTION = 'pending, sent or failed; the Russian name is accepted, too'
# Parsed by services.ingest, which names what is wrong with a value; generated clients get the types of the answers.
UuidText = Annotated[str, WithJsonSchema({'type': 'string', 'format': 'uuid'})]
TimeText = Annotated[str, WithJsonSchema({'type': 'string', 'format': 'date-time'})]
StatusText = Annotated[str, WithJsonSchema({'type': 'string', 'enum': list(STATUSES)})]
ChannelText = Annotated[str, WithJsonSchema({'type': 'string', 'enum': list(CHANNEL_NAMES.values())})]


class StrictModel(BaseModel):
    """A model that rejects unknown fields and converts no types."""

    model_config = ConfigDict(extra='forbid', strict=True)


class ProviderReferenceIn(StrictModel):
    """The provider's identifier of a message."""

    provider: str | None = Field(None, description='Provider to which the message was passed')
    provider_id: str | None = Field(
        None, description='Identifier of the message in the provider’s receipts, if it is not the id', max_length=64
    )
    provider_account: str | None = Field(
        None, description='Account with the provider, as in `account` of the URL of its receipts', max_length=64
    )


class MessageIn(ProviderReferenceIn):
    """A message that was queued, sent, or failed."""

    id: UuidText = Field(description='A UUID chosen by the sender; a repeated message changes nothing')
    recipient_name: str = Field(description='Full name of the recipient', examples=['Королёв Иван Петрович'])
    phone: str = Field(
        description='Phone number in any notation; of several numbers the first, the rest becomes phone_note',
        examples=['+79990000001'],
    )
    appointment_at: TimeText | None = Field(None, description=f'Time of the appointment. {TIME_DESCRIPTION}')
    organization: str = Field(description='Name of the medical organisation, in any spelling; an unknown name is added')
    kind: str = Field(
        description='Kind of message, by its name in the dictionary of kinds', examples=list(texts.KINDS.values())
    )
    text: str = Field(description='Text of the message')
    cost: str | int | Decimal | None = Field(
        None,
        description='Cost in roubles; a fraction of a kopeck is rounded half to even. Without it, it is not known, and '
        'that of the receipts counts',
        examples=['3.10'],
        json_schema_extra={'anyOf': [{'type': 'string'}, {'type': 'number'}, {'type': 'null'}]},
    )
    parts: int | None = Field(
        None,
        description='Number of SMS parts that the provider sent, by default computed from the text',
        json_schema_extra={'minimum': 1, 'maximum': MAX_PARTS},
    )
    queued_at: TimeText | None = Field(None, description=f'Time of queueing, by default now. {TIME_DESCRIPTION}')
    attempted_at: TimeText | None = Field(None, description=f'Time of the last attempt to send it. {TIME_DESCRIPTION}')
    sent_at: TimeText | None = Field(
        None, description=f'Time of sending, only if the status is sent. {TIME_DESCRIPTION}'
    )
    status: StatusText = Field('pending', description=STATUS_DESCRIPTION)
    error_code: str | None = Field(None, description='Error code of the provider')
    error_name: str | None = Field(None, description='Description of the error')
    phone_note: str | None = Field(None, description=PHONE_NOTE_DESCRIPTION)
    sender: str | None = Field(
        None,
        description=f'{SENDER_DESCRIPTION}. In an SMS up to 11 characters of the GSM alphabet, or up to 15 digits',
        examples=['MosOblMed'],
    )
    channel: ChannelText | None = Field(None, description=f'{CHANNEL_DESCRIPTION}; the Russian name is accepted, too')
    replace: bool = Field(
        False,
        description='Whether to replace the phone, the recipient and the text of the stored message with the same id; '
        'without it, such a message is refused as a conflict',
    )


class StatusIn(ProviderReferenceIn):
    """A status of a message at a point in time."""

    status: StatusText = Field(description=STATUS_DESCRIPTION)
    at: TimeText = Field(description=f'Time of the status. {TIME_DESCRIPTION}')
    error_code: str | None = Field(None, description='Error code of the provider')
    error_name: str | None = Field(None, description='Description of the error')


class MessageStatusIn(StatusIn):
    """A status of the message with an id at a point in time."""

    id: UuidText = Field(description='The id of the message')


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
    cost: str | None = Field(description='Cost of the message in roubles, if the receipt has it', examples=['3.10'])
    parts: int | None = Field(description='Number of SMS parts of the message, if the receipt has it')


class MessageRowOut(BaseModel):
    """A message as it is in the list; its text and its history have to be read by its id."""

    id: UUID
    recipient_name: str
    phone: str = Field(description='Phone number in E.164; empty if the message is anonymised')
    appointment_at: datetime | None
    organization: str
    kind: str
    cost: str | None = Field(description='Cost in roubles; null if it is not known yet', examples=['3.10'])
    queued_at: datetime
    attempted_at: datetime | None
    sent_at: datetime | None
    status: Literal['pending', 'sent', 'failed']
    delivery: Literal['handed_over', 'delivered'] | None = Field(
        description='What the provider reports about the delivery of a sent message; null if it has not reported any'
    )
    error_code: str | None
    error_name: str | None
    sender: str | None = Field(description=SENDER_DESCRIPTION)
    channel: (
        Literal['sms', 'rcs', 'viber', 'whatsapp', 'telegram', 'vk', 'ok', 'max', 'push', 'email', 'voice'] | None
    ) = Field(description=CHANNEL_DESCRIPTION)


class MessageOut(MessageRowOut):
    """A message with its status events."""

    text: str
    parts: int | None = Field(
        description='Number of SMS parts, as submitted, as reported by receipts or computed from the text; null if the '
        'text is not known, or if another channel than SMS is'
    )
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
    """An invalid item: the name of its field, a code, and a sentence in Russian; and the status if it came alone."""

    def __init__(
        self,
        field: str | None,
        code: str,
        detail: str,
        status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
    ) -> None:
        super().__init__(code)
        self.field = field
        self.code = code
        self.detail = detail
        self.status = status


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
