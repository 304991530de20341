"""Opens a file with a table, whatever its format."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.ingest.table_files.column_titles import ColumnTitles
from services.ingest.table_files.csv_file import CsvFile
from services.ingest.table_files.input_file import STANDARD_INPUT, open_input
from services.ingest.table_files.table_file import TableFile
from services.ingest.table_files.text_encoding import Encoding
from services.ingest.table_files.workbook_file import WorkbookFile, is_workbook


@dataclass(frozen=True)
class OpenTable:
    """An open file with a table."""

    table: TableFile
    read_progress: Callable[[], tuple[int, int]]
    """Returns how much was read, and of how much: in bytes, or in rows of a workbook; (0, 0) if that is unknown."""


@contextmanager
def open_table(path: Path, titles: ColumnTitles, encoding: Encoding | None = None) -> Iterator[OpenTable]:
    """Open a CSV file, which may be packed, or a workbook.

    Args:
        path: the file; `-` for the standard input, which cannot be a workbook.
        titles: what the columns may be called.
        encoding: of a CSV file without a byte order mark; by default it is detected.

    Raises:
        InvalidFileError: it is no file of a known format with these columns.
        OSError: it cannot be opened.
    """
    if path != STANDARD_INPUT and is_workbook(path):
        with WorkbookFile(path, titles) as workbook:
            yield OpenTable(workbook, lambda: workbook.progress)
    else:
        with open_input(path) as source:
            table = CsvFile(source.stream, source.name, titles=titles, encoding=encoding)
            yield OpenTable(table, lambda: (min(source.position, source.size), source.size))
