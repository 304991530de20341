"""A delivery report as a provider sends it, before its codes are explained, and the parsers of its fields."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from services import texts
from services.errors import InvalidInputError

T = TypeVar('T')

STATUS_LIST, ERROR_LIST = 'status', 'err'
"""Lists of codes in `data/provider_codes.csv`: a provider's statuses, and its reasons for them."""
COMMAND_STATUS_LIST, STATE_LIST, NACK_LIST = 'command_status', 'stat', 'nack'
"""Lists of SMPP: the result of a command, the state in a delivery receipt, and reasons of the gateway itself."""
OPERATOR_LIST = 'operator'
"""The errors of a mobile operator, which administrators maintain; see services.receipts.operator_codes."""

MAX_FIELD_LENGTH = 64
"""Characters in a field; real identifiers and codes are shorter."""
MAX_REPORTS = 1_000
"""Reports in one request."""
EVENT_TYPE = re.compile(r'[a-z][a-z_]{0,31}')
UNKNOWN_EVENT = 'unknown'
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
    """A code of the reason, as the provider sent it; None if there was no error."""
    at: datetime | None = None
    """Aware, or naive in the time zone of the provider's account; None if the provider reports no time."""
    phone: str = ''
    """The phone number as the provider writes it; empty if it sends none."""
    error_list: str = ERROR_LIST
    """The list that `error` belongs to; see services.receipts.provider_codes."""
    message_state: str | None = None
    """The state of an SMPP delivery receipt, for example `EXPIRED`: a reason less specific than `error`."""
    operator: str = ''
    """The name of the connection to the operator whose errors `error` belongs to; empty if unknown."""
    cost: Decimal | None = None
    """What the message costs, in roubles; None if the provider does not say so, or in another currency."""
    parts: int | None = None
    """The number of SMS parts of the message."""


@dataclass(frozen=True)
class ProviderEvent:
    """An event of a provider that is not a delivery report, for example an incoming message."""

    type: str
    """The provider's name of the type, or UNKNOWN_EVENT."""


@dataclass(frozen=True)
class ReceiptProblem:
    """An entry of a request that cannot be parsed. It contains no values, because these may be patients' data."""

    entry: str
    """The name or number of the entry in the request."""
    field: str
    """The name of the invalid field."""


@dataclass(frozen=True)
class ParsedReceipts:
    """The content of a request: an entry that cannot be parsed does not affect the others."""

    reports: tuple[DeliveryReport, ...] = ()
    problems: tuple[ReceiptProblem, ...] = ()
    events: tuple[ProviderEvent, ...] = ()


def parse_each(
    entries: Iterable[tuple[str, T]], parse: Callable[[T], DeliveryReport | ProviderEvent]
) -> ParsedReceipts:
    """Parse every entry of a request separately.

    Args:
        entries: the name and the content of each entry.
        parse: raises InvalidReceiptError if an entry is invalid.
    """
    reports: list[DeliveryReport] = []
    problems: list[ReceiptProblem] = []
    events: list[ProviderEvent] = []
    for name, content in entries:
        try:
            result = parse(content)
        except InvalidReceiptError as error:
            problems.append(ReceiptProblem(name, error.field))
            continue
        if isinstance(result, ProviderEvent):
            events.append(result)
        else:
            reports.append(result)
    return ParsedReceipts(tuple(reports), tuple(problems), tuple(events))


def numbered(entries: Iterable[T]) -> Iterable[tuple[str, T]]:
    """Return entries that have no names with their positions, counted from 0."""
    return ((str(position), entry) for position, entry in enumerate(entries))


def parse_event_type(value: str) -> ProviderEvent:
    """Build the event of a named type; the name becomes a label of a metric, so any other text is UNKNOWN_EVENT."""
    name = value.strip()
    return ProviderEvent(name if EVENT_TYPE.fullmatch(name) else UNKNOWN_EVENT)


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


def parse_local_time(text: str, form: str, name: str) -> datetime:
    """Parse a time without an offset, in a format of `strptime`.

    Raises:
        InvalidReceiptError: the text has another format, or the time is out of range.
    """
    try:
        return check_time(datetime.strptime(text, form), name)
    except ValueError:
        raise InvalidReceiptError(name) from None


def check_time(moment: datetime, name: str) -> datetime:
    """Check that a time can be stored; return it.

    Raises:
        InvalidReceiptError: the year is not one of STORABLE_YEARS.
    """
    if moment.year not in STORABLE_YEARS:
        raise InvalidReceiptError(name)
    return moment
