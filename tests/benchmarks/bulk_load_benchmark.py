"""Speed and disk usage of bulk loading, compared with a table without indexes and triggers."""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Self

from sqlalchemy import select, text
from sqlmodel import Session

from services.database.engine import Database
from services.database.tables import MESSAGE_TABLE
from services.demo import demo_data
from services.ingest import bulk_insert
from tests.benchmarks.measurement import Measurement
from tests.helpers.reference_messages import MOSCOW

SAMPLE_SIZE = 500_000
"""The maximum number of rows that are loaded into the bare table for comparison."""
SINGLE_ROWS = 100
SEED = 20211010


class TimedRows:
    """Rows, and the seconds in which they were generated, which are not part of loading."""

    def __init__(self, rows: Iterator[bulk_insert.BulkRow]) -> None:
        """Iterate over `rows`."""
        self._rows = rows
        self.seconds = 0.0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bulk_insert.BulkRow:
        started = time.perf_counter()
        try:
            return next(self._rows)
        finally:
            self.seconds += time.perf_counter() - started


def measure(database: Database, scale: int) -> Iterator[Measurement]:
    """Fill the journal with `scale` messages; compare it with a table that has only their columns."""
    engine = database.dialect
    generated = TimedRows(
        demo_data.generate_messages(database, MOSCOW, today=datetime.now(MOSCOW).date(), count=scale, seed=SEED)
    )
    started = time.perf_counter()
    bulk_insert.load_messages(database, generated, scale, _progress_printer(f'{engine}: {scale} messages'))
    seconds = time.perf_counter() - started
    speed = scale / (seconds - generated.seconds)
    rows = database.read_sync(_sample_rows)
    database.write_sync(_create_bare_table)
    started = time.perf_counter()
    for start in range(0, len(rows), bulk_insert.LOAD_BATCH_SIZE):
        database.write_sync(
            partial(bulk_insert.insert_rows, rows=rows[start : start + bulk_insert.LOAD_BATCH_SIZE], table='bare')
        )
    bare = len(rows) / (time.perf_counter() - started)
    yield Measurement('bulk load, ready to search', engine, scale, speed, 'rows/s', 1 / 8, speed / bare)
    yield Measurement('the same with inventing the messages', engine, scale, scale / seconds, 'rows/s', None, None)
    yield from _measure_single_rows(database, scale, rows)
    whole, plain = database.read_sync(_table_sizes)
    share = len(rows) / scale
    yield Measurement('disk', engine, scale, whole / 2**20, 'MB', 2, whole / (plain / share))
    database.write_sync(partial(_run, statement='DROP TABLE bare'))


def _progress_printer(title: str) -> Callable[[int, int], None]:
    """Return a function that prints the progress of loading, if standard error is a terminal."""
    if not sys.stderr.isatty():
        return lambda done, steps: None
    return lambda done, steps: print(f'\r{title}: {100 * done // steps} %', end='', file=sys.stderr, flush=True)


def _measure_single_rows(database: Database, scale: int, rows: list[bulk_insert.BulkRow]) -> Iterator[Measurement]:
    """Insert single messages, each in a transaction of its own, into the journal and into the bare table."""
    sample = rows[-SINGLE_ROWS:]
    times = {}
    for table in ('message', 'bare'):
        statement = f'DELETE FROM {table} WHERE place BETWEEN {sample[0][0]} AND {sample[-1][0]}'
        database.write_sync(partial(_run, statement=statement))
        times[table] = sum(_time_insert(database, [row], table) for row in sample) / len(sample) * 1000
    value = times['message']
    yield Measurement('one message committed', database.dialect, scale, value, 'ms', 8, value / times['bare'])


def _run(session: Session, statement: str) -> None:
    session.execute(text(statement))


def _time_insert(database: Database, rows: list[bulk_insert.BulkRow], table: str = 'bare') -> float:
    started = time.perf_counter()
    database.write_sync(partial(bulk_insert.insert_rows, rows=rows, table=table))
    return time.perf_counter() - started


def _create_bare_table(session: Session) -> None:
    columns = ', '.join(
        f'{column.name} {column.type.compile(session.get_bind().dialect)}' for column in MESSAGE_TABLE.c
    )
    session.execute(text(f'CREATE TABLE bare ({columns}, PRIMARY KEY (place))'))


def _sample_rows(session: Session) -> list[bulk_insert.BulkRow]:
    """Return rows of the journal in the form of the bulk loader."""
    result = session.execute(select(MESSAGE_TABLE).order_by(MESSAGE_TABLE.c.place).limit(SAMPLE_SIZE))
    return [bulk_insert.to_bulk_row(row._asdict()) for row in result]


def _table_sizes(session: Session) -> tuple[int, int]:
    """Return the size in bytes of the whole journal and of the bare table."""
    if session.connection().dialect.name == 'sqlite':
        each = dict(session.execute(text('SELECT name, sum(pgsize) FROM dbstat GROUP BY name')).tuples().all())
        plain = sum(size for name, size in each.items() if name.startswith('bare'))
        return sum(each.values()) - plain, plain
    size = text("""
        SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND (relname = 'bare') = :bare
    """)
    whole, plain = (int(session.execute(size, {'bare': bare}).scalar_one()) for bare in (False, True))
    return whole, plain
