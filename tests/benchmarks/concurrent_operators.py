"""Many concurrent operators: `make bench-load`. Prints a JSON line for each measurement, and a table.

The program runs on one core, and the load generator on another. Actions start at a fixed rate, whether or not the
previous one has completed, so that the time in a queue counts.

Environment variables:
    PAGES: open pages; 1000 by default.
    SEARCHES: actions a second; 50 by default.
    SECONDS: duration of each rate; 30 by default.
    RATES: further rates, separated by commas, to determine the saturation point; none by default.
    REST: seconds for which pages stay idle; 10 by default.
    ACKNOWLEDGE: seconds between two acknowledgements of a page; 3 by default, as in a browser.
    PIN: 0 to bind no process to a core.
    DATABASE, SCALE: see `benchmark_setup`.
"""

import asyncio
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import aiohttp

from tests.benchmarks import benchmark_setup, nicegui_baseline
from tests.benchmarks.benchmark_setup import (
    count_messages,
    integer_setting,
    open_journal,
    random_search,
    recent_recipients,
)
from tests.benchmarks.measurement import Measurement, format_table
from tests.benchmarks.page_client import (
    ACKNOWLEDGE_SECONDS,
    ConnectionLostError,
    PageClient,
    sign_in,
    temporary_account,
)
from tests.helpers.program import REAL_START, Program

CONCURRENT_PAGE_LOADS = 8
"""Pages that load concurrently."""
IDLE_PAGES = 100
"""Pages that are idle for REST seconds."""
OPERATOR_SAMPLE = 5
"""Random operators of whom one who is not busy performs the next action."""


class ConcurrentLoad:
    """The program and its operators."""

    def __init__(self, program: Program, engine: str, scale: int, recipients: Sequence[tuple[str, str]]) -> None:
        """Load a program that has `scale` messages; operators search for `recipients`, by name and phone."""
        self._program = program
        self._engine = engine
        self._scale = scale
        self._recipients = recipients
        self._clients: list[PageClient] = []
        self._rng = random.Random(1)
        self.lost_count = 0

    def measurement(self, name: str, value: float, unit: str, limit: float | None = None) -> Measurement:
        """Build a measurement; `limit` is in the unit of the value."""
        return Measurement(
            name, self._engine, self._scale, value, unit, None if limit is None else 1, limit and value / limit
        )

    async def open_pages(self, http: aiohttp.ClientSession, count: int) -> Iterator[Measurement]:
        """Open pages, and measure memory and CPU of each."""
        first = PageClient(http, self._program.url)
        await first.open()
        await first.search()
        one_page = self._memory()
        self._clients.append(first)
        page_load_slots = asyncio.Semaphore(CONCURRENT_PAGE_LOADS)
        cpu_before, started = self._cpu(), time.perf_counter()

        async def open_page() -> None:
            operator = PageClient(http, self._program.url)
            async with page_load_slots:
                await operator.open()
                await operator.search()
            self._clients.append(operator)

        async def open_all(pages: int) -> None:
            results = await asyncio.gather(*(open_page() for _ in range(pages)), return_exceptions=True)
            self.lost_count += sum(isinstance(result, BaseException) for result in results)

        idle_count = min(IDLE_PAGES, count)
        await open_all(idle_count - 1)
        idle, idle_seconds = self._cpu(), time.perf_counter()
        await asyncio.sleep(integer_setting('REST', 10))
        idle, idle_seconds = self._cpu() - idle, time.perf_counter() - idle_seconds
        await open_all(count - idle_count)
        cpu_seconds = self._cpu() - cpu_before - idle
        wall_seconds = time.perf_counter() - started - idle_seconds
        further_pages = max(count - 1, 1)
        # After the next acknowledgement the program no longer holds what it sent.
        await asyncio.sleep(ACKNOWLEDGE_SECONDS + 1)
        return iter(
            (
                self.measurement('memory with one page', one_page / 1024, 'MB', 250),
                self.measurement(f'{idle_count} pages idle: of one core', 100 * idle / idle_seconds, '%', 5),
                self.measurement(
                    f'memory a page, of {count} with a search each',
                    (self._memory() - one_page) / further_pages,
                    'KB',
                    400,
                ),
                self.measurement('opening a page and a search: CPU', cpu_seconds * 1000 / further_pages, 'ms'),
                self.measurement('opening a page and a search: wall', wall_seconds * 1000 / further_pages, 'ms'),
            )
        )

    async def run_actions(self, rate: int, seconds: int) -> Iterator[Measurement]:
        """Perform actions at a rate per second, and measure their latency and CPU."""
        latencies: list[float] = []
        actions: list[asyncio.Task[None]] = []
        used, started = self._cpu(), time.perf_counter()

        async def perform(operator: PageClient, due_at: float) -> None:
            kind = self._rng.random()
            try:
                if kind < 0.7 or not operator.rows:
                    name, phone = random_search(self._rng, self._recipients)
                    operator.has_many_pages = not (name or phone)
                    await operator.search(name=name, phone=phone)
                elif kind < 0.9 and operator.has_many_pages:
                    await operator.turn_page()
                else:
                    await operator.toggle_first_row()
                latencies.append((time.perf_counter() - due_at) * 1000)
            except (ConnectionLostError, aiohttp.ClientError):
                self.lost_count += 1
            finally:
                operator.busy = False

        for action_number in range(rate * seconds):
            due = started + action_number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            free = [
                operator
                for operator in self._rng.sample(self._clients, min(OPERATOR_SAMPLE, len(self._clients)))
                if not operator.busy
            ]
            if not free:
                self.lost_count += 1
                continue
            free[0].busy = True
            actions.append(asyncio.create_task(perform(free[0], due)))
        await asyncio.gather(*actions)
        used = self._cpu() - used
        elapsed = time.perf_counter() - started
        percentiles = statistics.quantiles(latencies, n=100)
        label = f'{rate} a second'
        return iter(
            (
                self.measurement(f'{label}: p50', percentiles[49], 'ms'),
                self.measurement(f'{label}: p95', percentiles[94], 'ms', 150),
                self.measurement(f'{label}: p99', percentiles[98], 'ms'),
                self.measurement(f'{label}: CPU each', used * 1000 / len(latencies), 'ms'),
                self.measurement(f'{label}: of one core', 100 * used / elapsed, '%'),
            )
        )

    def _memory(self) -> float:
        return benchmark_setup.resident_memory(self._program.process_id)

    def _cpu(self) -> float:
        return benchmark_setup.cpu_seconds(self._program.process_id)

    async def close_pages(self) -> Measurement:
        """Close every page, and return the number of lost responses and sockets."""
        self.lost_count += sum(not operator.connected for operator in self._clients)
        await asyncio.gather(*(operator.close() for operator in self._clients))
        return self.measurement('answers and sockets lost', self.lost_count, '')


