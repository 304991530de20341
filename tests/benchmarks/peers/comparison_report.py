"""The results of the comparison as measurements and as a Markdown table."""

import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.measurement import Measurement
from tests.benchmarks.peers.journal_timing import JournalTiming
from tests.benchmarks.peers.peer_cases import PeerCase
from tests.benchmarks.peers.peer_server import TIMEOUT_SECONDS
from tests.benchmarks.peers.peer_tools import Peer

LOCK_FILE = Path(__file__).with_name('requirements.lock')


@dataclass(frozen=True)
class PeerTiming:
    """The result of a peer in a case."""

    milliseconds: float
    """Milliseconds until the page arrived, or until the request failed."""
    message_count: int | None
    """The number of messages on the page; None without a number or a page."""

    @property
    def timed_out(self) -> bool:
        """Whether the request failed by timeout."""
        return self.milliseconds >= TIMEOUT_SECONDS * 1000


@dataclass(frozen=True)
class Lead:
    """The ratio of the time of the fastest peer to that of the journal with totals.

    A peer with another number of messages does not count, because it has answered another question.
    """

    times: float
    at_least: bool
    """Whether even the fastest peer failed by timeout."""

    def __str__(self) -> str:
        return f'{"≥ " if self.at_least else ""}{self.times:.1f} ×'


@dataclass(frozen=True)
class CaseComparison:
    """All results of one case; None for a peer without such a page."""

    case: PeerCase
    journal: JournalTiming
    answers: Mapping[Peer, PeerTiming | None]

    @property
    def lead_over_documented(self) -> Lead:
        """The lead of the journal over the peers set up as documented, to which the limit applies."""
        return self._lead(answer for peer, answer in self.answers.items() if not peer.is_tuned)

    @property
    def lead_over_all(self) -> Lead:
        """The lead of the journal over all peers, including the tuned ones."""
        return self._lead(self.answers.values())

    def _lead(self, answers: Iterable[PeerTiming | None]) -> Lead:
        comparable = (
            answer
            for answer in answers
            if answer and (answer.timed_out or answer.message_count == self.journal.message_count)
        )
        best = min(comparable, key=lambda answer: answer.milliseconds)
        return Lead(best.milliseconds / self.journal.total_milliseconds, best.timed_out)

    def measurements(self, engine: str, rows: int) -> Iterator[Measurement]:
        """Yield the measurement of the journal, which has the limit, and those of the peers."""
        name, lead = self.case.name, self.lead_over_documented.times
        yield Measurement(
            f'{name}: the journal', engine, rows, self.journal.total_milliseconds, 'ms', self.case.minimum_lead, lead
        )
        for peer, answer in self.answers.items():
            if answer:
                times = answer.milliseconds / self.journal.total_milliseconds
                yield Measurement(f'{name}: {peer.name}', engine, rows, answer.milliseconds, 'ms', None, times)


def format_table(engine: str, rows: int, peers: Sequence[Peer], measured: Sequence[CaseComparison]) -> str:
    """Format the results of one engine as a Markdown table, after a line with the date, machine and versions."""
    heads = [
        '',
        'found',
        'journal: rows',
        'journal: rows, count, sum',
        *(peer.name for peer in peers),
        'best / journal',
        'best, tuned too / journal',
    ]
    lines = [_table_row(heads), _table_row(['---', *('---:' for _ in heads[1:])])]
    for one in measured:
        missed = (
            '' if one.lead_over_documented.times >= one.case.minimum_lead else f' (bound: {one.case.minimum_lead:g} ×)'
        )
        cells = [_cell(one.answers[peer], one.journal.message_count) for peer in peers]
        ours = [
            _number(one.journal.message_count),
            _time(one.journal.rows_milliseconds),
            _time(one.journal.total_milliseconds),
        ]
        lines.append(
            _table_row([one.case.name, *ours, *cells, f'{one.lead_over_documented}{missed}', str(one.lead_over_all)])
        )
    return '\n'.join([_run_description(engine, rows, peers), '', *lines])


def _run_description(engine: str, rows: int, peers: Sequence[Peer]) -> str:
    versions = ', '.join(dict.fromkeys(f'{peer.package} {_version(peer.package)}' for peer in peers))
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30
    return (
        f'{engine}, {_number(rows)} messages; {versions}; {datetime.now(UTC):%d.%m.%Y}; {os.cpu_count()} cores, '
        f'{memory:.0f} GB, Python {platform.python_version()}; `make bench-peers`'
    )


def _version(package: str) -> str:
    locked = re.search(rf'^{package}==(\S+)', LOCK_FILE.read_text(), re.MULTILINE)
    assert locked is not None, f'{package} is not locked'
    return locked[1]


def _cell(answer: PeerTiming | None, found: int) -> str:
    if answer is None:
        return 'no such page'
    if answer.timed_out:
        return f'> {TIMEOUT_SECONDS:g} s'
    if answer.message_count == found:
        return _time(answer.milliseconds)
    return (
        f'{_time(answer.milliseconds)} (found {"?" if answer.message_count is None else _number(answer.message_count)})'
    )


def _time(milliseconds: float) -> str:
    return f'{milliseconds:.1f} ms' if milliseconds < 1000 else f'{milliseconds / 1000:.1f} s'


def _number(value: int) -> str:
    return f'{value:,}'.replace(',', '\N{NO-BREAK SPACE}')


def _table_row(cells: Sequence[str]) -> str:
    return f'| {" | ".join(cells)} |'
