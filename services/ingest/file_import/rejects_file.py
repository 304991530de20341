"""The file of rejected rows with the reason of each, which can be corrected and imported again."""

import csv
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from services import texts
from services.ingest.table_files.file_errors import InvalidFileError
from services.ingest.table_files.formula_escaping import escape_formula

REJECT_COLUMNS = (texts.IMPORT_LINE, texts.IMPORT_REASON)
"""They precede the columns of the imported file; the import recognises a file of rejected rows by them."""


class RejectsFile:
    """Writer of rejected rows; the file gets its name only when it is complete.

    Until then its name begins with `~`. It is UTF-8 with a byte order mark, delimited by `;`, as spreadsheets expect.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        """Prepare to write to `path`; the file is created with the first row."""
        self._path = path
        self._temporary_path = path.with_name(f'~{path.name}')
        self._columns = [name for name in columns if name not in REJECT_COLUMNS]
        self._file: TextIO | None = None
        self._writer: Any = None
        self.count = 0

    def __enter__(self) -> 'RejectsFile':
        return self

    def __exit__(self, *_: object) -> None:
        """Remove an incomplete file."""
        if self._file:
            self._file.close()
            with suppress(OSError):
                self._temporary_path.unlink(missing_ok=True)

    def add(self, line: int, reason: str, cells: Sequence[str]) -> None:
        """Add a row with its line number and the reason, a sentence for the user.

        Raises:
            InvalidFileError: the file cannot be written.
        """
        try:
            if self._file is None:
                # The file of an interrupted import may be readable by others, or be a link.
                self._temporary_path.unlink(missing_ok=True)
                # A byte that could not be decoded is written as a question mark.
                self._file = self._temporary_path.open('w', encoding='utf-8-sig', errors='replace', newline='')
                self._writer = csv.writer(self._file, delimiter=';')
                self._writer.writerow([*REJECT_COLUMNS, *self._columns])
            padding = [''] * (len(self._columns) - len(cells))
            self._writer.writerow([line, reason, *(escape_formula(cell) for cell in cells), *padding])
        except OSError as error:
            raise self._write_error(error) from error
        self.count += 1

    def finish(self) -> Path | None:
        """Rename the file and return its path; without rows, remove the file of an earlier run and return None.

        Raises:
            InvalidFileError: the file cannot be written or removed.
        """
        try:
            if self._file is None:
                self._path.unlink(missing_ok=True)
                return None
            self._file.close()
            self._file = None
            self._temporary_path.replace(self._path)
        except OSError as error:
            raise self._write_error(error) from error
        return self._path

    def _write_error(self, error: OSError) -> InvalidFileError:
        return InvalidFileError(texts.IMPORT_CANNOT_WRITE.format(path=self._path, cause=error.strerror))
