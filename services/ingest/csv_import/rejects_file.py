"""The file of refused rows: what was wrong with each, in a shape that can be mended and imported again."""

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from services import texts
from services.ingest.csv_import.csv_file import UnusableFile

COLUMNS = (texts.IMPORT_LINE, texts.IMPORT_REASON)
"""Stand before the columns of the imported file, and tell an importer that the file is one of these."""

FORMULA = re.compile(r"'*[=+\-@\t\r]")
DISARMED = re.compile(r"'+[=+\-@\t\r]")


def disarm(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula, and before what already looks disarmed.

    `rearm` gives exactly the same cell back.
    """
    return f"'{cell}" if FORMULA.match(cell) else cell


def rearm(cell: str) -> str:
    """Take away the apostrophe that `disarm` put."""
    return cell[1:] if DISARMED.match(cell) else cell


class RefusedFile:
    """Collects refused rows; the file appears under its name only when it is whole.

    Until then it lies beside it with `~` before its name. It is UTF-8 with a byte mark and `;`, as spreadsheets like.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        """Prepare to write to `path`; nothing is made before the first row."""
        self._path = path
        self._part = path.with_name(f'~{path.name}')
        self._columns = [name for name in columns if name not in COLUMNS]
        self._file: TextIO | None = None
        self._writer: Any = None
        self.count = 0

    def __enter__(self) -> 'RefusedFile':
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing half written."""
        if self._file:
            self._file.close()
            with suppress(OSError):
                self._part.unlink(missing_ok=True)

    def add(self, line: int, reason: str, cells: Sequence[str]) -> None:
        """Add a row with the number of its line and the reason for people.

        Raises:
            UnusableFile: the file cannot be written.
        """
        try:
            if self._file is None:
                # A byte that is no letter in the file's encoding is shown as a question mark.
                self._file = self._part.open('w', encoding='utf-8-sig', errors='replace', newline='')
                self._writer = csv.writer(self._file, delimiter=';')
                self._writer.writerow([*COLUMNS, *self._columns])
            padding = [''] * (len(self._columns) - len(cells))
            self._writer.writerow([line, reason, *(disarm(cell) for cell in cells), *padding])
        except OSError as error:
            raise self._trouble(error) from error
        self.count += 1

    def finish(self) -> Path | None:
        """Put the file in its place and give its path; without rows give None, and remove the file of an earlier run.

        Raises:
            UnusableFile: the file cannot be written or removed.
        """
        try:
            if self._file is None:
                self._path.unlink(missing_ok=True)
                return None
            self._file.close()
            self._file = None
            self._part.replace(self._path)
        except OSError as error:
            raise self._trouble(error) from error
        return self._path

    def _trouble(self, error: OSError) -> UnusableFile:
        return UnusableFile(texts.IMPORT_CANNOT_WRITE.format(path=self._path, cause=error.strerror))
