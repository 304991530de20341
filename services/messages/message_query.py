"""The query of the journal of messages, and a row of its result."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import NamedTuple, Self
from uuid import UUID

from models import CostSource, DeliveryState, MessageChannel, MessageStatus
from services import names, phones, texts
from services.call_list.latest_call import LatestCall
from services.formats import phone as written_phone
from services.lists.error_keys import describe_errors
from services.lists.message_kinds import KindName
from services.lists.organizations import OrganizationName
from services.lists.query_conditions import (
    check_digits,
    check_name,
    check_order,
    check_period,
    describe_choices,
    describe_name,
    describe_period,
    loosening_hint,
)
from services.lists.query_protocol import InvalidQueryError, Order, Period, QueryCondition
from services.lists.recorded_conditions import (
    build_conditions,
    read_appointment,
    read_errors,
    read_name,
    read_organization,
    read_period,
    read_phone,
    read_surname,
)
from services.lists.reference_data import ReferenceEntry
from services.messages.delivery import DeliveryCondition
from services.messages.message_codes import HEXADECIMAL, format_code

SORTABLE_COLUMNS = (
    'code',
    'recipient_name',
    'phone',
    'appointment_at',
    'organization',
    'kind',
    'sent_at',
    'status',
    'cost',
    'queued_at',
    'attempted_at',
)
"""The columns a result can be sorted by: all of those that are always there (S13), and some of the others."""
MAX_FILE_NAME_LENGTH = 110
"""Characters: Cyrillic ones take two bytes each, and the extension needs room, within 255 bytes."""
FORBIDDEN_FILE_NAME_CHARACTERS = re.compile(
    r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]'
)
MAX_CHOICES = 100
"""The largest number of values of one condition."""
MINUTES_PER_HOUR = 60
MAX_WAITING_MINUTES = 10 * 366 * 24 * MINUTES_PER_HOUR


class MessageRow(NamedTuple):
    """A row of the list (S13)."""

    code: UUID
    recipient_name: str
    phone: str
    """E.164."""
    appointment_at: datetime | None
    organization: str
    kind: str
    sent_at: datetime | None
    status: MessageStatus
    cost: Decimal
    """Roubles; 0 if it is not known, see `cost_source`."""
    queued_at: datetime
    delivery: DeliveryState | None
    attempted_at: datetime | None
    error_code: str | None
    error_name: str | None
    sender: str | None = None
    channel: MessageChannel | None = None
    cost_source: CostSource | None = None
    may_have_calls: bool = False
    """Whether there may be calls about the message (services.call_list.row_calls); not read for programs."""
    call: LatestCall | None = None
    """What is known of the calls about the message; not read for programs."""

    @property
    def error_key(self) -> str:
        """What the error is counted and searched by: its code, else its name; empty if it has neither."""
        return self.error_code or self.error_name or ''

    @property
    def key(self) -> str:
        """The unique key of the row."""
        return str(self.code)


@dataclass(frozen=True)
class MessageQuery:
    """The conditions of the filter panel (S4 to S9); all of them must hold."""

    name: str = ''
    phone: str = ''
    kinds: frozenset[KindName] = frozenset()
    """Empty if any kind fits."""
    period: Period = field(default_factory=Period)
    organizations: frozenset[OrganizationName] = frozenset()
    """Empty if any organization fits."""
    statuses: frozenset[MessageStatus] = frozenset()
    """Empty if any status fits."""
    older_than: int | None = None
    """Minutes for which a message has been waiting at least; only waiting messages fit then."""
    delivery: DeliveryCondition | None = None
    code: str | None = None
    """At least the first eight hexadecimal digits of a message's id; the other conditions are then not applied."""
    errors: frozenset[str] = frozenset()
    """The keys of errors (`MessageRow.error_key`); empty if any message fits, also one without an error."""
    appointment: Period = field(default_factory=Period)
    """The days of the appointment."""
    surname_only: bool = False
    """Whether a word of the name must be the surname; without a name it is no condition."""
    order: Order | None = None

    @property
    def applied(self) -> Self:
        """The query with the conditions that are applied: with a code only the code."""
        if self.code:
            return type(self)(code=self.code, order=self.order)
        return replace(self, surname_only=False) if self.surname_only and not names.parse_name(self.name) else self

    @property
    def has_filters(self) -> bool:
        """Whether a condition other than the period, the name and the phone narrows the search."""
        has_choices = bool(self.organizations or self.kinds or self.statuses or self.errors or self.surname_only)
        return has_choices or bool(self.older_than or self.delivery) or self.appointment != Period()

    @property
    def is_sparse(self) -> bool:
        """Whether matches may be far apart: only an organization's messages have an index in the order of the list."""
        return self.has_filters and not self.organizations

    def with_order(self, order: Order | None) -> Self:
        """Return the same conditions in another order.

        Raises:
            ValueError: the journal has no such column.
        """
        check_order(order, SORTABLE_COLUMNS)
        return replace(self, order=order)

    def check(self) -> None:
        """Check that the conditions do not contradict each other.

        Raises:
            InvalidQueryError: with the field and the error message.
            ValueError: the waiting time, which cannot be typed, is out of range.
        """
        check_name(self.name)
        check_digits('phone', self.phone)
        check_period(self.period)
        check_period(self.appointment, 'appointment')
        choices = {'organizations': self.organizations, 'kinds': self.kinds, 'errors': self.errors}
        for name, chosen in choices.items():
            if len(chosen) > MAX_CHOICES:
                raise InvalidQueryError(name, texts.TOO_MANY_CHOICES.format(most=MAX_CHOICES))
        if self.older_than is not None and not 1 <= self.older_than <= MAX_WAITING_MINUTES:
            raise ValueError(f'waiting for {self.older_than} minutes')
        if self.code is not None and not HEXADECIMAL.fullmatch(self.code):
            raise ValueError('no code')

    def describe(self) -> str:
        """Describe the conditions in a line: «с 22.10.2026 по 22.11.2026, МО Химкинская ОБ, ошибка отправки»."""
        return ', '.join(self._describe_conditions().values()) or texts.WHOLE_JOURNAL

    def conditions(self) -> tuple[QueryCondition, ...]:
        """Return the conditions as the audit log records them."""
        if self.code:
            return build_conditions(self._describe_conditions(), {})
        readings = {
            'name': read_name(self.name),
            'phone': read_phone(self.phone),
            'organization': chain.from_iterable(map(read_organization, sorted_names(self.organizations))),
            'period': read_period(self.period),
            'appointment': read_appointment(self.appointment),
            'errors': read_errors(self.errors),
            'surname_only': read_surname(self.name),
        }
        return build_conditions(self._describe_conditions(), readings)

    def loosening_hint(self) -> str:
        """Return a hint which condition to loosen if there are no matches: the one that narrows the search most."""
        if self.code:
            return texts.NO_SUCH_CODE
        if any(pattern.is_full_number for pattern in phones.parse_search(self.phone)):
            return texts.CHECK_NUMBER.format(condition=self._describe_phone())
        by_selectivity = (
            'phone', 'surname_only', 'name', 'errors', 'appointment', 'older_than', 'delivery', 'statuses', 'kind',
            'organization', 'period',
        )  # fmt: skip
        return loosening_hint(self._describe_conditions(), by_selectivity, empty_list_text=texts.JOURNAL_EMPTY)

    def file_name(self) -> str:
        """Return a file name for an export: the conditions without personal data and without forbidden characters."""
        conditions = self._describe_conditions()
        anonymous = {'name': texts.BY_NAME, 'phone': texts.BY_PHONE}
        words = ', '.join(anonymous.get(condition, words) for condition, words in conditions.items())
        return clean_file_name(f'{texts.EXPORTED} {words}')

    def _describe_conditions(self) -> dict[str, str]:
        if self.code:
            return {'code': describe_code(self.code)}
        conditions = {
            'name': describe_name(self.name, texts.CONDITION_NAME),
            'surname_only': texts.CONDITION_SURNAME if self.applied.surname_only else '',
            'phone': self._describe_phone(),
            'period': describe_period(self.period),
            'organization': texts.CONDITION_ORGANIZATION.format(name=describe_names(self.organizations))
            if self.organizations
            else '',
            'kind': describe_names(self.kinds),
            'statuses': describe_choices(self.statuses, texts.STATUSES),
            'errors': describe_errors(self.errors),
            'appointment': texts.CONDITION_APPOINTMENT.format(period=describe_period(self.appointment))
            if self.appointment != Period()
            else '',
            'delivery': texts.DELIVERY_CONDITIONS[self.delivery].lower() if self.delivery else '',
            'older_than': describe_waiting(self.older_than) if self.older_than else '',
        }
        return {condition: words for condition, words in conditions.items() if words}

    def _describe_phone(self) -> str:
        return texts.CONDITION_OR.join(map(_describe_phone_pattern, phones.parse_search(self.phone)))


