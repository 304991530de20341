"""Many operators at once: `make bench-load`. Prints a JSON line a figure, and a table; writes nothing into the tree.

The program runs on one core, what loads it on the other. Operators do something at a given rate whether or not the one
before has been answered, so that waiting in a queue counts.

PAGES are open (1000), SEARCHES are begun a second (50) for SECONDS (30). RATES are tried besides, by comma, to find
where it bends (none). REST is for how many seconds pages are left alone (10). With PIN=0 nothing is bound to a core.
DATABASE is the URL of a journal that is full already; without it a new one has SCALE messages (20 000).
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

from tests.benchmarks import bare, running
from tests.benchmarks.figures import Figure, table
from tests.benchmarks.operator import ACKNOWLEDGED, Lost, Operator, sign_in, somebody
from tests.benchmarks.running import as_typed, count, journal, number, people
from tests.browser.program import Program

OPENING = 8
"""Pages that are loaded at the same time."""
RESTING = 100
"""Pages that are left alone for REST seconds."""
LOOKED_AT = 5
"""Operators among whom one who waits for nothing is looked for."""


class Load:
    """The program, and all who use it."""

    def __init__(self, program: Program, engine: str, scale: int, people: Sequence[tuple[str, str]]) -> None:
        """Load a program that runs over `scale` messages; operators look for some of `people`, by name and phone."""
        self._program = program
        self._engine = engine
        self._scale = scale
        self._people = people
        self._operators: list[Operator] = []
        self._dice = random.Random(1)
        self.lost = 0

    def figure(self, name: str, value: float, unit: str, limit: float | None = None) -> Figure:
        """Make a figure; `limit` is in its own unit."""
        return Figure(
            name, self._engine, self._scale, value, unit, None if limit is None else 1, limit and value / limit
        )

    async def open(self, http: aiohttp.ClientSession, count: int) -> Iterator[Figure]:
        """Open pages."""
        first = Operator(http, self._program.url)
        await first.open()
        await first.search()
        one = self._memory()
        self._operators.append(first)
        gate = asyncio.Semaphore(OPENING)
        used, started = self._cpu(), time.perf_counter()

        async def enter() -> None:
            operator = Operator(http, self._program.url)
            async with gate:
                await operator.open()
                await operator.search()
            self._operators.append(operator)

        async def enter_all(pages: int) -> None:
            entered = await asyncio.gather(*(enter() for _ in range(pages)), return_exceptions=True)
            self.lost += sum(isinstance(one, BaseException) for one in entered)

        resting = min(RESTING, count)
        await enter_all(resting - 1)
        idle, rest = self._cpu(), time.perf_counter()
        await asyncio.sleep(number('REST', 10))
        idle, rest = self._cpu() - idle, time.perf_counter() - rest
        await enter_all(count - resting)
        spent, took, each = self._cpu() - used - idle, time.perf_counter() - started - rest, max(count - 1, 1)
        await asyncio.sleep(ACKNOWLEDGED + 1)  # what has come need not be kept
        return iter(
            (
                self.figure('memory with one page', one / 1024, 'MB', 250),
                self.figure(f'{resting} pages idle: of one core', 100 * idle / rest, '%', 5),
                self.figure(
                    f'memory a page, of {count} with a search each',
                    (self._memory() - one) / each,
                    'KB',
                    400,
                ),
                self.figure('opening a page and a search: CPU', spent * 1000 / each, 'ms'),
                self.figure('opening a page and a search: wall', took * 1000 / each, 'ms'),
            )
        )

    async def run(self, rate: int, seconds: int) -> Iterator[Figure]:
        """Let operators act at a rate."""
        taken: list[float] = []
        acts: list[asyncio.Task[None]] = []
        used, started = self._cpu(), time.perf_counter()

        async def act(operator: Operator, due: float) -> None:
            kind = self._dice.random()
            try:
                if kind < 0.7 or not operator.rows:
                    name, phone = as_typed(self._dice, self._people)
                    operator.common = not (name or phone)
                    await operator.search(name=name, phone=phone)
                elif kind < 0.9 and operator.common:
                    await operator.turn()
                else:
                    await operator.expand()
                taken.append((time.perf_counter() - due) * 1000)
            except (Lost, aiohttp.ClientError):
                self.lost += 1
            finally:
                operator.busy = False

        for act_number in range(rate * seconds):
            due = started + act_number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            free = [
                operator
                for operator in self._dice.sample(self._operators, min(LOOKED_AT, len(self._operators)))
                if not operator.busy
            ]
            if not free:
                self.lost += 1
                continue
            free[0].busy = True
            acts.append(asyncio.create_task(act(free[0], due)))
        await asyncio.gather(*acts)
        used = self._cpu() - used
        whole = time.perf_counter() - started
        marks = statistics.quantiles(taken, n=100)
        what = f'{rate} a second'
        return iter(
            (
                self.figure(f'{what}: p50', marks[49], 'ms'),
                self.figure(f'{what}: p95', marks[94], 'ms', 150),
                self.figure(f'{what}: p99', marks[98], 'ms'),
                self.figure(f'{what}: CPU each', used * 1000 / len(taken), 'ms'),
                self.figure(f'{what}: of one core', 100 * used / whole, '%'),
            )
        )

    def _memory(self) -> float:
        return running.resident(self._program.process_id)

    def _cpu(self) -> float:
        return running.cpu(self._program.process_id)

    async def close(self) -> Figure:
        """Leave every page; say how many were lost."""
        self.lost += sum(not operator.connected for operator in self._operators)
        await asyncio.gather(*(operator.close() for operator in self._operators))
        return self.figure('answers and sockets lost', self.lost, '')


async def measure(program: Program, load: Load, name: str, password: str) -> list[Figure]:
    """Measure a program that runs, as a person who may sign in."""
    figures: list[Figure] = []
    seconds = number('SECONDS', 30)
    rates = [number('SEARCHES', 50), *map(int, filter(None, os.environ.get('RATES', '').split(',')))]
    # A browser opens a connection of its own for a socket. One that has fetched a page is shut by uvicorn in five
    # seconds, socket or not, if the socket came before the page's very end.
    jar, connector = aiohttp.CookieJar(unsafe=True), aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector) as http:
        await sign_in(http, program.url, name, password)
        figures += await load.open(http, number('PAGES', 1000))
        for rate in rates:
            figures += await load.run(rate, seconds)
        figures.append(await load.close())
    return figures


def main() -> None:
    """Start the program, load it, and print."""
    # A socket each, and the files of the database.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    cores = sorted(os.sched_getaffinity(0))
    with (
        tempfile.TemporaryDirectory() as folder,
        journal(Path(folder)) as database,
        somebody(database) as (name, password),
    ):
        url = database.url.render_as_string(hide_password=False)
        program = Program(Path(folder), url)
        _run_on(cores[0])
        started = time.perf_counter()
        with program:
            took = time.perf_counter() - started
            _run_on(cores[-1])
            load = Load(program, database.dialect, count(database), people(database))
            figures = asyncio.run(measure(program, load, name, password))
    os.sched_setaffinity(0, cores)
    alone = asyncio.run(bare.measure())
    figures = [
        load.figure('start to first answer', took, 's', 3),
        load.figure('a page of NiceGUI alone: press to rows on the wire', alone, 'ms'),
        *figures,
    ]
    for figure in figures:
        sys.stdout.write(f'{figure.line()}\n')
    sys.stdout.write(f'\n{table(figures)}\n')


def _run_on(core: int) -> None:
    """Bind this process, and those that it starts from now on, to a core."""
    if number('PIN', 1):
        os.sched_setaffinity(0, {core})


if __name__ == '__main__':
    main()
