"""Every benchmark runs at a small scale, without limits of time."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from services.messages.message_query import MessageQuery
from services.settings import PROJECT_ROOT
from tests.benchmarks.peers.comparison_report import CaseComparison, PeerTiming, format_table
from tests.benchmarks.peers.journal_timing import JournalTiming
from tests.benchmarks.peers.peer_cases import PeerCase
from tests.benchmarks.peers.peer_tools import PEERS

SMALL_RUN = {
    'SCALE': '1200',
    'GROWN': '200',
    'IMPORTED': '20',
    'SUBMITTED': '100',
    'PAGES': '3',
    'SEARCHES': '5',
    'SECONDS': '1',
    'RUNS': '1',
    'REST': '1',
    'ACKNOWLEDGE': '0.5',
    'PIN': '0',
}

MAY_BE_EMPTY = {
    'answers and sockets lost', '3 pages idle: of one core', 'search: cost of its record',
    'record of a page: cost of its rows',
}  # fmt: skip


@pytest.mark.parametrize(
    ('module', 'engines', 'expected'),
    [
        (
            'tests.benchmarks',
            {'sqlite', 'postgresql'},
            {
                'page 1, month: name, common',
                'page 1, month: no condition, bound to 3',
                'summary: 3 years',
                'similar phones',
                'search: cost of its record',
                'disk',
                'who has seen a phone: page',
                'growing journal: last batches, time against the first',
                'import: search beside it: p95',
            },
        ),
        (
            'tests.benchmarks.concurrent_operators',
            {'sqlite'},
            {'start to first answer', 'a page of NiceGUI alone: press to rows on the wire', '5 a second: p95'},
        ),
        (
            'tests.benchmarks.export_benchmark',
            {'sqlite'},
            {'export to xlsx: search beside it: p95', 'export to csv: rows a second'},
        ),
        pytest.param(
            'tests.benchmarks.browser_latency',
            {'sqlite'},
            {'click to rows painted: median'},
            marks=pytest.mark.browser,
        ),
    ],
)
def test_every_benchmark_runs(module: str, engines: set[str], expected: set[str]) -> None:
    measurements = _run_benchmark(module)
    assert {each['engine'] for each in measurements} == engines
    assert expected <= {each['name'] for each in measurements}
    for each in measurements:
        assert set(each) == {'name', 'engine', 'rows', 'value', 'unit', 'limit', 'ratio'}
        assert each['value'] > 0 or each['name'] in MAY_BE_EMPTY


def test_the_limit_is_relative_to_documented_peers_and_tuned_peers_have_their_own_column() -> None:
    timings = {peer: PeerTiming(20 if peer.is_tuned else 40, 1) for peer in PEERS}
    measured = CaseComparison(
        PeerCase('a month', MessageQuery()),
        JournalTiming(rows_milliseconds=5, total_milliseconds=10, message_count=1),
        timings,
    )
    journal, *_ = measured.measurements('sqlite', 1)
    assert (journal.limit, journal.ratio) == (3, 4)
    cells = format_table('sqlite', 1, PEERS, [measured]).splitlines()[-1].split(' | ')
    assert cells[-2:] == ['4.0 ×', '2.0 × |']


def test_a_peer_with_other_results_is_not_counted() -> None:
    timings = {peer: PeerTiming(1, 7) if peer.name.startswith('Datasette') else PeerTiming(40, 1) for peer in PEERS}
    measured = CaseComparison(
        PeerCase('a month', MessageQuery()),
        JournalTiming(rows_milliseconds=5, total_milliseconds=10, message_count=1),
        timings,
    )
    assert (measured.lead_over_documented.times, measured.lead_over_all.times) == (4, 4)


def test_the_gain_of_a_patch_can_be_measured() -> None:
    titles, *rows = _run_module('tests.benchmarks.patch_gains', 'gc_tuning').splitlines()
    assert titles.startswith('without')
    assert [row.split()[0] for row in rows] == ['none', 'gc_tuning']


def _run_benchmark(module: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _run_module(module).splitlines() if line.startswith('{')]


def _run_module(module: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, '-m', module, *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, **SMALL_RUN},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
