"""The figures can be taken: small, with no promise about time."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from services.settings import PROJECT

SMALL = {'SCALE': '2000', 'PAGES': '3', 'SEARCHES': '5', 'SECONDS': '2'}

PERHAPS_NOTHING = {'answers and sockets lost', '3 pages idle: of one core', 'search: cost of its record'}


@pytest.mark.parametrize(
    ('module', 'engines', 'some'),
    [
        (
            'tests.benchmarks',
            {'sqlite', 'postgresql'},
            {'page 1, month: name, common', 'summary: 3 years', 'search: cost of its record', 'disk'},
        ),
        ('tests.benchmarks.load', {'sqlite'}, {'start to first answer', '5 a second: p95', 'answers and sockets lost'}),
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
