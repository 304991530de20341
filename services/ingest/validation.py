"""Why something incoming cannot be taken: a code for programs, a sentence for people."""

from enum import StrEnum

from services import texts
from services.errors import InvalidInputError

MAX_QUOTE_LENGTH = 60
"""How much of a refused value its sentence repeats."""


class IncomingField(StrEnum):
    """A part of something incoming, under the name that every way in uses."""

    @property
    def column(self) -> str:
        """What it is called in a file and in a sentence."""
        raise NotImplementedError


class MessageField(IncomingField):
    """What an incoming message consists of."""

    ID = 'id'
    RECIPIENT_NAME = 'recipient_name'
    PHONE = 'phone'
    APPOINTMENT_AT = 'appointment_at'
    ORGANIZATION = 'organization'
    KIND = 'kind'
    SENT_AT = 'sent_at'
    STATUS = 'status'
    COST = 'cost'
    TEXT = 'text'
    ERROR_CODE = 'error_code'
    ERROR_NAME = 'error_name'
    QUEUED_AT = 'queued_at'
    ATTEMPTED_AT = 'attempted_at'

    @property
    def column(self) -> str:
        """See IncomingField."""
        return texts.MESSAGE_FIELDS[self]


class InvalidValueReason(StrEnum):
    """What is wrong with the value of a field; the words are in services.texts.REFUSALS."""

    MISSING = 'missing'
    NOT_UUID = 'not_uuid'
    NOT_PHONE = 'not_phone'
    NOT_TIME = 'not_time'
    NOT_MOMENT = 'not_moment'
    YEAR_OUT_OF_RANGE = 'year_out_of_range'
    SKIPPED_BY_CLOCK = 'skipped_by_clock'
    UNKNOWN_KIND = 'unknown_kind'
    UNKNOWN_STATUS = 'unknown_status'
    UNKNOWN_OPERATION = 'unknown_operation'
    UNKNOWN_DOCUMENT_STATUS = 'unknown_document_status'
    NOT_SNILS = 'not_snils'
    WRONG_SNILS = 'wrong_snils'
    NOT_MONEY = 'not_money'
    NEGATIVE = 'negative'
    FRACTION_OF_KOPECK = 'fraction_of_kopeck'
    TOO_MUCH = 'too_much'
    TOO_LONG = 'too_long'
    UNREADABLE = 'unreadable'
    NOT_SENT = 'not_sent'
    NOT_FAILED = 'not_failed'


class InvalidValueError(InvalidInputError):
    """A value that the journal does not take: the field, the reason and the value itself."""

    def __init__(self, field: IncomingField, reason: InvalidValueReason, value: str = '') -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason
        self.value = value

    def describe(self) -> str:
        """Say it in Russian: «Стоимость СМС, руб»: «три рубля» — не сумма…"""
        quoted = ' '.join(''.join(letter if letter.isprintable() else ' ' for letter in self.value).split())
        if len(quoted) > MAX_QUOTE_LENGTH:
            quoted = f'{quoted[:MAX_QUOTE_LENGTH]}…'
        return texts.REJECTION_REASONS[self.reason].format(field=self.field.column, value=quoted)
