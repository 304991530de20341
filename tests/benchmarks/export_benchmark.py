"""Time and memory of an export, and the latency of concurrent searches; SCALE and DATABASE: see `benchmark_setup`."""

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from services.database.engine import Database
from services.export.export_jobs import ExportFormat, ExportJobs
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from tests.benchmarks.benchmark_setup import (
    count_messages,
    integer_setting,
    open_journal,
    random_search,
    recent_recipients,
    resident_memory,
)
from tests.benchmarks.measurement import Measurement, format_table, p95
from tests.helpers.reference_messages import MOSCOW

SEARCH_INTERVAL_SECONDS = 0.05
"""Seconds between two searches: a hundred operators make twenty a second in a busy hour."""
MEMORY_POLL_SECONDS = 0.1


def main() -> None:
    """Measure, and print the measurements."""
    with TemporaryDirectory() as folder, open_journal(Path(folder)) as database:
        measurements = asyncio.run(measure(database, Path(folder)))
    for measurement in measurements:
        sys.stdout.write(f'{measurement.json_line()}\n')
    sys.stdout.write(f'\n{format_table(measurements)}\n')


async def measure(database: Database, folder: Path) -> Sequence[Measurement]:
    """Measure searches alone, then during an export of everything in each format."""
    scale, searches = count_messages(database), integer_setting('SEARCHES', 200)
    searching = SearchLoad(database)
    await searching.times(searches)
    baseline = p95(await searching.times(searches))
    measurements = [Measurement('search alone: p95', database.dialect, scale, baseline, 'ms', None, None)]
    exports = ExportJobs(database.url.render_as_string(hide_password=False), MOSCOW, folder / 'exports')
    exports.clear()
    for format in ExportFormat:
        started_at = time.perf_counter()
        async with _peak_child_memory() as peak:
            export_task = asyncio.create_task(
                exports.make(MessageQuery(), format, account_id=1, progress=lambda rows: None)
            )
            under_export = p95(await searching.times(searches, export_task))
            file = await export_task
        speed = file.rows / (time.perf_counter() - started_at)
        size = file.path.stat().st_size / 1e6
        exports.discard_download(exports.offer_download(file, ''))
        for name, value, unit, limit, ratio in (
            ('rows a second', speed, 'rows/s', None, None),
            ('memory of its process', peak[0] / 1024, 'MB', None, None),
            ('file', size, 'MB', None, None),
            ('search beside it: p95', under_export, 'ms', 1.5, under_export / baseline),
        ):
            measurements.append(
                Measurement(f'export to {format}: {name}', database.dialect, scale, value, unit, limit, ratio)
            )
    return measurements


class SearchLoad:
    """Searches of operators, one after another."""

    def __init__(self, database: Database) -> None:
        self._messages = MessageService(database, MOSCOW, time_limit=120)
        self._recipients = recent_recipients(database)
        self._rng = random.Random(7)

    async def times(self, minimum: int, until: 'asyncio.Task[object] | None' = None) -> list[float]:
        """Search at least `minimum` times, and until a task ends if one is given; return the milliseconds of each."""
        latencies: list[float] = []
        while len(latencies) < minimum or (until and not until.done()):
            name, phone = random_search(self._rng, self._recipients)
            query = replace(self._messages.default_query(), name=name, phone=phone)
            started_at = time.perf_counter()
            await self._messages.page(query, number=1, size=20)
            latencies.append((time.perf_counter() - started_at) * 1000)
            if until and until.done() and latencies:
                break
            await asyncio.sleep(SEARCH_INTERVAL_SECONDS)
        return latencies


@asynccontextmanager
async def _peak_child_memory() -> AsyncIterator[list[float]]:
    """Track the maximum resident memory of a child process, in kilobytes, during the block."""
    peak = [0.0]

    async def poll() -> None:
        while True:
            for children in Path('/proc/self/task').glob('*/children'):
                for child in children.read_text().split():
                    with suppress(OSError, StopIteration):
                        peak[0] = max(peak[0], resident_memory(int(child)))
            await asyncio.sleep(MEMORY_POLL_SECONDS)

    poll_task = asyncio.create_task(poll())
    try:
        yield peak
    finally:
        poll_task.cancel()


if __name__ == '__main__':
    main()
