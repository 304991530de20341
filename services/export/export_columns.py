"""What stands in an exported file: the columns of an import file, so that one can be read back as the other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from services import formats, texts
from services.ingest.csv_import.rejects_file import disarm
from services.ingest.message_parsing import Incoming

Value = str | datetime | Decimal | None
"""A text, a moment on the local clock, roubles, or nothing."""


@dataclass(frozen=True)
class ExportColumn:
    """A column of an exported file."""

    title: str
    width: int
    """In letters, as spreadsheets count."""
    value: Callable[[Incoming, tzinfo], Value]
    """What a message has there, on the clock of a zone."""


def local(when: datetime | None, zone: tzinfo) -> datetime | None:
    """Give a moment as the clock of `zone` showed it."""
    return when.astimezone(zone).replace(tzinfo=None) if when else None


PHONE = ExportColumn(texts.PHONE, 19, lambda message, zone: formats.phone(message.phone))
COLUMNS = (
    ExportColumn(texts.CODE, 38, lambda message, zone: str(message.id)),
    ExportColumn(texts.RECIPIENT, 34, lambda message, zone: message.recipient_name),
    PHONE,
    ExportColumn(texts.APPOINTMENT, 17, lambda message, zone: local(message.appointment_at, zone)),
    ExportColumn(texts.ORGANIZATION, 44, lambda message, zone: message.organization),
    ExportColumn(texts.KIND, 22, lambda message, zone: texts.KINDS[message.kind]),
    ExportColumn(texts.SENT_AT, 17, lambda message, zone: local(message.sent_at, zone)),
    ExportColumn(texts.STATUS, 18, lambda message, zone: texts.STATUSES[message.status]),
    ExportColumn(texts.COST, 12, lambda message, zone: message.cost),
    ExportColumn(texts.TEXT, 60, lambda message, zone: message.text),
    ExportColumn(texts.ERROR_CODE, 12, lambda message, zone: message.error_code),
    ExportColumn(texts.ERROR_NAME, 34, lambda message, zone: message.error_name),
    ExportColumn(texts.QUEUED_AT, 17, lambda message, zone: local(message.queued_at, zone)),
    ExportColumn(texts.ATTEMPTED_AT, 17, lambda message, zone: local(message.attempted_at, zone)),
)


def cell(column: ExportColumn, value: Value) -> str:
    """Write a value for a CSV file; the import reads it back, and no spreadsheet runs it."""
    if value is None:
        return ''
    if isinstance(value, Decimal):
        return f'{value:.2f}'.replace('.', ',')
    if isinstance(value, datetime):
        return f'{value:%d.%m.%Y %H:%M:%S}' if value.second else f'{value:%d.%m.%Y %H:%M}'
    if column is PHONE and value.startswith('+7 (') and value[4] in '3456789':
        # The same number with the eight by which it is dialled here: nothing to disarm.
        return f'8{value[2:]}'
    return disarm(value)
