"""Measure both engines; print a JSON line for each measurement, and a table at the end. No file is written.

Environment variables:
    SCALE: the number of messages, and of shown rows in the audit log; 20 000 by default.
    GROWN: the final number of messages of a journal that starts empty; 250 000 by default.
    IMPORTED: the messages of an imported file; 100 000 by default.
    SUBMITTED: the messages that are submitted to the API, at most SCALE; 20 000 by default.
    ENGINES: the engines, separated by commas.
    PARTS: the parts, separated by commas: `loaded` measures a journal that is loaded at once, `growing` one that starts
        empty, `importing` the import of a file, `shown` the audit log of shown rows.
    DATABASE: the URL of a journal with messages, to measure without loading.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from services.database.engine import Database
from services.database.timezone_lock import ensure_time_zone
from services.demo import demo_data
from services.messages.message_tables import message
from services.upgrade.migrations import migrate
from tests.benchmarks import (
    bulk_load_benchmark,
    growth_benchmark,
    import_benchmark,
    ingest_benchmark,
    person_benchmark,
    scope_benchmark,
    search_benchmark,
    shown_benchmark,
    suggestion_benchmark,
    summary_benchmark,
)
from tests.benchmarks.measurement import Measurement, format_table
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.reference_messages import MOSCOW

SMALL_SCALE = 10_000
"""Messages of the small journal with which the large one is compared."""
POSTGRES_SETTINGS = {'shared_buffers': '1GB', 'work_mem': '64MB', 'random_page_cost': '1.1', 'max_wal_size': '8GB'}
"""Settings of PostgreSQL for a machine that runs nothing else."""


def main() -> None:
    """Measure, and print each measurement at once."""
    measurements: list[Measurement] = []
    for measurement in _measure_existing() if os.environ.get('DATABASE') else _measure_generated():
        sys.stdout.write(f'{measurement.json_line()}\n')
        sys.stdout.flush()
        measurements.append(measurement)
    sys.stdout.write(f'\n{format_table(measurements)}\n')


def _measure_existing() -> Iterator[Measurement]:
    migrate(os.environ['DATABASE'])
    with closing(Database(os.environ['DATABASE'])) as database:
        count = select(func.count()).select_from(message)
        scale = database.read_sync(lambda session: session.execute(count).scalar_one())
        yield from asyncio.run(search_benchmark.measure(database, scale))
        yield from asyncio.run(scope_benchmark.measure(database, scale))
        yield from asyncio.run(summary_benchmark.measure(database, scale))
        yield from asyncio.run(suggestion_benchmark.measure(database, scale))
        yield from asyncio.run(person_benchmark.measure(database, scale))


def _measure_generated() -> Iterator[Measurement]:
    scale = int(os.environ.get('SCALE', '20000'))
    grown = int(os.environ.get('GROWN', '250000'))
    imported = int(os.environ.get('IMPORTED', '100000'))
    parts = os.environ.get('PARTS', 'loaded,growing,importing,shown').split(',')
    for engine in os.environ.get('ENGINES', 'sqlite,postgresql').split(','):
        with PostgresServer(**POSTGRES_SETTINGS) if engine == 'postgresql' else nullcontext() as server:
            if 'growing' in parts:
                with _open_databases(server) as (empty,):
                    yield from growth_benchmark.measure(empty, grown)
            if 'importing' in parts:
                with _open_databases(server) as (filled,):
                    yield from import_benchmark.measure(filled, scale, imported)
            if 'shown' in parts:
                with _open_databases(server) as (audited,):
                    yield from shown_benchmark.measure(audited, scale)
            if 'loaded' in parts:
                with _open_databases(server, 2) as (large, small):
                    yield from _measure_loaded(large, small, scale)


def _measure_loaded(large: Database, small: Database, scale: int) -> Iterator[Measurement]:
    yield from bulk_load_benchmark.measure(large, scale)
    yield from asyncio.run(search_benchmark.measure(large, scale))
    yield from asyncio.run(scope_benchmark.measure(large, scale))
    yield from asyncio.run(summary_benchmark.measure(large, scale))
    yield from asyncio.run(suggestion_benchmark.measure(large, scale))
    yield from asyncio.run(person_benchmark.measure(large, scale))
    demo_data.fill_journal(small, MOSCOW, today=datetime.now(MOSCOW).date(), count=min(SMALL_SCALE, scale))
    times = [asyncio.run(search_benchmark.first_page(database)) for database in (large, small)]
    yield from ingest_benchmark.measure(large, scale)
    yield Measurement(
        f'page 1, month: against {SMALL_SCALE} messages', large.dialect, scale, times[0], 'ms', 2, times[0] / times[1]
    )


@contextmanager
def _open_databases(server: PostgresServer | None, count: int = 1) -> Iterator[list[Database]]:
    """Open empty databases of a server of PostgreSQL, or of SQLite without one, and remove them at the end."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        if server:
            names = [f'journal_{number}' for number in range(count)]
            urls = [server.create(name) for name in names]
            for name in names:
                stack.callback(server.drop, name)
        else:
            urls = [f'sqlite:///{Path(folder)}/journal_{number}' for number in range(count)]
        yield [stack.enter_context(_open_database(url)) for url in urls]


@contextmanager
def _open_database(url: str) -> Iterator[Database]:
    migrate(url)
    with closing(Database(url)) as database:
        ensure_time_zone(database, MOSCOW)
        yield database


if __name__ == '__main__':
    main()
