"""Importing a CSV file: its rows go to the feed in batches, the refused ones to a file of their own.

What is in the file is told by its Format: MESSAGES here, services.documents.document_service has its own.
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
from services.ingest.csv_import.rejects_file import REJECT_COLUMNS as REFUSED_COLUMNS
from services.ingest.csv_import.rejects_file import RejectsFile, unescape_formula
from services.ingest.message_ingest import IngestOutcome, ingest_imported_messages
from services.ingest.message_parsing import IncomingMessage
from services.ingest.validation import IncomingField, InvalidValueError, MessageField

BATCH_SIZE = 1000
"""Rows a transaction. A killed import loses at most the last of them, and running it again takes them up."""
IGNORED_COLUMNS = (*REFUSED_COLUMNS, texts.EXPORTED_AT)
"""Columns that the program's own files have besides: they tell that what looks like a formula was disarmed."""

T = TypeVar('T')


IngestRows = Callable[[Session, Sequence[T], tzinfo, datetime], list[IngestOutcome]]
"""Records what a batch of rows holds in the session's transaction, by the days of a zone and the present moment."""


class ImportFormat(Generic[T]):
    """What the rows of a file hold."""

    def __init__(
        self,
        fields: Iterable[IncomingField],
        optional: Sequence[str],
        parse_row: Callable[[Mapping[Any, str], tzinfo], T],
        ingest_rows: IngestRows[T],
    ) -> None:
        """Describe it.

        Args:
            fields: each in a column of its own.
            optional: the columns that a file need not have.
            read: makes a thing of the cells of a row by the clock of a zone; raises Refused.
            record: takes a batch of them in.
        """
        self.fields = {field.column: field for field in fields}
        self.optional = optional
        self.required = tuple(column for column in self.fields if column not in optional)
        self.parse_row = parse_row
        self.ingest_rows = ingest_rows


@dataclass(frozen=True)
class ImportReport:
    """How many rows came to what, and where the refused ones lie (None when there are none)."""

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
) -> ImportReport:
    """Import a file; blocks until it is done. Importing it again changes nothing.

    Args:
        database: migrated.
        path: CSV in UTF-8 or Windows-1251, parted by `;`, `,` or tab, with the journal's columns in any order.
        zone: the clock that the file's times are read by.
        format: what its rows hold.
        refused: where refused rows go; by default `<name>.refused.csv` beside the file.
        progress: called after each batch with bytes done and bytes in all.

    Raises:
        UnusableFile: the file cannot be read, is no such CSV, or the refused rows cannot be written.
        Unavailable, Busy: see services.database.engine; what was imported before stays.
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
                    database, file, zone, file_format, rejects_file, progress or (lambda done, size: None)
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
) -> Counter[IngestOutcome]:
    outcomes: Counter[IngestOutcome] = Counter()
    for batch in _batches(_parse_rows(file, zone, file_format, rejects)):
        outcomes.update(_ingest_batch(database, batch, zone, file_format))
        progress(min(file.position, file.size), file.size)
    progress(file.size, file.size)
    return outcomes


def _ingest_batch(
    database: Database, batch: Sequence[T], zone: tzinfo, file_format: ImportFormat[T]
) -> list[IngestOutcome]:
    now = datetime.now(UTC)
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


def _parse_rows(file: CsvFile, zone: tzinfo, file_format: ImportFormat[T], rejects: RejectsFile) -> Iterator[T]:
    is_escaped = set(REFUSED_COLUMNS) <= set(file.columns) or texts.EXPORTED_AT in file.columns
    data_columns = [index for index, name in enumerate(file.columns) if name not in IGNORED_COLUMNS]
    fields = [file_format.fields[file.columns[index]] for index in data_columns]
    for row in file:
        cells = _data_cells(row, data_columns, len(file.columns))
        if is_escaped:
            cells = [unescape_formula(cell) for cell in cells]
        if row.error:
            rejects.add(row.line, row.error, cells)
            continue
        try:
            yield file_format.parse_row(dict(zip(fields, cells, strict=True)), zone)
        except InvalidValueError as refusal:
            rejects.add(row.line, refusal.describe(), cells)


def _data_cells(row: CsvRow, data_columns: Sequence[int], column_count: int) -> list[str]:
    """Leave out what the program itself said of the row; a damaged row keeps its cells beyond the last column."""
    cells = [row.cells[index] for index in data_columns if index < len(row.cells)]
    return cells + list(row.cells[column_count:])


def parse_message_row(values: Mapping[MessageField, str], zone: tzinfo) -> IncomingMessage:
    """Read a message from the cells of a row.

    Raises:
        Refused: the first field that cannot be read.
    """
    return IncomingMessage(
        id=message_parsing.parse_id(values[MessageField.ID]),
        recipient_name=message_parsing.parse_recipient_name(values[MessageField.RECIPIENT_NAME]),
        phone=message_parsing.parse_phone(values[MessageField.PHONE]),
        appointment_at=message_parsing.parse_local_time(
            values[MessageField.APPOINTMENT_AT], MessageField.APPOINTMENT_AT, zone
        ),
        organization=message_parsing.parse_organization(values[MessageField.ORGANIZATION]),
        kind=message_parsing.parse_kind(values[MessageField.KIND]),
        status=message_parsing.parse_status(values[MessageField.STATUS]),
        queued_at=message_parsing.parse_local_time(
            values.get(MessageField.QUEUED_AT, ''), MessageField.QUEUED_AT, zone
        ),
        attempted_at=message_parsing.parse_local_time(
            values.get(MessageField.ATTEMPTED_AT, ''), MessageField.ATTEMPTED_AT, zone
        ),
        sent_at=message_parsing.parse_local_time(values[MessageField.SENT_AT], MessageField.SENT_AT, zone),
        cost=message_parsing.parse_cost(values[MessageField.COST]),
        text=message_parsing.parse_text(values[MessageField.TEXT]),
        error_code=message_parsing.parse_error_code(values[MessageField.ERROR_CODE]),
        error_name=message_parsing.parse_error_name(values[MessageField.ERROR_NAME]),
    )


MESSAGE_FORMAT = ImportFormat(
    MessageField,
    (texts.QUEUED_AT, texts.ATTEMPTED_AT),
    parse_message_row,
    lambda session, messages, zone, now: ingest_imported_messages(session, messages, zone=zone, now=now),
)
"""The messages of the journal."""
