"""The gain of each patch of NiceGUI: `python -m tests.benchmarks.patch_gains [PATCH ...]`.

The program runs with all patches, and again without each of them. A row shows what one run costs; the difference to the
first row is the gain. PAGES pages are open (100), each with one search; they are idle for REST seconds (10), and then
there are SEARCHES searches (300), one after the other. A run takes about half a minute.
"""

import asyncio
import atexit
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from nicegui import ui

from journal_ui.nicegui_patches import binding_registry, gc_tuning, outbox
from journal_ui.nicegui_patches.lean_element import LeanElement
from journal_ui.nicegui_patches.request_release import ReleasableRequest
from tests.benchmarks.benchmark_setup import cpu_seconds, integer_setting, open_journal, resident_memory
from tests.benchmarks.page_client import ACKNOWLEDGE_SECONDS, PageClient, sign_in, temporary_account
from tests.helpers.program import PROJECT_ROOT, Program

NO_PATCH = 'none'
PAUSES_FILE = 'gc_pauses.json'


def _disable_gc_tuning() -> None:
    gc_tuning.install = lambda: None


def _disable_outbox() -> None:
    outbox.install = lambda: None


def _disable_binding_registry() -> None:
    binding_registry.install = lambda: None


def _disable_request_release() -> None:
    ReleasableRequest.release = lambda self: None  # type: ignore[method-assign]


def _disable_lean_element() -> None:
    LeanElement.__init__ = ui.element.__init__  # type: ignore[method-assign]


PATCHES: dict[str, Callable[[], None]] = {
    NO_PATCH: lambda: None,
    'outbox': _disable_outbox,
    'gc_tuning': _disable_gc_tuning,
    'binding_registry': _disable_binding_registry,
    'request_release': _disable_request_release,
    'lean_element': _disable_lean_element,
}


@dataclass(frozen=True)
class Cost:
    """What one run of the program costs."""

    kilobytes_per_page: float
    idle_core_percent: float
    search_cpu_milliseconds: float
    gc_milliseconds: float
    """CPU time of the garbage collector from the first page to the last search."""
    longest_gc_milliseconds: float
    """CPU time of its longest collection, during which no user is served."""


async def measure(program: Program, name: str, password: str) -> Cost:
    """Open the pages, leave them idle, and search; the pauses of the collector are read after the program's end."""
    page_count, search_count = integer_setting('PAGES', 100), integer_setting('SEARCHES', 300)
    # A browser opens a connection of its own for a socket; uvicorn would close a connection that has served a page.
    jar, connector = aiohttp.CookieJar(unsafe=True), aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector) as http:
        await sign_in(http, program.url, name, password)
        load_started = time.monotonic()
        pages = [await _open_page(http, program)]
        first_page_memory = resident_memory(program.process_id)
        pages += [await _open_page(http, program) for _ in range(page_count - 1)]
        await asyncio.sleep(ACKNOWLEDGE_SECONDS + 1)  # until then the server keeps its messages, to send them again
        memory = resident_memory(program.process_id) - first_page_memory
        idle_seconds = integer_setting('REST', 10)
        idle_cpu = -cpu_seconds(program.process_id)
        await asyncio.sleep(idle_seconds)
        idle_cpu += cpu_seconds(program.process_id)
        search_cpu = -cpu_seconds(program.process_id)
        for number in range(search_count):
            await pages[number % page_count].search()
        search_cpu += cpu_seconds(program.process_id)
        load_ended = time.monotonic()
        await asyncio.gather(*(page.close() for page in pages))
    program.stop()
    recorded: list[tuple[float, float]] = json.loads((program.folder / PAUSES_FILE).read_text())
    pauses = [seconds * 1000 for at, seconds in recorded if load_started <= at <= load_ended]
    return Cost(
        memory / max(page_count - 1, 1),
        100 * idle_cpu / idle_seconds,
        1000 * search_cpu / search_count,
        sum(pauses),
        max(pauses, default=0.0),
    )


async def _open_page(http: aiohttp.ClientSession, program: Program) -> PageClient:
    page = PageClient(http, program.url)
    await page.open()
    await page.search()
    return page


def run_without(patch: str) -> None:
    """Run the program without a patch, and record the time and the CPU seconds of each garbage collection."""
    import main

    PATCHES[patch]()
    pauses: list[tuple[float, float]] = []
    started = 0.0

    def record(phase: str, _: dict[str, int]) -> None:
        nonlocal started
        if phase == 'start':
            started = time.thread_time()
        else:
            pauses.append((time.monotonic(), time.thread_time() - started))

    gc.callbacks.append(record)
    atexit.register(lambda: Path(PAUSES_FILE).write_text(json.dumps(pauses)))
    main.main()


def run_all(patches: Sequence[str]) -> None:
    """Measure the program with all patches and without each of `patches`; print a row for each."""
    row = '{:20}{:>12}{:>16}{:>18}{:>18}{:>20}\n'
    titles = ('without', 'KB a page', 'idle, % a core', 'CPU a search, ms', 'GC in all, ms', 'longest GC, ms')
    sys.stdout.write(row.format(*titles))
    with (
        tempfile.TemporaryDirectory() as folder,
        open_journal(Path(folder)) as database,
        temporary_account(database) as (name, password),
    ):
        url = database.url.render_as_string(hide_password=False)
        for patch in (NO_PATCH, *patches):
            entry = ('-m', 'tests.benchmarks.patch_gains', '--without', patch)
            with Program(Path(folder), url, entry=entry, PYTHONPATH=str(PROJECT_ROOT)) as program:
                cost = asyncio.run(measure(program, name, password))
            values = (
                f'{cost.kilobytes_per_page:.0f}',
                f'{cost.idle_core_percent:.1f}',
                f'{cost.search_cpu_milliseconds:.2f}',
                f'{cost.gc_milliseconds:.0f}',
                f'{cost.longest_gc_milliseconds:.1f}',
            )
            sys.stdout.write(row.format(patch, *values))
            sys.stdout.flush()


if __name__ == '__main__':
    if sys.argv[1:2] == ['--without']:
        _, disabled_patch = sys.argv[1:3]
        del sys.argv[1:3]
        run_without(disabled_patch)
    else:
        run_all(sys.argv[1:] or [patch for patch in PATCHES if patch != NO_PATCH])