def _describe_phone_pattern(pattern: phones.PhonePattern) -> str:
    if pattern.is_full_number:
        return texts.CONDITION_PHONE.format(phone=written_phone(pattern.text))
    is_start = pattern.text.startswith('+')
    return (texts.CONDITION_PHONE_START if is_start else texts.CONDITION_PHONE_DIGITS).format(digits=pattern.text)


def clean_file_name(text: str) -> str:
    """Return a text as a file name, without forbidden characters."""
    cleaned = FORBIDDEN_FILE_NAME_CHARACTERS.sub(' ', text)
    return ' '.join(cleaned.split())[:MAX_FILE_NAME_LENGTH].strip(' .,')


def sorted_names(entries: Iterable[ReferenceEntry]) -> list[str]:
    """Return the names of entries of a dictionary, sorted."""
    return sorted(entry.name for entry in entries)


def describe_names(entries: Iterable[ReferenceEntry]) -> str:
    """Join the names of entries: «Напоминание или Прикрепление»; empty if there are none."""
    return texts.CONDITION_OR.join(sorted_names(entries))


def describe_code(code: str) -> str:
    """Describe the condition on the code."""
    return texts.CONDITION_CODE.format(code=format_code(code))


def describe_waiting(minutes: int) -> str:
    """Describe the condition on the waiting time."""
    return texts.WAITING_AN_HOUR if minutes == MINUTES_PER_HOUR else texts.WAITING_MINUTES.format(minutes=minutes)
