"""A command of `python main.py` imports services only: NiceGUI and the pages take longer to import than it runs."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.helpers.factories import message_cells, write_csv
from tests.helpers.program import MAIN, PROJECT_ROOT

REPORT_IMPORTS = """
import os, runpy, sys

path, *command_lines = sys.argv[1:]
sys.path.insert(0, path.rpartition('/')[0])
import main

for command_line in command_lines:
    if os.fork():
        os.wait()
        continue
    sys.argv = [path, *command_line.split()]
    status = 0
    try:
        runpy.run_path(path, run_name='__main__')
    except SystemExit as ended:
        status = ended.code or 0
    print('\\nIMPORTED', status, *sys.modules, flush=True)
    os._exit(0)
"""
"""Imports main.py once, runs each command line in a fork, and prints its status and what it imported by its end."""
WEB_PACKAGES = {'nicegui', 'fastapi', 'starlette', 'uvicorn'}
ALLOWED = {
    'journal_ui',
    'journal_ui.cli',
    'journal_ui.monitoring',
    'journal_ui.monitoring.error_redaction',
    'journal_ui.monitoring.logs',
}


COMMANDS = {'--help': 0, '--port x': 2, 'import messages.csv': 0, 'user list': 0, 'backup copy': 0, 'verify': 0}
"""Command lines with their exit statuses."""


@pytest.fixture(scope='module')
def imported(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> dict[str, tuple[int, set[str]]]:
    """The exit status of each command, and the names of the modules that it and main.py imported."""
    folder = tmp_path_factory.mktemp('commands')
    write_csv(folder / 'messages.csv', [message_cells()])
    shutil.copy(sqlite_template, folder / 'journal.db')
    options = f'--database-url sqlite:///{folder}/journal.db'
    done = subprocess.run(
        [sys.executable, '-c', REPORT_IMPORTS, str(MAIN), *(f'{options} {command}' for command in COMMANDS)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert 'Traceback' not in done.stderr, done.stderr
    reports = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith('IMPORTED ')]
    return {command: (int(status), set(modules)) for command, (status, *modules) in zip(COMMANDS, reports, strict=True)}


@pytest.mark.parametrize('command', COMMANDS)
def test_a_command_imports_no_page(imported: dict[str, tuple[int, set[str]]], command: str) -> None:
    status, modules = imported[command]
    assert status == COMMANDS[command]
    assert 'services.settings' in modules
    assert not {module for module in modules if module.partition('.')[0] in WEB_PACKAGES}
    own = {module for module in modules if module.partition('.')[0] == 'journal_ui'}
    assert not {module for module in own - ALLOWED if not module.startswith('journal_ui.cli.')}


def test_the_version_is_printed_at_once(tmp_path: Path) -> None:
    code = """
import atexit, runpy, sys
sys.argv = [sys.argv[1], '--version']
sys.path.insert(0, sys.argv[0].rpartition('/')[0])
atexit.register(lambda: print(*sys.modules))
runpy.run_path(sys.argv[0], run_name='__main__')
"""
    done = subprocess.run(
        [sys.executable, '-c', code, str(MAIN)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    line, modules = done.stdout.splitlines()
    project = tomllib.loads((PROJECT_ROOT / 'pyproject.toml').read_text('utf-8'))['project']
    assert line == f'{project["name"]} {project["version"]}'
    packages = {module.partition('.')[0] for module in modules.split()} - sys.stdlib_module_names
    assert packages <= {'__main__', '__mp_main__', 'journal_ui', '_distutils_hack', 'distutils-precedence'}
    assert 'journal_ui.cli.program_version' in modules.split()
    assert 'services.settings' not in modules.split()


def test_importing_the_root_runs_nothing(tmp_path: Path) -> None:
    code = f'import sys; sys.path.insert(0, {str(PROJECT_ROOT)!r}); import main'
    done = subprocess.run([sys.executable, '-c', code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, '', '')
    assert not list(tmp_path.iterdir())
