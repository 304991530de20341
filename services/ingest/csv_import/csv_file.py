"""Reader of CSV files as office programs save them: detects encoding, delimiter and columns, and streams the rows.

An invalid row does not stop the reader: it is returned with an error, and reading continues at the line after its
first.
"""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import fstat
from pathlib import Path
from typing import BinaryIO

from services import texts
from services.errors import InvalidInputError, JournalError

UTF8_BOM = b'\xef\xbb\xbf'
UTF16_BOMS = (b'\xff\xfe', b'\xfe\xff')
DELIMITERS = ';,\t'
MAX_ROW_BYTES = 100_000
"""Bytes: twice the longest text with every quote doubled. An unclosed quote consumes at most this much."""


class InvalidFileError(InvalidInputError):
    """A file that cannot be imported at all; its only argument is a sentence for the user."""


@dataclass(frozen=True)
class CsvRow:
    """One row of a file."""

    line: int
    """Number of its first line in the file; the header is line 1."""
    cells: Sequence[str]
    """As many as there are columns; for an invalid row, its first line split at each delimiter."""
    error: str | None = None
    """Why the row is invalid: a sentence for the user."""


class CsvFile:
    """The rows of an open file with a valid header."""

    def __init__(self, file: BinaryIO, path: Path, *, required: Sequence[str], allowed: Sequence[str]) -> None:
        """Read the header.

        Args:
            file: open for reading, at its beginning.
            path: its name in error messages.
            required: titles of the columns that it must have, in any order.
            allowed: titles of further columns that it may have.

        Raises:
            InvalidFileError: it is not a CSV file with these columns.
        """
        self._lines = _LineReader(file)
        self.size = fstat(file.fileno()).st_size
        header = _read_header(self._lines, path)
        self._lines.encoding = header.encoding
        known = {_normalize_name(name): name for name in (*required, *allowed)}
        try:
            self.delimiter, names = _split_header(header.text, set(known))
        except csv.Error:
            raise InvalidFileError(_no_header_message(path, required)) from None
        _check_columns(names, required, known, path)
        self.columns = [known[_normalize_name(name)] for name in names]

    @property
    def position(self) -> int:
        """The number of bytes read so far."""
        return self._lines.position

    def __iter__(self) -> Iterator[CsvRow]:
        """Yield the rows; lines without any value are skipped."""
        reader = self._new_reader()
        while True:
            self._lines.start_row()
            line = self._lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except _RowTooLongError:
                yield self._invalid_row(line, texts.IMPORT_ROW_TOO_LONG)
                reader = self._new_reader()
            except csv.Error:
                yield self._invalid_row(line, texts.IMPORT_BROKEN_QUOTES)
                reader = self._new_reader()
            else:
                if any(cells):
                    yield self._checked_row(line, cells)

    def _new_reader(self) -> Iterator[list[str]]:
        # In strict mode misplaced quotes are an error; otherwise the parser guesses.
        return csv.reader(self._lines, delimiter=self.delimiter, strict=True)

    def _invalid_row(self, line: int, error: str) -> CsvRow:
        return CsvRow(line, self._lines.unread_row().split(self.delimiter), error)

    def _checked_row(self, line: int, cells: list[str]) -> CsvRow:
        expected = len(self.columns)
        # Spreadsheets often add empty cells after the last column.
        while len(cells) > expected and not cells[-1]:
            cells.pop()
        if len(cells) == expected:
            return CsvRow(line, cells)
        return CsvRow(line, cells, texts.IMPORT_FIELD_COUNT.format(found=len(cells), expected=expected))


class _RowTooLongError(JournalError):
    """The current row is longer than MAX_ROW_BYTES."""


