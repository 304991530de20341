"""The conditions of a search as a program writes them: the filters of the journal, by the names of the API's fields.

What may be about a person (a name, a phone, the text of an error) is accepted in a body only, never in a URL.
"""

from dataclasses import replace
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from journal_ui.api.reading.cursors import MAX_CURSOR_LENGTH
from journal_ui.api.request_limits import MAX_BATCH_SIZE
from services import names, phones, texts
from services.ingest import message_parsing
from services.ingest.validation import InvalidValueError
from services.lists.error_keys import is_error_code
from services.lists.query_protocol import InvalidQueryError, Period
from services.messages.delivery import DeliveryCondition
from services.messages.message_codes import find_code
from services.messages.message_query import MAX_CHOICES, MAX_WAITING_MINUTES, MessageQuery
from services.messages.query_params import UNNAMED_PARAM
from services.messages.reading.status_names import STATUSES

DEFAULT_PAGE_SIZE = 100
MAX_VALUE_LENGTH = 1_000
"""Characters of the name of an organisation, a kind or an error."""
API_FIELDS = {
    'period': 'from',
    'appointment': 'appointment_from',
    'organizations': 'organization',
    'kinds': 'kind',
    'errors': 'error',
    'code': 'id',
}
"""The fields of the API by those of MessageQuery, where the names differ."""
StatusName = Literal['pending', 'sent', 'failed']
DeliveryName = Literal['delivered', 'awaiting', 'unanswered', 'overdue', 'failed']
"""The values of DeliveryCondition."""


def _check_printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError('control characters')
    return value


Value = Annotated[str, Field(max_length=MAX_VALUE_LENGTH), AfterValidator(_check_printable)]
Day = Annotated[date, Field(strict=False)]


class TotalsFilters(BaseModel):
    """The conditions that totals can be narrowed by."""

    model_config = ConfigDict(extra='forbid')

    since: Day | None = Field(
        None, alias='from', description='First day of the period, in the time zone of the journal'
    )
    until: Day | None = Field(None, alias='to', description='Last day of the period')
    status: list[StatusName] = Field(default=[], description='Any of these statuses')
    kind: list[Value] = Field(
        default=[], max_length=MAX_CHOICES, description='Any of these kinds, by their names in the dictionary'
    )
    organization: list[Value] = Field(
        default=[], max_length=MAX_CHOICES, description='Any of these organisations, by their names in any spelling'
    )

    def to_query(self) -> MessageQuery:
        """Return the query without its organisations and kinds, which have to be looked up.

        Raises:
            InvalidQueryError: a condition is invalid.
        """
        statuses = frozenset(STATUSES[name] for name in self.status)
        return MessageQuery(period=Period(self.since, self.until), statuses=statuses)


class MessageFilters(TotalsFilters):
    """The conditions of a search for messages that are not about a person, and the page."""

    accepts_person: ClassVar[bool] = False
    """Whether conditions may be about a person."""
    id: Value | None = Field(None, description='Id of a message, or at least its first 8 digits; alone')
    error: list[Value] = Field(
        default=[], max_length=MAX_CHOICES, description=f'Any of these error codes; `{UNNAMED_PARAM}` for none'
    )
    delivery: DeliveryName | None = Field(None, description='What is known about the delivery')
    appointment_from: Day | None = Field(None, description='First day of the appointment')
    appointment_to: Day | None = Field(None, description='Last day of the appointment')
    waiting_minutes: int | None = Field(
        None, ge=1, le=MAX_WAITING_MINUTES, description='Pending for at least so many minutes'
    )
    limit: int = Field(DEFAULT_PAGE_SIZE, ge=1, le=MAX_BATCH_SIZE, description='Largest number of messages')
    cursor: str | None = Field(
        None, max_length=MAX_CURSOR_LENGTH, description='`next_cursor` of the previous answer; the conditions stay'
    )

    def to_query(self) -> MessageQuery:
        """See TotalsFilters."""
        if self.id is not None:
            return MessageQuery(code=self._find_code())
        return MessageQuery(
            period=Period(self.since, self.until),
            statuses=frozenset(STATUSES[name] for name in self.status),
            errors=self._error_keys(),
            delivery=DeliveryCondition(self.delivery) if self.delivery else None,
            appointment=Period(self.appointment_from, self.appointment_to),
            older_than=self.waiting_minutes,
        )

    def _find_code(self) -> str:
        value = self.id or ''
        if self.model_fields_set - {'id', 'limit', 'cursor'}:
            raise InvalidQueryError('code', texts.API_ID_ALONE)
        # A hyphen tells eight decimal digits from a phone.
        code = find_code(value) or find_code(f'{value}-')
        if code is None:
            raise InvalidQueryError('code', texts.API_NOT_AN_ID)
        return code

    def _error_keys(self) -> frozenset[str]:
        keys = frozenset('' if key == UNNAMED_PARAM else key for key in self.error)
        if not self.accepts_person and not all(map(is_error_code, keys)):
            raise InvalidQueryError('errors', texts.API_ERROR_TEXT_IN_URL)
        return keys


class MessageSearchIn(MessageFilters):
    """The conditions of a search for messages, also by person, and the page."""

    model_config = ConfigDict(extra='forbid', strict=True)
    accepts_person: ClassVar[bool] = True

    name: str = Field('', description='Name of the recipient or its beginning, as in the journal')
    phone: str = Field('', description='Phone number in any notation, or some of its digits')
    surname_only: bool = Field(False, description='Whether the name must be the surname')
    error: list[Value] = Field(
        default=[],
        max_length=MAX_CHOICES,
        description=f'Any of these errors, by code or name; `{UNNAMED_PARAM}` for none',
    )

    def to_query(self) -> MessageQuery:
        """See TotalsFilters."""
        query = super().to_query()
        _check_name(self.name)
        if self.phone and not phones.parse_search(self.phone[: names.MAX_TYPED_LENGTH]):
            raise InvalidQueryError('phone', texts.API_NO_PHONE)
        return replace(query, name=self.name, phone=self.phone, surname_only=self.surname_only)


class LinkIn(TotalsFilters):
    """The person whose messages a link shows, and further conditions."""

    model_config = ConfigDict(extra='forbid', strict=True)

    phone: Value = Field(description='Phone number of the patient in any notation; of several numbers the first')
    name: str = Field('', description='Name of the patient or its beginning, if several people have this phone')

    def to_query(self) -> MessageQuery:
        """See TotalsFilters."""
        _check_name(self.name)
        try:
            phone = message_parsing.parse_phone(self.phone).e164
        except InvalidValueError as error:
            raise InvalidQueryError('phone', error.describe()) from None
        return replace(super().to_query(), name=self.name, phone=phone)


def _check_name(name: str) -> None:
    """Check that a name, if there is one, has a letter or a digit."""
    if name and not names.parse_name(name[: names.MAX_TYPED_LENGTH]):
        raise InvalidQueryError('name', texts.API_NO_NAME)
