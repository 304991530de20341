"""The question an operator asks of the journal of messages, and the shape of its answer."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Self
from uuid import UUID

from models import MessageKind, MessageStatus
from services import phones, texts
from services.formats import phone as written_phone
from services.lists.organizations import OrganizationName
from services.lists.query_conditions import check_order, check_period, loosening, said_any, said_name, said_period
from services.lists.query_protocol import Order, Period

ORDERS = (
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
"""The columns a result can be sorted by: all of them (spec S13)."""
LONGEST_FILE_NAME = 110
"""Letters: twice as many bytes, and room for the ending."""
NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]')
HOUR = 60
MOST_MINUTES = 10 * 366 * 24 * HOUR


class MessageRow(NamedTuple):
    """A line of the list (spec S13)."""

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

    @property
    def key(self) -> str:
        """What tells the row from every other."""
        return str(self.code)


@dataclass(frozen=True)
class MessageQuery:
    """The conditions of the filter panel (spec S4 to S9); all of them must hold."""

    name: str = ''
    phone: str = ''
    kind: MessageKind | None = None
    period: Period = field(default_factory=Period)
    organization: OrganizationName | None = None
    statuses: frozenset[MessageStatus] = frozenset()
    """None chosen means any."""
    older_than: int | None = None
    """Minutes that a message must have been waiting for, at least: then only waiting ones fit."""
    order: Order | None = None

    @property
    def chooses(self) -> bool:
        """Whether an organisation, a kind, a status or waiting for long narrows the search."""
        return bool(self.organization or self.kind or self.statuses or self.older_than)

    @property
    def scattered(self) -> bool:
        """Whether what fits may lie far apart: an organisation's messages alone have an index in the list's order."""
        return self.chooses and self.organization is None

    def with_order(self, order: Order | None) -> Self:
        """Give the same conditions in another order.

        Raises:
            ValueError: the journal has no such column.
        """
        check_order(order, ORDERS)
        return replace(self, order=order)

    def check(self) -> None:
        """Refuse conditions that contradict themselves.

        Raises:
            Refusal: names the field and says what is wrong.
            ValueError: a condition that nobody can type is out of all bounds.
        """
        check_period(self.period)
        if self.older_than is not None and not 1 <= self.older_than <= MOST_MINUTES:
            raise ValueError(f'waiting for {self.older_than} minutes')

    def sentence(self) -> str:
        """Say the conditions in a line: «с 22.10.2026 по 22.11.2026, МО Химкинская ОБ, ошибка отправки»."""
        return ', '.join(self._conditions().values()) or texts.WHOLE_JOURNAL

    def advice(self) -> str:
        """Say which condition to loosen when nothing was found: the one that narrows the search most."""
        narrowest = ('phone', 'name', 'older_than', 'statuses', 'kind', 'organization', 'period')
        return loosening(self._conditions(), narrowest, empty=texts.JOURNAL_EMPTY)

    def file_name(self) -> str:
        """Name a file of what is found by its conditions, but nobody in it, and without what no file may be called."""
        said = self._conditions()
        unnamed = {'name': texts.BY_NAME, 'phone': texts.BY_PHONE}
        words = ', '.join(unnamed.get(condition, words) for condition, words in said.items())
        allowed = NOT_IN_FILE_NAMES.sub(' ', f'{texts.EXPORTED} {words}')
        return ' '.join(allowed.split())[:LONGEST_FILE_NAME].strip(' .,')

    def _conditions(self) -> dict[str, str]:
        said = {
            'name': said_name(self.name, texts.SAID_NAME),
            'phone': self._said_phone(),
            'period': said_period(self.period),
            'organization': texts.SAID_ORGANIZATION.format(name=self.organization.name) if self.organization else '',
            'kind': texts.KINDS[self.kind] if self.kind else '',
            'statuses': said_any(self.statuses, texts.STATUSES),
            'older_than': said_waiting(self.older_than) if self.older_than else '',
        }
        return {condition: words for condition, words in said.items() if words}

    def _said_phone(self) -> str:
        known = phones.known_digits(self.phone)
        if known is None:
            return ''
        if known.whole:
            return texts.SAID_PHONE.format(phone=written_phone(f'+{known.digits}'))
        return texts.SAID_DIGITS.format(digits=known.digits)


def said_waiting(minutes: int) -> str:
    """Say that only messages which have waited for so long are asked for."""
    return texts.WAITING_AN_HOUR if minutes == HOUR else texts.WAITING_MINUTES.format(minutes=minutes)
