"""The process that reads a workbook (.xlsx, .ods or .xls) for WorkbookFile.

The reader of workbooks needs as much memory as the sheet claims to be large, and it is native code: a process of its
own with bounded memory is all that a hostile or damaged file can bring down.

The first line of standard input is the path as JSON. The first line of standard output is a JSON list of the visible
sheets, each with its name and its first rows. The second line of input is the position of a sheet in that list; then
every row of that sheet follows that has a value, as `[number, number of rows, cells]`, numbered from 1.
A workbook that cannot be read ends the process with EXIT_UNREADABLE, with EXIT_PROTECTED if it has a password, or with
EXIT_TOO_LARGE.
"""

import json
import resource
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

EXIT_UNREADABLE: Final = 3
EXIT_PROTECTED: Final = 4
EXIT_TOO_LARGE: Final = 5
MAX_MEMORY_BYTES: Final = 3 << 30
"""Address space of the process. A sheet of a million messages takes two thirds of it."""
HEAD_ROWS: Final = 20
"""Rows in which the header of a sheet must be."""
SIGNIFICANT_DIGITS: Final = 15
"""Digits of a number that a spreadsheet stores exactly."""
CLOCK_ERROR: Final = timedelta(milliseconds=1)
"""More than a time differs from its whole second because it is stored as a fraction of a day."""


def main() -> None:
    """Read the workbook that standard input names."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    try:
        _answer(json.loads(sys.stdin.readline()))
    except PasswordError:
        sys.exit(EXIT_PROTECTED)
    except MemoryError:
        sys.exit(EXIT_TOO_LARGE)
    except (CalamineError, OSError):
        sys.exit(EXIT_UNREADABLE)


def _answer(path: str) -> None:
    workbook = CalamineWorkbook.from_path(path)
    names = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    _print([[name, _head(workbook.get_sheet_by_name(name))] for name in names])
    if not (choice := sys.stdin.readline()):
        return
    sheet = workbook.get_sheet_by_name(names[int(choice)])
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = cell_texts(cells)
        if any(texts):
            _print([number, sheet.total_height + 1, texts])


def _head(sheet: CalamineSheet) -> list[list[str]]:
    rows = zip(range(HEAD_ROWS), sheet.iter_rows(), strict=False)
    return [cell_texts(cells) for _, cells in rows]


def _print(value: object) -> None:
    sys.stdout.write(f'{json.dumps(value)}\n')
    sys.stdout.flush()


def cell_texts(cells: Sequence[Any]) -> list[str]:
    """Return the values of cells as they would be written in a CSV file."""
    return [_cell_text(cell) for cell in cells]


def _cell_text(cell: Any) -> str:
    if isinstance(cell, float):
        return f'{Decimal(f"{cell:.{SIGNIFICANT_DIGITS}g}"):f}'
    if isinstance(cell, datetime):
        return f'{(cell + CLOCK_ERROR).replace(microsecond=0):%d.%m.%Y %H:%M:%S}'
    if isinstance(cell, date):
        return f'{cell:%d.%m.%Y}'
    return str(cell)


if __name__ == '__main__':
    main()
