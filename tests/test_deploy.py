"""What `deploy/` ships fits the program: its settings exist, and systemd understands its units."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from journal_ui.cli.argument_parser import parse_arguments
from services.setting_fields import env_variable
from services.settings import PROJECT_ROOT, Settings
from services.settings_loader import load_settings
from tests.benchmarks.__main__ import POSTGRES_SETTINGS
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.program import Program
from tests.helpers.systemd_sandbox import command_line, missing_tools

DEPLOY = PROJECT_ROOT / 'deploy'
FILES = sorted(path for path in DEPLOY.iterdir())
UNITS = [path for path in FILES if path.suffix in {'.service', '.timer'}]
SERVICES = [path for path in UNITS if path.suffix == '.service']


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    known = {env_variable(field) for field in Settings.model_fields}
    named = set(re.findall(r'\bJOURNAL_[A-Z_]+', path.read_text()))
    assert named <= known, f'{path.name} names {", ".join(sorted(named - known))}'


@pytest.mark.parametrize('path', SERVICES, ids=lambda path: path.name)
def test_what_a_service_runs_is_understood(path: Path) -> None:
    (line,) = re.findall(r'^ExecStart=.*/main\.py (.+)$', path.read_text(), re.MULTILINE)
    line = re.sub(r'\$\$\(date \S+\)', 'day', line.replace('%i', '8081'))
    words = line.replace('"', '').removesuffix("'").split()
    settings, command = parse_arguments(['--database-url', 'sqlite:////var/lib/journal/journal.sqlite3', *words])
    assert (settings.port == 8081) is (command is None) is (path.name == 'journal@.service')


def test_the_settings_of_the_nodes_are_taken_once_the_secrets_are_filled_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(Settings.model_config, 'env_file', tmp_path / 'none')
    lines = (DEPLOY / 'journal.env.example').read_text().splitlines()
    for name, value in (line.split('=', 1) for line in lines if line and not line.startswith('#')):
        monkeypatch.setenv(name, value or 'f' * 64)
    settings = load_settings(Settings, ['--port', '8081'])
    assert (settings.tls, settings.trusted_proxy, settings.storage_secret) == (True, '127.0.0.1', 'f' * 64)


def test_postgresql_is_set_as_it_was_measured() -> None:
    lines = (DEPLOY / 'postgresql.conf').read_text().splitlines()
    assert dict(line.split(' = ') for line in lines if not line.startswith('#')) == POSTGRES_SETTINGS


@pytest.mark.parametrize('path', SERVICES, ids=lambda path: path.name)
def test_every_service_is_hardened_alike(path: Path) -> None:
    def hardening(of: Path) -> list[str]:
        lines = of.read_text().splitlines()
        return lines[lines.index('NoNewPrivileges=yes') : lines.index('SystemCallErrorNumber=EPERM')]

    assert 'ProtectSystem=strict' in hardening(path)
    assert hardening(path) == hardening(DEPLOY / 'journal@.service')


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for path in UNITS:
        # The program is looked for where it is installed: here that is where the tests run.
        text = (
            path.read_text()
            .replace('/opt/journal/.venv/bin/python', '/bin/sh')
            .replace('/opt/journal', str(PROJECT_ROOT))
        )
        assert text.count('\n[') >= 1
        (tmp_path / path.name.replace('@', '@8081')).write_text(text)
    assert [path.name for path in UNITS if path.suffix == '.timer'] == ['journal-backup.timer', 'journal-purge.timer']
    analyze = shutil.which('systemd-analyze')
    if not analyze:
        pytest.skip('Not on this machine: systemd-analyze (systemd).')
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run([analyze, 'verify', *units], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if 'journal' in line]
    assert (done.returncode, said) == (0, [])


@pytest.mark.skipif(missing_tools() != '', reason=missing_tools())
@pytest.mark.parametrize(
    ('unit', 'command'),
    [
        ('journal-backup.service', ['backup', 'copy']),
        ('journal-purge.service', ['purge', '--older-than', '36mo', '--yes']),
    ],
)
def test_a_command_runs_under_the_filter_of_its_unit(
    database_url: str, postgres: PostgresServer, tmp_path: Path, unit: str, command: list[str]
) -> None:
    program = [sys.executable, str(PROJECT_ROOT / 'main.py'), '--database-url', database_url, *command]
    done = subprocess.run(
        command_line(DEPLOY / unit, *program),
        cwd=tmp_path,
        env={'PATH': f'{postgres.binaries}:{os.environ["PATH"]}', 'PYTHONPATH': str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(missing_tools() != '', reason=missing_tools())
def test_a_node_serves_and_stops_under_the_filter_of_its_unit(tmp_path: Path, sqlite_url: str) -> None:
    _, *entry = command_line(DEPLOY / 'journal@.service', sys.executable, str(PROJECT_ROOT / 'main.py'))
    program = Program(tmp_path, sqlite_url, entry=entry, PYTHONPATH=str(PROJECT_ROOT))
    program.start()
    assert program.stop() == 0
    assert 'ERROR' not in program.output
