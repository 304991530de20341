"""Many operators at once: `make bench-load`. Prints a JSON line a figure, and a table; writes nothing into the tree.

The program runs on one core, what loads it on the other. Operators do something at a given rate whether or not the one
before has been answered, so that waiting in a queue counts.

PAGES are open (1000), SEARCHES are begun a second (50) for SECONDS (30). RATES are tried besides, by comma, to find
where it bends (none). DATABASE is the URL of a journal that is full already; without it a new one has SCALE messages
(20 000).
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
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import aiohttp
from sqlalchemy import func, select

from services import demo
from services.database import Database
from services.messages.tables import message
from services.schema import migrate
from services.zone import keep_zone
from tests.benchmarks.figures import Figure, table
from tests.benchmarks.operator import Lost, Operator, sign_in, somebody
from tests.browser.program import Program
from tests.services.reference import MOSCOW

NEWEST = select(message.c.name_key, message.c.phone).order_by(message.c.place.desc()).limit(20_000)
"""Whom operators look for: those who were written to of late."""
COUNT = select(func.count()).select_from(message)
OPENING = 8
"""Pages that are loaded at the same time."""
TICKS = os.sysconf('SC_CLK_TCK')


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
        one = self.resident()
        self._operators.append(first)
        gate = asyncio.Semaphore(OPENING)
        used, started = self.cpu(), time.perf_counter()

        async def enter() -> None:
            operator = Operator(http, self._program.url)
            async with gate:
                await operator.open()
                await operator.search()
            self._operators.append(operator)

        for done in await asyncio.gather(*(enter() for _ in range(count - 1)), return_exceptions=True):
            if isinstance(done, BaseException):
                self.lost += 1
        each = max(count - 1, 1)
        return iter(
            (
                self.figure('memory with one page', one / 1024, 'MB', 250),
                self.figure(f'memory a page, of {count} with a search each', (self.resident() - one) / each, 'KB', 400),
                self.figure('opening a page and a search: CPU', (self.cpu() - used) * 1000 / each, 'ms'),
                self.figure('opening a page and a search: wall', (time.perf_counter() - started) * 1000 / each, 'ms'),
            )
        )

    async def run(self, rate: int, seconds: int) -> Iterator[Figure]:
        """Let operators act at a rate."""
        taken: list[float] = []
        acts: list[asyncio.Task[None]] = []
        used, started = self.cpu(), time.perf_counter()

        async def act(operator: Operator, due: float) -> None:
            kind = self._dice.random()
            try:
                if kind < 0.7 or not operator.rows:
                    name, phone = self._somebody()
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

        for number in range(rate * seconds):
            due = started + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            free = [operator for operator in self._dice.sample(self._operators, 5) if not operator.busy]
            if not free:
                self.lost += 1
                continue
            free[0].busy = True
            acts.append(asyncio.create_task(act(free[0], due)))
        await asyncio.gather(*acts)
        used = self.cpu() - used
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

    def _somebody(self) -> tuple[str, str]:
        """Choose what is typed of a name and of a phone: as much as a patient on the telephone says of himself."""
        name, phone = self._dice.choice(self._people)
        surname, *given = name.split()
        return self._dice.choice(
            (
                (name, ''),
                (f'{surname} {given[0]}', ''),
                (f'{surname} {given[0][0]} {given[-1][0]}', ''),
                (surname, phone[-4:]),
                ('', phone[-10:]),
                ('', phone[-4:]),
                ('', ''),
            )
        )

    async def close(self) -> Figure:
        """Leave every page; say how many were lost."""
        self.lost += sum(not operator.connected for operator in self._operators)
        await asyncio.gather(*(operator.close() for operator in self._operators))
        return self.figure('answers and sockets lost', self.lost, '')

    def resident(self) -> float:
        """Give the program's memory in kilobytes."""
        status = Path(f'/proc/{self._program.process_id}/status').read_text()
        return float(next(line.split()[1] for line in status.splitlines() if line.startswith('VmRSS')))

    def cpu(self) -> float:
        """Give the seconds that the program has computed."""
        spent = Path(f'/proc/{self._program.process_id}/stat').read_text().rsplit(')', 1)[1].split()
        return (int(spent[11]) + int(spent[12])) / TICKS


async def measure(program: Program, load: Load, name: str, password: str) -> list[Figure]:
    """Measure a program that runs, as a person who may sign in."""
    figures: list[Figure] = []
    seconds = _number('SECONDS', 30)
    rates = [_number('SEARCHES', 50), *map(int, filter(None, os.environ.get('RATES', '').split(',')))]
    # A browser opens a connection of its own for a socket. One that has fetched a page is shut by uvicorn in five
    # seconds, socket or not, if the socket came before the page's very end.
    jar, connector = aiohttp.CookieJar(unsafe=True), aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector) as http:
        await sign_in(http, program.url, name, password)
        figures += await load.open(http, _number('PAGES', 1000))
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
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get('DATABASE') or f'sqlite:///{folder}/journal.sqlite3'
        with _journal(url) as (database, name, password):
            program = Program(Path(folder), url)
            os.sched_setaffinity(0, {cores[0]})
            started = time.perf_counter()
            with program:
                took = time.perf_counter() - started
                os.sched_setaffinity(0, {cores[-1]})
                people = database.read_now(lambda session: [tuple(row) for row in session.execute(NEWEST)])
                scale = database.read_now(lambda session: session.execute(COUNT).scalar_one())
                load = Load(program, database.dialect, scale, people)
                figures = asyncio.run(measure(program, load, name, password))
    figures.insert(0, load.figure('start to first answer', took, 's', 3))
    for figure in figures:
        sys.stdout.write(f'{figure.line()}\n')
    sys.stdout.write(f'\n{table(figures)}\n')


@contextmanager
def _journal(url: str) -> Iterator[tuple[Database, str, str]]:
    """Open a journal, fill it if it is empty, and let somebody sign in for as long as the load lasts."""
    migrate(url)
    with closing(Database(url)) as database:
        keep_zone(database, MOSCOW)
        if demo.is_empty(database):
            demo.fill(database, MOSCOW, today=datetime.now(MOSCOW).date(), count=_number('SCALE', 20_000))
        with somebody(database) as (name, password):
            yield database, name, password


def _number(name: str, otherwise: int) -> int:
    return int(os.environ.get(name) or otherwise)


if __name__ == '__main__':
    main()
