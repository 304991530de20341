"""Measure both engines; print a JSON line a figure, and at the end a table. Writes nothing into the tree.

SCALE is how many messages (20 000 by default), GROWN how many a journal has in the end that starts empty (250 000 by
default), ENGINES which engines, by comma. PARTS is which parts, by comma: `loaded` measures a journal that is loaded
at once, `growing` one that starts empty. DATABASE is the URL of a journal that is full already, to measure without
loading.
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
from services.database.timezone_lock import ensure_time_zone
from services.demo import demo_data
from services.messages.message_tables import message
from tests.benchmarks import (
    bulk_load_benchmark,
    growth_benchmark,
    ingest_benchmark,
    search_benchmark,
    summary_benchmark,
)
from tests.benchmarks.measurement import Measurement, format_table
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.reference_messages import MOSCOW

SMALL_SCALE = 10_000
"""Messages of the journal that a great one is held against."""
POSTGRES_SETTINGS = {'shared_buffers': '1GB', 'work_mem': '64MB', 'random_page_cost': '1.1', 'max_wal_size': '8GB'}
"""How PostgreSQL is set up for a machine that is its own."""


def main() -> None:
    """Measure, and print as it goes."""
    figures: list[Measurement] = []
    for figure in _measure_existing() if os.environ.get('DATABASE') else _measure_generated():
        sys.stdout.write(f'{figure.json_line()}\n')
        sys.stdout.flush()
        figures.append(figure)
    sys.stdout.write(f'\n{format_table(figures)}\n')


def _measure_existing() -> Iterator[Measurement]:
    migrate(os.environ['DATABASE'])
    with closing(Database(os.environ['DATABASE'])) as database:
        count = select(func.count()).select_from(message)
        scale = database.read_sync(lambda session: session.execute(count).scalar_one())
        yield from asyncio.run(search_benchmark.measure(database, scale))
        yield from asyncio.run(summary_benchmark.measure(database, scale))


def _measure_generated() -> Iterator[Measurement]:
    scale = int(os.environ.get('SCALE', '20000'))
    grown = int(os.environ.get('GROWN', '250000'))
    parts = os.environ.get('PARTS', 'loaded,growing').split(',')
    for engine in os.environ.get('ENGINES', 'sqlite,postgresql').split(','):
        if 'growing' in parts:
            with _open_databases(engine) as (empty, _):
                yield from growth_benchmark.measure(empty, grown)
        if 'loaded' not in parts:
            continue
        with _open_databases(engine) as (great, small):
            yield from bulk_load_benchmark.measure(great, scale)
            yield from asyncio.run(search_benchmark.measure(great, scale))
            yield from asyncio.run(summary_benchmark.measure(great, scale))
            demo_data.fill_journal(small, MOSCOW, today=datetime.now(MOSCOW).date(), count=min(SMALL_SCALE, scale))
            times = [asyncio.run(search_benchmark.first_page(database)) for database in (great, small)]
            yield from ingest_benchmark.measure(great, scale)
            yield Measurement(
                f'page 1, month: against {SMALL_SCALE} messages', engine, scale, times[0], 'ms', 2, times[0] / times[1]
            )


@contextmanager
def _open_databases(engine: str) -> Iterator[tuple[Database, Database]]:
    with TemporaryDirectory() as folder:
        if engine == 'sqlite':
            great, small = (f'sqlite:///{Path(folder) / name}' for name in ('great', 'small'))
            with _open_database(great) as one:
                yield from _open_small(one, small)
            return
        with PostgresServer(**POSTGRES_SETTINGS) as server, _open_database(server.create('great')) as one:
            yield from _open_small(one, server.create('small'))


def _open_small(great: Database, small: str) -> Iterator[tuple[Database, Database]]:
    with _open_database(small) as opened:
        yield great, opened


@contextmanager
def _open_database(url: str) -> Iterator[Database]:
    migrate(url)
    with closing(Database(url)) as database:
        ensure_time_zone(database, MOSCOW)
        yield database


if __name__ == '__main__':
    main()
