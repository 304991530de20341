"""The lines of a CSV file: bounded in length, and readable again from the second line of a row."""

from collections import deque
from typing import BinaryIO

from services.ingest.table_files.file_errors import LineTooLongError, RowTooLongError

MAX_ROW_BYTES = 100_000
"""Bytes: twice the longest text with every quote doubled. An unclosed quote consumes at most this much."""
MAX_LINE_BYTES = 32 << 20
"""Bytes of a line that are skipped to find the next line; a longer line refuses the file."""


class LineReader:
    """The decoded lines of a file; the lines of the current row, except its first, can be read again."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._row_lines: list[bytes] = []
        self._row_size = 0
        self._pushed_back: deque[bytes] = deque()
        self._encoding = encoding
        self.number = 0
        self.position = 0
        self.reread_bytes = 0

    def __iter__(self) -> 'LineReader':
        return self

    def __next__(self) -> str:
        line = self._pushed_back.popleft() if self._pushed_back else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self._row_lines.append(line)
        self._row_size += len(line)
        if self._row_size > MAX_ROW_BYTES:
            raise RowTooLongError
        # An undecodable byte becomes half of a surrogate pair, which services.ingest.message_parsing rejects.
        return line.decode(self._encoding, 'surrogateescape')

    def skip(self, count: int) -> None:
        """Skip lines, which must be shorter than MAX_ROW_BYTES."""
        for _ in range(count):
            self.start_row()
            next(self, None)

    def start_row(self) -> None:
        self._row_lines.clear()
        self._row_size = 0

    def unread_row(self) -> str:
        """Return the first line of the current row; its other lines will be read again."""
        first, *others = self._row_lines
        self._pushed_back.extendleft(reversed(others))
        self.number -= len(others)
        self.reread_bytes += self._row_size - len(first)
        return first[:MAX_ROW_BYTES].decode(self._encoding, 'surrogateescape').rstrip('\r\n')

    def _read(self) -> bytes:
        line = self._file.readline(MAX_ROW_BYTES + 1)
        self.position += len(line)
        if len(line) > MAX_ROW_BYTES and not line.endswith(b'\n'):
            self._skip_line(self.position + MAX_LINE_BYTES)
        return line

    def _skip_line(self, limit: int) -> None:
        """Read the rest of a line; raise LineTooLongError at the position `limit`."""
        while rest := self._file.readline(MAX_ROW_BYTES):
            self.position += len(rest)
            if rest.endswith(b'\n'):
                return
            if self.position > limit:
                raise LineTooLongError
