"""An incoming message, from a file or a program, and the parsers of its values.

Every parser takes a value as people write it, and raises InvalidValueError with the field and the reason. White space
around a value, and repeated white space within a name, is ignored, and so are invisible characters. Control characters
are rejected, because no sender intends them.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from uuid import UUID

from models import CostSource, DeliveryState, MessageChannel, MessageStatus
from services import texts
from services.ingest.channels.sms_parts import known_part_count
from services.ingest.validation import IncomingField, InvalidValueError, InvalidValueReason, MessageField
from services.names import INVISIBLE_CHARACTERS
from services.phones import InvalidPhoneError, ParsedPhone, parse_number

MAX_NAME_LENGTH = 300
MAX_TEXT_LENGTH = 10_000
"""Characters; five times the longest message that operators transmit in parts."""
MAX_ERROR_CODE_LENGTH = 50
MAX_ERROR_NAME_LENGTH = 500
MAX_PHONE_LENGTH = 200
"""Characters; enough for several numbers with extensions."""
MAX_PARTS = 255
"""The number of parts is one octet of the header of each part (3GPP TS 23.040, 9.2.3.24.1)."""
MAX_COST = Decimal(1_000_000)
MAX_CACHED_VALUES = 1024
"""Organisations, kinds, statuses and costs whose parsed values are remembered: the rows of a file have few of each."""
KOPECK = Decimal('0.01')
VALID_YEARS = range(2000, 2101)
MAX_CLOCK_LEAD = timedelta(days=1)
"""How far the clock or the time zone of a sender or provider may be ahead of the journal's."""
MAX_CLOCK_DIFFERENCE = timedelta(minutes=10)
"""How far the clocks of a mailing system and its gateway may differ; more is another time zone or a wrong column."""

STATUSES_BY_NAME = {name.casefold(): status for status, name in texts.STATUSES.items()}

PARTS_PATTERN = re.compile(r'\d{1,3}', re.ASCII)
UUID_PATTERN = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', re.IGNORECASE)
MONEY_PATTERN = re.compile(r'([-−]?)(\d+|\d{1,3}(?: \d{3})+)(?:[.,](\d+))?', re.ASCII)
AMBIGUOUS_MONEY_PATTERN = re.compile(r'[-−]?\d[\d ]*(?:[.,]\d+){2,}', re.ASCII)
"""An amount whose separator of thousands is a point or a comma.

In a file with such amounts, «3,100» would mean three thousand roubles, which nobody can tell from 3,10 roubles.
"""
CURRENCY_PATTERN = re.compile(r' ?(?:руб(?:л[ьея]|лей)?\.?|р\.?|₽|rub|rur)$')
INVISIBLE_IN_TEXT = re.compile('[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]')
"""Invisible characters of a text of several lines. Zero-width joiners stay there: they form emoji and some scripts."""
# Half of a surrogate pair represents a byte that could not be decoded.
UNREADABLE_CHARACTERS = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]')


