"""Import of a file: valid rows are recorded in batches, rejected rows are written to a file of their own.

An ImportFormat describes what the rows contain: MESSAGE_FORMAT in message_format, DOCUMENT_FORMAT in
services.documents.document_ingest.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from models import AuditEvent
from services import texts
from services.audit.hash_chain import COMMAND_LINE, Actor, AuditEntry, append_entries
from services.database.engine import Database
from services.ingest.file_import.import_format import ImportFormat
from services.ingest.file_import.import_report import ImportReport
from services.ingest.file_import.rejects_file import REJECT_COLUMNS, RejectsFile, unescape_formula
from services.ingest.message_ingest import IngestOutcome
from services.ingest.table_files.column_titles import ColumnTitles, read_column_mapping
from services.ingest.table_files.file_errors import InvalidFileError
from services.ingest.table_files.input_file import default_rejects_path
from services.ingest.table_files.open_table import open_table
from services.ingest.table_files.table_file import TableFile, TableRow
from services.ingest.table_files.text_encoding import Encoding
from services.ingest.validation import IncomingField, InvalidValueError

BATCH_SIZE = 1000
"""Rows in a transaction. A killed import loses at most one batch, which the next run of the import records."""
IGNORED_COLUMNS = (*REJECT_COLUMNS, texts.EXPORTED_AT)
"""Columns that only the program's own files have; they mark a file in which formulas are escaped."""

T = TypeVar('T')
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _ParsedRow(Generic[T]):
    """A valid row; its line and cells are written to the rejected rows if the database refuses it."""

    line: int
    cells: Sequence[str]
    parsed: T
    is_rounded: bool


@dataclass
class _Counts:
    """The numbers of rows that were imported so far."""

    outcomes: Counter[IngestOutcome] = field(default_factory=Counter)
    rounded: int = 0


