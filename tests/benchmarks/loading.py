"""How fast messages are taken in, against the bare table by the same driver, and how much room they take."""

import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial

from sqlalchemy import select, text
from sqlmodel import Session

from services import demo
from services.database import Database
from services.feed import bulk
from tests.benchmarks.figures import Figure
from tests.services.reference import MOSCOW

SAMPLE = 200_000
"""Rows at most that the bare table is loaded with for comparison."""
ONE_BY_ONE = 100


def measure(database: Database, scale: int) -> Iterator[Figure]:
    """Fill the journal with `scale` messages; compare with a table that has its columns and nothing else."""
    engine = database.dialect
    started = time.perf_counter()
    demo.fill(database, MOSCOW, today=datetime.now(MOSCOW).date(), count=scale)
    speed = scale / (time.perf_counter() - started)
    if engine == 'sqlite':
        database.write_now(lambda session: session.execute(text('ANALYZE')))
    rows = database.read_now(_sample)
    database.write_now(_bare_table)
    bare = len(rows) / _timed(database, rows)
    yield Figure('bulk load, ready to search', engine, scale, speed, 'rows/s', 1 / 8, speed / bare)
    yield from _one_by_one(database, scale, rows)
    whole, plain = database.read_now(_sizes)
    share = len(rows) / scale
    yield Figure('disk', engine, scale, whole / 2**20, 'MB', 2, whole / (plain / share))
    database.write_now(lambda session: session.execute(text('DROP TABLE bare')))


def _one_by_one(database: Database, scale: int, rows: list[bulk.BulkRow]) -> Iterator[Figure]:
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


def _timed(database: Database, rows: list[bulk.BulkRow], table: str = 'bare') -> float:
    started = time.perf_counter()
    database.write_now(partial(bulk.insert, rows=rows, table=table))
    return time.perf_counter() - started


def _bare_table(session: Session) -> None:
    columns = ', '.join(f'{column.name} {column.type.compile(session.get_bind().dialect)}' for column in bulk.MESSAGE.c)
    session.execute(text(f'CREATE TABLE bare ({columns}, PRIMARY KEY (place))'))


def _sample(session: Session) -> list[bulk.BulkRow]:
    """Take rows as the bulk loader wants them."""
    found = session.execute(select(bulk.MESSAGE).order_by(bulk.MESSAGE.c.place).limit(SAMPLE))
    return [bulk.bare(row._asdict()) for row in found]


def _sizes(session: Session) -> tuple[int, int]:
    """Give the bytes of the whole journal, and of the bare table."""
    if session.connection().dialect.name == 'sqlite':
        each = dict(session.execute(text('SELECT name, sum(pgsize) FROM dbstat GROUP BY name')).tuples().all())
        plain = sum(size for name, size in each.items() if name.startswith('bare'))
        return sum(each.values()) - plain, plain
    size = "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relname {} AND relkind = 'r'"
    plain = int(session.execute(text(size.format("= 'bare'"))).scalar_one())
    whole = int(session.execute(text(size.format("IN ('message', 'total', 'organization')"))).scalar_one())
    return whole, plain
