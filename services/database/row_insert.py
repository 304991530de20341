"""Insert of many rows by the means of the driver: executemany on SQLite, COPY on PostgreSQL.

SQLAlchemy prepares the parameters of every row separately, and psycopg sends it as a statement of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from sqlite3 import Connection as SqliteConnection

import psycopg
from sqlalchemy import Column, Dialect, Table
from sqlmodel import Session


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows in the session's transaction, in their order.

    Args:
        session: a writing session.
        table: a table of the models; columns that the rows do not have get the defaults of the database.
        rows: values by column, of the Python types of the models; all with the same columns.
    """
    if not rows:
        return
    connection = session.connection()
    columns = [table.c[name] for name in rows[0]]
    names = ', '.join(column.name for column in columns)
    values = _driver_values(rows, columns, connection.dialect)
    driver = connection.connection.driver_connection
    if isinstance(driver, SqliteConnection):
        driver.executemany(f'INSERT INTO {table.name} ({names}) VALUES ({", ".join("?" * len(columns))})', values)
        return
    assert isinstance(driver, psycopg.Connection)
    with (
        driver.cursor() as cursor,
        cursor.copy(f'COPY {table.name} ({names}) FROM STDIN (FORMAT binary)'.encode()) as copy,
    ):
        copy.set_types([column.type.compile(connection.dialect).lower() for column in columns])
        for row in values:
            copy.write_row(row)


def _driver_values(
    rows: Iterable[Mapping[str, object]], columns: Sequence[Column[object]], dialect: Dialect
) -> Iterable[tuple[object, ...]]:
    """Return the values of each column as its type prepares them for the driver, row by row."""
    by_column = []
    for column in columns:
        values = [row[column.name] for row in rows]
        prepare = column.type.dialect_impl(dialect).bind_processor(dialect)
        by_column.append(list(map(prepare, values)) if prepare else values)
    return zip(*by_column, strict=True)
