"""The query of the audit log and the row of its list."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, Self

from models import AuditEvent
from services import texts
from services.accounts.identity import normalize_name
from services.audit.shown_rows import SeenSubject
from services.lists.query_conditions import check_order, check_period, check_text, describe_period
from services.lists.query_protocol import Order, Period, QueryCondition
from services.lists.recorded_conditions import build_conditions, hide_snils, read_period, read_text
from services.names import MAX_NAME_LENGTH, fold, visible_text

SORTABLE_COLUMNS = ('at', 'name', 'address', 'act', 'section', 'what', 'found')
"""The columns that a result can be sorted by: all of them."""
MAX_ACCOUNT_LENGTH = 100
MAX_ADDRESS_LENGTH = 100


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
    continues: int | None = None
    """The number of the search that the event belongs to."""

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
    """A substring of the description of a record, of a row's code or of a user's name; or a name, phone or СНИЛС that
    was searched for, in any notation."""
    seen: str = ''
    """The code of a message or a document, or a phone: only the records of who has seen it, or a message to it."""
    order: Order | None = None

    @property
    def normalized_name(self) -> str:
        """The name, normalized like the names of accounts."""
        return _printable(normalize_name(self.name)).strip()

    @property
    def normalized_address(self) -> str:
        """The IP address without surrounding spaces."""
        return _printable(self.address).strip()

    @property
    def normalized_words(self) -> str:
        """The text, folded like the search text of the records."""
        return fold(self.words)

    def seen_subject(self) -> SeenSubject | None:
        """Return what `seen` is about; None if nothing was typed.

        Raises:
            InvalidQueryError: the text is neither a code nor a phone.
        """
        return SeenSubject.parse(self.seen) if self.seen.strip() else None

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
            InvalidQueryError: one is too long, or they contradict each other; the error names the field and the reason.
        """
        check_text('words', self.words, MAX_NAME_LENGTH)
        check_text('name', self.name, MAX_ACCOUNT_LENGTH)
        check_text('address', self.address, MAX_ADDRESS_LENGTH)
        check_text('seen', self.seen, MAX_NAME_LENGTH)
        check_period(self.period)
        self.seen_subject()

    def describe(self) -> str:
        """Return the conditions in one line: «пользователь ivanova…, поиск, с 15.11.2026 по 22.11.2026»."""
        return ', '.join(self._conditions().values()) or texts.ACCESS_WHOLE_JOURNAL

    def conditions(self) -> tuple[QueryCondition, ...]:
        """Return the conditions as the audit log records them."""
        return build_conditions(
            self._conditions(),
            {'seen': read_text(self.seen), 'words': read_text(self.words), 'period': read_period(self.period)},
        )

    def loosening_hint(self) -> str:
        """Return a hint for an empty result: relax the condition that narrows the search most."""
        phrases = self._conditions().values()
        return texts.ACCESS_RELAX.format(condition=next(iter(phrases))) if phrases else texts.ACCESS_EMPTY

    def _conditions(self) -> dict[str, str]:
        act = texts.AUDIT_EVENTS[self.act] if self.act else ''
        words, name, address = hide_snils(visible_text(self.words)), self.normalized_name, self.normalized_address
        seen = visible_text(self.seen)
        phrases = {
            'seen': texts.ACCESS_CONDITION_SEEN.format(subject=seen) if seen else '',
            'words': texts.ACCESS_CONDITION_TEXT.format(words=words) if self.normalized_words else '',
            'account': texts.ACCESS_CONDITION_USER.format(name=name) if name else '',
            'address': texts.ACCESS_CONDITION_ADDRESS.format(address=address) if address else '',
            'act': act[:1].lower() + act[1:],
            'period': describe_period(self.period),
        }
        return {condition: phrase for condition, phrase in phrases.items() if phrase}


def _printable(text: str) -> str:
    """Remove unprintable characters: no name or IP address contains them, and PostgreSQL rejects U+0000."""
    return ''.join(character for character in text if character.isprintable())
