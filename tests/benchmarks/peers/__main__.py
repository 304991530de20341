"""Measure the journal and the list tools beside it; print a JSON line a figure, and at the end Markdown tables.

SCALE is how many messages to make (20 000 by default), ENGINES for which engines, by comma. DATABASE is the URL of a
journal that is full already, in place of both. PEERS is where the peers' copy of its messages is kept, and taken from
the next time: a path for SQLite, a URL for PostgreSQL; without it the copy is removed at the end.
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
"""Seconds from which on a page is not asked for again: such a one is not quicker warm."""


def main() -> None:
    """Measure, and print as it goes."""
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
        answers = asyncio.run(journal_timing.measure(database, cases))
    chosen = [peer for peer in PEERS if engine in peer.engines]
    theirs = {peer: _measure(peer, peers, cases, answers) for peer in chosen}
    measured = [
        CaseComparison(case, answer, {peer: theirs[peer][number] for peer in chosen})
        for number, (case, answer) in enumerate(zip(cases, answers, strict=True))
    ]
    for one in measured:
        for figure in one.measurements(engine, rows):
            sys.stdout.write(f'{figure.json_line()}\n')
    sys.stdout.flush()
    return format_table(engine, rows, chosen, measured)


def _measure(
    peer: Peer, database: str, cases: Sequence[PeerCase], answers: Sequence[JournalTiming]
) -> list[PeerTiming | None]:
    """Ask a peer for every case."""
    answers_of_peer: list[PeerTiming | None] = []
    with TemporaryDirectory() as folder, PeerServer(peer, database, Path(folder)) as server:
        for case, answer in zip(cases, answers, strict=True):
            path = peer.page_path(case, answer.message_count)
            answers_of_peer.append(_time_page(peer, server, path) if path else None)
            log_progress(f'{peer.name}, {case.name}: {answers_of_peer[-1]}')
    return answers_of_peer


def _time_page(peer: Peer, server: PeerServer, path: str) -> PeerTiming:
    started = time.perf_counter()
    try:
        page = server.get(path)
        if time.perf_counter() - started < REPEAT_LIMIT_SECONDS:
            value = asyncio.run(median_milliseconds(partial(asyncio.to_thread, server.get, path)))
        else:
            value = (time.perf_counter() - started) * 1000
    except PageTimeoutError:
        # What it was asked for it still looks for: it is ended, and another one answers the next case.
        server.stop()
        server.start()
        return PeerTiming((time.perf_counter() - started) * 1000, None)
    return PeerTiming(value, peer.parse_count(page))


if __name__ == '__main__':
    main()
