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
from services.ingest.csv_import.csv_file import CsvFile, Row, UnusableFile
from services.ingest.csv_import.rejects_file import COLUMNS as REFUSED_COLUMNS
from services.ingest.csv_import.rejects_file import RefusedFile, rearm
from services.ingest.message_ingest import Outcome, record
from services.ingest.message_parsing import Incoming
from services.ingest.validation import IncomingField, MessageField, Refused

BATCH = 1000
"""Rows a transaction. A killed import loses at most the last of them, and running it again takes them up."""
PASSED_OVER = (*REFUSED_COLUMNS, texts.EXPORTED_AT)
"""Columns that the program's own files have besides: they tell that what looks like a formula was disarmed."""

T = TypeVar('T')


Record = Callable[[Session, Sequence[T], tzinfo, datetime], list[Outcome]]
"""Records what a batch of rows holds in the session's transaction, by the days of a zone and the present moment."""


class Format(Generic[T]):
    """What the rows of a file hold."""

    def __init__(
        self,
        fields: Iterable[IncomingField],
        optional: Sequence[str],
        read: Callable[[Mapping[Any, str], tzinfo], T],
        record: Record[T],
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
        self.read = read
        self.record = record


@dataclass(frozen=True)
class ImportReport:
    """How many rows came to what, and where the refused ones lie (None when there are none)."""

    created: int
    updated: int
    unchanged: int
    refused: int
    refused_path: Path | None


def import_file(
    database: Database,
    path: Path,
    zone: tzinfo,
    format: Format[Any],
    *,
    refused: Path | None = None,
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
            refused = refused or path.with_suffix('.refused.csv')
            if refused.resolve() == path.resolve():
                raise UnusableFile(texts.IMPORT_SAME_FILE.format(path=refused))
            file = CsvFile(stream, path, required=format.required, allowed=(*format.optional, *PASSED_OVER))
            with RefusedFile(refused, [name for name in file.columns if name not in PASSED_OVER]) as refused_file:
                outcomes = _import_rows(
                    database, file, zone, format, refused_file, progress or (lambda done, size: None)
                )
                count, refused_path = refused_file.count, refused_file.finish()
    except FileNotFoundError:
        raise UnusableFile(texts.IMPORT_NO_FILE.format(path=path)) from None
    except OSError as error:
        raise UnusableFile(texts.IMPORT_CANNOT_READ.format(path=path, cause=error.strerror)) from error
    return ImportReport(
        created=outcomes[Outcome.CREATED],
        updated=outcomes[Outcome.UPDATED],
        unchanged=outcomes[Outcome.UNCHANGED],
        refused=count,
        refused_path=refused_path,
    )


def _import_rows(
    database: Database,
    file: CsvFile,
    zone: tzinfo,
    format: Format[T],
    refused: RefusedFile,
    progress: Callable[[int, int], None],
) -> Counter[Outcome]:
    outcomes: Counter[Outcome] = Counter()
    for batch in _batches(_accepted(file, zone, format, refused)):
        outcomes.update(_write(database, batch, zone, format))
        progress(min(file.position, file.size), file.size)
    progress(file.size, file.size)
    return outcomes


def _write(database: Database, batch: Sequence[T], zone: tzinfo, format: Format[T]) -> list[Outcome]:
    now = datetime.now(UTC)
    return database.write_now(lambda session: format.record(session, batch, zone, now))


def _batches(things: Iterator[T]) -> Iterator[list[T]]:
    batch: list[T] = []
    for thing in things:
        batch.append(thing)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _accepted(file: CsvFile, zone: tzinfo, format: Format[T], refused: RefusedFile) -> Iterator[T]:
    disarmed = set(REFUSED_COLUMNS) <= set(file.columns) or texts.EXPORTED_AT in file.columns
    own = [index for index, name in enumerate(file.columns) if name not in PASSED_OVER]
    fields = [format.fields[file.columns[index]] for index in own]
    for row in file:
        cells = _own_cells(row, own, len(file.columns))
        if disarmed:
            cells = [rearm(cell) for cell in cells]
        if row.damage:
            refused.add(row.line, row.damage, cells)
            continue
        try:
            yield format.read(dict(zip(fields, cells, strict=True)), zone)
        except Refused as refusal:
            refused.add(row.line, refusal.sentence(), cells)


def _own_cells(row: Row, own: Sequence[int], columns: int) -> list[str]:
    """Leave out what the program itself said of the row; a damaged row keeps its cells beyond the last column."""
    cells = [row.cells[index] for index in own if index < len(row.cells)]
    return cells + list(row.cells[columns:])


def read_message(values: Mapping[MessageField, str], zone: tzinfo) -> Incoming:
    """Read a message from the cells of a row.

    Raises:
        Refused: the first field that cannot be read.
    """
    return Incoming(
        id=message_parsing.read_id(values[MessageField.ID]),
        recipient_name=message_parsing.read_recipient_name(values[MessageField.RECIPIENT_NAME]),
        phone=message_parsing.read_phone(values[MessageField.PHONE]),
        appointment_at=message_parsing.read_local_time(
            values[MessageField.APPOINTMENT_AT], MessageField.APPOINTMENT_AT, zone
        ),
        organization=message_parsing.read_organization(values[MessageField.ORGANIZATION]),
        kind=message_parsing.read_kind(values[MessageField.KIND]),
        status=message_parsing.read_status(values[MessageField.STATUS]),
        queued_at=message_parsing.read_local_time(values.get(MessageField.QUEUED_AT, ''), MessageField.QUEUED_AT, zone),
        attempted_at=message_parsing.read_local_time(
            values.get(MessageField.ATTEMPTED_AT, ''), MessageField.ATTEMPTED_AT, zone
        ),
        sent_at=message_parsing.read_local_time(values[MessageField.SENT_AT], MessageField.SENT_AT, zone),
        cost=message_parsing.read_cost(values[MessageField.COST]),
        text=message_parsing.read_text(values[MessageField.TEXT]),
        error_code=message_parsing.read_error_code(values[MessageField.ERROR_CODE]),
        error_name=message_parsing.read_error_name(values[MessageField.ERROR_NAME]),
    )


MESSAGES = Format(
    MessageField,
    (texts.QUEUED_AT, texts.ATTEMPTED_AT),
    read_message,
    lambda session, messages, zone, now: record(session, messages, zone=zone, now=now),
)
"""The messages of the journal."""
