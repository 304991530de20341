"""Measure the journal and its peers; print a JSON line for each measurement, and Markdown tables at the end.

Environment variables:
    SCALE: the number of messages to generate; 20 000 by default.
    ENGINES: the engines, separated by commas.
    DATABASE: the URL of a journal with messages, instead of SCALE and ENGINES.
    PEERS: a path for SQLite, or a URL for PostgreSQL, where the peers' copy of the messages is stored for later runs;
        without it the copy is removed at the end.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from services.database.engine import Database
from tests.benchmarks.measurement import median_milliseconds
from tests.benchmarks.peers import journal_timing, message_copy
from tests.benchmarks.peers.benchmark_databases import filled_journals, log_progress, peers_database
from tests.benchmarks.peers.comparison_report import CaseComparison, PeerTiming, format_table
from tests.benchmarks.peers.journal_timing import JournalTiming
from tests.benchmarks.peers.peer_cases import PeerCase, choose_cases
from tests.benchmarks.peers.peer_server import PageTimeoutError, PeerServer
from tests.benchmarks.peers.peer_tools import PEERS, Peer

REPEAT_LIMIT_SECONDS = 5.0
"""Seconds from which a page is measured only once, because caches do not make it faster."""


def main() -> None:
    """Measure, and print each measurement at once."""
    tables = []
    for journal in filled_journals():
        with peers_database(journal) as peers:
            tables.append(_compare(journal, peers))
    sys.stdout.write('\n' + '\n\n'.join(tables) + '\n')


def _compare(journal: str, peers: str) -> str:
    rows, _ = message_copy.journal_state(journal)
    with closing(Database(journal)) as database:
        engine = database.dialect
        cases = asyncio.run(choose_cases(database))
        log_progress('measuring the journal')
        journal_timings = asyncio.run(journal_timing.measure(database, cases))
    chosen = [peer for peer in PEERS if engine in peer.engines]
    peer_timings = {peer: _measure(peer, peers, cases, journal_timings) for peer in chosen}
    measured = [
        CaseComparison(case, answer, {peer: peer_timings[peer][number] for peer in chosen})
        for number, (case, answer) in enumerate(zip(cases, journal_timings, strict=True))
    ]
    for comparison in measured:
        for measurement in comparison.measurements(engine, rows):
            sys.stdout.write(f'{measurement.json_line()}\n')
    sys.stdout.flush()
    return format_table(engine, rows, chosen, measured)


def _measure(
    peer: Peer, database: str, cases: Sequence[PeerCase], journal_timings: Sequence[JournalTiming]
) -> list[PeerTiming | None]:
    """Measure a peer in every case."""
    timings: list[PeerTiming | None] = []
    with TemporaryDirectory() as folder, PeerServer(peer, database, Path(folder)) as server:
        for case, answer in zip(cases, journal_timings, strict=True):
            path = peer.page_path(case, answer.message_count)
            timings.append(_time_page(peer, server, path) if path else None)
            log_progress(f'{peer.name}, {case.name}: {timings[-1]}')
    return timings


def _time_page(peer: Peer, server: PeerServer, path: str) -> PeerTiming:
    started = time.perf_counter()
    try:
        page = server.get(path)
        if time.perf_counter() - started < REPEAT_LIMIT_SECONDS:
            value = asyncio.run(median_milliseconds(partial(asyncio.to_thread, server.get, path)))
        else:
            value = (time.perf_counter() - started) * 1000
    except PageTimeoutError:
        # The server still runs the query, so it is restarted for the next case.
        server.stop()
        server.start()
        return PeerTiming((time.perf_counter() - started) * 1000, None)
    return PeerTiming(value, peer.parse_count(page))


if __name__ == '__main__':
    main()
