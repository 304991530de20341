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

MESSAGE = SQLModel.metadata.tables['message']

BulkRow: TypeAlias = tuple[
    int, bytes, int, str, str, str, str, int | None, int, int, int, int, int | None, int | None, int, str,
    str | None, str | None,
]  # fmt: skip
"""The values of COLUMNS, bare: moments in seconds since 1970, money in kopecks, enumerations as numbers."""
COLUMNS = (
    'place', 'id', 'day', 'recipient_name', 'name_key', 'initials', 'phone', 'appointment_at', 'organization_id',
    'kind', 'status', 'queued_at', 'attempted_at', 'sent_at', 'cost', 'text', 'error_code', 'error_name',
)  # fmt: skip

BATCH = 10_000
"""Messages a transaction of `load`."""

POSTGRESQL_TYPES = (
    'int8', 'uuid', 'int4', 'text', 'text', 'text', 'text', 'timestamptz', 'int4',
    'int2', 'int2', 'timestamptz', 'timestamptz', 'timestamptz', 'int8', 'text', 'text', 'text',
)  # fmt: skip


def bare(values: Mapping[str, object]) -> BulkRow:
    """Give the values of a message, by their columns, as a row for `insert`."""
    return tuple(_bare(values[column]) for column in COLUMNS)  # type: ignore[return-value]


def _bare(value: object) -> object:
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, Decimal):
        return int(value * 100)
    return value.bytes if isinstance(value, UUID) else value


def load(database: Database, rows: Iterator[BulkRow], count: int, tell: index_builder.Tell) -> None:
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
    database.write_now(lambda session: index_builder.put_aside(session.connection()))
    while batch := list(islice(rows, BATCH)):
        database.write_now(partial(insert, rows=batch))
        done += len(batch)
        tell(done, steps)

    def built(step: int, of: int) -> None:
        tell(steps * (of + step) // (2 * of), steps)

    database.write_now(lambda session: index_builder.build(session.connection(), built))
    database.freshen()


def insert(session: Session, rows: Iterable[BulkRow], table: str = MESSAGE.name) -> None:
    """Insert messages in the session's transaction; quickest in the order of their places.

    Another `table` has the same columns and nothing else: the benchmark compares.
    """
    driver = session.connection().connection.driver_connection
    if isinstance(driver, SqliteConnection):
        marks = ', '.join('?' * len(COLUMNS))
        driver.executemany(f'INSERT INTO {table} ({", ".join(COLUMNS)}) VALUES ({marks})', rows)
        return
    assert isinstance(driver, psycopg.Connection)
    copy_from = f'COPY {table} ({", ".join(COLUMNS)}) FROM STDIN (FORMAT binary)'
    with driver.cursor() as cursor, cursor.copy(copy_from.encode()) as copy:
        copy.set_types(POSTGRESQL_TYPES)
        for row in rows:
            copy.write_row(for_postgresql(row))


def change(session: Session, rows: Iterable[tuple[int, BulkRow]]) -> None:
    """Change messages in the session's transaction; each row with the place that its message had.

    One statement on PostgreSQL, for the same reason as one COPY: its triggers count all the rows at once.
    """
    driver = session.connection().connection.driver_connection
    if isinstance(driver, SqliteConnection):
        values = ', '.join(f'{column} = ?' for column in COLUMNS)
        driver.executemany(f'UPDATE message SET {values} WHERE place = ?', [(*row, old) for old, row in rows])
        return
    assert isinstance(driver, psycopg.Connection)
    values = ', '.join(f'{column} = changed.{column}' for column in COLUMNS)
    arrays = ', '.join(f'%s::{kind}[]' for kind in ('int8', *POSTGRESQL_TYPES))
    columns = [list(column) for column in zip(*((old, *for_postgresql(row)) for old, row in rows), strict=True)]
    driver.execute(
        f'UPDATE message SET {values} FROM unnest({arrays}) AS changed (old_place, {", ".join(COLUMNS)}) '
        'WHERE message.place = changed.old_place'.encode(),
        columns,
    )


def for_postgresql(row: BulkRow) -> tuple[object, ...]:
    """Give a row with its values as psycopg takes them."""
    place, key, day, name, name_key, initials, phone, appointment, organization, kind, status, queued, *rest = row
    attempted, sent, *others = rest
    return (
        place, UUID(bytes=key), day, name, name_key, initials, phone, _moment(appointment), organization,
        kind, status, _moment(queued), _moment(attempted), _moment(sent), *others,
    )  # fmt: skip


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
