"""Bulk insert and update of messages by the fastest means of each driver: few statements on SQLite, COPY on PostgreSQL.

COPY is one statement, so the triggers of PostgreSQL count all its rows at once. SQLAlchemy's multi-row INSERT takes
psycopg longer to parse than PostgreSQL to execute.

The triggers of SQLite work row by row, but a statement that fires them has a cost of its own. At its beginning, FTS5
writes to the disk what it has collected in memory. During the statement, SQLite copies each page before its first
change, so that it could undo the statement alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import chain, islice
from operator import attrgetter
from sqlite3 import Connection as SqliteConnection
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

import psycopg
from sqlmodel import Session

from services.database.engine import Database
from services.database.indexes import index_builder
from services.database.indexes.sqlite_indexes import INDEXED_COLUMNS
from services.database.tables import MESSAGE_TABLE

T = TypeVar('T')


class BulkRow(NamedTuple):
    """A row of the table, with times as Unix timestamps, money in kopecks and enumerations as numbers."""

    place: int
    id: bytes
    day: int
    recipient_name: str
    name_key: str
    initials: str
    phone: str
    appointment_at: int | None
    organization_id: int
    kind: int
    status: int
    queued_at: int
    attempted_at: int | None
    sent_at: int | None
    cost: int
    text: str
    error_code: str | None
    error_name: str | None
    delivery: int | None = None
    phone_note: str | None = None
    parts: int | None = None
    sender: str | None = None
    channel: int | None = None
    cost_source: int | None = None
    parts_from_receipts: bool | None = None


BULK_COLUMNS = BulkRow._fields
STATEMENT_SIZES: Final = (500, 50, 5, 1)
"""Rows in a statement of SQLite: few sizes, because the driver stores a prepared statement of each in memory."""
TRIGGER_COLUMNS: Final = INDEXED_COLUMNS.split(', ')
"""Columns whose update fires the trigger of SQLite that counts and indexes a message again, even with equal values."""
OTHER_COLUMNS: Final = [column for column in BULK_COLUMNS if column not in {'id', *TRIGGER_COLUMNS}]
get_trigger_values = attrgetter(*TRIGGER_COLUMNS)
LOAD_BATCH_SIZE = 10_000
"""Messages in a transaction of `load_messages`."""

POSTGRESQL_TYPES = {
    'place': 'int8',
    'id': 'uuid',
    'day': 'int4',
    'recipient_name': 'text',
    'name_key': 'text',
    'initials': 'text',
    'phone': 'text',
    'appointment_at': 'timestamptz',
    'organization_id': 'int4',
    'kind': 'int2',
    'status': 'int2',
    'queued_at': 'timestamptz',
    'attempted_at': 'timestamptz',
    'sent_at': 'timestamptz',
    'cost': 'int8',
    'text': 'text',
    'error_code': 'text',
    'error_name': 'text',
    'delivery': 'int2',
    'phone_note': 'text',
    'parts': 'int2',
    'sender': 'text',
    'channel': 'int2',
    'cost_source': 'int2',
    'parts_from_receipts': 'bool',
}
"""The type of each column on PostgreSQL."""
ID_INDEX = BULK_COLUMNS.index('id')
TIME_INDEXES = [index for index, column in enumerate(BULK_COLUMNS) if POSTGRESQL_TYPES[column] == 'timestamptz']


def to_bulk_row(values: Mapping[str, object]) -> BulkRow:
    """Convert the values of a message by column to a row for `insert_rows`."""
    return BulkRow._make(_to_bulk_value(values[column]) for column in BULK_COLUMNS)


def _to_bulk_value(value: object) -> object:
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, Decimal):
        return int(value * 100)
    return value.bytes if isinstance(value, UUID) else value


def load_messages(
    database: Database, rows: Iterator[BulkRow], count: int, report_progress: index_builder.ProgressCallback
) -> None:
    """Load many messages, sorted by sort key, synchronously into a journal that nobody reads meanwhile.

    Search indexes and totals are dropped first and built over all messages at the end. If the program is killed, the
    next start builds them.

    Args:
        database: a migrated database.
        rows: messages with new ids; at most one batch of them is held in memory.
        count: the number of rows.
        report_progress: called with the steps done and the steps in total, half of which are for building.

    Raises:
        DatabaseError: see services.errors.
    """
    done, steps = 0, max(2 * count, 1)
    database.write_sync(lambda session: index_builder.drop_indexes(session.connection()))
    while batch := list(islice(rows, LOAD_BATCH_SIZE)):
        database.write_sync(partial(insert_rows, rows=batch))
        done += len(batch)
        report_progress(done, steps)

    def report_build_progress(step: int, step_count: int) -> None:
        report_progress(steps * (step_count + step) // (2 * step_count), steps)

    database.write_sync(lambda session: index_builder.build_indexes(session.connection(), report_build_progress))
    database.update_statistics()


def insert_rows(session: Session, rows: Iterable[BulkRow], table: str = MESSAGE_TABLE.name) -> None:
    """Insert messages in the session's transaction; fastest if they are sorted by sort key.

    Another `table` must have the same columns; the benchmark uses one without indexes and triggers for comparison.
    """
    driver = session.connection().connection.driver_connection
    if isinstance(driver, SqliteConnection):
        _insert_sqlite_rows(driver, list(rows), table)
        return
    assert isinstance(driver, psycopg.Connection)
    copy_from = f'COPY {table} ({", ".join(BULK_COLUMNS)}) FROM STDIN (FORMAT binary)'
    with driver.cursor() as cursor, cursor.copy(copy_from.encode()) as copy:
        copy.set_types([POSTGRESQL_TYPES[column] for column in BULK_COLUMNS])
        for row in rows:
            copy.write_row(to_postgresql_row(row))


def update_rows(session: Session, rows: Iterable[tuple[int, BulkRow]]) -> None:
    """Update messages in the session's transaction; each row comes with the sort key that its message had before.

    On PostgreSQL it is one statement, so that the triggers count all its rows at once.
    """
    driver = session.connection().connection.driver_connection
    if isinstance(driver, SqliteConnection):
        _update_sqlite_rows(driver, list(rows))
        return
    assert isinstance(driver, psycopg.Connection)
    values = ', '.join(f'{column} = changed.{column}' for column in BULK_COLUMNS)
    types = [POSTGRESQL_TYPES[column] for column in ('place', *BULK_COLUMNS)]
    arrays = ', '.join(f'%s::{type_name}[]' for type_name in types)
    columns = [list(column) for column in zip(*((old, *to_postgresql_row(row)) for old, row in rows), strict=True)]
    driver.execute(
        f'UPDATE message SET {values} FROM unnest({arrays}) AS changed (old_place, {", ".join(BULK_COLUMNS)}) '
        'WHERE message.place = changed.old_place'.encode(),
        columns,
    )


def _insert_sqlite_rows(driver: SqliteConnection, rows: Sequence[BulkRow], table: str) -> None:
    placeholders = f'({", ".join("?" * len(BULK_COLUMNS))})'
    for part in _in_statements(rows):
        values = ', '.join([placeholders] * len(part))
        driver.execute(
            f'INSERT INTO {table} ({", ".join(BULK_COLUMNS)}) VALUES {values}', list(chain.from_iterable(part))
        )


def _update_sqlite_rows(driver: SqliteConnection, rows: Sequence[tuple[int, BulkRow]]) -> None:
    """Update messages; the triggers count and index only those again of which they use a column that changes."""
    stored: dict[int, tuple[object, ...]] = {}
    for keys in _in_statements([old_sort_key for old_sort_key, _ in rows]):
        statement = f'SELECT place, {INDEXED_COLUMNS} FROM message WHERE place IN ({", ".join("?" * len(keys))})'
        stored |= {key: tuple(values) for key, *values in driver.execute(statement, keys)}
    is_same = {key: stored.get(key) == get_trigger_values(row) for key, row in rows}
    _update_sqlite_columns(driver, OTHER_COLUMNS, [change for change in rows if is_same[change[0]]])
    _update_sqlite_columns(driver, BULK_COLUMNS, [change for change in rows if not is_same[change[0]]])


def _update_sqlite_columns(
    driver: SqliteConnection, columns: Sequence[str], rows: Sequence[tuple[int, BulkRow]]
) -> None:
    new_values = ', '.join(f'{column} = changed.column{number}' for number, column in enumerate(columns, start=2))
    placeholders = f'({", ".join("?" * (len(columns) + 1))})'
    get_values = attrgetter(*columns)
    for part in _in_statements(rows):
        values = ', '.join([placeholders] * len(part))
        driver.execute(
            f'UPDATE message SET {new_values} FROM (VALUES {values}) AS changed WHERE message.place = changed.column1',
            [value for key, row in part for value in (key, *get_values(row))],
        )


def _in_statements(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Split items into as few parts of STATEMENT_SIZES as possible."""
    start = 0
    for size in STATEMENT_SIZES:
        while len(items) - start >= size:
            yield items[start : start + size]
            start += size


def to_postgresql_row(row: BulkRow) -> list[object]:
    """Convert the values of a row to the types that psycopg expects."""
    values: list[object] = list(row)
    values[ID_INDEX] = UUID(bytes=row.id)
    for index in TIME_INDEXES:
        seconds = row[index]
        if isinstance(seconds, int):
            values[index] = datetime.fromtimestamp(seconds, UTC)
    return values
