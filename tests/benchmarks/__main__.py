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

from services import demo
from services.database import Database
from services.messages.tables import message
from services.schema import migrate
from services.zone import keep_zone
from tests.benchmarks import growing, handing, loading, overview, searching
from tests.benchmarks.figures import Figure, table
from tests.postgres import PostgresServer
from tests.services.reference import MOSCOW

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
        yield from asyncio.run(searching.measure(database, scale))
        yield from asyncio.run(overview.measure(database, scale))


def _made() -> Iterator[Figure]:
    scale = int(os.environ.get('SCALE', '20000'))
    grown = int(os.environ.get('GROWN', '250000'))
    parts = os.environ.get('PARTS', 'loaded,growing').split(',')
    for engine in os.environ.get('ENGINES', 'sqlite,postgresql').split(','):
        if 'growing' in parts:
            with _databases(engine) as (empty, _):
                yield from growing.measure(empty, grown)
        if 'loaded' not in parts:
            continue
        with _databases(engine) as (great, small):
            yield from loading.measure(great, scale)
            yield from asyncio.run(searching.measure(great, scale))
            yield from asyncio.run(overview.measure(great, scale))
            demo.fill(small, MOSCOW, today=datetime.now(MOSCOW).date(), count=min(SMALL, scale))
            times = [asyncio.run(searching.first_page(database)) for database in (great, small)]
            yield from handing.measure(great, scale)
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
