"""Reader of CSV files as office programs save them: finds the header and its columns, and streams the rows.

An invalid row does not stop the reader: it is returned with an error, and reading continues at the line after its
first. Where that does not lead back to rows of a table, because of quotes that are never closed, the file is refused,
so that reading takes a time in proportion to the size of the file.
"""

import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from services import texts
from services.ingest.table_files.byte_stream import CHUNK_BYTES, read_chunks, stream_of
from services.ingest.table_files.column_titles import ColumnTitles, quoted_list
from services.ingest.table_files.csv_header import find_header
from services.ingest.table_files.file_errors import (
    InvalidFileError,
    LineTooLongError,
    RowTooLongError,
    UnknownEncodingError,
)
from services.ingest.table_files.line_reader import MAX_ROW_BYTES, LineReader
from services.ingest.table_files.table_file import TableRow, checked_row, match_columns, no_header_error, unknown_names
from services.ingest.table_files.text_encoding import Encoding, open_text

HEAD_BYTES = CHUNK_BYTES
"""Bytes at the beginning of a file in which its header must be."""
MAX_REREAD_BYTES = 10 * MAX_ROW_BYTES
"""Bytes that may be read again, besides as many as the file has had so far, before its quotes refuse it."""
MAX_LOST_ROWS = 1_000
"""Invalid and empty rows in sequence after an unclosed quote, before it refuses the file."""


class CsvFile:
    """The rows of an open CSV file with a valid header; see TableFile."""

    def __init__(
        self,
        file: BinaryIO,
        path: Path,
        *,
        titles: ColumnTitles,
        encoding: Encoding | None = None,
    ) -> None:
        """Read the header.

        Args:
            file: open for reading, at its beginning.
            path: its name in error messages.
            titles: what its columns may be called.
            encoding: of a file without a byte order mark; by default it is detected.

        Raises:
            InvalidFileError: it is not a CSV file with these columns.
        """
        self._path = path
        self._unclosed_line = 0
        """The line of the newest quote that was not closed; 0 if there was none."""
        self._lost_rows = 0
        stream, encoding = open_text(file, encoding)
        head = stream.read(HEAD_BYTES)
        try:
            header = find_header(_head_lines(head, path), titles.known, encoding)
        except UnknownEncodingError:
            raise InvalidFileError(
                texts.IMPORT_UNKNOWN_ENCODING.format(path=path, columns=quoted_list(titles.required[:2]))
            ) from None
        if header is None:
            raise no_header_error(titles, path)
        self.columns = match_columns(header.names, titles, path)
        self.unknown_names = unknown_names(header.names, self.columns)
        self.delimiter = header.delimiter
        self._lines = LineReader(stream_of(chain([head], read_chunks(stream.read))), header.encoding)
        self._lines.skip(header.line_count)

    def __iter__(self) -> Iterator[TableRow]:
        """Yield the rows; lines without any value are skipped.

        Raises:
            InvalidFileError: a quote is not closed, and no rows of the table follow.
        """
        reader = self._new_reader()
        while True:
            self._lines.start_row()
            line = self._lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except LineTooLongError:
                raise self._unclosed_quote(line) from None
            except RowTooLongError:
                self._unclosed_line = self._unclosed_line or line
                yield self._invalid_row(line, texts.IMPORT_ROW_TOO_LONG)
                reader = self._new_reader()
            except csv.Error:
                yield self._invalid_row(line, texts.IMPORT_BROKEN_QUOTES)
                reader = self._new_reader()
            else:
                row = checked_row(line, cells, len(self.columns))
                self._count_lost(is_lost=row.error is not None or not any(cells))
                if any(cells):
                    yield row

    def _new_reader(self) -> Iterator[list[str]]:
        # In strict mode misplaced quotes are an error; otherwise the parser guesses.
        return csv.reader(self._lines, delimiter=self.delimiter, strict=True)

    def _invalid_row(self, line: int, error: str) -> TableRow:
        row = TableRow(line, self._lines.unread_row().split(self.delimiter), error)
        self._count_lost(is_lost=True)
        if self._lines.reread_bytes > MAX_REREAD_BYTES + self._lines.position:
            raise self._unclosed_quote(self._unclosed_line or line)
        return row

    def _count_lost(self, *, is_lost: bool) -> None:
        """Count the rows in sequence that are none of the table; raise InvalidFileError after an unclosed quote."""
        self._lost_rows = self._lost_rows + 1 if is_lost and self._unclosed_line else 0
        if not is_lost:
            self._unclosed_line = 0
        if self._lost_rows > MAX_LOST_ROWS:
            raise self._unclosed_quote(self._unclosed_line)

    def _unclosed_quote(self, line: int) -> InvalidFileError:
        return InvalidFileError(texts.IMPORT_UNCLOSED_QUOTE.format(path=self._path, line=line))


def _head_lines(head: bytes, path: Path) -> list[bytes]:
    """Split the beginning of a file into whole lines; raises InvalidFileError if it is no text."""
    if not head.strip():
        raise InvalidFileError(texts.IMPORT_EMPTY.format(path=path))
    *lines, last = [line + b'\n' for line in head.split(b'\n')]
    if len(head) < HEAD_BYTES:  # otherwise the rest of the last line is not read yet
        lines.append(last)
    if not lines or any(byte < 32 and byte not in b'\t\r\n' for byte in lines[0]):
        raise InvalidFileError(texts.IMPORT_NOT_TEXT.format(path=path))
    return lines