async def measure(program: Program, load: ConcurrentLoad, name: str, password: str) -> list[Measurement]:
    """Measure a running program with a user who may sign in."""
    measurements: list[Measurement] = []
    seconds = integer_setting('SECONDS', 30)
    rates = [integer_setting('SEARCHES', 50), *map(int, filter(None, os.environ.get('RATES', '').split(',')))]
    # Like a browser, open a separate connection for each socket: uvicorn closes a connection that has fetched a page
    # after five seconds, even if it has become a socket before the page was complete.
    jar, connector = aiohttp.CookieJar(unsafe=True), aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector) as http:
        await sign_in(http, program.url, name, password)
        measurements += await load.open_pages(http, integer_setting('PAGES', 1000))
        for rate in rates:
            measurements += await load.run_actions(rate, seconds)
        measurements.append(await load.close_pages())
    return measurements


def main() -> None:
    """Start the program, load it, and print the measurements."""
    # Each page needs a file descriptor for its socket, besides the files of the database.
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))
    cores = sorted(os.sched_getaffinity(0))
    with (
        tempfile.TemporaryDirectory() as folder,
        open_journal(Path(folder)) as database,
        temporary_account(database) as (name, password),
    ):
        url = database.url.render_as_string(hide_password=False)
        program = Program(Path(folder), url, entry=REAL_START)
        _run_on(cores[0])
        started = time.perf_counter()
        with program:
            start_seconds = time.perf_counter() - started
            _run_on(cores[-1])
            load = ConcurrentLoad(program, database.dialect, count_messages(database), recent_recipients(database))
            measurements = asyncio.run(measure(program, load, name, password))
    os.sched_setaffinity(0, cores)
    alone = asyncio.run(nicegui_baseline.measure())
    measurements = [
        load.measurement('start to first answer', start_seconds, 's', 3),
        load.measurement('a page of NiceGUI alone: press to rows on the wire', alone, 'ms'),
        *measurements,
    ]
    for measurement in measurements:
        sys.stdout.write(f'{measurement.json_line()}\n')
    sys.stdout.write(f'\n{format_table(measurements)}\n')


def _run_on(core: int) -> None:
    """Bind this process, and its later children, to a core."""
    if integer_setting('PIN', 1):
        os.sched_setaffinity(0, {core})


if __name__ == '__main__':
    main()
