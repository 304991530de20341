"""What a provider reports of a message, before its codes are explained; how its fields are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from services import texts
from services.errors import InvalidInputError

MAX_FIELD_LENGTH = 64
"""Characters of a field: identifiers and codes are shorter."""
MAX_REPORTS = 1_000
"""Reports of one request."""
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class InvalidReceiptError(InvalidInputError):
    """A receipt that cannot be understood: the field at fault, and a sentence about it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field
        self.message = texts.RECEIPT_UNREADABLE.format(field=field)


@dataclass(frozen=True)
class DeliveryReport:
    """What became of a message."""

    provider_id: str
    """What the provider calls it, or the id that the sender gave."""
    code: str
    """Of the provider's list of statuses."""
    error: str | None = None
    """Of its list of errors; None when there is none."""
    at: datetime | None = None
    """Aware; None when the provider does not say."""


def parse_identifier(fields: Mapping[str, str], name: str) -> str:
    """Read a field that must be there: an identifier or a code.

    Raises:
        Unreadable: it is missing, too long, or no word.
    """
    value = fields.get(name, '').strip()
    if not value or len(value) > MAX_FIELD_LENGTH or not value.isprintable():
        raise InvalidReceiptError(name)
    return value


def parse_timestamp(value: str, name: str) -> datetime:
    """Read seconds since 1970.

    Raises:
        Unreadable: these are none.
    """
    if not value.isascii() or not value.isdigit() or len(value) > MAX_FIELD_LENGTH:
        raise InvalidReceiptError(name)
    try:
        return check_time(datetime.fromtimestamp(int(value), UTC), name)
    except (ValueError, OverflowError, OSError):
        raise InvalidReceiptError(name) from None


def check_time(moment: datetime, name: str) -> datetime:
    """Give a moment back that lies in our times; raises as `seconds` does."""
    if not EARLIEST <= moment < LATEST:
        raise InvalidReceiptError(name)
    return moment.astimezone(UTC)
