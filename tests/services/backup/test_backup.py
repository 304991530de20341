"""Backup and restore: backups are complete, made while others write, and checked before they replace a database."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text

from services.backup import backup_and_restore
from services.backup.backup_and_restore import BackupError
from services.database import process_lock
from services.database.engine import Database
from services.database.timezone_lock import ensure_time_zone
from services.ingest.message_ingest import ingest_imported_messages
from services.upgrade.migrations import migrate
from services.verification.check_runner import verify
from tests.helpers import reference_messages
from tests.helpers.database_copies import CopyOf
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.reference_messages import MOSCOW, NOON

ZONE = 'Europe/Moscow'


@pytest.fixture(autouse=True)
def postgres_tools(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the server's own pg_dump and pg_restore on the PATH."""
    server: PostgresServer = request.getfixturevalue('postgres')
    monkeypatch.setenv('PATH', f'{server.binaries}{os.pathsep}{os.environ["PATH"]}')


def fill(database: Database) -> None:
    """Add some messages to a journal."""
    ensure_time_zone(database, MOSCOW)
    add_messages(database, 60, seed=1)


@pytest.fixture
def populated_url(copy_of: CopyOf) -> str:
    """The URL of a journal with some messages that no process has open."""
    return copy_of(fill)


def add_messages(database: Database, count: int, seed: int) -> None:
    messages = reference_messages.random_messages(count, seed=seed)
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))


def count_messages(url: str) -> int:
    """Count the messages of a journal, and check that it is consistent."""
    with closing(Database(url)) as database:
        assert not [result for result in verify(database, MOSCOW) if result.count]
        return int(
            database.read_sync(lambda session: session.execute(text('SELECT count(*) FROM message')).scalar_one())
        )


