"""Measure both engines; print a JSON line a figure, and at the end a table. Writes nothing into the tree.

SCALE is how many messages (20 000 by default), ENGINES which engines, by comma.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from services.database import Database
from services.schema import migrate
from services.zone import keep_zone
from tests.benchmarks import loading, searching
from tests.benchmarks.figures import Figure, table
from tests.postgres import PostgresServer
from tests.services.reference import MOSCOW


def main() -> None:
    """Measure, and print as it goes."""
    scale = int(os.environ.get('SCALE', '20000'))
    figures: list[Figure] = []
    for engine in os.environ.get('ENGINES', 'sqlite,postgresql').split(','):
        with _database(engine) as database:
            for figure in _measure(database, scale):
                sys.stdout.write(f'{figure.line()}\n')
                sys.stdout.flush()
                figures.append(figure)
    sys.stdout.write(f'\n{table(figures)}\n')


def _measure(database: Database, scale: int) -> Iterator[Figure]:
    yield from loading.measure(database, scale)
    yield from asyncio.run(searching.measure(database, scale))


@contextmanager
def _database(engine: str) -> Iterator[Database]:
    with TemporaryDirectory() as folder:
        if engine == 'sqlite':
            yield from _open(f'sqlite:///{Path(folder) / "journal.sqlite3"}')
        else:
            with PostgresServer() as server:
                yield from _open(server.create('journal'))


def _open(url: str) -> Iterator[Database]:
    migrate(url)
    with closing(Database(url)) as database:
        keep_zone(database, MOSCOW)
        yield database


if __name__ == '__main__':
    main()
