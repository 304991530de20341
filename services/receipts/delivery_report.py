"""A delivery report as a provider sends it, before its codes are explained, and the parsers of its fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from services import texts
from services.errors import InvalidInputError

MAX_FIELD_LENGTH = 64
"""Characters in a field; real identifiers and codes are shorter."""
MAX_REPORTS = 1_000
"""Reports in one request."""
STORABLE_YEARS = range(1970, 9999)
"""Years that both databases can store in every time zone; services.receipts.receipt_mapping checks what is possible."""


class InvalidReceiptError(InvalidInputError):
    """A receipt that cannot be parsed: the name of the invalid field, and a sentence about it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field
        self.message = texts.RECEIPT_UNREADABLE.format(field=field)


@dataclass(frozen=True)
class DeliveryReport:
    """The status of a message in a provider's own codes."""

    provider_id: str
    """The provider's identifier of the message, or the id that the sender passed to the provider."""
    code: str
    """A code from the provider's list of statuses."""
    error: str | None = None
    """A code from the provider's list of errors; None if there was no error."""
    at: datetime | None = None
    """Aware, or naive in the time zone of the provider's account; None if the provider reports no time."""
    phone: str = ''
    """The phone number as the provider writes it; empty if it sends none."""


def parse_identifier(fields: Mapping[str, str], name: str) -> str:
    """Parse a required field with an identifier or a code.

    Raises:
        InvalidReceiptError: the field is missing, too long, or contains unprintable characters.
    """
    value = fields.get(name, '').strip()
    if not value or len(value) > MAX_FIELD_LENGTH or not value.isprintable():
        raise InvalidReceiptError(name)
    return value


def parse_account(value: str) -> str:
    """Parse the name of an account with a provider, which may be empty.

    Raises:
        InvalidReceiptError: the name is too long, or contains unprintable characters.
    """
    return parse_identifier({'account': value}, 'account') if value.strip() else ''


def parse_timestamp(value: str, name: str) -> datetime:
    """Parse a Unix timestamp in seconds.

    Raises:
        InvalidReceiptError: the value is not a timestamp, or out of range.
    """
    if not value.isascii() or not value.isdigit() or len(value) > MAX_FIELD_LENGTH:
        raise InvalidReceiptError(name)
    try:
        return check_time(datetime.fromtimestamp(int(value), UTC), name)
    except (ValueError, OverflowError, OSError):
        raise InvalidReceiptError(name) from None


def check_time(moment: datetime, name: str) -> datetime:
    """Check that a time can be stored; return it.

    Raises:
        InvalidReceiptError: the year is not one of STORABLE_YEARS.
    """
    if moment.year not in STORABLE_YEARS:
        raise InvalidReceiptError(name)
    return moment
