"""The query of the journal of messages, and a row of its result."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Self
from uuid import UUID

from models import DeliveryState, MessageKind, MessageStatus
from services import phones, texts
from services.formats import phone as written_phone
from services.lists.organizations import OrganizationName
from services.lists.query_conditions import (
    check_name,
    check_order,
    check_period,
    describe_choices,
    describe_name,
    describe_period,
    loosening_hint,
)
from services.lists.query_protocol import Order, Period
from services.messages.delivery import DeliveryCondition

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
)
"""The columns a result can be sorted by: all of them (S13)."""
MAX_FILE_NAME_LENGTH = 110
"""Characters: Cyrillic ones take two bytes each, and the extension needs room, within 255 bytes."""
FORBIDDEN_FILE_NAME_CHARACTERS = re.compile(
    r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]'
)
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
    kind: MessageKind
    sent_at: datetime | None
    status: MessageStatus
    cost: Decimal
    """Roubles."""
    queued_at: datetime
    delivery: DeliveryState | None

    @property
    def key(self) -> str:
        """The unique key of the row."""
        return str(self.code)


@dataclass(frozen=True)
class MessageQuery:
    """The conditions of the filter panel (S4 to S9); all of them must hold."""

    name: str = ''
    phone: str = ''
    kind: MessageKind | None = None
    period: Period = field(default_factory=Period)
    organization: OrganizationName | None = None
    statuses: frozenset[MessageStatus] = frozenset()
    """Empty if any status fits."""
    older_than: int | None = None
    """Minutes for which a message has been waiting at least; only waiting messages fit then."""
    delivery: DeliveryCondition | None = None
    order: Order | None = None

    @property
    def has_filters(self) -> bool:
        """Whether an organization, a kind, a status, a waiting time or the delivery narrows the search."""
        return bool(self.organization or self.kind or self.statuses or self.older_than or self.delivery)

    @property
    def is_sparse(self) -> bool:
        """Whether matches may be far apart: only an organization's messages have an index in the order of the list."""
        return self.has_filters and self.organization is None

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
        check_period(self.period)
        if self.older_than is not None and not 1 <= self.older_than <= MAX_WAITING_MINUTES:
            raise ValueError(f'waiting for {self.older_than} minutes')

    def describe(self) -> str:
        """Describe the conditions in a line: «с 22.10.2026 по 22.11.2026, МО Химкинская ОБ, ошибка отправки»."""
        return ', '.join(self._describe_conditions().values()) or texts.WHOLE_JOURNAL

    def loosening_hint(self) -> str:
        """Return a hint which condition to loosen if there are no matches: the one that narrows the search most."""
        by_selectivity = ('phone', 'name', 'older_than', 'delivery', 'statuses', 'kind', 'organization', 'period')
        return loosening_hint(self._describe_conditions(), by_selectivity, empty_list_text=texts.JOURNAL_EMPTY)

    def file_name(self) -> str:
        """Return a file name for an export: the conditions without personal data and without forbidden characters."""
        conditions = self._describe_conditions()
        anonymous = {'name': texts.BY_NAME, 'phone': texts.BY_PHONE}
        words = ', '.join(anonymous.get(condition, words) for condition, words in conditions.items())
        cleaned = FORBIDDEN_FILE_NAME_CHARACTERS.sub(' ', f'{texts.EXPORTED} {words}')
        return ' '.join(cleaned.split())[:MAX_FILE_NAME_LENGTH].strip(' .,')

    def _describe_conditions(self) -> dict[str, str]:
        conditions = {
            'name': describe_name(self.name, texts.CONDITION_NAME),
            'phone': self._describe_phone(),
            'period': describe_period(self.period),
            'organization': texts.CONDITION_ORGANIZATION.format(name=self.organization.name)
            if self.organization
            else '',
            'kind': texts.KINDS[self.kind] if self.kind else '',
            'statuses': describe_choices(self.statuses, texts.STATUSES),
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


def describe_waiting(minutes: int) -> str:
    """Describe the condition on the waiting time."""
    return texts.WAITING_AN_HOUR if minutes == MINUTES_PER_HOUR else texts.WAITING_MINUTES.format(minutes=minutes)
