"""A command of `python main.py` imports services only: NiceGUI and the pages take longer to import than it runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.factories import message_cells, write_csv
from tests.helpers.program import PROJECT_ROOT

REPORT_IMPORTS = """
import atexit, runpy, sys

atexit.register(lambda: print('IMPORTED', *sys.modules))
main, sys.argv = sys.argv[1], sys.argv[1:]
sys.path.insert(0, main.rpartition('/')[0])
runpy.run_path(main, run_name='__main__')
"""
"""Runs a program and prints what it had imported at its end, however it ended."""
WEB_PACKAGES = {'nicegui', 'fastapi', 'starlette', 'uvicorn'}
ALLOWED = {
    'journal_ui',
    'journal_ui.cli',
    'journal_ui.monitoring',
    'journal_ui.monitoring.error_redaction',
    'journal_ui.monitoring.logs',
}


def imported_modules(tmp_path: Path, *arguments: str) -> tuple[int, set[str]]:
    """Run main.py in a process of its own; return its exit status and the names of the modules it imported."""
    done = subprocess.run(
        [sys.executable, '-c', REPORT_IMPORTS, str(PROJECT_ROOT / 'main.py'), *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'Traceback' not in done.stderr, done.stderr
    return done.returncode, set(done.stdout.rpartition('IMPORTED ')[2].split())


@pytest.mark.parametrize(
    ('arguments', 'status'),
    [
        ('--help', 0),
        ('--port x', 2),
        ('import messages.csv', 0),
        ('user list', 0),
        ('backup copy', 0),
        ('verify', 0),
    ],
)
def test_a_command_imports_no_page(arguments: str, status: int, sqlite_url: str, tmp_path: Path) -> None:
    write_csv(tmp_path / 'messages.csv', [message_cells()])
    found, modules = imported_modules(tmp_path, '--database-url', sqlite_url, *arguments.split())
    assert found == status
    assert 'services.settings' in modules
    assert not {module for module in modules if module.partition('.')[0] in WEB_PACKAGES}
    own = {module for module in modules if module.partition('.')[0] == 'journal_ui'}
    assert not {module for module in own - ALLOWED if not module.startswith('journal_ui.cli.')}


def test_importing_the_root_runs_nothing(tmp_path: Path) -> None:
    code = f'import sys; sys.path.insert(0, {str(PROJECT_ROOT)!r}); import main'
    done = subprocess.run([sys.executable, '-c', code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, '', '')
    assert not list(tmp_path.iterdir())
