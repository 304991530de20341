"""Files as people have them: encodings, lines above the header, packed files and the standard input."""

import gzip
import os
import sys
import zipfile
from io import BytesIO
from itertools import chain, repeat
from pathlib import Path

import pytest

from services.ingest.table_files.byte_stream import stream_of
from services.ingest.table_files.column_titles import ColumnTitles
from services.ingest.table_files.csv_file import CsvFile
from services.ingest.table_files.file_errors import InvalidFileError
from services.ingest.table_files.input_file import EXPANSION_ALLOWANCE, default_rejects_path, open_input
from services.ingest.table_files.text_encoding import Encoding

COLUMNS = ('Код', 'Имя', 'Текст')
TABLE = 'Код;Имя;Текст\n1;Ёлкина Эмма;Да\n'
ROW = ['1', 'Ёлкина Эмма', 'Да']


def read_rows(content: bytes, encoding: Encoding | None = None) -> list[tuple[int, list[str], str | None]]:
    """Return the line, the cells and the error of each row."""
    file = CsvFile(BytesIO(content), Path('a.csv'), titles=ColumnTitles(COLUMNS, ('id',)), encoding=encoding)
    return [(row.line, list(row.cells), row.error) for row in file]


def read_path(path: Path) -> list[list[str]]:
    """Return the cells of the rows of a file, or of the standard input."""
    with open_input(path) as source:
        return [list(row.cells) for row in CsvFile(source.stream, source.name, titles=ColumnTitles(COLUMNS))]


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'utf-16', 'windows-1251', 'cp866'])
@pytest.mark.parametrize('rows', [1, 20_000])
def test_the_encoding_is_detected(encoding: str, rows: int) -> None:
    content = (TABLE + TABLE.splitlines(keepends=True)[1] * (rows - 1)).encode(encoding)
    assert [cells for _, cells, _ in read_rows(content)] == [ROW] * rows


@pytest.mark.parametrize('encoding', ['utf-16-le', 'utf-16-be', 'windows-1251', 'cp866', 'utf-8'])
def test_the_encoding_can_be_specified(encoding: Encoding) -> None:
    assert read_rows(TABLE.encode(encoding), encoding) == [(2, ROW, None)]


def test_a_big_endian_file_is_known_by_its_byte_order_mark() -> None:
    assert read_rows(f'\ufeff{TABLE}'.encode('utf-16-be')) == [(2, ROW, None)]


def test_an_encoding_that_nothing_proves_is_refused() -> None:
    """Titles in Latin letters are the same in all encodings, so the names below could be read as other letters."""
    for encoding in ('windows-1251', 'cp866', 'koi8-r'):
        content = 'id;name\n1;Ёлкина Эмма\n'.encode(encoding)
        with pytest.raises(InvalidFileError, match='--encoding'):
            read_rows(content)
    with pytest.raises(InvalidFileError, match='--encoding'):
        read_rows(TABLE.encode('koi8-r'))
    (row,) = read_rows('Код;Имя;Текст\nне-id;Имя;б\n'.encode('cp1251'))
    assert row[1] == ['не-id', 'Имя', 'б']
    with pytest.raises(InvalidFileError, match='нет столбцов'):
        read_rows('id;name\n1;Ёлкина Эмма\n'.encode())


def test_a_truncated_utf_16_file_shows_that_its_end_is_unreadable() -> None:
    ((_, cells, _),) = read_rows(TABLE.rstrip().encode('utf-16')[:-1])
    assert cells[2].startswith('Д\udcff')


@pytest.mark.parametrize(
    ('above', 'line'),
    [
        ('sep=;\n', 3),
        ('"sep=;"\r\n', 3),
        ('Журнал отправленных сообщений\n', 3),
        ('Журнал;;\n;;\nКод;за ноябрь;"в две\nстроки"\n', 6),
        ('\n' * 19, 21),
    ],
)
def test_lines_above_the_header_are_skipped(above: str, line: int) -> None:
    assert read_rows((above + TABLE).encode('cp1251')) == [(line, ROW, None)]


def test_a_separator_line_determines_the_delimiter() -> None:
    assert read_rows(f'sep=|\n{TABLE}'.replace(';', '|').encode()) == [(3, ROW, None)]


def test_the_title_of_a_column_may_have_a_line_break() -> None:
    file = CsvFile(
        BytesIO('"Дата и\nвремя";Код\n1;2\n'.encode()), Path('a'), titles=ColumnTitles(('Дата и время', 'Код'))
    )
    assert [(row.line, row.cells) for row in file] == [(3, ['1', '2'])]


