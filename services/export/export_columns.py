"""The columns of an exported file: those of an import file, so that an export can be imported again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from services import formats, texts
from services.ingest.csv_import.rejects_file import escape_formula
from services.ingest.message_parsing import IncomingMessage

CellValue = str | datetime | Decimal | None
"""A text, a local date and time (naive), an amount in roubles, or an empty cell."""


@dataclass(frozen=True)
class ExportColumn:
    """A column of an exported file."""

    title: str
    width: int
    """The width in characters."""
    value: Callable[[IncomingMessage, tzinfo], CellValue]
    """Returns the value of a message, with times in the local time of a zone."""


def to_local_time(moment: datetime | None, zone: tzinfo) -> datetime | None:
    """Convert a time to the naive local time of `zone`."""
    return moment.astimezone(zone).replace(tzinfo=None) if moment else None


PHONE_COLUMN = ExportColumn(texts.PHONE, 19, lambda message, zone: formats.phone(message.phone))
EXPORT_COLUMNS = (
    ExportColumn(texts.CODE, 38, lambda message, zone: str(message.id)),
    ExportColumn(texts.RECIPIENT, 34, lambda message, zone: message.recipient_name),
    PHONE_COLUMN,
    ExportColumn(texts.APPOINTMENT, 17, lambda message, zone: to_local_time(message.appointment_at, zone)),
    ExportColumn(texts.ORGANIZATION, 44, lambda message, zone: message.organization),
    ExportColumn(texts.KIND, 22, lambda message, zone: texts.KINDS[message.kind]),
    ExportColumn(texts.SENT_AT, 17, lambda message, zone: to_local_time(message.sent_at, zone)),
    ExportColumn(texts.STATUS, 18, lambda message, zone: texts.STATUSES[message.status]),
    ExportColumn(texts.COST, 12, lambda message, zone: message.cost),
    ExportColumn(texts.TEXT, 60, lambda message, zone: message.text),
    ExportColumn(texts.ERROR_CODE, 12, lambda message, zone: message.error_code),
    ExportColumn(texts.ERROR_NAME, 34, lambda message, zone: message.error_name),
    ExportColumn(texts.QUEUED_AT, 17, lambda message, zone: to_local_time(message.queued_at, zone)),
    ExportColumn(texts.ATTEMPTED_AT, 17, lambda message, zone: to_local_time(message.attempted_at, zone)),
)


def csv_cell(column: ExportColumn, value: CellValue) -> str:
    """Format a value for a CSV file, so that the import can read it and no spreadsheet executes it as a formula."""
    if value is None:
        return ''
    if isinstance(value, Decimal):
        return f'{value:.2f}'.replace('.', ',')
    if isinstance(value, datetime):
        return f'{value:%d.%m.%Y %H:%M:%S}' if value.second else f'{value:%d.%m.%Y %H:%M}'
    if column is PHONE_COLUMN and value.startswith('+7 (') and value[4] in '3456789':
        # The same number with the domestic prefix 8: without the plus sign it is no formula.
        return f'8{value[2:]}'
    return escape_formula(value)
