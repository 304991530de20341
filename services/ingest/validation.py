"""The fields of incoming data, and the reasons why a value is rejected: a code for programs, a sentence for people."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Self

from services import texts
from services.errors import InvalidInputError

MAX_QUOTE_LENGTH = 60
"""Characters of a rejected value that its sentence repeats."""


class IncomingField(StrEnum):
    """A field of incoming data; its value is the name in the API and of the attribute in Python."""

    column: str
    """The title of its column in a file, which sentences use too."""

    def __new__(cls, name: str, column: str) -> Self:
        field = str.__new__(cls, name)
        field._value_ = name
        field.column = column
        return field


class MessageField(IncomingField):
    """The fields of a message, in the order of the columns of a file; see services.ingest.message_fields."""

    ID = 'id', texts.CODE
    RECIPIENT_NAME = 'recipient_name', texts.RECIPIENT
    PHONE = 'phone', texts.PHONE
    APPOINTMENT_AT = 'appointment_at', texts.APPOINTMENT
    ORGANIZATION = 'organization', texts.ORGANIZATION
    KIND = 'kind', texts.KIND
    SENT_AT = 'sent_at', texts.SENT_AT
    STATUS = 'status', texts.STATUS
    COST = 'cost', texts.COST
    TEXT = 'text', texts.TEXT
    ERROR_CODE = 'error_code', texts.ERROR_CODE
    ERROR_NAME = 'error_name', texts.ERROR_NAME
    QUEUED_AT = 'queued_at', texts.QUEUED_AT
    ATTEMPTED_AT = 'attempted_at', texts.ATTEMPTED_AT
    PHONE_NOTE = 'phone_note', texts.PHONE_NOTE
    PARTS = 'parts', texts.PARTS
    SENDER = 'sender', texts.SENDER
    CHANNEL = 'channel', texts.CHANNEL


class InvalidValueReason(StrEnum):
    """What is wrong with the value of a field; the sentences are in services.texts.REJECTION_REASONS."""

    MISSING = 'missing'
    NOT_UUID = 'not_uuid'
    NOT_PHONE = 'not_phone'
    PHONE_TOO_SHORT = 'phone_too_short'
    PHONE_TOO_LONG = 'phone_too_long'
    NO_SUCH_PHONE = 'no_such_phone'
    PHONE_ROUNDED = 'phone_rounded'
    NOT_TIME = 'not_time'
    NOT_MOMENT = 'not_moment'
    YEAR_OUT_OF_RANGE = 'year_out_of_range'
    IN_FUTURE = 'in_future'
    BEFORE_QUEUED = 'before_queued'
    SKIPPED_BY_CLOCK = 'skipped_by_clock'
    UNKNOWN_KIND = 'unknown_kind'
    UNKNOWN_STATUS = 'unknown_status'
    UNKNOWN_OPERATION = 'unknown_operation'
    UNKNOWN_DOCUMENT_STATUS = 'unknown_document_status'
    NOT_SNILS = 'not_snils'
    WRONG_SNILS = 'wrong_snils'
    NOT_MONEY = 'not_money'
    AMBIGUOUS_MONEY = 'ambiguous_money'
    NEGATIVE = 'negative'
    TOO_MUCH = 'too_much'
    NOT_PARTS = 'not_parts'
    NOT_SMS_SENDER = 'not_sms_sender'
    UNKNOWN_CHANNEL = 'unknown_channel'
    TOO_LONG = 'too_long'
    UNREADABLE = 'unreadable'
    NOT_SENT = 'not_sent'
    NOT_FAILED = 'not_failed'


class InvalidValueError(InvalidInputError):
    """A value that the journal does not accept: the field, the reason and the value itself."""

    def __init__(
        self, field: IncomingField, reason: InvalidValueReason, value: str = '', *, choices: Sequence[str] = ()
    ) -> None:
        """Prepare the error; `choices` are the valid values, where they are few and depend on the database."""
        super().__init__(field, reason)
        self.field = field
        self.reason = reason
        self.value = value
        self.choices = choices

    def describe(self) -> str:
        """Return a Russian sentence: «Стоимость СМС, руб»: «три рубля» — не сумма…"""
        printable = ''.join(letter if letter.isprintable() else ' ' for letter in self.value)
        quoted = ' '.join(printable.split())
        if len(quoted) > MAX_QUOTE_LENGTH:
            quoted = f'{quoted[:MAX_QUOTE_LENGTH]}…'
        return texts.REJECTION_REASONS[self.reason].format(
            field=self.field.column, value=quoted, choices=', '.join(self.choices)
        )
