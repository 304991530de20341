"""A CSV file as offices save it: encoding, delimiter and columns recognised, rows streamed with their line numbers.

One damaged row does not spoil the rest: it is given as damaged, and reading goes on at the line after its first.
"""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import fstat
from pathlib import Path
from typing import BinaryIO

from services import texts

BYTE_MARK = b'\xef\xbb\xbf'
UTF16_MARKS = (b'\xff\xfe', b'\xfe\xff')
DELIMITERS = ';,\t'
LONGEST_ROW = 100_000
"""Bytes. Twice the longest text with every quote doubled; a quote never closed swallows no more than this."""


class UnusableFile(Exception):
    """A file of which nothing can be taken; its only argument is a sentence for people."""


@dataclass(frozen=True)
class Row:
    """One row of a file."""

    line: int
    """Number of its first line in the file, the header's being 1."""
    cells: Sequence[str]
    """As many as there are columns, unless the row is damaged: then its first line, cut at each delimiter."""
    damage: str | None = None
    """Why the row cannot be understood, for people."""


class CsvFile:
    """Rows of an open file, once its header has been understood."""

    def __init__(self, file: BinaryIO, path: Path, *, required: Sequence[str], allowed: Sequence[str]) -> None:
        """Read the header.

        Args:
            file: opened for reading, at its beginning.
            path: what to call it in sentences.
            required: columns that must be there, in any order.
            allowed: further columns that may be.

        Raises:
            UnusableFile: it is no CSV file with these columns.
        """
        self._lines = _Lines(file)
        self.size = fstat(file.fileno()).st_size
        header = _header(self._lines, path)
        self._lines.encoding = header.encoding
        known = {_plain(name): name for name in (*required, *allowed)}
        try:
            self.delimiter, names = _split_header(header.text, set(known))
        except csv.Error:
            raise UnusableFile(_no_header(path, required)) from None
        _check_columns(names, required, known, path)
        self.columns = [known[_plain(name)] for name in names]

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        return self._lines.position

    def __iter__(self) -> Iterator[Row]:
        """Give the rows one after another; lines without any value are passed over."""
        reader = self._reader()
        while True:
            self._lines.begin_row()
            line = self._lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except _TooLong:
                yield self._damaged(line, texts.IMPORT_ROW_TOO_LONG)
                reader = self._reader()
            except csv.Error:
                yield self._damaged(line, texts.IMPORT_BROKEN_QUOTES)
                reader = self._reader()
            else:
                if any(cells):
                    yield self._row(line, cells)

    def _reader(self) -> Iterator[list[str]]:
        # Strict: quotes out of place are told instead of being guessed about.
        return csv.reader(self._lines, delimiter=self.delimiter, strict=True)

    def _damaged(self, line: int, damage: str) -> Row:
        return Row(line, self._lines.give_back().split(self.delimiter), damage)

    def _row(self, line: int, cells: list[str]) -> Row:
        expected = len(self.columns)
        # Spreadsheets like to end rows with empty cells beyond the last column.
        while len(cells) > expected and not cells[-1]:
            cells.pop()
        if len(cells) == expected:
            return Row(line, cells)
        return Row(line, cells, texts.IMPORT_FIELD_COUNT.format(found=len(cells), expected=expected))


class _TooLong(Exception):
    """The row that is being read has gone past LONGEST_ROW."""


class _Lines:
    """Lines of a file, decoded; the lines of the present row can be given back, all but the first."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._row: list[bytes] = []
        self._row_size = 0
        self._again: deque[bytes] = deque()
        self.encoding = 'utf-8'
        self.number = 0
        self.position = 0

    def __iter__(self) -> '_Lines':
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self._row.append(line)
        self._row_size += len(line)
        if self._row_size > LONGEST_ROW:
            raise _TooLong
        # A byte that the encoding does not know becomes half a surrogate pair, and its cell is refused by the feed.
        return line.decode(self.encoding, 'surrogateescape')

    def begin_row(self) -> None:
        self._row.clear()
        self._row_size = 0

    def give_back(self) -> str:
        """Give the first line of the present row; the other lines will be read again."""
        first, *others = self._row
        self._again.extendleft(reversed(others))
        self.number -= len(others)
        return first[:LONGEST_ROW].decode(self.encoding, 'surrogateescape').rstrip('\r\n')

    def _read(self) -> bytes:
        line = self._file.readline(LONGEST_ROW + 1)
        self.position += len(line)
        if len(line) > LONGEST_ROW and not line.endswith(b'\n'):
            while (rest := self._file.readline(LONGEST_ROW)) and not rest.endswith(b'\n'):
                self.position += len(rest)
            self.position += len(rest)
        return line


@dataclass(frozen=True)
class _Header:
    text: str
    encoding: str


def _header(lines: _Lines, path: Path) -> _Header:
    lines.encoding = 'latin-1'
    try:
        first = next(lines).encode('latin-1')
    except StopIteration:
        raise UnusableFile(texts.IMPORT_EMPTY.format(path=path)) from None
    except _TooLong:
        raise UnusableFile(texts.IMPORT_NOT_TEXT.format(path=path)) from None
    if first.startswith(UTF16_MARKS):
        raise UnusableFile(texts.IMPORT_UTF16.format(path=path))
    if any(byte < 32 and byte not in b'\t\r\n' for byte in first):
        raise UnusableFile(texts.IMPORT_NOT_TEXT.format(path=path))
    first = first.removeprefix(BYTE_MARK)
    if not first.strip():
        raise UnusableFile(texts.IMPORT_EMPTY.format(path=path))
    # The names of the columns are Russian: as Windows-1251 they never happen to be good UTF-8.
    try:
        return _Header(first.decode('utf-8'), 'utf-8')
    except UnicodeDecodeError:
        return _Header(first.decode('cp1251', 'replace'), 'cp1251')


def _split_header(text: str, known: set[str]) -> tuple[str, list[str]]:
    splits = {delimiter: next(csv.reader([text.rstrip('\r\n')], delimiter=delimiter)) for delimiter in DELIMITERS}
    delimiter = max(splits, key=lambda each: sum(_plain(name) in known for name in splits[each]))
    names = splits[delimiter]
    while names and not names[-1].strip():
        names.pop()
    return delimiter, names


def _check_columns(names: Sequence[str], required: Sequence[str], known: dict[str, str], path: Path) -> None:
    plain = [_plain(name) for name in names]
    if not set(plain) & set(known):
        raise UnusableFile(_no_header(path, required))
    for template, columns in (
        (texts.IMPORT_MISSING_COLUMNS, [name for name in required if _plain(name) not in plain]),
        (texts.IMPORT_UNKNOWN_COLUMNS, [name for name in names if _plain(name) not in known]),
        (texts.IMPORT_REPEATED_COLUMNS, sorted({known[name] for name in plain if plain.count(name) > 1})),
    ):
        if columns:
            raise UnusableFile(template.format(path=path, columns=_listed(columns)))


def _no_header(path: Path, required: Sequence[str]) -> str:
    return texts.IMPORT_NO_HEADER.format(path=path, columns=_listed(required[:2]))


def _listed(columns: Sequence[str]) -> str:
    return ', '.join(f'«{" ".join(name.split())}»' for name in columns)


def _plain(name: str) -> str:
    return ' '.join(name.split()).casefold()
