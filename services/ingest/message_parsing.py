"""A message coming in, from a file or another program: what it holds, and how each of its values is read.

Every function here reads one value as people write it and raises `Refused` with the field and the reason. Blanks around
a value and repeated inside a name do not matter; control characters are refused, for no sender means them.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from uuid import UUID

from models import MessageKind, MessageStatus
from services import texts
from services.ingest.validation import IncomingField, MessageField, RefusalReason, Refused
from services.phones import e164

LONGEST_NAME = 300
LONGEST_TEXT = 10_000
"""A message of the most parts that operators pass on is a fifth of it."""
LONGEST_ERROR_CODE = 50
LONGEST_ERROR_NAME = 500
LONGEST_PHONE = 40
HIGHEST_COST = Decimal(1_000_000)
YEARS = range(2000, 2101)

KINDS = {word.casefold(): kind for kind, word in texts.KINDS.items()}
STATUSES = {word.casefold(): status for status, word in texts.STATUSES.items()}

UUID_TEXT = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', re.IGNORECASE)
TIME_TEXT = re.compile(r'(\d{1,2})\.(\d{1,2})\.(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?', re.ASCII)
MONEY_TEXT = re.compile(r'(-?)(\d+)(?:[.,](\d+))?', re.ASCII)
# Half of a surrogate pair stands for a byte that the file's encoding does not know.
UNREADABLE = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]')


@dataclass(frozen=True)
class Incoming:
    """A message as its sender knows it. None means that the sender does not know, or that there is none."""

    id: UUID
    recipient_name: str
    phone: str
    """E.164."""
    appointment_at: datetime | None
    organization: str
    kind: MessageKind
    status: MessageStatus
    queued_at: datetime | None
    attempted_at: datetime | None
    sent_at: datetime | None
    """A message with the status SENT has it, and no other."""
    cost: Decimal
    """Roubles, whole kopecks."""
    text: str
    error_code: str | None
    error_name: str | None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself, whichever way it came in."""
        if self.status == MessageStatus.SENT and self.sent_at is None:
            raise Refused(MessageField.SENT_AT, RefusalReason.MISSING)
        if self.status != MessageStatus.SENT and self.sent_at is not None:
            raise Refused(MessageField.SENT_AT, RefusalReason.NOT_SENT)
        if self.cost < 0:
            raise Refused(MessageField.COST, RefusalReason.NEGATIVE, str(self.cost))
        if self.cost * 100 % 1:
            raise Refused(MessageField.COST, RefusalReason.FRACTION_OF_KOPECK, str(self.cost))


def read_id(value: str, field: IncomingField = MessageField.ID) -> UUID:
    """Read a UUID in its usual notation, in any case."""
    line = read_line(value, field)
    if not UUID_TEXT.fullmatch(line):
        raise Refused(field, RefusalReason.NOT_UUID, line)
    return UUID(line)


def read_recipient_name(value: str) -> str:
    """Read the recipient's name."""
    return read_line(value, MessageField.RECIPIENT_NAME)


def read_organization(value: str) -> str:
    """Read the name of a medical organisation."""
    return read_line(value, MessageField.ORGANIZATION)


def read_phone(value: str) -> str:
    """Read a phone in any notation; give E.164."""
    line = read_line(value, MessageField.PHONE, longest=LONGEST_PHONE)
    try:
        return e164(line)
    except ValueError:
        raise Refused(MessageField.PHONE, RefusalReason.NOT_PHONE, line) from None


def read_kind(value: str) -> MessageKind:
    """Read «Вид сообщения»."""
    line = read_line(value, MessageField.KIND)
    try:
        return KINDS[line.casefold()]
    except KeyError:
        raise Refused(MessageField.KIND, RefusalReason.UNKNOWN_KIND, line) from None


def read_status(value: str) -> MessageStatus:
    """Read «Статус отправки СМС»."""
    line = read_line(value, MessageField.STATUS)
    try:
        return STATUSES[line.casefold()]
    except KeyError:
        raise Refused(MessageField.STATUS, RefusalReason.UNKNOWN_STATUS, line) from None


def read_cost(value: str) -> Decimal:
    """Read roubles: «1 234,50», «1234.5» and «1234» alike."""
    line = read_line(value, MessageField.COST)
    found = MONEY_TEXT.fullmatch(line.replace(' ', ''))
    if not found:
        raise Refused(MessageField.COST, RefusalReason.NOT_MONEY, line)
    sign, whole, fraction = found.groups(default='')
    if sign:
        raise Refused(MessageField.COST, RefusalReason.NEGATIVE, line)
    if len(fraction) > 2:
        raise Refused(MessageField.COST, RefusalReason.FRACTION_OF_KOPECK, line)
    cost = Decimal(f'{whole}.{fraction:0<2}')
    if cost > HIGHEST_COST:
        raise Refused(MessageField.COST, RefusalReason.TOO_MUCH, line)
    return cost


def read_local_time(value: str, field: IncomingField, zone: tzinfo) -> datetime | None:
    """Read `дд.мм.гггг чч:мм`, seconds optional, on the clock of `zone`; nothing for an empty value.

    An hour that the clock struck twice is read as the first of the two.
    """
    line = ' '.join(value.split())
    if not line:
        return None
    found = TIME_TEXT.fullmatch(line)
    if not found:
        raise Refused(field, RefusalReason.NOT_TIME, line)
    day, month, year, hour, minute, second = (int(part) for part in found.groups(default='0'))
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise Refused(field, RefusalReason.NOT_TIME, line) from None
    if year not in YEARS:
        raise Refused(field, RefusalReason.YEAR_OUT_OF_RANGE, line)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Refused(field, RefusalReason.SKIPPED_BY_CLOCK, line)
    return moment


def read_text(value: str) -> str:
    """Read the text of a message: its lines and tabs stay, every line ends in one `\\n`."""
    text = value.replace('\r\n', '\n').replace('\r', '\n')
    return readable(text, MessageField.TEXT, longest=LONGEST_TEXT)


def read_error_code(value: str) -> str | None:
    """Read the provider's error code; nothing for an empty value."""
    return read_optional(value, MessageField.ERROR_CODE, longest=LONGEST_ERROR_CODE)


def read_error_name(value: str) -> str | None:
    """Read the error in words; nothing for an empty value."""
    return read_optional(value, MessageField.ERROR_NAME, longest=LONGEST_ERROR_NAME)


def read_line(value: str, field: IncomingField, *, longest: int = LONGEST_NAME) -> str:
    """Read a line that must be there."""
    line = ' '.join(value.split())
    if not line:
        raise Refused(field, RefusalReason.MISSING)
    return readable(line, field, longest=longest)


def read_optional(value: str, field: IncomingField, *, longest: int = LONGEST_NAME) -> str | None:
    """Read a line; nothing for an empty value."""
    return readable(' '.join(value.split()), field, longest=longest) or None


def readable(value: str, field: IncomingField, *, longest: int) -> str:
    """Refuse what is too long, or no text."""
    if UNREADABLE.search(value):
        raise Refused(field, RefusalReason.UNREADABLE, value)
    if len(value) > longest:
        raise Refused(field, RefusalReason.TOO_LONG, value)
    return value
