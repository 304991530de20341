"""Every file and folder of the program is for its user alone, whatever umask it was started with."""

import logging
import os
import stat
from pathlib import Path

import pytest

from services import texts
from services.database.file_permissions import make_database_private
from tests.helpers.factories import message_cells, write_csv
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.program import Program

OPEN_UMASK = 0o000
USUAL_UMASK = 0o022


def shared_with_others(folder: Path, known: set[Path]) -> dict[str, str]:
    """Return the modes of the files and folders that others can access, by name, without those that are known."""
    modes = {path: path.lstat().st_mode for path in folder.rglob('*') if path not in known}
    return {str(path.relative_to(folder)): stat.filemode(mode) for path, mode in modes.items() if mode & 0o077}


def test_what_the_program_creates_is_private(empty_url: str, tmp_path: Path, postgres: PostgresServer) -> None:
    write_csv(tmp_path / 'messages.csv', [message_cells(), message_cells({texts.PHONE: 'нет'})])
    program = Program(
        tmp_path,
        empty_url,
        JOURNAL_STATE_FOLDER=str(tmp_path / 'state' / 'node'),
        PATH=f'{postgres.binaries}{os.pathsep}{os.environ["PATH"]}',
    )
    program.umask = OPEN_UMASK
    program.environment.pop('JOURNAL_DATA_KEY', None)
    program.log.touch()
    known = set(tmp_path.rglob('*'))
    commands = ['user add anna --role User --password-stdin', 'token add clinic', 'balance set 5', 'verify']
    for command in commands:
        done = program.run(*command.split(), stdin='очень длинный пароль\n')
        assert done.returncode == 0, done.stderr
    assert program.run('import', 'messages.csv').returncode == 1, 'one row is rejected'
    with program:
        assert program.run('backup', 'copies').returncode == 0
        assert shared_with_others(tmp_path, known) == {}, 'while the program runs'
        if empty_url.startswith('sqlite'):
            assert (tmp_path / 'new' / 'journal.db-wal').exists()
            assert (tmp_path / 'new' / 'journal.db-shm').exists()
    restored = program.run('restore', 'copies', '--yes')
    assert restored.returncode == 0, restored.stderr
    assert program.run('verify').returncode == 0
    assert (tmp_path / 'messages.refused.csv').exists()
    assert (tmp_path / 'state' / 'node' / 'data.key').exists()
    assert shared_with_others(tmp_path, known) == {}


@pytest.mark.parametrize('umask', [OPEN_UMASK, USUAL_UMASK])
def test_the_demonstration_is_private(tmp_path: Path, umask: int) -> None:
    program = Program(tmp_path, f'sqlite:///{tmp_path}/new/demo.sqlite3')
    program.umask = umask
    known = set(tmp_path.rglob('*'))
    done = program.run('demo', '--messages', '50')
    assert done.returncode == 0, done.stderr
    assert (tmp_path / 'new' / 'demo.sqlite3').exists()
    assert shared_with_others(tmp_path, known) == {}


def test_the_files_of_an_earlier_version_become_private(sqlite_url: str, tmp_path: Path) -> None:
    database = tmp_path / 'journal.db'
    previous, foreign = tmp_path / 'journal.db.before-restore-20260101-000000', tmp_path / 'other.db'
    for path, mode in ((previous, 0o640), (foreign, 0o644), (database, 0o666)):
        path.touch()
        path.chmod(mode)
    done = Program(tmp_path, sqlite_url).run('balance', 'set', '5')
    assert done.returncode == 0
    assert f'{database} was accessible to other users (mode 0666); now it is not' in done.stderr
    assert f'{previous} was accessible to other users (mode 0640); now it is not' in done.stderr
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (database, previous, foreign)}
    assert modes == {database.name: 0o600, previous.name: 0o600, foreign.name: 0o644}


def test_a_file_of_another_user_is_named_in_the_log(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / 'journal.db').chmod(0o644)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, 'Operation not permitted')

    monkeypatch.setattr(Path, 'chmod', refuse)
    with caplog.at_level(logging.WARNING):
        make_database_private(sqlite_url)
    assert 'is accessible to other users, and this user cannot change it' in caplog.text
