"""Import of a CSV file: valid rows are recorded in batches, rejected rows are written to a file of their own.

An ImportFormat describes what the rows contain: MESSAGE_FORMAT here, DOCUMENT_FORMAT in
services.documents.document_ingest.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlmodel import Session

from services import texts
from services.database.engine import Database
from services.ingest import message_parsing
from services.ingest.csv_import.csv_file import CsvFile, CsvRow, InvalidFileError
from services.ingest.csv_import.rejects_file import REJECT_COLUMNS, RejectsFile, unescape_formula
from services.ingest.message_fields import MESSAGE_FIELDS, check_times, parse_message
from services.ingest.message_ingest import IngestOutcome, ingest_imported_messages
from services.ingest.message_parsing import IncomingMessage
from services.ingest.validation import IncomingField, InvalidValueError, MessageField
from services.lists.message_kinds import read_known_kinds

BATCH_SIZE = 1000
"""Rows in a transaction. A killed import loses at most one batch, which the next run of the import records."""
IGNORED_COLUMNS = (*REJECT_COLUMNS, texts.EXPORTED_AT)
"""Columns that only the program's own files have; they mark a file in which formulas are escaped."""

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
        """
        self.fields = {field.column: field for field in fields}
        self.optional = optional
        self.required = tuple(column for column in self.fields if column not in optional)
        self.parse_row = parse_row
        self.ingest_rows = ingest_rows
        self.check_row = check_row
        self.load_check = load_check


@dataclass(frozen=True)
class ImportReport:
    """The number of rows by outcome, and the path of the file of rejected rows (None if there are none)."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    rejects_path: Path | None


def import_file(
    database: Database,
    path: Path,
    zone: tzinfo,
    file_format: ImportFormat[Any],
    *,
    rejects_path: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ImportReport:
    """Import a file synchronously. Importing the same file again changes nothing.

    Args:
        database: a migrated database.
        path: CSV in UTF-8 or Windows-1251, delimited by `;`, `,` or tab, with the journal's columns in any order.
        zone: the time zone of the file's times.
        file_format: what its rows contain.
        rejects_path: the file of rejected rows; by default `<name>.refused.csv` in the same folder.
        progress: called after each batch with the bytes done and the bytes in total.
        now: returns the current time (aware).

    Raises:
        InvalidFileError: the file cannot be read, is not such a CSV, or the rejected rows cannot be written.
        DatabaseError: see services.errors; the batches that were imported before remain.
    """
    try:
        with path.open('rb') as stream:
            rejects_path = rejects_path or path.with_suffix('.refused.csv')
            if rejects_path.resolve() == path.resolve():
                raise InvalidFileError(texts.IMPORT_SAME_FILE.format(path=rejects_path))
            file = CsvFile(
                stream, path, required=file_format.required, allowed=(*file_format.optional, *IGNORED_COLUMNS)
            )
            with RejectsFile(
                rejects_path, [name for name in file.columns if name not in IGNORED_COLUMNS]
            ) as rejects_file:
                outcomes = _import_rows(
                    database, file, zone, file_format, rejects_file, progress or (lambda done, size: None), now
                )
                count, written_path = rejects_file.count, rejects_file.finish()
    except FileNotFoundError:
        raise InvalidFileError(texts.IMPORT_NO_FILE.format(path=path)) from None
    except OSError as error:
        raise InvalidFileError(texts.IMPORT_CANNOT_READ.format(path=path, cause=error.strerror)) from error
    return ImportReport(
        created=outcomes[IngestOutcome.CREATED],
        updated=outcomes[IngestOutcome.UPDATED],
        unchanged=outcomes[IngestOutcome.UNCHANGED],
        rejected=count,
        rejects_path=written_path,
    )


def _import_rows(
    database: Database,
    file: CsvFile,
    zone: tzinfo,
    file_format: ImportFormat[T],
    rejects: RejectsFile,
    progress: Callable[[int, int], None],
    now: Callable[[], datetime],
) -> Counter[IngestOutcome]:
    outcomes: Counter[IngestOutcome] = Counter()
    check = database.read_sync(file_format.load_check)
    for batch in _batches(_parse_rows(file, zone, file_format, rejects, check, now)):
        outcomes.update(_ingest_batch(database, batch, zone, file_format, now()))
        progress(min(file.position, file.size), file.size)
    progress(file.size, file.size)
    return outcomes


def _ingest_batch(
    database: Database, batch: Sequence[T], zone: tzinfo, file_format: ImportFormat[T], now: datetime
) -> list[IngestOutcome]:
    return database.write_sync(lambda session: file_format.ingest_rows(session, batch, zone, now))


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH_SIZE:
            yield batch
            batch = []
    if batch:
        yield batch


def _parse_rows(
    file: CsvFile,
    zone: tzinfo,
    file_format: ImportFormat[T],
    rejects: RejectsFile,
    check: Callable[[T], None],
    now: Callable[[], datetime],
) -> Iterator[T]:
    # What a journal has exported it has accepted before, for example when a provider's clock was wrong.
    is_exported = texts.EXPORTED_AT in file.columns
    is_escaped = set(REJECT_COLUMNS) <= set(file.columns) or is_exported
    data_columns = [index for index, name in enumerate(file.columns) if name not in IGNORED_COLUMNS]
    fields = [file_format.fields[file.columns[index]] for index in data_columns]
    for row in file:
        cells = _data_cells(row, data_columns, len(file.columns))
        if is_escaped:
            cells = [unescape_formula(cell) for cell in cells]
        if row.error:
            rejects.add(row.line, row.error, cells)
            continue
        cells_by_field = dict(zip(fields, cells, strict=True))
        try:
            parsed = file_format.parse_row(cells_by_field, zone)
            check(parsed)
            if not is_exported:
                file_format.check_row(parsed, cells_by_field, now())
        except InvalidValueError as refusal:
            rejects.add(row.line, refusal.describe(), cells)
        else:
            yield parsed


def _data_cells(row: CsvRow, data_columns: Sequence[int], column_count: int) -> list[str]:
    """Drop the columns that the program added; an invalid row keeps its cells after the last column."""
    cells = [row.cells[index] for index in data_columns if index < len(row.cells)]
    return cells + list(row.cells[column_count:])


def parse_message_row(cells: Mapping[MessageField, str], zone: tzinfo) -> IncomingMessage:
    """Parse a message from the cells of a row; raises InvalidValueError, see parse_message."""
    return parse_message(
        lambda field: cells.get(field, ''),
        lambda field: message_parsing.parse_local_time(cells.get(field, ''), field, zone),
    )


def message_format(*, accepts_unknown_kinds: bool) -> ImportFormat[IncomingMessage]:
    """Return the format of a file of messages; `accepts_unknown_kinds`: see services.lists.message_kinds."""

    def load_check(session: Session) -> Callable[[IncomingMessage], None]:
        known_kinds = read_known_kinds(session, accepts_unknown=accepts_unknown_kinds)
        return lambda message: known_kinds.check(message.kind)

    return ImportFormat(
        MessageField,
        tuple(definition.title for definition in MESSAGE_FIELDS if not definition.required),
        parse_message_row,
        lambda session, messages, zone, now: ingest_imported_messages(session, messages, zone=zone, now=now),
        lambda message, cells, now: check_times(message, lambda field: cells.get(field, ''), now),
        load_check,
    )


MESSAGE_FORMAT = message_format(accepts_unknown_kinds=False)
"""A file of messages whose kinds must be in the dictionary."""
