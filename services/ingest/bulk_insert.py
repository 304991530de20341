"""Inserting messages by the driver's own fastest way: prepared rows on SQLite, COPY on PostgreSQL.

One COPY is one statement, so that the triggers there count all its rows at once; SQLAlchemy's own statement of many
rows takes psycopg longer to read than PostgreSQL to carry out.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import islice
from sqlite3 import Connection as SqliteConnection
from typing import TypeAlias
from uuid import UUID

import psycopg
from sqlmodel import Session, SQLModel

from services.database.engine import Database
from services.database.indexes import index_builder

MESSAGE_TABLE = SQLModel.metadata.tables['message']

BulkRow: TypeAlias = tuple[
    int, bytes, int, str, str, str, str, int | None, int, int, int, int, int | None, int | None, int, str,
    str | None, str | None,
]  # fmt: skip
"""The values of COLUMNS, bare: moments in seconds since 1970, money in kopecks, enumerations as numbers."""
BULK_COLUMNS = (
    'place', 'id', 'day', 'recipient_name', 'name_key', 'initials', 'phone', 'appointment_at', 'organization_id',
    'kind', 'status', 'queued_at', 'attempted_at', 'sent_at', 'cost', 'text', 'error_code', 'error_name',
)  # fmt: skip

LOAD_BATCH_SIZE = 10_000
"""Messages a transaction of `load`."""

POSTGRESQL_TYPES = (
    'int8', 'uuid', 'int4', 'text', 'text', 'text', 'text', 'timestamptz', 'int4',
    'int2', 'int2', 'timestamptz', 'timestamptz', 'timestamptz', 'int8', 'text', 'text', 'text',
)  # fmt: skip


def to_bulk_row(values: Mapping[str, object]) -> BulkRow:
    """Give the values of a message, by their columns, as a row for `insert`."""
    return tuple(_to_bulk_value(values[column]) for column in BULK_COLUMNS)  # type: ignore[return-value]


def _to_bulk_value(value: object) -> object:
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, Decimal):
        return int(value * 100)
    return value.bytes if isinstance(value, UUID) else value


def load_messages(
    database: Database, rows: Iterator[BulkRow], count: int, report_progress: index_builder.ProgressCallback
) -> None:
    """Load many messages in the order of their places into a journal that nobody reads meanwhile; blocks.

    What is derived from messages is put aside, and built over all of them at the end. When the program is killed the
    next start builds it over what came in.

    Args:
        database: migrated.
        rows: messages whose ids the journal does not have; no more than a batch of them is held in memory.
        count: how many they are.
        tell: called with steps done and steps in all, of which half are for building.

    Raises:
        Unavailable: see services.database.engine.
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
    """Insert messages in the session's transaction; quickest in the order of their places.

    Another `table` has the same columns and nothing else: the benchmark compares.
    """
    driver = session.connection().connection.driver_connection
    if isinstance(driver, SqliteConnection):
        placeholders = ', '.join('?' * len(BULK_COLUMNS))
        driver.executemany(f'INSERT INTO {table} ({", ".join(BULK_COLUMNS)}) VALUES ({placeholders})', rows)
        return
    assert isinstance(driver, psycopg.Connection)
    copy_from = f'COPY {table} ({", ".join(BULK_COLUMNS)}) FROM STDIN (FORMAT binary)'
    with driver.cursor() as cursor, cursor.copy(copy_from.encode()) as copy:
        copy.set_types(POSTGRESQL_TYPES)
        for row in rows:
            copy.write_row(to_postgresql_row(row))


def update_rows(session: Session, rows: Iterable[tuple[int, BulkRow]]) -> None:
    """Change messages in the session's transaction; each row with the place that its message had.

    One statement on PostgreSQL, for the same reason as one COPY: its triggers count all the rows at once.
    """
    driver = session.connection().connection.driver_connection
    if isinstance(driver, SqliteConnection):
        values = ', '.join(f'{column} = ?' for column in BULK_COLUMNS)
        driver.executemany(
            f'UPDATE message SET {values} WHERE place = ?', [(*row, old_sort_key) for old_sort_key, row in rows]
        )
        return
    assert isinstance(driver, psycopg.Connection)
    values = ', '.join(f'{column} = changed.{column}' for column in BULK_COLUMNS)
    arrays = ', '.join(f'%s::{kind}[]' for kind in ('int8', *POSTGRESQL_TYPES))
    columns = [list(column) for column in zip(*((old, *to_postgresql_row(row)) for old, row in rows), strict=True)]
    driver.execute(
        f'UPDATE message SET {values} FROM unnest({arrays}) AS changed (old_place, {", ".join(BULK_COLUMNS)}) '
        'WHERE message.place = changed.old_place'.encode(),
        columns,
    )


def to_postgresql_row(row: BulkRow) -> tuple[object, ...]:
    """Give a row with its values as psycopg takes them."""
    sort_key, key, day, name, name_key, initials, phone, appointment, organization, kind, status, queued, *rest = row
    attempted, sent, *others = rest
    return (
        sort_key, UUID(bytes=key), day, name, name_key, initials, phone, _to_datetime(appointment), organization,
        kind, status, _to_datetime(queued), _to_datetime(attempted), _to_datetime(sent), *others,
    )  # fmt: skip


def _to_datetime(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
