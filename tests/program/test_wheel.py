"""The wheel: it has every file that the program needs, and its command serves outside the checkout."""

import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from tests.helpers.program import PROJECT_ROOT, Program

OLDEST_SETUPTOOLS = 77
"""The first version that knows `license` as pyproject.toml writes it."""
SOURCES = ('models', 'services', 'journal_ui', 'data', 'docs')
FILES = ('main.py', 'setup.py', 'pyproject.toml', 'README.md', 'LICENSE')
NOT_SHIPPED = {'data/README.md'}


@pytest.fixture(scope='module')
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources, because a build leaves files in the folder."""
    if int(version('setuptools').partition('.')[0]) < OLDEST_SETUPTOOLS:
        pytest.skip(f'Not in this environment: setuptools {OLDEST_SETUPTOOLS} or later, which builds the wheel.')
    folder = tmp_path_factory.mktemp('wheel')
    sources = folder / 'sources'
    for name in SOURCES:
        # What a developer's own journal has left in data/ is not shipped either.
        shutil.copytree(PROJECT_ROOT / name, sources / name, ignore=shutil.ignore_patterns('__pycache__', '*.sqlite3*'))
    for name in FILES:
        shutil.copy(PROJECT_ROOT / name, sources)
    command = [sys.executable, '-m', 'pip', 'wheel', '--no-deps', '--no-build-isolation', '--no-index', '--wheel-dir']
    done = subprocess.run([*command, str(folder), str(sources)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob('*.whl')
    return built


@pytest.fixture(scope='module')
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the installed wheel; the packages that it depends on are those of the tests."""
    folder = tmp_path_factory.mktemp('installed')
    install = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-index', '--target', str(folder), str(wheel)]
    subprocess.run([sys.executable, *install], capture_output=True, check=True)
    return folder


def test_the_wheel_has_every_module_and_every_file_that_the_program_reads(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if '.dist-info/' not in name}
    packages = {
        str(path.relative_to(PROJECT_ROOT))
        for name in ('models', 'services', 'journal_ui')
        for path in (PROJECT_ROOT / name).rglob('*')
        if path.is_file() and '__pycache__' not in path.parts
    }
    shipped = {
        str(path.relative_to(PROJECT_ROOT))
        for pattern in ('data/*.csv', 'data/*.txt', 'data/providers/*', 'docs/operator.md', 'docs/images/*')
        for path in PROJECT_ROOT.glob(pattern)
    }
    assert packed == packages | {f'message_journal/{name}' for name in (*shipped, 'main.py')} - NOT_SHIPPED


def test_the_command_of_the_wheel_prints_its_version(installed: Path, tmp_path: Path) -> None:
    project = tomllib.loads((PROJECT_ROOT / 'pyproject.toml').read_text('utf-8'))['project']
    done = subprocess.run(
        [installed / 'bin' / 'message-journal', '--version'],
        cwd=tmp_path,
        env={'PYTHONPATH': str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f'{project["name"]} {project["version"]}\n', '')


def test_the_command_of_the_wheel_runs_commands_and_serves(installed: Path, tmp_path: Path) -> None:
    """Without a setting, its files are in the user's folder, and not beside the installed packages."""
    environment = {'XDG_DATA_HOME': str(tmp_path / 'share'), 'PYTHONPATH': str(installed)}
    program = Program(tmp_path, '', entry=(str(installed / 'bin' / 'message-journal'),), **environment)

    def installed_files() -> set[Path]:
        return {path for path in installed.rglob('*') if '__pycache__' not in path.parts}

    before = installed_files()
    demo = program.run('demo', '--messages', '20')
    assert (demo.returncode, demo.stderr) == (0, '')
    with program:
        assert httpx.get(f'{program.url}/readyz').status_code == 200
        assert httpx.get(f'{program.url}/favicon.ico').status_code == 200
    assert (tmp_path / 'share' / 'message-journal' / 'journal.sqlite3').is_file()
    assert installed_files() == before
