"""How soon the journal answers on the wire: the rows, and the rows with their exact count and sum."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from services import texts
from services.database.engine import Database
from services.messages.message_service import Messages
from tests.benchmarks.measurement import PATIENCE, RUNS
from tests.benchmarks.page_client import Operator, sign_in, somebody
from tests.benchmarks.peers.peer_cases import Case
from tests.helpers.program import Program
from tests.helpers.reference_messages import MOSCOW


@dataclass(frozen=True)
class Ours:
    """The journal's answer to a case, in milliseconds from the press of a button."""

    rows: float
    whole: float
    """Rows, count and sum."""
    found: int


async def measure(database: Database, cases: Sequence[Case]) -> list[Ours]:
    """Start the program over a full journal, and ask it for every case as a page in a browser does."""
    url = database.url.render_as_string(hide_password=False)
    with (
        TemporaryDirectory() as folder,
        somebody(database) as (name, password),
        Program(Path(folder), url) as program,
    ):
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            await sign_in(http, program.url, name, password)
            return [await _ask(Operator(http, program.url), Messages(database, MOSCOW), case) for case in cases]


async def _ask(operator: Operator, messages: Messages, case: Case) -> Ours:
    found = (await messages.totals(case.query)).count
    await operator.open()
    await operator.fill(case.query)
    await operator.find()
    rows: list[float] = []
    whole: list[float] = []
    begun = time.perf_counter()
    while len(rows) < RUNS and (not rows or time.perf_counter() - begun < PATIENCE):
        if case.last:
            await operator.turn(texts.FIRST_PAGE)
            shown, counted = await operator.turn(texts.LAST_PAGE), None
        else:
            shown, counted = await operator.find()
        rows.append(shown)
        whole.append(max(shown, counted or shown))
    await operator.close()
    return Ours(statistics.median(rows) * 1000, statistics.median(whole) * 1000, found)
