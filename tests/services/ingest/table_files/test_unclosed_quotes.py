"""A file with unclosed quotes is refused early: after few bytes and in little memory, whatever its size."""

import tempfile
import tracemalloc
from io import BufferedReader, RawIOBase
from itertools import cycle
from pathlib import Path

import pytest

from services.ingest.table_files.column_titles import ColumnTitles
from services.ingest.table_files.csv_file import CsvFile
from services.ingest.table_files.file_errors import InvalidFileError
from services.ingest.table_files.line_reader import MAX_LINE_BYTES

COLUMNS = ('Код', 'Имя', 'Текст')
STREAM_BYTES = 500 << 20
MAX_MEMORY_BYTES = 4 << 20


class GeneratedFile(RawIOBase):
    """A file of STREAM_BYTES whose content is generated while it is read."""

    def __init__(self, head: str, lines: list[str], descriptor: int) -> None:
        self._pending = f'{";".join(COLUMNS)}\n{head}'.encode()
        self._lines = cycle([(line * (1 + 5_000 // max(len(line), 1))).encode() for line in lines])
        self._descriptor = descriptor
        self.bytes_read = 0

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while len(self._pending) < len(buffer) and self.bytes_read < STREAM_BYTES:
            self._pending += next(self._lines)
        part, self._pending = self._pending[: len(buffer)], self._pending[len(buffer) :]
        buffer[: len(part)] = part
        self.bytes_read += len(part)
        return len(part)


@pytest.mark.parametrize(
    ('head', 'lines', 'most_bytes'),
    [
        ('1;"начало;', ['без конца строки '], MAX_LINE_BYTES + (1 << 20)),
        ('1;"начало\n', ['не строка таблицы\n'], 1 << 20),
        ('1;"начало\n', ['\n'], 1 << 20),
        ('', ['1;x";"\n'], 8 << 20),
        ('', ['1;x";"\n1;имя;текст\n'], 8 << 20),
        ('1;имя;"начало\n', ['1;x";"\n', '1;имя;текст\n'], 8 << 20),
    ],
    ids=['one line', 'other lines', 'empty lines', 'reopened', 'reopened between rows', 'reopened now and then'],
)
def test_a_file_is_refused_soon(head: str, lines: list[str], most_bytes: int) -> None:
    with tempfile.TemporaryFile() as file:
        generated = GeneratedFile(head, lines, file.fileno())
        csv_file = CsvFile(BufferedReader(generated), Path('messages.csv'), titles=ColumnTitles(COLUMNS))
        tracemalloc.start()
        try:
            with pytest.raises(InvalidFileError, match='не закрыта кавычка'):
                for _ in csv_file:
                    pass
            assert tracemalloc.get_traced_memory()[1] < MAX_MEMORY_BYTES
        finally:
            tracemalloc.stop()
        assert generated.bytes_read < most_bytes


def test_rows_after_an_unclosed_quote_are_read(tmp_path: Path) -> None:
    path = tmp_path / 'messages.csv'
    rows = ['1;"имя;текст', *(['1;имя;текст', '', 'не строка'] * 3_000), '2;"имя;текст', *(['1;имя;текст'] * 9_000)]
    path.write_text('\n'.join([';'.join(COLUMNS), *rows]), 'utf-8')
    with path.open('rb') as stream:
        read = list(CsvFile(stream, path, titles=ColumnTitles(COLUMNS)))
    assert len([row for row in read if row.error is None]) == 12_000
    assert len([row for row in read if row.error]) == 3_002
