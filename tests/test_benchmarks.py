"""The figures can be taken: small, with no promise about time."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from services.messages.query import MessageQuery
from services.settings import PROJECT
from tests.benchmarks.peers.asked import PEERS
from tests.benchmarks.peers.cases import Case
from tests.benchmarks.peers.ours import Ours
from tests.benchmarks.peers.report import Answer, Measured, table

SMALL = {
    'SCALE': '2000',
    'GROWN': '2000',
    'PAGES': '3',
    'SEARCHES': '5',
    'SECONDS': '1',
    'RUNS': '3',
    'REST': '1',
    'PIN': '0',
}

PERHAPS_NOTHING = {'answers and sockets lost', '3 pages idle: of one core', 'search: cost of its record'}


@pytest.mark.parametrize(
    ('module', 'engines', 'some'),
    [
        (
            'tests.benchmarks',
            {'sqlite', 'postgresql'},
            {
                'page 1, month: name, common',
                'summary: 3 years',
                'search: cost of its record',
                'disk',
                'growing journal: last batches, time against the first',
            },
        ),
        (
            'tests.benchmarks.load',
            {'sqlite'},
            {'start to first answer', 'a page of NiceGUI alone: press to rows on the wire', '5 a second: p95'},
        ),
        (
            'tests.benchmarks.exporting',
            {'sqlite'},
            {'export to xlsx: search beside it: p95', 'export to csv: rows a second'},
        ),
        ('tests.benchmarks.screen', {'sqlite'}, {'click to rows painted: median'}),
    ],
)
def test_the_figures_can_be_taken(module: str, engines: set[str], some: set[str]) -> None:
    figures = _figures(module)
    assert {figure['engine'] for figure in figures} == engines
    assert some <= {figure['name'] for figure in figures}
    for figure in figures:
        assert set(figure) == {'name', 'engine', 'rows', 'value', 'unit', 'limit', 'ratio'}
        assert figure['value'] > 0 or figure['name'] in PERHAPS_NOTHING


def test_the_bound_is_about_peers_as_documented_and_the_tuned_have_a_column_of_their_own() -> None:
    answers = {peer: Answer(20 if peer.tuned else 40, 1) for peer in PEERS}
    measured = Measured(Case('a month', MessageQuery()), Ours(rows=5, whole=10, found=1), answers)
    journal, *_ = measured.figures('sqlite', 1)
    assert (journal.limit, journal.ratio) == (3, 4)
    cells = table('sqlite', 1, PEERS, [measured]).splitlines()[-1].split(' | ')
    assert cells[-2:] == ['4.0 ×', '2.0 × |']


def test_a_peer_that_found_other_messages_is_not_the_best_however_quick() -> None:
    answers = {peer: Answer(1, 7) if peer.name.startswith('Datasette') else Answer(40, 1) for peer in PEERS}
    measured = Measured(Case('a month', MessageQuery()), Ours(rows=5, whole=10, found=1), answers)
    assert (measured.documented.times, measured.overall.times) == (4, 4)


def _figures(module: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, '-m', module],
        cwd=PROJECT,
        env={**os.environ, **SMALL},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{')]
