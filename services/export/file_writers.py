"""Write CSV and XLSX files row by row with constant memory."""

import csv
from collections.abc import Iterable
from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]

from services import texts
from services.export.export_columns import EXPORT_COLUMNS, csv_cell, to_local_time
from services.ingest.message_parsing import IncomingMessage

MAX_SHEET_ROWS: Final = 1_048_575
"""The largest number of data rows in an XLSX sheet below the header."""
XLSX_TEXT_OPTIONS: Final = {'strings_to_formulas': False, 'strings_to_urls': False, 'strings_to_numbers': False}
TEXT_FORMAT: Final = {'num_format': '@'}
"""The cell format «text», so that an edited cell is not converted to a number or a formula."""


def write_csv(path: Path, messages: Iterable[IncomingMessage], zone: tzinfo, *, now: datetime) -> None:
    """Write a CSV file that can be imported; the column «Выгружено» marks it as an export.

    Raises:
        OSError: the file cannot be written.
    """
    exported = to_local_time(now, zone)
    with path.open('w', encoding='utf-8-sig', newline='') as file:
        writer = csv.writer(file, delimiter=';')
        writer.writerow([*(column.title for column in EXPORT_COLUMNS), texts.EXPORTED_AT])
        mark = f'{exported:%d.%m.%Y %H:%M}'
        for message in messages:
            writer.writerow([*(csv_cell(column, column.value(message, zone)) for column in EXPORT_COLUMNS), mark])


def write_xlsx(
    path: Path, messages: Iterable[IncomingMessage], zone: tzinfo, *, sheet_rows: int = MAX_SHEET_ROWS
) -> None:
    """Write a workbook with as many sheets as needed, each with a frozen header and a filter.

    Texts are stored as texts, whatever their first character. The longest text of a message has 10 000 characters, a
    third of the limit of a cell, so that no text is truncated.

    Raises:
        OSError, xlsxwriter.exceptions.FileCreateError: the file cannot be written.
    """
    options = {'constant_memory': True, 'tmpdir': str(path.parent), **XLSX_TEXT_OPTIONS}
    with xlsxwriter.Workbook(path, options) as book:
        book.use_zip64()
        sheets = _SheetWriter(book)
        row = 0
        for message in messages:
            if row == sheet_rows:
                sheets.end(row)
                row = 0
            if row == 0:
                sheets.begin()
            row += 1
            sheets.write(row, message, zone)
        if row == 0:
            sheets.begin()
        sheets.end(row)


class _SheetWriter:
    """Write the sheets of a workbook one after another."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._sheet: Any = None
        self._number = 0
        self._header_format = book.add_format({'bold': True, 'text_wrap': True, 'valign': 'top', 'bottom': 1})
        self._datetime_format = book.add_format({'num_format': 'dd.mm.yyyy hh:mm', 'align': 'left'})
        self._money_format = book.add_format({'num_format': '0.00'})
        self._text_format = book.add_format(TEXT_FORMAT)

    def begin(self) -> None:
        """Start a new sheet and write its header."""
        self._number += 1
        name = texts.SHEET if self._number == 1 else texts.SHEET_NUMBER.format(number=self._number)
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for column_index, column in enumerate(EXPORT_COLUMNS):
            self._sheet.set_column(column_index, column_index, column.width)
            self._sheet.write_string(0, column_index, column.title, self._header_format)

    def write(self, row: int, message: IncomingMessage, zone: tzinfo) -> None:
        """Write a row; unknown values become empty cells."""
        for column_index, column in enumerate(EXPORT_COLUMNS):
            value = column.value(message, zone)
            if isinstance(value, Decimal):
                self._sheet.write_number(row, column_index, value, self._money_format)
            elif isinstance(value, datetime):
                self._sheet.write_datetime(row, column_index, value, self._datetime_format)
            elif isinstance(value, int):
                self._sheet.write_number(row, column_index, value)
            elif value:
                self._sheet.write_string(row, column_index, value, self._text_format)

    def end(self, row: int) -> None:
        """Finish the sheet after its last row."""
        self._sheet.autofilter(0, 0, row, len(EXPORT_COLUMNS) - 1)
