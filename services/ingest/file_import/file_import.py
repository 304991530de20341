"""Import of a file: valid rows are recorded in batches, rejected rows are written to a file of their own.

An ImportFormat describes what the rows contain: MESSAGE_FORMAT in message_format, DOCUMENT_FORMAT in
services.documents.document_ingest.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import UUID

from models import AuditEvent
from services import texts
from services.audit.hash_chain import COMMAND_LINE, Actor, AuditEntry, append_entries
from services.database.engine import Database
from services.ingest.file_import.import_format import ImportFormat
from services.ingest.file_import.import_report import ImportReport
from services.ingest.file_import.rejects_file import REJECT_COLUMNS, RejectsFile
from services.ingest.message_ingest import IngestOutcome
from services.ingest.table_files.column_titles import ColumnTitles, read_column_mapping
from services.ingest.table_files.file_errors import InvalidFileError
from services.ingest.table_files.formula_escaping import unescape_formula
from services.ingest.table_files.input_file import default_rejects_path
from services.ingest.table_files.open_table import OpenTable, open_table
from services.ingest.table_files.table_file import TableFile, TableRow
from services.ingest.table_files.text_encoding import Encoding
from services.ingest.validation import IncomingField, InvalidValueError

BATCH_SIZE = 1000
"""Rows in a transaction, for which other writers wait. What a killed import has not recorded, its next run records."""
SORTED_BATCHES = 10
"""Batches whose rows are sorted together.

