"""What an export takes: time, memory, and what others' searches take beside it; SCALE or DATABASE as in `running`."""

import asyncio
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from services.database.engine import Database
from services.export.export_jobs import Exports, Format
from services.messages.message_query import MessageQuery
from services.messages.message_service import Messages
from tests.benchmarks.benchmark_setup import as_typed, count, journal, number, people, resident
from tests.benchmarks.measurement import Figure, table
from tests.helpers.reference_messages import MOSCOW

PAUSE = 0.05
"""Seconds between two searches: twenty a second are a busy hour of some hundred operators."""
LOOKS = 0.1


def main() -> None:
    """Measure, and print as it goes."""
    with TemporaryDirectory() as folder, journal(Path(folder)) as database:
        figures = asyncio.run(measure(database, Path(folder)))
    for figure in figures:
        sys.stdout.write(f'{figure.line()}\n')
    sys.stdout.write(f'\n{table(figures)}\n')


async def measure(database: Database, folder: Path) -> Sequence[Figure]:
    """Measure searches alone, then beside an export of everything in each format."""
    scale, searches = count(database), number('SEARCHES', 200)
    searching = Searching(database)
    await searching.times(searches)
    alone = _p95(await searching.times(searches))
    figures = [Figure('search alone: p95', database.dialect, scale, alone, 'ms', None, None)]
    exports = Exports(database.url.render_as_string(hide_password=False), MOSCOW, folder / 'exports')
    exports.clear()
    for format in Format:
        begun = time.perf_counter()
        async with _peak() as peak:
            making = asyncio.create_task(exports.make(MessageQuery(), format, account_id=1, progress=lambda rows: None))
            beside = _p95(await searching.times(searches, making))
            file = await making
        speed = file.rows / (time.perf_counter() - begun)
        size = file.path.stat().st_size / 1e6
        exports.withdraw(exports.offer(file, ''))
        for name, value, unit, limit, ratio in (
            ('rows a second', speed, 'rows/s', None, None),
            ('memory of its process', peak[0] / 1024, 'MB', None, None),
            ('file', size, 'MB', None, None),
            ('search beside it: p95', beside, 'ms', 1.5, beside / alone),
        ):
            figures.append(Figure(f'export to {format}: {name}', database.dialect, scale, value, unit, limit, ratio))
    return figures


class Searching:
    """Searches as operators type them, one after another."""

    def __init__(self, database: Database) -> None:
        self._messages = Messages(database, MOSCOW, time_limit=120)
        self._people = people(database)
        self._dice = random.Random(7)

    async def times(self, most: int, until: 'asyncio.Task[object] | None' = None) -> list[float]:
        """Search so many times, or for as long as a task runs if that is longer; give the milliseconds of each."""
        found: list[float] = []
        while len(found) < most or (until and not until.done()):
            name, phone = as_typed(self._dice, self._people)
            query = replace(self._messages.query(), name=name, phone=phone)
            begun = time.perf_counter()
            await self._messages.page(query, number=1, size=20)
            found.append((time.perf_counter() - begun) * 1000)
            if until and until.done() and found:
                break
            await asyncio.sleep(PAUSE)
        return found


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


@asynccontextmanager
async def _peak() -> AsyncIterator[list[float]]:
    """Look at the memory of this process's children, in kilobytes, while something goes on."""
    peak = [0.0]

    async def look() -> None:
        while True:
            for children in Path('/proc/self/task').glob('*/children'):
                for child in children.read_text().split():
                    with suppress(OSError, StopIteration):
                        peak[0] = max(peak[0], resident(int(child)))
            await asyncio.sleep(LOOKS)

    looking = asyncio.create_task(look())
    try:
        yield peak
    finally:
        looking.cancel()


if __name__ == '__main__':
    main()
