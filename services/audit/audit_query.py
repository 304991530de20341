"""The question an administrator asks of the journal of access, and the shape of its answer."""

import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, Self

from models import AuditEvent
from services import texts
from services.formats import day
from services.lists.query_conditions import check_order, check_period
from services.lists.query_protocol import Order, Period
from services.names import fold

SORTABLE_COLUMNS = ('at', 'name', 'address', 'act', 'section', 'what', 'found')
"""The columns a result can be sorted by: all of them."""


class AuditRow(NamedTuple):
    """A line of the list: an act, with what a search found."""

    number: int
    at: datetime
    name: str
    address: str
    act: AuditEvent
    section: str
    what: str
    about: str | None
    found: int | None

    @property
    def key(self) -> str:
        """What tells the row from every other."""
        return str(self.number)


@dataclass(frozen=True)
class AuditQuery:
    """The conditions of the filter panel; all of them must hold."""

    name: str = ''
    """What the account's name begins with."""
    act: AuditEvent | None = None
    period: Period = field(default_factory=Period)
    address: str = ''
    """What the address begins with."""
    words: str = ''
    """Part of the conditions of a search, of a row's code, of a user's name."""
    order: Order | None = None

    @property
    def normalized_name(self) -> str:
        """The name as accounts have theirs."""
        return _printable(unicodedata.normalize('NFKC', self.name)).strip().lower()

    @property
    def normalized_address(self) -> str:
        """The address without the blanks around it."""
        return _printable(self.address).strip()

    @property
    def normalized_words(self) -> str:
        """The words as records have theirs."""
        return fold(self.words)

    def with_order(self, order: Order | None) -> Self:
        """Give the same conditions in another order.

        Raises:
            ValueError: the journal has no such column.
        """
        check_order(order, SORTABLE_COLUMNS)
        return replace(self, order=order)

    def check(self) -> None:
        """Refuse conditions that contradict themselves.

        Raises:
            Refusal: names the field and says what is wrong.
        """
        check_period(self.period)

    def describe(self) -> str:
        """Say the conditions in a line: «пользователь ivanova…, поиск, с 15.11.2026 по 22.11.2026»."""
        return ', '.join(self._conditions()) or texts.ACCESS_WHOLE_JOURNAL

    def loosening_hint(self) -> str:
        """Say what to loosen when nothing was found: the condition that narrows the search most."""
        phrases = self._conditions()
        return texts.ACCESS_RELAX.format(condition=phrases[0]) if phrases else texts.ACCESS_EMPTY

    def _conditions(self) -> list[str]:
        act = texts.AUDIT_EVENTS[self.act] if self.act else ''
        since, until = self.period.since, self.period.until
        phrases = (
            texts.ACCESS_CONDITION_TEXT.format(words=self.words.strip()) if self.normalized_words else '',
            texts.ACCESS_CONDITION_USER.format(name=self.normalized_name) if self.normalized_name else '',
            texts.ACCESS_CONDITION_ADDRESS.format(address=self.normalized_address) if self.normalized_address else '',
            act[:1].lower() + act[1:],
            ' '.join(
                f'{word}\N{NO-BREAK SPACE}{day(side)}'
                for word, side in ((texts.PERIOD_SINCE, since), (texts.PERIOD_UNTIL, until))
                if side
            ),
        )
        return [condition for condition in phrases if condition]


def _printable(text: str) -> str:
    """Leave out what no name and no address has, and PostgreSQL no text."""
    return ''.join(sign for sign in text if sign.isprintable())
