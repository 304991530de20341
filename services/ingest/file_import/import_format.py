"""The description of an import file: what its rows contain and how they are recorded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlmodel import Session

from services import texts
from services.ingest.message_ingest import IngestOutcome
from services.ingest.validation import IncomingField

T = TypeVar('T')

IngestRows = Callable[[Session, Sequence[T], tzinfo, datetime], list[IngestOutcome]]
"""Records a batch of rows in the session's transaction; gets the zone of the journal's days and the current time."""
CheckRow = Callable[[T, Mapping[Any, str], datetime], None]
"""Checks a parsed row; gets its cells and the current time."""


class ImportFormat(Generic[T]):
    """What the rows of a file contain, and how they are recorded."""

    def __init__(
        self,
        fields: Iterable[IncomingField],
        optional: Sequence[str],
        parse_row: Callable[[Mapping[Any, str], tzinfo], T],
        ingest_rows: IngestRows[T],
        check_row: CheckRow[T] = lambda row, cells, now: None,
        load_check: Callable[[Session], Callable[[T], None]] = lambda session: lambda row: None,
        is_rounded: Callable[[Mapping[Any, str]], bool] = lambda cells: False,
        section: str = texts.SECTION_TITLE,
        id_and_time: Callable[[T], tuple[UUID, datetime]] | None = None,
    ) -> None:
        """Describe a format.

        Args:
            fields: the fields; each has a column of its own.
            optional: titles of the columns that a file may omit.
            parse_row: parses the cells of a row, with times in a zone; raises InvalidValueError.
            ingest_rows: records a batch of parsed rows.
            check_row: checks a parsed row against the current time; raises InvalidValueError.
            load_check: reads from the database what parsed rows are checked by, and returns the check, which raises
                InvalidValueError.
            is_rounded: returns whether the amount of a valid row has been rounded.
            section: the title of the journal that the rows belong to, for the audit log.
            id_and_time: returns the id of a parsed row, and the time by which it is recorded before or after others;
                None if rows are recorded in the order of the file.
        """
        self.section = section
        self.fields = {field.column: field for field in fields}
        self.optional = optional
        self.required = tuple(column for column in self.fields if column not in optional)
        self.other_titles = {
            title: column
            for column, field in self.fields.items()
            for title in (*texts.OTHER_COLUMN_TITLES.get(column, ()), field.value)
        }
        """Columns by other titles: the usual ones and the names of the API."""
        self.parse_row = parse_row
        self.ingest_rows = ingest_rows
        self.check_row = check_row
        self.load_check = load_check
        self.is_rounded = is_rounded
        self.id_and_time = id_and_time
