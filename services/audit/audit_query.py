"""The question an administrator asks of the journal of access, and the shape of its answer."""

import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, Self

from models import Act
from services import texts
from services.formats import day
from services.lists.query_conditions import check_order, check_period
from services.lists.query_protocol import Order, Period
from services.names import fold

ORDERS = ('at', 'name', 'address', 'act', 'section', 'what', 'found')
"""The columns a result can be sorted by: all of them."""


class AccessRow(NamedTuple):
    """A line of the list: an act, with what a search found."""

    number: int
    at: datetime
    name: str
    address: str
    act: Act
    section: str
    what: str
    about: str | None
    found: int | None

    @property
    def key(self) -> str:
        """What tells the row from every other."""
        return str(self.number)


@dataclass(frozen=True)
class AccessQuery:
    """The conditions of the filter panel; all of them must hold."""

    name: str = ''
    """What the account's name begins with."""
    act: Act | None = None
    period: Period = field(default_factory=Period)
    address: str = ''
    """What the address begins with."""
    words: str = ''
    """Part of the conditions of a search, of a row's code, of a user's name."""
    order: Order | None = None

    @property
    def asked_name(self) -> str:
        """The name as accounts have theirs."""
        return _printable(unicodedata.normalize('NFKC', self.name)).strip().lower()

    @property
    def asked_address(self) -> str:
        """The address without the blanks around it."""
        return _printable(self.address).strip()

    @property
    def asked_words(self) -> str:
        """The words as records have theirs."""
        return fold(self.words)

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
        """
        check_period(self.period)

    def sentence(self) -> str:
        """Say the conditions in a line: «пользователь ivanova…, поиск, с 15.11.2026 по 22.11.2026»."""
        return ', '.join(self._conditions()) or texts.ACCESS_WHOLE_JOURNAL

    def advice(self) -> str:
        """Say what to loosen when nothing was found: the condition that narrows the search most."""
        said = self._conditions()
        return texts.ACCESS_LOOSEN.format(condition=said[0]) if said else texts.ACCESS_EMPTY

    def _conditions(self) -> list[str]:
        act = texts.ACTS[self.act] if self.act else ''
        since, until = self.period.since, self.period.until
        said = (
            texts.ACCESS_SAID_WORDS.format(words=self.words.strip()) if self.asked_words else '',
            texts.ACCESS_SAID_NAME.format(name=self.asked_name) if self.asked_name else '',
            texts.ACCESS_SAID_ADDRESS.format(address=self.asked_address) if self.asked_address else '',
            act[:1].lower() + act[1:],
            ' '.join(
                f'{word}\N{NO-BREAK SPACE}{day(side)}'
                for word, side in ((texts.PERIOD_SINCE, since), (texts.PERIOD_UNTIL, until))
                if side
            ),
        )
        return [condition for condition in said if condition]


def _printable(text: str) -> str:
    """Leave out what no name and no address has, and PostgreSQL no text."""
    return ''.join(sign for sign in text if sign.isprintable())
