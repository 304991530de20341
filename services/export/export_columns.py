"""The columns of an exported file: those of an import file, so that an exported file can be imported again."""

from datetime import datetime
from decimal import Decimal

from services.ingest.message_fields import MESSAGE_FIELDS, CellValue, FieldDefinition, to_local_time
from services.ingest.table_files.formula_escaping import escape_formula
from services.ingest.validation import MessageField

__all__ = ['EXPORT_COLUMNS', 'PHONE_COLUMN', 'csv_cell', 'to_local_time']

EXPORT_COLUMNS = MESSAGE_FIELDS
PHONE_COLUMN = next(column for column in EXPORT_COLUMNS if column.field is MessageField.PHONE)


def csv_cell(column: FieldDefinition, value: CellValue) -> str:
    """Format a value for a CSV file, so that the import can parse it and a spreadsheet does not run it as a formula."""
    if value is None:
        return ''
    if isinstance(value, Decimal):
        return f'{value:.2f}'.replace('.', ',')
    if isinstance(value, datetime):
        return f'{value:%d.%m.%Y %H:%M:%S}' if value.second else f'{value:%d.%m.%Y %H:%M}'
    if isinstance(value, int):
        return str(value)
    if column is PHONE_COLUMN and value.startswith('+7 (') and value[4] in '3456789':
        # The national form with the trunk prefix 8 is the same number and needs no escaping.
        return f'8{value[2:]}'
    return escape_formula(value)
