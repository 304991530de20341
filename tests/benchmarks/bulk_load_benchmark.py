"""How fast messages are taken in, against the bare table by the same driver, and how much room they take."""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Self

from sqlalchemy import select, text
from sqlmodel import Session

from services.database.engine import Database
from services.demo import demo_data
from services.ingest import bulk_insert
from tests.benchmarks.measurement import Figure
from tests.helpers.reference_messages import MOSCOW

SAMPLE = 500_000
"""Rows at most that the bare table is loaded with for comparison."""
ONE_BY_ONE = 100
SEED = 20211010


class Timed:
    """Rows, and how many seconds it took to invent them: that is no part of loading."""

    def __init__(self, rows: Iterator[bulk_insert.BulkRow]) -> None:
        """Hand on `rows`."""
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


def measure(database: Database, scale: int) -> Iterator[Figure]:
    """Fill the journal with `scale` messages; compare with a table that has their columns and nothing else."""
    engine = database.dialect
    made = Timed(demo_data.rows(database, MOSCOW, today=datetime.now(MOSCOW).date(), count=scale, seed=SEED))
    started = time.perf_counter()
    bulk_insert.load(database, made, scale, _tell(f'{engine}: {scale} messages'))
    seconds = time.perf_counter() - started
    speed = scale / (seconds - made.seconds)
    rows = database.read_now(_sample)
    database.write_now(_bare_table)
    started = time.perf_counter()
    for at in range(0, len(rows), bulk_insert.BATCH):
        database.write_now(partial(bulk_insert.insert, rows=rows[at : at + bulk_insert.BATCH], table='bare'))
    bare = len(rows) / (time.perf_counter() - started)
    yield Figure('bulk load, ready to search', engine, scale, speed, 'rows/s', 1 / 8, speed / bare)
    yield Figure('the same with inventing the messages', engine, scale, scale / seconds, 'rows/s', None, None)
    yield from _one_by_one(database, scale, rows)
    whole, plain = database.read_now(_sizes)
    share = len(rows) / scale
    yield Figure('disk', engine, scale, whole / 2**20, 'MB', 2, whole / (plain / share))
    database.write_now(partial(_run, statement='DROP TABLE bare'))


def _tell(what: str) -> Callable[[int, int], None]:
    """Say on a terminal how far loading is."""
    if not sys.stderr.isatty():
        return lambda done, steps: None
    return lambda done, steps: print(f'\r{what}: {100 * done // steps} %', end='', file=sys.stderr, flush=True)


def _one_by_one(database: Database, scale: int, rows: list[bulk_insert.BulkRow]) -> Iterator[Figure]:
    """Write single messages, each in a transaction of its own, into the journal and into the bare table."""
    few = rows[-ONE_BY_ONE:]
    times = {}
    for table in ('message', 'bare'):
        removed = f'DELETE FROM {table} WHERE place BETWEEN {few[0][0]} AND {few[-1][0]}'
        database.write_now(partial(_run, statement=removed))
        times[table] = sum(_timed(database, [row], table) for row in few) / len(few) * 1000
    value = times['message']
    yield Figure('one message committed', database.dialect, scale, value, 'ms', 8, value / times['bare'])


def _run(session: Session, statement: str) -> None:
    session.execute(text(statement))


def _timed(database: Database, rows: list[bulk_insert.BulkRow], table: str = 'bare') -> float:
    started = time.perf_counter()
    database.write_now(partial(bulk_insert.insert, rows=rows, table=table))
    return time.perf_counter() - started


def _bare_table(session: Session) -> None:
    columns = ', '.join(
        f'{column.name} {column.type.compile(session.get_bind().dialect)}' for column in bulk_insert.MESSAGE.c
    )
    session.execute(text(f'CREATE TABLE bare ({columns}, PRIMARY KEY (place))'))


def _sample(session: Session) -> list[bulk_insert.BulkRow]:
    """Take rows as the bulk loader wants them."""
    found = session.execute(select(bulk_insert.MESSAGE).order_by(bulk_insert.MESSAGE.c.place).limit(SAMPLE))
    return [bulk_insert.bare(row._asdict()) for row in found]


def _sizes(session: Session) -> tuple[int, int]:
    """Give the bytes of the whole journal, and of the bare table."""
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
