"""Speed and memory of an import in random order of time into a filled journal, and what others wait for meanwhile.

Searches are measured without their audit record. What is written beside the import, as that record is, waits on SQLite
for the transaction that is running.
"""

import asyncio
import csv
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import select, text

from services.database.engine import Database
from services.database.tables import ORGANIZATION_TABLE
from services.demo import demo_data
from services.ingest.file_import.file_import import import_file
from services.ingest.file_import.message_format import message_format
from services.ingest.message_fields import MESSAGE_FIELDS
from tests.benchmarks.export_benchmark import SearchLoad
from tests.benchmarks.growth_benchmark import incoming_message
from tests.benchmarks.measurement import Measurement, p95
from tests.helpers.reference_messages import MOSCOW

SEARCHES = 200
"""Searches without an import, with which those beside it are compared."""
SEED = 20211011
"""Differs from that of the messages in the journal, so that all messages of the file are new."""


def measure(database: Database, scale: int, count: int) -> Iterator[Measurement]:
    """Fill an empty journal with `scale` messages, and import `count` others."""
    demo_data.fill_journal(database, MOSCOW, today=datetime.now(MOSCOW).date(), count=scale)
    with TemporaryDirectory() as folder:
        path = Path(folder) / 'messages.csv'
        _write_file(database, path, count)
        yield from asyncio.run(_measure_import(database, path, scale, count))


async def _measure_import(database: Database, path: Path, scale: int, count: int) -> list[Measurement]:
    searching = SearchLoad(database)
    await searching.times(min(SEARCHES, count))
    alone = p95(await searching.times(min(SEARCHES, count)))
    url = database.url.render_as_string(hide_password=False)
    started_at = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, '-m', __name__, url, str(path), stdout=asyncio.subprocess.PIPE
    )
    importing = asyncio.create_task(process.communicate())
    beside, writes = await asyncio.gather(searching.times(1, importing), _write_times(database, importing))
    seconds = time.perf_counter() - started_at
    output, _ = importing.result()
    used = json.loads(output)
    assert used['created'] == count
    return [
        Measurement(f'import: {name}', database.dialect, scale, value, unit, limit, ratio)
        for name, value, unit, limit, ratio in (
            ('rows a second, with the start of its process', count / seconds, 'rows/s', None, None),
            ('CPU of its process a row', used['cpu'] / count * 1e6, 'µs', None, None),
            ('memory of its process', used['memory'] / 1024, 'MB', None, None),
            ('search beside it: p95', p95(beside), 'ms', 1.5, p95(beside) / alone),
            ('another write beside it: p95', p95(writes), 'ms', None, None),
        )
    ]


async def _write_times(database: Database, until: asyncio.Task[object]) -> list[float]:
    """Begin and commit a transaction again and again until a task ends; return the milliseconds of each."""
    times: list[float] = []
    while not until.done() or not times:
        started_at = time.perf_counter()
        await database.write_priority(lambda session: session.execute(text('SELECT 1')))
        times.append((time.perf_counter() - started_at) * 1000)
        await asyncio.sleep(0.1)
    return times


def _write_file(database: Database, path: Path, count: int) -> None:
    today = datetime.now(MOSCOW).date()
    rows = list(demo_data.generate_messages(database, MOSCOW, today=today, count=count, seed=SEED))
    Random(SEED).shuffle(rows)
    organizations: dict[int, str] = database.read_sync(
        lambda session: {row.id: row.name for row in session.execute(select(ORGANIZATION_TABLE))}
    )
    with path.open('w', encoding='utf-8-sig', newline='') as file:
        writer = csv.writer(file, delimiter=';')
        writer.writerow([definition.title for definition in MESSAGE_FIELDS])
        for row in rows:
            message = incoming_message(row, organizations)
            cells = [definition.value(message, MOSCOW) for definition in MESSAGE_FIELDS]
            writer.writerow([f'{cell:%d.%m.%Y %H:%M:%S}' if isinstance(cell, datetime) else cell for cell in cells])


def main(url: str, path: str) -> None:
    """Import a file, and print what the process has used: seconds of CPU, and kilobytes of memory at most."""
    started = time.process_time()
    with closing(Database(url)) as database:
        report = import_file(database, Path(path), MOSCOW, message_format(accepts_unknown_kinds=True))
    status = Path('/proc/self/status').read_text().splitlines()
    # Not `ru_maxrss`, which is at least that of the process that has started this one.
    memory = next(int(line.split()[1]) for line in status if line.startswith('VmHWM'))
    used = {'created': report.created, 'cpu': time.process_time() - started, 'memory': memory}
    sys.stdout.write(f'{json.dumps(used)}{os.linesep}')


if __name__ == '__main__':
    main(*sys.argv[1:])