class _LineReader:
    """The decoded lines of a file; the lines of the current row, except its first, can be read again."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._row_lines: list[bytes] = []
        self._row_size = 0
        self._pushed_back: deque[bytes] = deque()
        self.encoding = 'utf-8'
        self.number = 0
        self.position = 0

    def __iter__(self) -> '_LineReader':
        return self

    def __next__(self) -> str:
        line = self._pushed_back.popleft() if self._pushed_back else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self._row_lines.append(line)
        self._row_size += len(line)
        if self._row_size > MAX_ROW_BYTES:
            raise _RowTooLongError
        # An undecodable byte becomes half of a surrogate pair, which services.ingest.message_parsing rejects.
        return line.decode(self.encoding, 'surrogateescape')

    def start_row(self) -> None:
        self._row_lines.clear()
        self._row_size = 0

    def unread_row(self) -> str:
        """Return the first line of the current row; its other lines will be read again."""
        first, *others = self._row_lines
        self._pushed_back.extendleft(reversed(others))
        self.number -= len(others)
        return first[:MAX_ROW_BYTES].decode(self.encoding, 'surrogateescape').rstrip('\r\n')

    def _read(self) -> bytes:
        line = self._file.readline(MAX_ROW_BYTES + 1)
        self.position += len(line)
        if len(line) > MAX_ROW_BYTES and not line.endswith(b'\n'):
            while (rest := self._file.readline(MAX_ROW_BYTES)) and not rest.endswith(b'\n'):
                self.position += len(rest)
            self.position += len(rest)
        return line


@dataclass(frozen=True)
class _Header:
    text: str
    encoding: str


def _read_header(lines: _LineReader, path: Path) -> _Header:
    lines.encoding = 'latin-1'
    try:
        first = next(lines).encode('latin-1')
    except StopIteration:
        raise InvalidFileError(texts.IMPORT_EMPTY.format(path=path)) from None
    except _RowTooLongError:
        raise InvalidFileError(texts.IMPORT_NOT_TEXT.format(path=path)) from None
    if first.startswith(UTF16_BOMS):
        raise InvalidFileError(texts.IMPORT_UTF16.format(path=path))
    if any(byte < 32 and byte not in b'\t\r\n' for byte in first):
        raise InvalidFileError(texts.IMPORT_NOT_TEXT.format(path=path))
    first = first.removeprefix(UTF8_BOM)
    if not first.strip():
        raise InvalidFileError(texts.IMPORT_EMPTY.format(path=path))
    # The names of the columns are Russian: as Windows-1251 they never happen to be good UTF-8.
    try:
        return _Header(first.decode('utf-8'), 'utf-8')
    except UnicodeDecodeError:
        return _Header(first.decode('cp1251', 'replace'), 'cp1251')


def _split_header(text: str, known: set[str]) -> tuple[str, list[str]]:
    splits = {delimiter: next(csv.reader([text.rstrip('\r\n')], delimiter=delimiter)) for delimiter in DELIMITERS}
    delimiter = max(splits, key=lambda each: sum(_normalize_name(name) in known for name in splits[each]))
    names = splits[delimiter]
    while names and not names[-1].strip():
        names.pop()
    return delimiter, names


def _check_columns(names: Sequence[str], required: Sequence[str], known: dict[str, str], path: Path) -> None:
    normalized = [_normalize_name(name) for name in names]
    if not set(normalized) & set(known):
        raise InvalidFileError(_no_header_message(path, required))
    for template, columns in (
        (texts.IMPORT_MISSING_COLUMNS, [name for name in required if _normalize_name(name) not in normalized]),
        (texts.IMPORT_UNKNOWN_COLUMNS, [name for name in names if _normalize_name(name) not in known]),
        (texts.IMPORT_REPEATED_COLUMNS, sorted({known[name] for name in normalized if normalized.count(name) > 1})),
    ):
        if columns:
            raise InvalidFileError(template.format(path=path, columns=_quoted_list(columns)))


def _no_header_message(path: Path, required: Sequence[str]) -> str:
    return texts.IMPORT_NO_HEADER.format(path=path, columns=_quoted_list(required[:2]))


def _quoted_list(columns: Sequence[str]) -> str:
    return ', '.join(f'«{" ".join(name.split())}»' for name in columns)


def _normalize_name(name: str) -> str:
    return ' '.join(name.split()).casefold()