def import_file(
    database: Database,
    path: Path,
    zone: tzinfo,
    file_format: ImportFormat[Any],
    *,
    encoding: Encoding | None = None,
    mapping_path: Path | None = None,
    rejects_path: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    actor: Actor = COMMAND_LINE,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ImportReport:
    """Import a file synchronously, and record it in the audit log. Importing the same file again changes nothing.

    Args:
        database: a migrated database.
        path: a workbook, or CSV, which may be packed, delimited by `;`, `,` or tab, with the journal's columns in any
            order; `-` for CSV from the standard input.
        zone: the time zone of the file's times.
        file_format: what its rows contain.
        encoding: of a file without a byte order mark; by default it is detected.
        mapping_path: explains other titles of columns; see read_column_mapping.
        rejects_path: the file of rejected rows; by default `<name>.refused.csv` in the same folder.
        progress: called after each batch with how much was read, and of how much; see OpenTable.
        actor: who imports the file, for the audit log.
        now: returns the current time (aware).

    Raises:
        InvalidFileError: the file cannot be read, is not such a table, or the rejected rows cannot be written.
        DatabaseError: see services.errors; the batches that were imported before remain.
    """
    try:
        rejects_path = rejects_path or default_rejects_path(path)
        if rejects_path.resolve() == path.resolve():
            raise InvalidFileError(texts.IMPORT_SAME_FILE.format(path=rejects_path))
        with open_table(path, column_titles(file_format, mapping_path), encoding) as source:
            file = source.table

            def report_position() -> None:
                if progress:
                    progress(*source.read_progress())

            with RejectsFile(
                rejects_path, [column for column in file.columns if column in file_format.fields]
            ) as rejects_file:
                counts = _import_and_record(
                    database, file, zone, file_format, rejects_file, report_position, actor, now
                )
                report_position()
                count, written_path = rejects_file.count, rejects_file.finish()
    except FileNotFoundError:
        raise InvalidFileError(texts.IMPORT_NO_FILE.format(path=path)) from None
    except OSError as error:
        raise InvalidFileError(texts.IMPORT_CANNOT_READ.format(path=path, cause=error.strerror)) from error
    return ImportReport(
        created=counts.outcomes[IngestOutcome.CREATED],
        updated=counts.outcomes[IngestOutcome.UPDATED],
        unchanged=counts.outcomes[IngestOutcome.UNCHANGED],
        rejected=count,
        rejects_path=written_path,
        unknown_names=file.unknown_names,
        rounded=counts.rounded,
    )


def column_titles(file_format: ImportFormat[Any], mapping_path: Path | None) -> ColumnTitles:
    """Return what the columns may be called; raises InvalidFileError, see read_column_mapping."""
    return ColumnTitles(
        file_format.required,
        (*file_format.optional, *IGNORED_COLUMNS),
        others=file_format.other_titles,
        mapping=read_column_mapping(mapping_path, list(file_format.fields)) if mapping_path else None,
    )


def _import_and_record(
    database: Database,
    file: TableFile,
    zone: tzinfo,
    file_format: ImportFormat[T],
    rejects: RejectsFile,
    report_position: Callable[[], None],
    actor: Actor,
    now: Callable[[], datetime],
) -> _Counts:
    counts = _Counts()
    record = partial(_record_import, database, file_format, actor, counts.outcomes)
    try:
        _import_rows(database, file, zone, file_format, rejects, report_position, now, counts)
    except BaseException:
        # The database may have failed: an exception while recording must not replace the first one.
        try:
            _record_import(
                database, file_format, actor, counts.outcomes, rejects.count, texts.ACCESS_IMPORT_INTERRUPTED
            )
        except Exception:
            log.exception('not recorded: an import of %s rows', counts.outcomes.total())
        raise
    record(rejects.count)
    return counts


def _record_import(
    database: Database,
    file_format: ImportFormat[Any],
    actor: Actor,
    outcomes: Counter[IngestOutcome],
    rejected: int,
    sentence: str = '{counts}',
) -> None:
    """Record how many rows were imported; the name of the file is left out, because it may name a person."""
    counts = texts.ACCESS_IMPORTED.format(
        created=outcomes[IngestOutcome.CREATED],
        updated=outcomes[IngestOutcome.UPDATED],
        unchanged=outcomes[IngestOutcome.UNCHANGED],
        rejected=rejected,
    )
    entry = AuditEntry(
        datetime.now(UTC),
        actor,
        AuditEvent.DATA_IMPORTED,
        file_format.section,
        sentence.format(counts=counts),
        found=outcomes.total(),
    )
    database.write_sync(lambda session: append_entries(session, [entry]))


def _import_rows(
    database: Database,
    file: TableFile,
    zone: tzinfo,
    file_format: ImportFormat[T],
    rejects: RejectsFile,
    report_position: Callable[[], None],
    now: Callable[[], datetime],
    counts: _Counts,
) -> None:
    check = database.read_sync(file_format.load_check)
    for batch in _batches(_parse_rows(file, zone, file_format, rejects, check, now)):
        results = _ingest_batch(database, [row.parsed for row in batch], zone, file_format, now())
        for row, outcome in zip(batch, results, strict=True):
            if outcome is IngestOutcome.CONFLICT:
                rejects.add(row.line, texts.ID_TAKEN, row.cells)
            else:
                counts.outcomes[outcome] += 1
                counts.rounded += row.is_rounded
        report_position()


def _ingest_batch(
    database: Database, batch: Sequence[T], zone: tzinfo, file_format: ImportFormat[T], now: datetime
) -> list[IngestOutcome]:
    return database.write_sync(lambda session: file_format.ingest_rows(session, batch, zone, now))


def _batches(items: Iterator[_ParsedRow[T]]) -> Iterator[list[_ParsedRow[T]]]:
    batch: list[_ParsedRow[T]] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH_SIZE:
            yield batch
            batch = []
    if batch:
        yield batch


def _parse_rows(
    file: TableFile,
    zone: tzinfo,
    file_format: ImportFormat[T],
    rejects: RejectsFile,
    check: Callable[[T], None],
    now: Callable[[], datetime],
) -> Iterator[_ParsedRow[T]]:
    # What a journal has exported it has accepted before, for example when a provider's clock was wrong.
    is_exported = texts.EXPORTED_AT in file.columns
    fields = data_fields(file, file_format)
    for row, cells in read_cells(file, file_format):
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
            yield _ParsedRow(row.line, cells, parsed, file_format.is_rounded(cells_by_field))


def data_fields(file: TableFile, file_format: ImportFormat[Any]) -> list[IncomingField]:
    """Return the fields whose columns a file has, in the order of its columns."""
    return [file_format.fields[name] for name in file.columns if name in file_format.fields]


def read_cells(file: TableFile, file_format: ImportFormat[Any]) -> Iterator[tuple[TableRow, list[str]]]:
    """Yield each row with its cells in the order of data_fields; an invalid row may have more or fewer.

    Raises:
        InvalidFileError: see TableFile.
    """
    is_escaped = set(REJECT_COLUMNS) <= set(file.columns) or texts.EXPORTED_AT in file.columns
    data_columns = [index for index, name in enumerate(file.columns) if name in file_format.fields]
    for row in file:
        cells = _data_cells(row, data_columns, len(file.columns))
        yield row, [unescape_formula(cell) for cell in cells] if is_escaped else cells


def _data_cells(row: TableRow, data_columns: Sequence[int], column_count: int) -> list[str]:
    """Drop the columns that the program added; an invalid row keeps its cells after the last column."""
    cells = [row.cells[index] for index in data_columns if index < len(row.cells)]
    return cells + list(row.cells[column_count:])