@dataclass(frozen=True)
class IncomingMessage:
    """A message as its sender knows it. None means that the sender does not know the value, or that there is none."""

    id: UUID
    recipient_name: str
    phone: str
    """E.164."""
    appointment_at: datetime | None
    organization: str
    kind: str
    """The name in the dictionary of kinds."""
    status: MessageStatus
    queued_at: datetime | None
    attempted_at: datetime | None
    sent_at: datetime | None
    """Set if and only if the status is SENT."""
    cost: Decimal
    """Roubles, whole kopecks."""
    text: str
    error_code: str | None
    error_name: str | None
    delivery: DeliveryState | None = None
    """Follows from the reports of providers (services.ingest.status_rules); no sender supplies it."""
    phone_note: str | None = None
    """What the sender wrote with the phone number: an extension or further numbers."""
    parts: int | None = None
    """The number of SMS parts according to the sender, or else to receipts; see `part_count`."""
    sender: str | None = None
    """The name or the number under which it was sent."""
    channel: MessageChannel | None = None
    cost_source: CostSource | None = None
    """Where the cost comes from if its sender knows none (services.receipts.receipt_billing)."""
    parts_from_receipts: bool | None = None
    """True if `parts` follows from receipts."""

    @property
    def part_count(self) -> int | None:
        """The number of SMS parts: the sender's, or computed from the text; None without a text or for no SMS."""
        return known_part_count(self.parts, self.text, self.channel)

    def __post_init__(self) -> None:
        """Validate the values together; raises InvalidValueError, or ValueError for a cost that was not rounded."""
        if self.status == MessageStatus.SENT and self.sent_at is None:
            raise InvalidValueError(MessageField.SENT_AT, InvalidValueReason.MISSING)
        if self.status != MessageStatus.SENT and self.sent_at is not None:
            raise InvalidValueError(MessageField.SENT_AT, InvalidValueReason.NOT_SENT)
        if self.cost < 0:
            raise InvalidValueError(MessageField.COST, InvalidValueReason.NEGATIVE, str(self.cost))
        if self.cost * 100 % 1:
            raise ValueError('a fraction of a kopeck')  # parse_cost rounds; a sum of anything else would be wrong


def parse_id(value: str, field: IncomingField = MessageField.ID) -> UUID:
    """Parse a UUID with hyphens, in upper or lower case."""
    if UUID_PATTERN.fullmatch(value):
        return UUID(value)
    line = parse_line(value, field)
    if not UUID_PATTERN.fullmatch(line):
        raise InvalidValueError(field, InvalidValueReason.NOT_UUID, line)
    return UUID(line)


def parse_recipient_name(value: str) -> str:
    """Parse the name of the recipient."""
    return parse_line(value, MessageField.RECIPIENT_NAME)


@lru_cache(MAX_CACHED_VALUES)
def parse_organization(value: str) -> str:
    """Parse the name of a medical organisation."""
    return parse_line(value, MessageField.ORGANIZATION)


def parse_phone(value: str) -> ParsedPhone:
    """Parse a phone number in any notation, and what is written with it."""
    text = check_text(remove_invisible(value).strip(), MessageField.PHONE, max_length=MAX_PHONE_LENGTH)
    if not text:
        raise InvalidValueError(MessageField.PHONE, InvalidValueReason.MISSING)
    try:
        return parse_number(text)
    except InvalidPhoneError as error:
        raise InvalidValueError(MessageField.PHONE, InvalidValueReason(error.problem), text) from None


def parse_phone_note(value: str) -> str | None:
    """Parse an extension or further numbers; return None for an empty value."""
    return parse_optional(value, MessageField.PHONE_NOTE, max_length=MAX_PHONE_LENGTH)


@lru_cache(MAX_CACHED_VALUES)
def parse_kind(value: str) -> str:
    """Parse the name of a kind («Вид сообщения»); see services.lists.message_kinds.KnownKinds for its check."""
    return parse_line(value, MessageField.KIND)


@lru_cache(MAX_CACHED_VALUES)
def parse_status(value: str) -> MessageStatus:
    """Parse the name of a status («Статус отправки СМС»)."""
    line = parse_line(value, MessageField.STATUS)
    try:
        return STATUSES_BY_NAME[line.casefold()]
    except KeyError:
        raise InvalidValueError(MessageField.STATUS, InvalidValueReason.UNKNOWN_STATUS, line) from None


def parse_cost(value: str) -> Decimal:
    """Parse an amount of roubles: «1 234,50», «1234.5», «3,100» or «3.10 руб.».

    A fraction of a kopeck, by which some gateways price, is rounded half to even: half up would make a sum of many
    messages too large.
    """
    return parse_exact_cost(value).quantize(KOPECK, ROUND_HALF_EVEN)


def parse_optional_cost(value: str) -> Decimal | None:
    """Parse an amount of roubles, see `parse_cost`; return None for an empty value."""
    return parse_cost(value) if join_words(value) else None