Messages of one time are neighbours in most indexes, so that fewer pages of the database change in each transaction.
"""
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
        progress: called after each batch with how much of the file is recorded, and of how much; see OpenTable.
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
            report = progress or (lambda done, size: None)
            columns = [field.column for field in data_fields(source.table, file_format)]
            with RejectsFile(rejects_path, columns) as rejects:
                running = _FileImport(database, source, zone, file_format, rejects, report, actor, now)
                running.run()
                report(*source.read_progress())
                count, written_path = rejects.count, rejects.finish()
    except FileNotFoundError:
        raise InvalidFileError(texts.IMPORT_NO_FILE.format(path=path)) from None
    except OSError as error:
        raise InvalidFileError(texts.IMPORT_CANNOT_READ.format(path=path, cause=error.strerror)) from error
    return ImportReport(
        created=running.outcomes[IngestOutcome.CREATED],
        updated=running.outcomes[IngestOutcome.UPDATED],
        unchanged=running.outcomes[IngestOutcome.UNCHANGED],
        rejected=count,
        rejects_path=written_path,
        unknown_names=source.table.unknown_names,
        rounded=running.rounded,
    )


def column_titles(file_format: ImportFormat[Any], mapping_path: Path | None) -> ColumnTitles:
    """Return what the columns may be called; raises InvalidFileError, see read_column_mapping."""
    return ColumnTitles(
        file_format.required,
        (*file_format.optional, *IGNORED_COLUMNS),
        others=file_format.other_titles,
        mapping=read_column_mapping(mapping_path, list(file_format.fields)) if mapping_path else None,
    )


@dataclass
class _FileImport(Generic[T]):
    """An import of an open file, and what it has done so far; see import_file."""

    database: Database
    source: OpenTable
    zone: tzinfo
    file_format: ImportFormat[T]
    rejects: RejectsFile
    report: Callable[[int, int], None]
    actor: Actor
    now: Callable[[], datetime]
    outcomes: Counter[IngestOutcome] = field(default_factory=Counter)
    """The numbers of imported rows."""
    rounded: int = 0
    """How many of them had an amount with a fraction of a kopeck."""

    def run(self) -> None:
        """Import the rows, and record in the audit log how many, also if the import is interrupted."""
        try:
            self._import_rows()
        except BaseException:
            # The database may have failed: an exception while recording must not replace the first one.
            try:
                self._record(texts.ACCESS_IMPORT_INTERRUPTED)
            except Exception:
                log.exception('not recorded: an import of %s rows', self.outcomes.total())
            raise
        self._record()

    def _record(self, sentence: str = '{counts}') -> None:
        """Record how many rows were imported; the name of the file is left out, because it may name a person."""
        counts = texts.ACCESS_IMPORTED.format(
            created=self.outcomes[IngestOutcome.CREATED],
            updated=self.outcomes[IngestOutcome.UPDATED],
            unchanged=self.outcomes[IngestOutcome.UNCHANGED],
            rejected=self.rejects.count,
        )
        what, found = sentence.format(counts=counts), self.outcomes.total()
        at, section = datetime.now(UTC), self.file_format.section
        entry = AuditEntry(at, self.actor, AuditEvent.DATA_IMPORTED, section, what, found=found)
        self.database.write_sync(lambda session: append_entries(session, [entry]))

    def _import_rows(self) -> None:
        for batch, position in self._batches(self._parse_rows(self.database.read_sync(self.file_format.load_check))):
            results = self._ingest_batch([row.parsed for row in batch], self.now())
            for row, outcome in zip(batch, results, strict=True):
                if outcome is IngestOutcome.CONFLICT:
                    self.rejects.add(row.line, texts.ID_TAKEN, row.cells)
                else:
                    self.outcomes[outcome] += 1
                    self.rounded += row.is_rounded
            self.report(*position)

    def _batches(self, rows: Iterator[_ParsedRow[T]]) -> Iterator[tuple[list[_ParsedRow[T]], tuple[int, int]]]:
        """Yield the rows in batches, each with how much of the file was read for as many rows."""

        def read_batch() -> tuple[list[_ParsedRow[T]], tuple[int, int]]:
            return list(islice(rows, BATCH_SIZE)), self.source.read_progress()

        read = [read_batch() for _ in range(SORTED_BATCHES)]
        while read[0][0]:
            positions = [position for _, position in read]
            in_order = self._in_order([row for batch, _ in read for row in batch])
            read = []
            for start, position in zip(range(0, len(in_order), BATCH_SIZE), positions, strict=False):
                yield in_order[start : start + BATCH_SIZE], position
                # Between two transactions, because other processes wait for a moment in which SQLite is not locked.
                read.append(read_batch())

    def _in_order(self, rows: list[_ParsedRow[T]]) -> list[_ParsedRow[T]]:
        """Sort rows by time; those with the same id remain in the order of the file."""
        if self.file_format.id_and_time is None:
            return rows
        first_times: dict[UUID, datetime] = {}
        times = [first_times.setdefault(*self.file_format.id_and_time(row.parsed)) for row in rows]
        return [row for _, row in sorted(zip(times, rows, strict=True), key=itemgetter(0))]

    def _ingest_batch(self, batch: Sequence[T], now: datetime) -> list[IngestOutcome]:
        return self.database.write_sync(lambda session: self.file_format.ingest_rows(session, batch, self.zone, now))

    def _parse_rows(self, check: Callable[[T], None]) -> Iterator[_ParsedRow[T]]:
        # What a journal has exported it has accepted before, for example when a provider's clock was wrong.
        is_exported = texts.EXPORTED_AT in self.source.table.columns
        fields = data_fields(self.source.table, self.file_format)
        for row, cells in read_cells(self.source.table, self.file_format):
            if row.error:
                self.rejects.add(row.line, row.error, cells)
                continue
            cells_by_field = dict(zip(fields, cells, strict=True))
            try:
                parsed = self.file_format.parse_row(cells_by_field, self.zone)
                check(parsed)
                if not is_exported:
                    self.file_format.check_row(parsed, cells_by_field, self.now())
            except InvalidValueError as refusal:
                self.rejects.add(row.line, refusal.describe(), cells)
            else:
                yield _ParsedRow(row.line, cells, parsed, self.file_format.is_rounded(cells_by_field))


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
