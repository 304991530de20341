"""What the readers of tables have in common: their rows, and the check of the columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services import texts
from services.ingest.table_files.column_titles import ColumnTitles, quoted_list
from services.ingest.table_files.file_errors import InvalidFileError


@dataclass(frozen=True)
class TableRow:
    """One row of a file."""

    line: int
    """Number of its first line in the file, or of the row in the sheet, from 1."""
    cells: Sequence[str]
    """As many as there are columns; for an invalid row of a CSV file, its first line split at each delimiter."""
    error: str | None = None
    """Why the row is invalid: a sentence for the user."""


class TableFile(Protocol):
    """The rows of an open file with a valid header."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns in the order of the file; empty for an unknown one."""

    @property
    def unknown_names(self) -> Sequence[str]:
        """The titles of the unknown columns."""

    def __iter__(self) -> Iterator[TableRow]:
        """Yield the rows; those without any value are skipped. Raises InvalidFileError if the rest is unreadable."""


def no_header_error(titles: ColumnTitles, path: Path) -> InvalidFileError:
    """Build the error of a file in whose beginning no row has titles of columns."""
    return InvalidFileError(texts.IMPORT_NO_HEADER.format(path=path, columns=quoted_list(titles.required[:2])))


def match_columns(names: Sequence[str], titles: ColumnTitles, path: Path) -> list[str]:
    """Return the column of each title, see ColumnTitles.match.

    Raises:
        InvalidFileError: a required column is missing, or a column is repeated.
    """
    columns = titles.match(names)
    if missing := [column for column in titles.required if column not in columns]:
        sentence = texts.IMPORT_MISSING_COLUMNS.format(path=path, columns=quoted_list(missing))
        unknown = unknown_names(names, columns)
        hint = texts.IMPORT_UNKNOWN_COLUMNS.format(columns=quoted_list(unknown)) if unknown else ''
        raise InvalidFileError(f'{sentence}{hint}')
    if repeated := sorted({column for column in columns if column and columns.count(column) > 1}):
        raise InvalidFileError(texts.IMPORT_REPEATED_COLUMNS.format(path=path, columns=quoted_list(repeated)))
    return columns


def unknown_names(names: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """Return the titles that have no column."""
    return tuple(name for name, column in zip(names, columns, strict=True) if not column)


def checked_row(line: int, cells: list[str], column_count: int) -> TableRow:
    """Return a row; with an error if it has not as many cells as there are columns."""
    # Spreadsheets often add empty cells after the last column.
    while len(cells) > column_count and not cells[-1]:
        cells.pop()
    if len(cells) == column_count:
        return TableRow(line, cells)
    return TableRow(line, cells, texts.IMPORT_FIELD_COUNT.format(found=len(cells), expected=column_count))
