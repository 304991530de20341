"""Measure both engines; print a JSON line a figure, and at the end a table. Writes nothing into the tree.

SCALE is how many messages (20 000 by default), ENGINES which engines, by comma. DATABASE is the URL of a journal that
is full already, to measure without loading.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from services.database.engine import Database
from services.database.migrations import migrate
from services.database.timezone_lock import keep_zone
from services.demo import demo_data
from services.messages.message_tables import message
from tests.benchmarks import bulk_load_benchmark, ingest_benchmark, search_benchmark, summary_benchmark
from tests.benchmarks.measurement import Figure, table
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.reference_messages import MOSCOW

SMALL = 10_000
"""Messages of the journal that a great one is held against."""
SERVER = {'shared_buffers': '1GB', 'work_mem': '64MB', 'random_page_cost': '1.1', 'max_wal_size': '8GB'}
"""How PostgreSQL is set up for a machine that is its own."""


def main() -> None:
    """Measure, and print as it goes."""
    figures: list[Figure] = []
    for figure in _given() if os.environ.get('DATABASE') else _made():
        sys.stdout.write(f'{figure.line()}\n')
        sys.stdout.flush()
        figures.append(figure)
    sys.stdout.write(f'\n{table(figures)}\n')


def _given() -> Iterator[Figure]:
    migrate(os.environ['DATABASE'])
    with closing(Database(os.environ['DATABASE'])) as database:
        count = select(func.count()).select_from(message)
        scale = database.read_now(lambda session: session.execute(count).scalar_one())
        yield from asyncio.run(search_benchmark.measure(database, scale))
        yield from asyncio.run(summary_benchmark.measure(database, scale))


def _made() -> Iterator[Figure]:
    scale = int(os.environ.get('SCALE', '20000'))
    for engine in os.environ.get('ENGINES', 'sqlite,postgresql').split(','):
        with _databases(engine) as (great, small):
            yield from bulk_load_benchmark.measure(great, scale)
            yield from asyncio.run(search_benchmark.measure(great, scale))
            yield from asyncio.run(summary_benchmark.measure(great, scale))
            demo_data.fill(small, MOSCOW, today=datetime.now(MOSCOW).date(), count=min(SMALL, scale))
            times = [asyncio.run(search_benchmark.first_page(database)) for database in (great, small)]
            yield from ingest_benchmark.measure(great, scale)
            yield Figure(
                f'page 1, month: against {SMALL} messages', engine, scale, times[0], 'ms', 2, times[0] / times[1]
            )


@contextmanager
def _databases(engine: str) -> Iterator[tuple[Database, Database]]:
    with TemporaryDirectory() as folder:
        if engine == 'sqlite':
            great, small = (f'sqlite:///{Path(folder) / name}' for name in ('great', 'small'))
            with _open(great) as one:
                yield from _with(one, small)
            return
        with PostgresServer(**SERVER) as server, _open(server.create('great')) as one:
            yield from _with(one, server.create('small'))


def _with(great: Database, small: str) -> Iterator[tuple[Database, Database]]:
    with _open(small) as opened:
        yield great, opened


@contextmanager
def _open(url: str) -> Iterator[Database]:
    migrate(url)
    with closing(Database(url)) as database:
        keep_zone(database, MOSCOW)
        yield database


if __name__ == '__main__':
    main()