def test_a_header_after_the_first_lines_is_not_found() -> None:
    with pytest.raises(InvalidFileError, match='В первых строках'):
        read_rows(('\n' * 20 + TABLE).encode())


def pack(path: Path, members: dict[str, bytes]) -> Path:
    """Write a .zip."""
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    content = TABLE.encode('cp866')
    (tmp_path / 'a.csv.gz').write_bytes(gzip.compress(content[:40]) + gzip.compress(content[40:]))
    packed = pack(tmp_path / 'a.zip', {'folder/': b'', 'folder/a.csv': content, '__MACOSX/._a.csv': b'\x00'})
    assert read_path(tmp_path / 'a.csv.gz') == read_path(packed) == [ROW]
    for name in ('a.csv', 'a.csv.gz', 'a.CSV.ZIP', 'a.zip'):
        assert default_rejects_path(tmp_path / name) == tmp_path / 'a.refused.csv'


def test_progress_counts_packed_bytes(tmp_path: Path) -> None:
    content = b'\n'.join(os.urandom(99).hex().encode() for _ in range(10_000))
    (tmp_path / 'a.gz').write_bytes(gzip.compress(content))
    for path in (tmp_path / 'a.gz', pack(tmp_path / 'a.zip', {'a': content})):
        with open_input(path) as source:
            assert source.size == path.stat().st_size
            source.stream.read(len(content) // 2)
            assert 0.3 < source.position / source.size < 0.7
            source.stream.read()
            assert 0.99 < source.position / source.size <= 1


def test_an_archive_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(os.urandom(100_000))
    (tmp_path / 'short.gz').write_bytes(whole[:-50_000])
    (tmp_path / 'damaged.gz').write_bytes(whole[:50_000] + b'damaged' + whole[50_000:])
    broken = pack(tmp_path / 'broken.zip', {'a': os.urandom(100_000)})
    broken.write_bytes(broken.read_bytes().replace(b'PK\x01\x02', b'PK\x01\x03'))
    cases = {
        tmp_path / 'short.gz': 'повреждён',
        tmp_path / 'damaged.gz': 'повреждён',
        broken: 'повреждён',
        pack(tmp_path / 'two.zip', {'a': b'', 'b': b''}): 'файлов: 2, а нужен один',
    }
    for path, sentence in cases.items():
        with pytest.raises(InvalidFileError, match=sentence), open_input(path) as source:
            source.stream.read()


@pytest.mark.parametrize('name', ['bomb.gz', 'bomb.zip'])
def test_a_file_does_not_expand_without_end(tmp_path: Path, name: str) -> None:
    zeros = (b'0' * 99 + b'\n') * 400_000
    path = tmp_path / name
    if name.endswith('.gz'):
        path.write_bytes(gzip.compress(zeros))
    else:
        pack(path, {'a.csv': zeros})
    unpacked: list[int] = []
    with pytest.raises(InvalidFileError, match='больше чем в 100 раз'), open_input(path) as source:
        unpacked.extend(map(len, source.stream))
    assert 0 < sum(unpacked) <= EXPANSION_ALLOWANCE + 100 * path.stat().st_size


@pytest.mark.parametrize('packed', [False, True])
def test_the_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    read_end, write_end = os.pipe()
    content = TABLE.encode()
    os.write(write_end, gzip.compress(content) if packed else content)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        monkeypatch.setattr(sys, 'stdin', pipe)
        assert read_path(Path('-')) == [ROW]
    assert default_rejects_path(Path('-')) == Path('stdin.refused.csv')


def test_a_zip_from_a_pipe_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, pack(tmp_path / 'a.zip', {'a.csv': TABLE.encode()}).read_bytes())
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        monkeypatch.setattr(sys, 'stdin', pipe)
        with pytest.raises(InvalidFileError, match='unzip -p'):
            read_path(Path('-'))


def test_only_what_is_needed_is_read() -> None:
    """Memory stays flat: a file without end is read in chunks."""
    rows = CsvFile(stream_of(chain([TABLE.encode()], repeat(b'1;a;b\n'))), Path('a'), titles=ColumnTitles(COLUMNS))
    assert [row.cells for row, _ in zip(rows, range(3), strict=False)] == [ROW, ['1', 'a', 'b'], ['1', 'a', 'b']]
