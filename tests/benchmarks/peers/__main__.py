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
from tests.benchmarks.measurement import median
from tests.benchmarks.peers import journal_timing, message_copy
from tests.benchmarks.peers.benchmark_databases import journals, peers_of, tell
from tests.benchmarks.peers.comparison_report import Answer, Measured, table
from tests.benchmarks.peers.journal_timing import Ours
from tests.benchmarks.peers.peer_cases import Case, choose
from tests.benchmarks.peers.peer_server import Late, Server
from tests.benchmarks.peers.peer_tools import PEERS, Peer

ONCE = 5.0
"""Seconds from which on a page is not asked for again: such a one is not quicker warm."""


def main() -> None:
    """Measure, and print as it goes."""
    tables = []
    for journal in journals():
        with peers_of(journal) as peers:
            tables.append(_compare(journal, peers))
    sys.stdout.write('\n' + '\n\n'.join(tables) + '\n')


def _compare(journal: str, peers: str) -> str:
    rows, _ = message_copy.newest(journal)
    with closing(Database(journal)) as database:
        engine = database.dialect
        cases = asyncio.run(choose(database))
        tell('measuring the journal')
        answers = asyncio.run(journal_timing.measure(database, cases))
    chosen = [peer for peer in PEERS if engine in peer.engines]
    theirs = {peer: _measure(peer, peers, cases, answers) for peer in chosen}
    measured = [
        Measured(case, answer, {peer: theirs[peer][number] for peer in chosen})
        for number, (case, answer) in enumerate(zip(cases, answers, strict=True))
    ]
    for one in measured:
        for figure in one.figures(engine, rows):
            sys.stdout.write(f'{figure.line()}\n')
    sys.stdout.flush()
    return table(engine, rows, chosen, measured)


def _measure(peer: Peer, database: str, cases: Sequence[Case], answers: Sequence[Ours]) -> list[Answer | None]:
    """Ask a peer for every case."""
    found: list[Answer | None] = []
    with TemporaryDirectory() as folder, Server(peer, database, Path(folder)) as server:
        for case, answer in zip(cases, answers, strict=True):
            address = peer.address(case, answer.found)
            found.append(_ask(peer, server, address) if address else None)
            tell(f'{peer.name}, {case.name}: {found[-1]}')
    return found


def _ask(peer: Peer, server: Server, address: str) -> Answer:
    started = time.perf_counter()
    try:
        page = server.get(address)
        if time.perf_counter() - started < ONCE:
            value = asyncio.run(median(partial(asyncio.to_thread, server.get, address)))
        else:
            value = (time.perf_counter() - started) * 1000
    except Late:
        # What it was asked for it still looks for: it is ended, and another one answers the next case.
        server.stop()
        server.start()
        return Answer((time.perf_counter() - started) * 1000, None)
    return Answer(value, peer.found(page))


if __name__ == '__main__':
    main()
