"""The two kinds of file, each written row by row: nothing of a row stays in memory."""

import csv
from collections.abc import Iterable
from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]

from services import texts
from services.export.export_columns import COLUMNS, cell, local
from services.ingest.message_parsing import Incoming

SHEET_ROWS: Final = 1_048_575
"""Rows of data that a sheet of XLSX takes under its header."""
TEXT_ONLY: Final = {'strings_to_formulas': False, 'strings_to_urls': False, 'strings_to_numbers': False}
AS_TEXT: Final = {'num_format': '@'}
"""A cell that stays a text when somebody edits it."""


def write_csv(path: Path, messages: Iterable[Incoming], zone: tzinfo, *, now: datetime) -> None:
    """Write a CSV file that is imported as the same messages; «Выгружено» marks it as one of these.

    Raises:
        OSError: it cannot be written.
    """
    exported = local(now, zone)
    with path.open('w', encoding='utf-8-sig', newline='') as file:
        writer = csv.writer(file, delimiter=';')
        writer.writerow([*(column.title for column in COLUMNS), texts.EXPORTED_AT])
        mark = f'{exported:%d.%m.%Y %H:%M}'
        for message in messages:
            writer.writerow([*(cell(column, column.value(message, zone)) for column in COLUMNS), mark])


def write_xlsx(path: Path, messages: Iterable[Incoming], zone: tzinfo, *, sheet_rows: int = SHEET_ROWS) -> None:
    """Write a workbook: as many sheets as it takes, each with a header that stays and a filter.

    A text is a text there, whatever it begins with. The longest text of a message, 10 000 letters, is a third of what
    a cell takes, so that none is ever cut.

    Raises:
        OSError, xlsxwriter.exceptions.FileCreateError: it cannot be written.
    """
    options = {'constant_memory': True, 'tmpdir': str(path.parent), **TEXT_ONLY}
    with xlsxwriter.Workbook(path, options) as book:
        book.use_zip64()
        sheets = _Sheets(book)
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


class _Sheets:
    """The sheets of a workbook, one after another."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._sheet: Any = None
        self._number = 0
        self._head = book.add_format({'bold': True, 'text_wrap': True, 'valign': 'top', 'bottom': 1})
        self._time = book.add_format({'num_format': 'dd.mm.yyyy hh:mm', 'align': 'left'})
        self._money = book.add_format({'num_format': '0.00'})
        self._text = book.add_format(AS_TEXT)

    def begin(self) -> None:
        """Begin a sheet with its header."""
        self._number += 1
        name = texts.SHEET if self._number == 1 else texts.SHEET_NUMBER.format(number=self._number)
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(COLUMNS):
            self._sheet.set_column(place, place, column.width)
            self._sheet.write_string(0, place, column.title, self._head)

    def write(self, row: int, message: Incoming, zone: tzinfo) -> None:
        """Write a row; what is not known is an empty cell."""
        for place, column in enumerate(COLUMNS):
            value = column.value(message, zone)
            if isinstance(value, Decimal):
                self._sheet.write_number(row, place, value, self._money)
            elif isinstance(value, datetime):
                self._sheet.write_datetime(row, place, value, self._time)
            elif value:
                self._sheet.write_string(row, place, value, self._text)

    def end(self, row: int) -> None:
        """End the sheet after its last row."""
        self._sheet.autofilter(0, 0, row, len(COLUMNS) - 1)
