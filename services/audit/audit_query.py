"""The query of the audit log and the row of its list."""

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
"""The columns that a result can be sorted by: all of them."""


class AuditRow(NamedTuple):
    """A row of the list: an event; for a search with its row count."""

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
        """The unique key of the row."""
        return str(self.number)


@dataclass(frozen=True)
class AuditQuery:
    """The conditions of the filter panel, combined with AND."""

    name: str = ''
    """The prefix of the account's name."""
    act: AuditEvent | None = None
    period: Period = field(default_factory=Period)
    address: str = ''
    """The prefix of the client's IP address."""
    words: str = ''
    """A substring of the conditions of a search, of a row's code or of a user's name."""
    order: Order | None = None

    @property
    def normalized_name(self) -> str:
        """The name, normalized like the names of accounts."""
        return _printable(unicodedata.normalize('NFKC', self.name)).strip().lower()

    @property
    def normalized_address(self) -> str:
        """The IP address without surrounding spaces."""
        return _printable(self.address).strip()

    @property
    def normalized_words(self) -> str:
        """The text, folded like the search text of the records."""
        return fold(self.words)

    def with_order(self, order: Order | None) -> Self:
        """Return the same conditions with another sort order.

        Raises:
            ValueError: the list has no such column.
        """
        check_order(order, SORTABLE_COLUMNS)
        return replace(self, order=order)

    def check(self) -> None:
        """Validate the conditions.

        Raises:
            InvalidQueryError: they contradict each other; the error names the field and the reason.
        """
        check_period(self.period)

    def describe(self) -> str:
        """Return the conditions in one line: «пользователь ivanova…, поиск, с 15.11.2026 по 22.11.2026»."""
        return ', '.join(self._conditions()) or texts.ACCESS_WHOLE_JOURNAL

    def loosening_hint(self) -> str:
        """Return a hint for an empty result: relax the condition that narrows the search most."""
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
    """Remove unprintable characters: no name or IP address contains them, and PostgreSQL rejects U+0000."""
    return ''.join(character for character in text if character.isprintable())
