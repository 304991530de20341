"""A preview of a file to import: its columns and first rows, before anything is recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import Any, Final

from services.ingest.file_import.file_import import column_titles, data_fields, read_cells
from services.ingest.file_import.import_format import ImportFormat
from services.ingest.table_files.open_table import open_table
from services.ingest.validation import IncomingField, InvalidValueError

PREVIEW_ROWS: Final = 10


@dataclass(frozen=True)
class PreviewRow:
    """A row of the file."""

    line: int
    """Number of its first line in the file, or of the row in the sheet, from 1."""
    cells: Sequence[str]
    """In the order of the columns; an invalid row may have more or fewer."""
    error: str | None
    """Why the row would be rejected; None if its values are valid. The dictionaries are not consulted."""


@dataclass(frozen=True)
class FilePreview:
    """The beginning of a file."""

    columns: Sequence[str]
    """The columns of the journal that the file has, in the order of the file."""
    unknown_names: Sequence[str]
    """The titles of columns that will not be imported."""
    rows: Sequence[PreviewRow]
    """The first rows, at most PREVIEW_ROWS."""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> 'FilePreview':
        """Restore a preview from the result of `to_json`."""
        return cls(value['columns'], value['unknown_names'], [PreviewRow(**row) for row in value['rows']])

    def to_json(self) -> dict[str, Any]:
        """Return the preview as a JSON object."""
        return asdict(self)


def preview_file(path: Path, zone: tzinfo, file_format: ImportFormat[Any]) -> FilePreview:
    """Read the beginning of a file; for the arguments and the errors see import_file."""
    with open_table(path, column_titles(file_format, None)) as source:
        fields = data_fields(source.table, file_format)
        rows = [
            PreviewRow(row.line, cells, row.error or _value_error(fields, cells, zone, file_format))
            for row, cells in islice(read_cells(source.table, file_format), PREVIEW_ROWS)
        ]
        return FilePreview([field.column for field in fields], source.table.unknown_names, rows)


def _value_error(
    fields: Sequence[IncomingField], cells: Sequence[str], zone: tzinfo, file_format: ImportFormat[Any]
) -> str | None:
    try:
        file_format.parse_row(dict(zip(fields, cells, strict=True)), zone)
    except InvalidValueError as error:
        return error.describe()
    return None
