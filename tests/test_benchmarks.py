"""The figures can be taken: small, on both engines, with no promise about time."""

import json
import os
import subprocess
import sys

from services.settings import PROJECT


def test_the_benchmark_runs_and_prints_figures() -> None:
    done = subprocess.run(
        [sys.executable, '-m', 'tests.benchmarks'],
        cwd=PROJECT,
        env={**os.environ, 'SCALE': '2000'},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{')]
    assert {figure['engine'] for figure in figures} == {'sqlite', 'postgresql'}
    assert {'page 1, month: name, common', 'bulk load, ready to search', 'disk'} <= {one['name'] for one in figures}
    for figure in figures:
        assert set(figure) == {'name', 'engine', 'rows', 'value', 'unit', 'limit', 'ratio'}
        assert figure['value'] > 0
