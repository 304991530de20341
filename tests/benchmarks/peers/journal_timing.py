"""Time until the journal has sent the rows of a search, and their exact count and sum."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from services import texts
from services.database.engine import Database
from services.messages.message_service import MessageService
from tests.benchmarks.measurement import MAX_SECONDS, RUNS
from tests.benchmarks.page_client import PageClient, sign_in, temporary_account
from tests.benchmarks.peers.peer_cases import PeerCase
from tests.helpers.program import REAL_START, Program
from tests.helpers.reference_messages import MOSCOW


@dataclass(frozen=True)
class JournalTiming:
    """The times of a case in the journal, in milliseconds from the click."""

    rows_milliseconds: float
    total_milliseconds: float
    """Milliseconds to the rows, the count and the sum."""
    message_count: int


async def measure(database: Database, cases: Sequence[PeerCase]) -> list[JournalTiming]:
    """Start the program over a journal, and measure every case with a page client."""
    url = database.url.render_as_string(hide_password=False)
    with (
        TemporaryDirectory() as folder,
        temporary_account(database) as (name, password),
        Program(Path(folder), url, entry=REAL_START) as program,
    ):
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            await sign_in(http, program.url, name, password)
            return [
                await _time_case(PageClient(http, program.url), MessageService(database, MOSCOW), case)
                for case in cases
            ]


async def _time_case(operator: PageClient, messages: MessageService, case: PeerCase) -> JournalTiming:
    message_count = (await messages.totals(case.query)).count
    await operator.open()
    await operator.fill(case.query)
    await operator.press_find()
    rows: list[float] = []
    totals: list[float] = []
    started_at = time.perf_counter()
    while len(rows) < RUNS and (not rows or time.perf_counter() - started_at < MAX_SECONDS):
        if case.last:
            await operator.turn_page(texts.FIRST_PAGE)
            rows_seconds, totals_seconds = await operator.turn_page(texts.LAST_PAGE), None
        else:
            rows_seconds, totals_seconds = await operator.press_find()
        rows.append(rows_seconds)
        totals.append(max(rows_seconds, totals_seconds or rows_seconds))
    await operator.close()
    return JournalTiming(statistics.median(rows) * 1000, statistics.median(totals) * 1000, message_count)
