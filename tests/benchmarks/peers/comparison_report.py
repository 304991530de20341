"""What was measured: a JSON line a figure, and a table a person can read."""

import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.measurement import Figure
from tests.benchmarks.peers.journal_timing import Ours
from tests.benchmarks.peers.peer_cases import Case
from tests.benchmarks.peers.peer_server import TIME_LIMIT
from tests.benchmarks.peers.peer_tools import Peer

LOCK = Path(__file__).with_name('requirements.lock')


@dataclass(frozen=True)
class Answer:
    """A peer's answer to a case."""

    value: float
    """Milliseconds; of one that came too late, how long it was waited for."""
    found: int | None
    """How many messages it said there are; None when it did not say or came too late."""

    @property
    def late(self) -> bool:
        """Whether it was given up."""
        return self.value >= TIME_LIMIT * 1000


@dataclass(frozen=True)
class Lead:
    """How many times sooner than the best of some peers the journal answered whole.

    One that found other messages than there are answered something else, however soon, and is not the best.
    """

    times: float
    at_least: bool
    """Whether even the best was given up."""

    def __str__(self) -> str:
        return f'{"≥ " if self.at_least else ""}{self.times:.1f} ×'


@dataclass(frozen=True)
class Measured:
    """All answers to one case; a peer that has no such page gave none."""

    case: Case
    ours: Ours
    answers: Mapping[Peer, Answer | None]

    @property
    def documented(self) -> Lead:
        """The journal's lead over the peers set up as documented, which its bound is about."""
        return self._lead(answer for peer, answer in self.answers.items() if not peer.tuned)

    @property
    def overall(self) -> Lead:
        """Its lead over all of them, the tuned ones too."""
        return self._lead(self.answers.values())

    def _lead(self, answers: Iterable[Answer | None]) -> Lead:
        told = (answer for answer in answers if answer and (answer.late or answer.found == self.ours.found))
        best = min(told, key=lambda answer: answer.value)
        return Lead(best.value / self.ours.whole, best.late)

    def figures(self, engine: str, rows: int) -> Iterator[Figure]:
        """Give the journal's figure, which has the bound, and each peer's."""
        name, lead = self.case.name, self.documented.times
        yield Figure(f'{name}: the journal', engine, rows, self.ours.whole, 'ms', self.case.least, lead)
        for peer, answer in self.answers.items():
            if answer:
                times = answer.value / self.ours.whole
                yield Figure(f'{name}: {peer.name}', engine, rows, answer.value, 'ms', None, times)


def table(engine: str, rows: int, peers: Sequence[Peer], measured: Sequence[Measured]) -> str:
    """Write the answers of one engine as a Markdown table, and above it where and when they were taken."""
    heads = [
        '',
        'found',
        'journal: rows',
        'journal: rows, count, sum',
        *(peer.name for peer in peers),
        'best / journal',
        'best, tuned too / journal',
    ]
    lines = [_line(heads), _line(['---', *('---:' for _ in heads[1:])])]
    for one in measured:
        missed = '' if one.documented.times >= one.case.least else f' (bound: {one.case.least:g} ×)'
        cells = [_cell(one.answers[peer], one.ours.found) for peer in peers]
        ours = [_number(one.ours.found), _time(one.ours.rows), _time(one.ours.whole)]
        lines.append(_line([one.case.name, *ours, *cells, f'{one.documented}{missed}', str(one.overall)]))
    return '\n'.join([_occasion(engine, rows, peers), '', *lines])


def _occasion(engine: str, rows: int, peers: Sequence[Peer]) -> str:
    versions = ', '.join(dict.fromkeys(f'{peer.package} {_version(peer.package)}' for peer in peers))
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30
    return (
        f'{engine}, {_number(rows)} messages; {versions}; {datetime.now(UTC):%d.%m.%Y}; {os.cpu_count()} cores, '
        f'{memory:.0f} GB, Python {platform.python_version()}; `make bench-peers`'
    )


def _version(package: str) -> str:
    locked = re.search(rf'^{package}==(\S+)', LOCK.read_text(), re.MULTILINE)
    assert locked is not None, f'{package} is not locked'
    return locked[1]


def _cell(answer: Answer | None, found: int) -> str:
    if answer is None:
        return 'no such page'
    if answer.late:
        return f'> {TIME_LIMIT:g} s'
    if answer.found == found:
        return _time(answer.value)
    return f'{_time(answer.value)} (found {"?" if answer.found is None else _number(answer.found)})'


def _time(milliseconds: float) -> str:
    return f'{milliseconds:.1f} ms' if milliseconds < 1000 else f'{milliseconds / 1000:.1f} s'


def _number(value: int) -> str:
    return f'{value:,}'.replace(',', '\N{NO-BREAK SPACE}')


def _line(cells: Sequence[str]) -> str:
    return f'| {" | ".join(cells)} |'