def is_cost_rounded(value: str) -> bool:
    """Return whether `parse_cost` rounds a fraction of a kopeck; raises InvalidValueError."""
    return bool(join_words(value)) and parse_exact_cost(value) * 100 % 1 != 0


@lru_cache(MAX_CACHED_VALUES)
def parse_exact_cost(value: str) -> Decimal:
    """Parse an amount of roubles with any number of decimals.

    A file reads each cost twice: as a value, and to count what is rounded.
    """
    line = parse_line(value, MessageField.COST)
    amount = CURRENCY_PATTERN.sub('', line.casefold())
    match = MONEY_PATTERN.fullmatch(amount)
    if not match:
        is_ambiguous = AMBIGUOUS_MONEY_PATTERN.fullmatch(amount)
        reason = InvalidValueReason.AMBIGUOUS_MONEY if is_ambiguous else InvalidValueReason.NOT_MONEY
        raise InvalidValueError(MessageField.COST, reason, line)
    sign, whole, fraction = match.groups(default='')
    cost = Decimal(f'{whole.replace(" ", "")}.{fraction}')
    if sign and cost:
        raise InvalidValueError(MessageField.COST, InvalidValueReason.NEGATIVE, line)
    if cost > MAX_COST:
        raise InvalidValueError(MessageField.COST, InvalidValueReason.TOO_MUCH, line)
    return cost


def parse_parts(value: str) -> int | None:
    """Parse the number of SMS parts; return None for an empty value."""
    line = join_words(value)
    if not line:
        return None
    if not PARTS_PATTERN.fullmatch(line) or not 1 <= int(line) <= MAX_PARTS:
        raise InvalidValueError(MessageField.PARTS, InvalidValueReason.NOT_PARTS, line)
    return int(line)


def parse_text(value: str) -> str:
    """Parse the text of a message: line breaks become `\\n`; tabs and all other visible characters remain."""
    # A printable text, as nearly all are, has none of these characters.
    if not value.isprintable():
        value = INVISIBLE_IN_TEXT.sub('', value).replace('\r\n', '\n').replace('\r', '\n')
    return check_text(value, MessageField.TEXT, max_length=MAX_TEXT_LENGTH)


def parse_error_code(value: str) -> str | None:
    """Parse the provider's error code; return None for an empty value."""
    return parse_optional(value, MessageField.ERROR_CODE, max_length=MAX_ERROR_CODE_LENGTH)


def parse_error_name(value: str) -> str | None:
    """Parse the error in words; return None for an empty value."""
    return parse_optional(value, MessageField.ERROR_NAME, max_length=MAX_ERROR_NAME_LENGTH)


def parse_line(value: str, field: IncomingField, *, max_length: int = MAX_NAME_LENGTH) -> str:
    """Parse a required line of text."""
    line = join_words(value)
    if not line:
        raise InvalidValueError(field, InvalidValueReason.MISSING)
    return check_text(line, field, max_length=max_length)


def parse_optional(value: str, field: IncomingField, *, max_length: int = MAX_NAME_LENGTH) -> str | None:
    """Parse an optional line of text; return None for an empty value."""
    if not value:
        return None
    return check_text(join_words(value), field, max_length=max_length) or None


def join_words(value: str) -> str:
    """Return a value on one line, with single spaces and without invisible characters."""
    return ' '.join(remove_invisible(value).split())


def remove_invisible(value: str) -> str:
    """Remove what is not seen of a value of one line: zero-width characters and those that set its direction.

    With them, two names that look the same would be different, and a name could be displayed as another.
    """
    return value if value.isascii() else INVISIBLE_CHARACTERS.sub('', value)


def check_text(value: str, field: IncomingField, *, max_length: int) -> str:
    """Check that a text has no control characters and at most `max_length` characters; return it."""
    if not value.isprintable() and UNREADABLE_CHARACTERS.search(value):
        raise InvalidValueError(field, InvalidValueReason.UNREADABLE, value)
    if len(value) > max_length:
        raise InvalidValueError(field, InvalidValueReason.TOO_LONG, value)
    return value
