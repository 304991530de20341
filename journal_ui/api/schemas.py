"""What the interface takes and gives, as its documentation shows it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models import MessageStatus
from services import texts
from services.ingest import message_parsing
from services.ingest.message_parsing import Incoming
from services.ingest.status_history import Fact
from services.ingest.validation import IncomingField, MessageField, RefusalReason, Refused

STATUSES = {'pending': MessageStatus.WAITING, 'sent': MessageStatus.SENT, 'failed': MessageStatus.FAILED}
NAMES = {status: name for name, status in STATUSES.items()}
TIME = 'ISO 8601 with an offset: 2026-11-22T18:48:00+03:00'
STATUS = 'pending, sent or failed; or the Russian word'
Provider = Literal['smsc', 'smsru', 'smsaero', 'kannel']


class Shape(BaseModel):
    """Unknown fields are refused, and nothing is taken for what it is not."""

    model_config = ConfigDict(extra='forbid', strict=True)


class MessageIn(Shape):
    """A message as it was queued, sent, or failed."""

    id: str = Field(description='A UUID of the sender’s own: the same message again changes nothing')
    recipient_name: str = Field(description='Who is written to', examples=['Королёв Иван Петрович'])
    phone: str = Field(description='In any notation', examples=['+79990000001'])
    appointment_at: str | None = Field(None, description=TIME)
    organization: str = Field(description='Its name; an unknown one joins the dictionary')
    kind: str = Field(description='The Russian word', examples=list(texts.KINDS.values()))
    text: str = Field(description='What the message says')
    cost: str = Field(description='Roubles', examples=['3.10'])
    queued_at: str | None = Field(None, description=f'{TIME}; now, if it is not said')
    sent_at: str | None = Field(None, description=f'{TIME}; of a sent message, and of no other')
    status: str = Field('pending', description=STATUS)
    error_code: str | None = Field(None, description='The provider’s')
    error_name: str | None = Field(None, description='The error in words')


class StatusIn(Shape):
    """Something that happened to a message."""

    status: str = Field(description=STATUS)
    at: str = Field(description=f'When it happened. {TIME}')
    error_code: str | None = Field(None, description='The provider’s')
    error_name: str | None = Field(None, description='The error in words')
    provider: Provider | None = Field(None, description='To whom the message was handed over')
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


class Wrong(Exception):
    """A message or a fact that cannot be taken: which field, why, and a sentence for people."""

    def __init__(self, field: str | None, code: str, detail: str) -> None:
        super().__init__(code)
        self.field = field
        self.code = code
        self.detail = detail


def message(value: object) -> Incoming:
    """Read a message.

    Raises:
        Wrong: it cannot be taken.
    """
    told = shaped(MessageIn, value)
    try:
        return Incoming(
            id=message_parsing.read_id(told.id),
            recipient_name=message_parsing.read_recipient_name(told.recipient_name),
            phone=message_parsing.read_phone(told.phone),
            appointment_at=moment(told.appointment_at, MessageField.APPOINTMENT_AT),
            organization=message_parsing.read_organization(told.organization),
            kind=message_parsing.read_kind(told.kind),
            status=_status(told.status),
            queued_at=moment(told.queued_at, MessageField.QUEUED_AT),
            attempted_at=None,
            sent_at=moment(told.sent_at, MessageField.SENT_AT),
            cost=message_parsing.read_cost(told.cost),
            text=message_parsing.read_text(told.text),
            error_code=message_parsing.read_error_code(told.error_code or ''),
            error_name=message_parsing.read_error_name(told.error_name or ''),
        )
    except Refused as refused:
        raise Wrong(refused.field, refused.reason, refused.sentence()) from None


def fact(value: object, told_by: str) -> tuple[Fact, tuple[str, str] | None]:
    """Read what happened to a message, and what a provider calls it; raises as `message` does."""
    told = shaped(StatusIn, value)
    if (told.provider is None) != (told.provider_id is None):
        raise Wrong('provider_id', 'missing', texts.API_PROBLEMS['half_a_name'])
    called = None
    if told.provider and told.provider_id is not None:
        if not told.provider_id.strip() or not told.provider_id.isprintable():
            raise Wrong('provider_id', 'unreadable', texts.API_PROBLEMS['wrong_type'].format(field='provider_id'))
        called = (told.provider, told.provider_id.strip())
    try:
        at = moment(told.at, MessageField.SENT_AT)
        if at is None:
            raise Refused(MessageField.SENT_AT, RefusalReason.MISSING)
        status = _status(told.status)
        read = Fact(
            at=at,
            told_by=told_by,
            status=status,
            final=status == MessageStatus.FAILED,
            error_code=message_parsing.read_error_code(told.error_code or ''),
            error_name=message_parsing.read_error_name(told.error_name or ''),
        )
    except Refused as refused:
        field = 'at' if refused.field is MessageField.SENT_AT else refused.field
        raise Wrong(field, refused.reason, refused.sentence()) from None
    return read, called


def shaped(shape: type[Any], value: object) -> Any:
    """Read a value as of a shape.

    Raises:
        Wrong: it is not of it.
    """
    if not isinstance(value, Mapping):
        raise Wrong(None, 'not_an_object', texts.API_PROBLEMS['not_an_object'])
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = str(first['loc'][0])
        code = {'missing': 'missing', 'extra_forbidden': 'unknown_field'}.get(first['type'], 'wrong_type')
        raise Wrong(field, code, texts.API_PROBLEMS[code].format(field=field)) from None


def _status(value: str) -> MessageStatus:
    return STATUSES.get(value) or message_parsing.read_status(value)


def moment(value: str | None, field: IncomingField) -> datetime | None:
    """Read a moment with its offset, to the second.

    Raises:
        Refused: it is none.
    """
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
        if read.tzinfo is None:
            raise ValueError
        found = read.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise Refused(field, RefusalReason.NOT_MOMENT, value) from None
    if found.year not in message_parsing.YEARS:
        raise Refused(field, RefusalReason.YEAR_OUT_OF_RANGE, value)
    return found