def test_a_backup_restores_the_earlier_data(populated_url: str, tmp_path: Path) -> None:
    copy = tmp_path / 'copy'
    backup_and_restore.back_up(populated_url, copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert not list(tmp_path.glob('*.partial'))
    with closing(Database(populated_url)) as database:
        add_messages(database, 30, seed=2)
    backup_and_restore.check_backup(populated_url, copy, ZONE)
    previous = backup_and_restore.restore(populated_url, copy)
    migrate(populated_url)
    assert count_messages(populated_url) == 60
    if populated_url.startswith('sqlite'):
        assert previous is not None
        assert count_messages(f'sqlite:///{previous}') == 90
    with closing(Database(populated_url)) as database:
        add_messages(database, 30, seed=2)
    assert count_messages(populated_url) == 90


def test_a_backup_can_be_restored_to_an_empty_database(
    populated_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    copy = tmp_path / 'copy'
    backup_and_restore.back_up(populated_url, copy)
    url, server = f'sqlite:///{tmp_path}/elsewhere/journal.db', None
    if populated_url.startswith('postgresql'):
        server = request.getfixturevalue('postgres')
        url = server.create('elsewhere')
    assert backup_and_restore.restore(url, copy) is None
    migrate(url)
    assert count_messages(url) == 60
    if server:
        server.drop('elsewhere')


def test_a_backup_is_a_snapshot_while_others_write(
    populated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('services.backup.sqlite_backup.PAGES_PER_STEP', 8)
    done, written = Event(), Event()

    def write() -> None:
        with closing(Database(populated_url)) as database:
            seed = 10
            while not done.is_set():
                add_messages(database, 5, seed=seed)
                seed += 1
                written.set()

    writer = Thread(target=write)
    writer.start()
    written.wait(30)
    steps: list[int] = []

    def report_progress(part: int, of: int) -> None:
        written.clear()
        assert written.wait(30), 'the backup blocks writers'
        steps.append(part)

    backup_and_restore.back_up(populated_url, tmp_path / 'copy', report_progress)
    done.set()
    writer.join()
    if populated_url.startswith('sqlite'):
        assert len(steps) > 3
        assert steps == sorted(steps), 'the backup restarted'
    backup_and_restore.check_backup(populated_url, tmp_path / 'copy', ZONE)
    backup_and_restore.restore(populated_url, tmp_path / 'copy')
    assert count_messages(populated_url) % 5 == 0


def test_an_existing_file_is_not_overwritten(populated_url: str, tmp_path: Path) -> None:
    file = tmp_path / 'copy'
    file.write_text('mine')
    with pytest.raises(BackupError, match='уже есть'):
        backup_and_restore.back_up(populated_url, file)
    assert file.read_text() == 'mine'


def test_a_missing_database_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match='базы данных здесь нет'):
        backup_and_restore.back_up(f'sqlite:///{tmp_path}/journal.db', tmp_path / 'copy')
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    'content', [b'', b'nonsense' * 500, b'PGDMP' + b'\1' * 90, b'SQLite format 3\0' + b'\1' * 5000]
)
def test_a_file_that_is_no_backup_replaces_nothing(populated_url: str, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / 'copy'
    file.write_bytes(content)
    with pytest.raises(BackupError):
        backup_and_restore.check_backup(populated_url, file, ZONE)
    with pytest.raises(BackupError):
        backup_and_restore.restore(populated_url, file)
    with pytest.raises(BackupError, match='такого файла нет'):
        backup_and_restore.check_backup(populated_url, tmp_path / 'missing', ZONE)
    assert count_messages(populated_url) == 60


def test_a_damaged_or_truncated_backup_replaces_nothing(populated_url: str, tmp_path: Path) -> None:
    copy = tmp_path / 'copy'
    backup_and_restore.back_up(populated_url, copy)
    content = copy.read_bytes()
    if populated_url.startswith('sqlite'):
        copy.write_bytes(content[: len(content) // 2])
        with pytest.raises(BackupError, match='copy: '):
            backup_and_restore.check_backup(populated_url, copy, ZONE)
        copy.write_bytes(content[:8192] + b'\xff' * 4096 + content[12288:])
    else:
        copy.write_bytes(content[: len(content) // 2])
    with pytest.raises(BackupError):
        backup_and_restore.restore(populated_url, copy)
    assert count_messages(populated_url) == 60


def test_a_backup_of_a_newer_program_or_another_zone_is_rejected(populated_url: str, tmp_path: Path) -> None:
    backup_and_restore.back_up(populated_url, tmp_path / 'copy')
    with pytest.raises(BackupError, match='по поясу Europe/Moscow, а задан Asia/Omsk'):
        backup_and_restore.check_backup(populated_url, tmp_path / 'copy', 'Asia/Omsk')
    with closing(Database(populated_url)) as database:
        newer = text("UPDATE alembic_version SET version_num = '9999'")
        database.write_sync(lambda session: session.execute(newer) and None)
    backup_of_newer = tmp_path / 'newer'
    with pytest.raises(BackupError, match='более новой версией'):
        backup_and_restore.back_up(populated_url, backup_of_newer)
    assert not backup_of_newer.exists()


def test_a_journal_in_use_is_not_replaced(populated_url: str, tmp_path: Path) -> None:
    copy = tmp_path / 'copy'
    backup_and_restore.back_up(populated_url, copy)
    with closing(Database(populated_url)) as database:
        database.read_sync(lambda session: session.execute(text('SELECT 1')).scalar_one())
        with pytest.raises(BackupError, match='Остановите'):
            backup_and_restore.restore(populated_url, copy)
        add_messages(database, 30, seed=2)
    if populated_url.startswith('sqlite'):
        with process_lock.shared_lock(populated_url), pytest.raises(BackupError, match='Остановите'):
            backup_and_restore.restore(populated_url, copy)
    assert count_messages(populated_url) == 90
    assert not list(tmp_path.glob('*.before-restore-*'))


def test_no_process_opens_a_journal_during_a_restore(sqlite_url: str) -> None:
    with (
        process_lock.exclusive_lock(sqlite_url),
        pytest.raises(process_lock.DatabaseInUseError),
        process_lock.shared_lock(sqlite_url),
    ):
        pass
    with process_lock.shared_lock(sqlite_url), process_lock.shared_lock(sqlite_url):
        pass


def test_a_damaged_journal_is_replaced_and_preserved(sqlite_url: str, tmp_path: Path) -> None:
    copy, path = tmp_path / 'copy', tmp_path / 'journal.db'
    backup_and_restore.back_up(sqlite_url, copy)
    path.write_bytes(b'nonsense' * 4096)
    previous = backup_and_restore.restore(sqlite_url, copy)
    assert previous is not None
    assert previous.read_bytes() == b'nonsense' * 4096
    assert count_messages(sqlite_url) == 0


def test_a_database_in_use_is_no_backup(sqlite_url: str, tmp_path: Path) -> None:
    with closing(Database(sqlite_url)) as database:
        add_messages(database, 5, seed=1)
        shutil.copy(tmp_path / 'journal.db', tmp_path / 'taken')
        shutil.copy(tmp_path / 'journal.db-wal', tmp_path / 'taken-wal')
    with pytest.raises(BackupError, match='рядом лежит taken-wal'):
        backup_and_restore.check_backup(sqlite_url, tmp_path / 'taken', ZONE)


def test_a_backup_on_a_full_disk_leaves_no_file(sqlite_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / 'journal.db')) as connection:
        connection.execute('CREATE TABLE ballast (x)')
        connection.execute('INSERT INTO ballast VALUES (zeroblob(4000000))')
        connection.commit()
    code = (
        'import resource, sys; from pathlib import Path; from services.backup import backup_and_restore\n'
        'resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n'
        'try: backup_and_restore.back_up(sys.argv[1], Path(sys.argv[2]))\n'
        'except backup_and_restore.BackupError as error: print(error)'
    )
    done = subprocess.run(
        [sys.executable, '-c', code, sqlite_url, tmp_path / 'copy'],
        env={**os.environ, 'PYTHONPATH': str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'copy не сделана: ' in done.stdout, done.stderr
    assert not list(tmp_path.glob('copy*'))


@pytest.fixture
def url_with_password(postgresql_url: str) -> str:
    """The URL of a database with a password in it."""
    return postgresql_url.replace('postgres@', 'postgres:hush-hush@')


def test_the_password_is_on_no_command_line(
    url_with_password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / 'bin' / 'pg_dump'
    tool.parent.mkdir()
    tool.write_text(
        '#!/bin/sh\ncase "$1" in --version) echo "pg_dump (PostgreSQL) 99.0"; exit;; esac\n'
        f'echo "$@" > {tmp_path}/arguments\necho "$PGPASSWORD" > {tmp_path}/password\n'
        'echo "pg_dump: error: no\nmore" >&2\nexit 1\n'
    )
    tool.chmod(0o755)
    monkeypatch.setenv('PATH', f'{tool.parent}{os.pathsep}{os.environ["PATH"]}')
    with pytest.raises(BackupError, match=r'^pg_dump: error: no$'):
        backup_and_restore.back_up(url_with_password, tmp_path / 'copy')
    assert 'hush-hush' not in (tmp_path / 'arguments').read_text()
    assert (tmp_path / 'password').read_text() == 'hush-hush\n'
    assert not list(tmp_path.glob('copy*'))
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(BackupError, match='Нет программы pg_dump'):
        backup_and_restore.back_up(url_with_password, tmp_path / 'copy')


@pytest.mark.parametrize('tool', ['pg_dump', 'pg_restore'])
def test_a_client_program_that_is_older_than_the_server_is_named(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    """PostgreSQL's own message says so in the language of the system, and only in its second line."""
    copy = tmp_path / 'copy'
    if tool == 'pg_restore':
        backup_and_restore.back_up(postgresql_url, copy)
    (tmp_path / 'bin').mkdir()
    old_tool = tmp_path / 'bin' / tool
    old_tool.write_text(
        f'#!/bin/sh\ncase "$*" in *--version*) echo "{tool} (PostgreSQL) 9.6.24 (Debian)" ;;\n'
        f'*--dbname*) echo "{tool}: ошибка: отказ" >&2; exit 1 ;;\n*) exec {shutil.which(tool)} "$@" ;; esac\n'
    )
    old_tool.chmod(0o755)
    monkeypatch.setenv('PATH', f'{old_tool.parent}{os.pathsep}{os.environ["PATH"]}')
    run = backup_and_restore.back_up if tool == 'pg_dump' else backup_and_restore.restore
    with pytest.raises(BackupError, match=rf'{tool} версии 9 старее сервера PostgreSQL версии \d\d\.'):
        run(postgresql_url, copy)


def test_tables_that_are_not_in_the_backup_are_named(postgresql_url: str, tmp_path: Path) -> None:
    backup_and_restore.back_up(postgresql_url, tmp_path / 'copy')
    with closing(Database(postgresql_url)) as database:
        database.write_sync(lambda session: session.execute(text('CREATE TABLE strange (x int)')) and None)
    with pytest.raises(BackupError, match='нет в копии: strange'):
        backup_and_restore.restore(postgresql_url, tmp_path / 'copy')
