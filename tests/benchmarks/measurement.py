"""A figure, how it is taken and how it is printed."""

import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass

RUNS = 9
MOST_RUNS = 'RUNS'
"""The environment variable that bounds how often anything is repeated, for a quick look at whether it works."""
MAX_SECONDS = 5.0
"""Seconds after which a slow thing has been repeated often enough."""


@dataclass(frozen=True)
class Measurement:
    """One measured thing beside the bound it must keep, and the bare limit taken in the same run."""

    name: str
    engine: str
    rows: int
    """How many messages the journal holds."""
    value: float
    unit: str
    limit: float | None
    """The most `ratio` may be, or the least for a speed; None where nothing is promised."""
    ratio: float | None
    """`value` against the bare limit."""

    def json_line(self) -> str:
        """Write it as one line of JSON."""
        rounded = {'value': round(self.value, 3), 'ratio': None if self.ratio is None else round(self.ratio, 3)}
        return json.dumps({**asdict(self), **rounded}, ensure_ascii=False)


async def median_milliseconds(work: Callable[[], Awaitable[object]], runs: int = RUNS) -> float:
    """Give the median time of some work, in milliseconds, warm."""
    await work()
    runs = min(runs, int(os.environ.get(MOST_RUNS) or runs))
    times: list[float] = []
    started_at = time.perf_counter()
    while len(times) < runs and (not times or time.perf_counter() - started_at < MAX_SECONDS):
        started = time.perf_counter()
        await work()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def format_table(figures: Sequence[Measurement]) -> str:
    """Write figures as a table for people, engines side by side."""
    engines = list(dict.fromkeys(figure.engine for figure in figures))
    by_name = {name: [f for f in figures if f.name == name] for name in dict.fromkeys(f.name for f in figures)}
    width = max(map(len, by_name))
    lines = [f'{"":{width}}' + ''.join(f'{engine:>28}' for engine in engines) + f'{"bound":>10}']
    for name, measurements in by_name.items():
        cells = ''.join(
            f'{_cell(next((f for f in measurements if f.engine == engine), None)):>28}' for engine in engines
        )
        limit = measurements[0].limit
        lines.append(f'{name:{width}}{cells}{"" if limit is None else f"{limit:g} ×":>10}')
    return '\n'.join(lines)


def _cell(figure: Measurement | None) -> str:
    if figure is None:
        return ''
    ratio = '' if figure.ratio is None else f' ({figure.ratio:.2f} ×)'
    return f'{figure.value:,.2f} {figure.unit}{ratio}'.replace(',', '\N{NO-BREAK SPACE}')
