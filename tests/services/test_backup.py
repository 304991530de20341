"""Copies: whole, made while others write, and checked before they replace anything."""

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

from services import backup, in_use
from services.backup import BackupRefused
from services.database import Database
from services.feed import record
from services.schema import migrate
from services.verification import verify
from services.zone import keep_zone
from tests.conftest import CopyOf
from tests.postgres import PostgresServer
from tests.services import reference
from tests.services.reference import MOSCOW, NOON

ZONE = 'Europe/Moscow'


@pytest.fixture(autouse=True)
def tools(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own pg_dump and pg_restore are found."""
    server: PostgresServer = request.getfixturevalue('postgres')
    monkeypatch.setenv('PATH', f'{server.binaries}{os.pathsep}{os.environ["PATH"]}')


def fill(database: Database) -> None:
    """Put some messages into a journal."""
    keep_zone(database, MOSCOW)
    put(database, 60, seed=1)


@pytest.fixture
def full_url(copy_of: CopyOf) -> str:
    """The URL of a journal that nobody has open, with some messages."""
    return copy_of(fill)


def put(database: Database, count: int, seed: int) -> None:
    messages = reference.some_messages(count, seed=seed)
    database.write_now(lambda session: record(session, messages, zone=MOSCOW, now=NOON))


def held(url: str) -> int:
    """Count the messages of a journal that must be sound."""
    with closing(Database(url)) as database:
        assert not [found for found in verify(database, MOSCOW) if found.count]
        return int(
            database.read_now(lambda session: session.execute(text('SELECT count(*) FROM message')).scalar_one())
        )


def test_a_copy_brings_back_what_was_there(full_url: str, tmp_path: Path) -> None:
    copy = tmp_path / 'copy'
    backup.back_up(full_url, copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert not list(tmp_path.glob('*.partial'))
    with closing(Database(full_url)) as database:
        put(database, 30, seed=2)
    backup.check(full_url, copy, ZONE)
    before = backup.restore(full_url, copy)
    migrate(full_url)
    assert held(full_url) == 60
    if full_url.startswith('sqlite'):
        assert before is not None
        assert held(f'sqlite:///{before}') == 90
    with closing(Database(full_url)) as database:
        put(database, 30, seed=2)
    assert held(full_url) == 90


def test_a_copy_can_be_restored_where_nothing_was(
    full_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    copy = tmp_path / 'copy'
    backup.back_up(full_url, copy)
    url, server = f'sqlite:///{tmp_path}/elsewhere/journal.db', None
    if full_url.startswith('postgresql'):
        server = request.getfixturevalue('postgres')
        url = server.create('elsewhere')
    assert backup.restore(url, copy) is None
    migrate(url)
    assert held(url) == 60
    if server:
        server.drop('elsewhere')


def test_a_copy_is_of_one_moment_though_others_write_all_the_time(
    full_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('services.backup.sqlite.PAGES', 8)
    done, written = Event(), Event()

    def write() -> None:
        with closing(Database(full_url)) as database:
            seed = 10
            while not done.is_set():
                put(database, 5, seed=seed)
                seed += 1
                written.set()

    writer = Thread(target=write)
    writer.start()
    written.wait(30)
    told: list[int] = []

    def tell(part: int, of: int) -> None:
        written.clear()
        assert written.wait(30), 'nobody can write while a copy is made'
        told.append(part)

    backup.back_up(full_url, tmp_path / 'copy', tell)
    done.set()
    writer.join()
    if full_url.startswith('sqlite'):
        assert len(told) > 3
        assert told == sorted(told), 'it began anew'
    backup.check(full_url, tmp_path / 'copy', ZONE)
    backup.restore(full_url, tmp_path / 'copy')
    assert held(full_url) % 5 == 0


def test_a_file_that_is_there_stays(full_url: str, tmp_path: Path) -> None:
    file = tmp_path / 'copy'
    file.write_text('mine')
    with pytest.raises(BackupRefused, match='уже есть'):
        backup.back_up(full_url, file)
    assert file.read_text() == 'mine'


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match='базы данных здесь нет'):
        backup.back_up(f'sqlite:///{tmp_path}/journal.db', tmp_path / 'copy')
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    'content', [b'', b'nonsense' * 500, b'PGDMP' + b'\1' * 90, b'SQLite format 3\0' + b'\1' * 5000]
)
def test_what_is_no_copy_replaces_nothing(full_url: str, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / 'copy'
    file.write_bytes(content)
    with pytest.raises(BackupRefused):
        backup.check(full_url, file, ZONE)
    with pytest.raises(BackupRefused):
        backup.restore(full_url, file)
    with pytest.raises(BackupRefused, match='такого файла нет'):
        backup.check(full_url, tmp_path / 'missing', ZONE)
    assert held(full_url) == 60


def test_a_damaged_or_cut_copy_replaces_nothing(full_url: str, tmp_path: Path) -> None:
    copy = tmp_path / 'copy'
    backup.back_up(full_url, copy)
    content = copy.read_bytes()
    if full_url.startswith('sqlite'):
        copy.write_bytes(content[: len(content) // 2])
        with pytest.raises(BackupRefused, match='copy: '):
            backup.check(full_url, copy, ZONE)
        copy.write_bytes(content[:8192] + b'\xff' * 4096 + content[12288:])
    else:
        copy.write_bytes(content[: len(content) // 2])
    with pytest.raises(BackupRefused):
        backup.restore(full_url, copy)
    assert held(full_url) == 60


def test_a_copy_of_a_newer_program_or_another_zone_is_refused(full_url: str, tmp_path: Path) -> None:
    backup.back_up(full_url, tmp_path / 'copy')
    with pytest.raises(BackupRefused, match='по поясу Europe/Moscow, а задан Asia/Omsk'):
        backup.check(full_url, tmp_path / 'copy', 'Asia/Omsk')
    with closing(Database(full_url)) as database:
        newer = text("UPDATE alembic_version SET version_num = '9999'")
        database.write_now(lambda session: session.execute(newer) and None)
    backup_of_newer = tmp_path / 'newer'
    with pytest.raises(BackupRefused, match='более новой версией'):
        backup.back_up(full_url, backup_of_newer)
    assert not backup_of_newer.exists()


def test_a_journal_in_use_is_not_replaced(full_url: str, tmp_path: Path) -> None:
    copy = tmp_path / 'copy'
    backup.back_up(full_url, copy)
    with closing(Database(full_url)) as database:
        database.read_now(lambda session: session.execute(text('SELECT 1')).scalar_one())
        with pytest.raises(BackupRefused, match='Остановите'):
            backup.restore(full_url, copy)
        put(database, 30, seed=2)
    if full_url.startswith('sqlite'):
        with in_use.with_others(full_url), pytest.raises(BackupRefused, match='Остановите'):
            backup.restore(full_url, copy)
    assert held(full_url) == 90
    assert not list(tmp_path.glob('*.before-restore-*'))


def test_nobody_begins_to_work_over_a_journal_that_is_being_replaced(sqlite_url: str) -> None:
    with in_use.alone(sqlite_url), pytest.raises(in_use.InUse), in_use.with_others(sqlite_url):
        pass
    with in_use.with_others(sqlite_url), in_use.with_others(sqlite_url):
        pass


def test_a_damaged_journal_is_replaced_and_kept(sqlite_url: str, tmp_path: Path) -> None:
    copy, path = tmp_path / 'copy', tmp_path / 'journal.db'
    backup.back_up(sqlite_url, copy)
    path.write_bytes(b'nonsense' * 4096)
    before = backup.restore(sqlite_url, copy)
    assert before is not None
    assert before.read_bytes() == b'nonsense' * 4096
    assert held(sqlite_url) == 0


def test_a_database_in_use_is_no_copy(sqlite_url: str, tmp_path: Path) -> None:
    with closing(Database(sqlite_url)) as database:
        put(database, 5, seed=1)
        shutil.copy(tmp_path / 'journal.db', tmp_path / 'taken')
        shutil.copy(tmp_path / 'journal.db-wal', tmp_path / 'taken-wal')
    with pytest.raises(BackupRefused, match='рядом лежит taken-wal'):
        backup.check(sqlite_url, tmp_path / 'taken', ZONE)


def test_a_copy_without_room_leaves_nothing(sqlite_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / 'journal.db')) as connection:
        connection.execute('CREATE TABLE ballast (x)')
        connection.execute('INSERT INTO ballast VALUES (zeroblob(4000000))')
        connection.commit()
    code = (
        'import resource, sys; from pathlib import Path; from services import backup\n'
        'resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n'
        'try: backup.back_up(sys.argv[1], Path(sys.argv[2]))\n'
        'except backup.BackupRefused as refused: print(refused)'
    )
    done = subprocess.run(
        [sys.executable, '-c', code, sqlite_url, tmp_path / 'copy'],
        env={**os.environ, 'PYTHONPATH': str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'copy не сделана: ' in done.stdout, done.stderr
    assert not list(tmp_path.glob('copy*'))


@pytest.fixture
def secret_url(postgresql_url: str) -> str:
    """The address of a database with a password in it."""
    return postgresql_url.replace('postgres@', 'postgres:hush-hush@')


def test_the_password_stands_on_no_command_line(
    secret_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / 'bin' / 'pg_dump'
    tool.parent.mkdir()
    tool.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\necho "$PGPASSWORD" > {tmp_path}/password\n'
        'echo "pg_dump: error: no\nmore" >&2\nexit 1\n'
    )
    tool.chmod(0o755)
    monkeypatch.setenv('PATH', f'{tool.parent}{os.pathsep}{os.environ["PATH"]}')
    with pytest.raises(BackupRefused, match=r'^pg_dump: error: no$'):
        backup.back_up(secret_url, tmp_path / 'copy')
    assert 'hush-hush' not in (tmp_path / 'arguments').read_text()
    assert (tmp_path / 'password').read_text() == 'hush-hush\n'
    assert not list(tmp_path.glob('copy*'))
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(BackupRefused, match='Нет программы pg_dump'):
        backup.back_up(secret_url, tmp_path / 'copy')


def test_tables_that_the_copy_does_not_know_are_named(postgresql_url: str, tmp_path: Path) -> None:
    backup.back_up(postgresql_url, tmp_path / 'copy')
    with closing(Database(postgresql_url)) as database:
        database.write_now(lambda session: session.execute(text('CREATE TABLE strange (x int)')) and None)
    with pytest.raises(BackupRefused, match='нет в копии: strange'):
        backup.restore(postgresql_url, tmp_path / 'copy')
