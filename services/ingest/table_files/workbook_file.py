"""Reader of workbooks (.xlsx, .ods, .xls): chooses the sheet with the columns of the journal, and streams its rows."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final
from zipfile import BadZipFile, ZipFile

from services import texts
from services.errors import JournalError
from services.ingest.table_files.column_titles import ColumnTitles, known_titles, quoted_list, strip_untitled
from services.ingest.table_files.file_errors import InvalidFileError
from services.ingest.table_files.input_file import ZIP_MAGIC
from services.ingest.table_files.table_file import TableRow, checked_row, match_columns, no_header_error, unknown_names
from services.ingest.table_files.workbook_process import EXIT_PROTECTED, EXIT_TOO_LARGE, EXIT_UNREADABLE
from services.program_folders import PROJECT_ROOT

OLE_MAGIC: Final = b'\xd0\xcf\x11\xe0'
"""An .xls begins with it, and any workbook with a password."""
SPREADSHEET_PARTS: Final = {'[Content_Types].xml', 'mimetype'}
"""Names in a .zip that is an .xlsx or an .ods."""
SENTENCES: Final = {
    EXIT_UNREADABLE: texts.IMPORT_BROKEN_WORKBOOK,
    EXIT_PROTECTED: texts.IMPORT_WORKBOOK_LOCKED,
    EXIT_TOO_LARGE: texts.IMPORT_WORKBOOK_TOO_LARGE,
    -signal.SIGABRT: texts.IMPORT_WORKBOOK_TOO_LARGE,
}
"""Why the process ended. Its native code aborts where it gets no memory."""


class WorkbookProcessError(JournalError):
    """The process that reads workbooks ended for a reason that is not in the file."""


def is_workbook(path: Path) -> bool:
    """Return whether a file is a workbook; a pipe is none. Raises OSError if it cannot be opened."""
    with path.open('rb') as file:
        if not file.seekable():
            return False
        magic = file.read(len(ZIP_MAGIC))
        try:
            return magic == OLE_MAGIC or (
                magic == ZIP_MAGIC and not SPREADSHEET_PARTS.isdisjoint(ZipFile(file).namelist())
            )
        except BadZipFile:
            return False


class WorkbookFile:
    """The rows of a sheet with a valid header; see TableFile. Use it in a `with` statement."""

    def __init__(self, path: Path, titles: ColumnTitles) -> None:
        """Start the process that reads the workbook, and choose the sheet.

        Args:
            path: the workbook.
            titles: what the columns may be called.

        Raises:
            InvalidFileError: it cannot be read, or not exactly one visible sheet has these columns.
        """
        self._path = path
        self._process = subprocess.Popen(
            (sys.executable, '-m', 'services.ingest.table_files.workbook_process'),
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.progress = (0, 0)
        """Rows read so far and rows in total; zeros before the first row."""
        try:
            self._write(str(path.absolute()))
            heads: list[tuple[str, list[list[str]]]] = self._read()
            index, self._header_number, names = self._choose(heads, titles)
            self.columns = match_columns(names, titles, path)
            self.unknown_names = unknown_names(names, self.columns)
            self._write(index)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> 'WorkbookFile':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        with self._process:
            self._process.kill()

    def __iter__(self) -> Iterator[TableRow]:
        """Yield the rows below the header that have a value; raises InvalidFileError, see TableFile."""
        count = len(self.columns)
        while line := self._pipe(self._process.stdout).readline():
            number, row_count, cells = json.loads(line)
            self.progress = (number, row_count)
            if number > self._header_number:
                yield checked_row(number, cells, count)
        self._check_end()

    def _choose(
        self, heads: Sequence[tuple[str, list[list[str]]]], titles: ColumnTitles
    ) -> tuple[int, int, Sequence[str]]:
        """Return the position of the sheet with the header, the number of the header's row and its titles."""
        found = [
            (len(known_titles(row, titles.known)), index, number, row)
            for index, (_, rows) in enumerate(heads)
            for number, row in enumerate(rows, start=1)
        ]
        best = max(found, key=lambda each: each[0], default=(0, 0, 0, []))
        if best[0] == 0:
            raise no_header_error(titles, self._path)
        complete = {index for _, index, _, row in found if set(titles.required) <= set(titles.match(row))}
        if len(complete) > 1:
            names = quoted_list(heads[index][0] for index in sorted(complete))
            raise InvalidFileError(texts.IMPORT_MANY_SHEETS.format(path=self._path, sheets=names))
        _, index, number, row = best
        return index, number, strip_untitled(row)

    def _write(self, value: object) -> None:
        pipe = self._pipe(self._process.stdin)
        try:
            pipe.write(f'{json.dumps(value)}\n'.encode())
            pipe.flush()
        except BrokenPipeError:
            self._check_end()

    def _read(self) -> Any:
        line = self._pipe(self._process.stdout).readline()
        if not line:
            self._check_end()
        return json.loads(line)

    def _check_end(self) -> None:
        """Raise InvalidFileError if the process could not read the file, or WorkbookProcessError."""
        code = self._process.wait()
        if sentence := SENTENCES.get(code):
            raise InvalidFileError(sentence.format(path=self._path))
        if code:
            raise WorkbookProcessError(f'exit status {code}')

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe
        return pipe
