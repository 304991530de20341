"""A measurement, the timing of a function, and the output as JSON and as a table."""

import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import text
from sqlmodel import Session

RUNS = 9
BARE_RUNS = 200
MAX_RUNS_VARIABLE = 'RUNS'
"""The environment variable that limits the repetitions, for a quick test of the benchmarks."""
MAX_SECONDS = 5.0
"""Seconds after which a slow function is not repeated."""


@dataclass(frozen=True)
class Measurement:
    """One measured value, its ratio to a reference of the same run, and the limit of the ratio."""

    name: str
    engine: str
    rows: int
    """The number of messages in the journal."""
    value: float
    unit: str
    limit: float | None
    """The maximum of `ratio`, or its minimum for a speed; None without a limit."""
    ratio: float | None
    """`value` divided by the reference."""

    def json_line(self) -> str:
        """Return the measurement as one line of JSON."""
        rounded = {'value': round(self.value, 3), 'ratio': None if self.ratio is None else round(self.ratio, 3)}
        return json.dumps({**asdict(self), **rounded}, ensure_ascii=False)


def bare_milliseconds(session: Session) -> float:
    """Return the baseline: the median time in which the driver fetches 20 rows by primary key."""
    driver = session.connection().connection.driver_connection
    assert driver is not None
    middle = session.execute(text('SELECT place FROM message ORDER BY place LIMIT 1 OFFSET 1000')).scalar_one()
    statement = f'SELECT * FROM message WHERE place >= {middle} ORDER BY place LIMIT 20'
    times = []
    for _ in range(limited(BARE_RUNS)):
        started = time.perf_counter()
        driver.execute(statement).fetchall()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def limited(runs: int) -> int:
    """Return a number of repetitions, at most that of MAX_RUNS_VARIABLE."""
    return min(runs, int(os.environ.get(MAX_RUNS_VARIABLE) or runs))


async def median_milliseconds(work: Callable[[], Awaitable[object]], runs: int = RUNS) -> float:
    """Return the median time of a function in milliseconds, after one call that is not counted."""
    await work()
    runs = limited(runs)
    times: list[float] = []
    started_at = time.perf_counter()
    while len(times) < runs and (not times or time.perf_counter() - started_at < MAX_SECONDS):
        started = time.perf_counter()
        await work()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def p95(times: Sequence[float]) -> float:
    """Return the time that 95 of 100 do not exceed."""
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def format_table(measurements: Sequence[Measurement]) -> str:
    """Format measurements as a table with a column for each engine."""
    engines = list(dict.fromkeys(measurement.engine for measurement in measurements))
    by_name = {
        name: [each for each in measurements if each.name == name]
        for name in dict.fromkeys(each.name for each in measurements)
    }
    width = max(map(len, by_name))
    lines = [f'{"":{width}}' + ''.join(f'{engine:>28}' for engine in engines) + f'{"bound":>10}']
    for name, of_name in by_name.items():
        cells = ''.join(
            f'{_cell(next((each for each in of_name if each.engine == engine), None)):>28}' for engine in engines
        )
        limit = of_name[0].limit
        lines.append(f'{name:{width}}{cells}{"" if limit is None else f"{limit:g} ×":>10}')
    return '\n'.join(lines)


def _cell(measurement: Measurement | None) -> str:
    if measurement is None:
        return ''
    ratio = '' if measurement.ratio is None else f' ({measurement.ratio:.2f} ×)'
    return f'{measurement.value:,.2f} {measurement.unit}{ratio}'.replace(',', '\N{NO-BREAK SPACE}')
