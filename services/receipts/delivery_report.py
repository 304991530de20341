"""What a provider reports of a message, before its codes are explained; how its fields are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from services import texts

LONGEST = 64
"""Characters of a field: identifiers and codes are shorter."""
MOST = 1_000
"""Reports of one request."""
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Unreadable(Exception):
    """A receipt that cannot be understood: the field at fault, and a sentence about it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field
        self.sentence = texts.RECEIPT_UNREADABLE.format(field=field)


@dataclass(frozen=True)
class Report:
    """What became of a message."""

    provider_id: str
    """What the provider calls it, or the id that the sender gave."""
    code: str
    """Of the provider's list of statuses."""
    error: str | None = None
    """Of its list of errors; None when there is none."""
    at: datetime | None = None
    """Aware; None when the provider does not say."""


def word(fields: Mapping[str, str], name: str) -> str:
    """Read a field that must be there: an identifier or a code.

    Raises:
        Unreadable: it is missing, too long, or no word.
    """
    value = fields.get(name, '').strip()
    if not value or len(value) > LONGEST or not value.isprintable():
        raise Unreadable(name)
    return value


def seconds(value: str, name: str) -> datetime:
    """Read seconds since 1970.

    Raises:
        Unreadable: these are none.
    """
    if not value.isascii() or not value.isdigit() or len(value) > LONGEST:
        raise Unreadable(name)
    try:
        return dated(datetime.fromtimestamp(int(value), UTC), name)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(name) from None


def dated(moment: datetime, name: str) -> datetime:
    """Give a moment back that lies in our times; raises as `seconds` does."""
    if not FIRST <= moment < LAST:
        raise Unreadable(name)
    return moment.astimezone(UTC)
