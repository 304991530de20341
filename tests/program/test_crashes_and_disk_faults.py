"""Crashes, full disks and read-only databases: nothing acknowledged is lost, and nothing is stored twice."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any, LiteralString

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import text

from journal_ui.api import api_app
from services import texts
from services.accounts.api_tokens import ApiTokens
from services.composition import compose
from services.database.engine import Database
from services.settings import Settings
from services.upgrade.migrations import migrate
from services.verification.check_runner import verify
from tests.helpers.api_requests import message_json
from tests.helpers.old_databases import copy_generated_messages
from tests.helpers.ports import free_port
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.program import PROJECT_ROOT, Program
from tests.helpers.reference_messages import MOSCOW

BATCH = 1000
DROP_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
STATE_HALF_WAY = """
import sys
from services.upgrade.migrations import migrate
def tell(done, steps):
    if done == steps // 2:
        print('half', flush=True)
        sys.stdin.read()
migrate(sys.argv[1], tell)
"""


def assert_consistent(url: str) -> bool:
    with closing(Database(url)) as database:
        assert not [found for found in verify(database, MOSCOW) if found.count]
        return True


def count_messages(url: str) -> int:
    with closing(Database(url)) as database:
        return int(
            database.read_sync(lambda session: session.execute(text('SELECT count(*) FROM message')).scalar_one())
        )


# Killed, and begun by two at once


def test_the_next_start_completes_a_killed_migration(first_version_url: str, sqlite_url: str) -> None:
    copy_generated_messages(sqlite_url, first_version_url)
    environment = {**os.environ, 'PYTHONPATH': str(PROJECT_ROOT)}
    command = [sys.executable, '-c', STATE_HALF_WAY, first_version_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b'half\n'
        process.send_signal(signal.SIGKILL)
    with closing(Database(first_version_url)) as database:
        version = text('SELECT version_num FROM alembic_version')
        assert database.read_sync(lambda session: session.execute(version).scalar_one()) == '0003', 'half a migration'
    migrate(first_version_url)
    assert count_messages(first_version_url) == 400
    assert assert_consistent(first_version_url)


@pytest.mark.parametrize('engine', ['sqlite', 'postgresql'])
def test_two_programs_that_start_together_over_an_empty_database_both_work(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server: PostgresServer | None = None
    url = f'sqlite:///{tmp_path}/new/journal.db'
    if engine == 'postgresql':
        server = request.getfixturevalue('postgres')
        url = server.create('two_at_once')
    program = Program(tmp_path, url)

    def add_user(name: str) -> subprocess.CompletedProcess[str]:
        return program.run('user', 'add', name, '--role', 'User', '--password-stdin', stdin='correct horse battery\n')

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(add_user, ('one', 'two')))
    assert [each.returncode for each in done] == [0, 0], done
    with closing(Database(url)) as database:
        names = text('SELECT name FROM account ORDER BY name')
        assert database.read_sync(lambda session: list(session.execute(names).scalars())) == ['one', 'two']
    if server:
        server.drop('two_at_once')


def test_acknowledged_messages_survive_a_kill_and_none_is_stored_twice(database_url: str, tmp_path: Path) -> None:
    with closing(Database(database_url)) as database:
        headers = {'Authorization': f'Bearer {ApiTokens(database).add("mailer")}'}
    program = Program(tmp_path, database_url)
    batches = [[message_json() for _ in range(BATCH)] for _ in range(30)]
    answered: list[int] = []
    second = Event()

    def hand_over(number: int) -> None:
        answer = httpx.post(f'{program.url}/api/v1/messages', json=batches[number], headers=headers, timeout=60)
        assert [one['outcome'] for one in answer.json()] == ['created'] * BATCH
        answered.append(number)
        if len(answered) == 2:
            second.set()

    def hand_all_over() -> None:
        for number in range(len(batches)):
            try:
                hand_over(number)
            except httpx.TransportError:
                return

    program.start()
    mailer = Thread(target=hand_all_over)
    mailer.start()
    assert second.wait(120)
    os.kill(program.process_id, signal.SIGKILL)
    mailer.join(60)
    assert program.stop() == -signal.SIGKILL
    assert len(answered) < len(batches), 'it was killed too late'
    with program:
        for number in answered:
            known = httpx.get(f'{program.url}/api/v1/messages/{batches[number][-1]["id"]}', headers=headers)
            assert known.status_code == 200
        again = batches[: len(answered) + 2]
        for number, batch in enumerate(again):
            answer = httpx.post(f'{program.url}/api/v1/messages', json=batch, headers=headers, timeout=60)
            outcomes = {one['outcome'] for one in answer.json()}
            assert len(outcomes) == 1, 'half a batch was taken'
            assert outcomes == {'unchanged'} or number not in answered
    assert count_messages(database_url) == len(again) * BATCH
    assert assert_consistent(database_url)


# A database that cannot be written to


@contextmanager
def read_only(url: str) -> Iterator[None]:
    """Make a database read-only, for root too; no connection may be open."""
    with _read_only_file(Path(url.removeprefix('sqlite:///'))) if url.startswith('sqlite') else _read_only_server(url):
        yield


@contextmanager
def _read_only_file(path: Path) -> Iterator[None]:
    """Set the write version in the file header to that of a future SQLite, so that this one can only read the file."""

    def written_by(version: int) -> None:
        with path.open('rb+') as file:
            file.seek(18)
            file.write(bytes([version]))

    written_by(3)
    yield
    written_by(2)


@contextmanager
def _read_only_server(url: str) -> Iterator[None]:
    """Make the database read-only, as on a standby server."""

    def ask(setting: LiteralString) -> None:
        with psycopg.connect(url.replace('+psycopg', ''), autocommit=True) as connection:
            connection.execute('SET default_transaction_read_only = off')
            connection.execute(SQL('ALTER DATABASE {} ' + setting).format(Identifier(connection.info.dbname)))
            connection.execute(DROP_OTHERS)

    ask('SET default_transaction_read_only = on')
    yield
    ask('RESET default_transaction_read_only')


async def test_a_read_only_database_refuses_writes_and_what_cannot_be_recorded(database_url: str) -> None:
    """A read by the API is refused, too, because the audit log cannot have its record."""
    known, new = message_json(), message_json()
    settings = Settings(database_url=database_url)
    with closing(Database(database_url)) as database:
        headers = {'Authorization': f'Bearer {ApiTokens(database).add("mailer")}'}

    async def ask(*messages: dict[str, Any]) -> list[int]:
        with closing(Database(database_url)) as database:
            transport = httpx.ASGITransport(api_app.build_api(compose(settings, database)))
            async with httpx.AsyncClient(transport=transport, base_url='http://j', headers=headers) as client:
                posted = [(await client.post('/messages', json=one)).status_code for one in messages]
                return [*posted, (await client.get(f'/messages/{known["id"]}')).status_code]

    assert await ask(known) == [200, 200]
    with read_only(database_url):
        assert await ask(new) == [503, 503]
    assert await ask(new, known) == [200, 200, 200]
    assert count_messages(database_url) == 2
    assert assert_consistent(database_url)


def test_a_start_over_a_read_only_database_is_refused_with_the_reason(sqlite_url: str, tmp_path: Path) -> None:
    program = Program(tmp_path, sqlite_url)
    Path(sqlite_url.removeprefix('sqlite:///')).chmod(0o600)  # otherwise the start narrows its rights, with a warning
    with read_only(sqlite_url):
        done = program.run('--port', str(free_port()))
    assert (done.returncode, done.stdout) == (1, '')
    assert done.stderr == 'База данных (JOURNAL_DATABASE_URL) недоступна: attempt to write a readonly database\n'


# A full disk


def test_a_full_disk_refuses_messages_until_there_is_room(sqlite_url: str, tmp_path: Path) -> None:
    with closing(Database(sqlite_url)) as database:
        headers = {'Authorization': f'Bearer {ApiTokens(database).add("mailer")}'}
    wal = tmp_path / 'journal.db-wal'
    with Program(tmp_path, sqlite_url) as program:
        client = httpx.Client(base_url=f'{program.url}/api/v1', headers=headers, timeout=60)
        kept = [message_json() for _ in range(10)]
        assert client.post('/messages', json=kept).status_code == 200
        # No file may grow past what the longest has, and a little: so it is for the program when the disk is full.
        longest = max(wal.stat().st_size, (tmp_path / 'journal.db').stat().st_size)
        limit_file_size(program.process_id, longest + 50_000)
        refused: list[dict[str, Any]] = []
        while not refused:
            batch = [message_json() for _ in range(100)]
            answer = client.post('/messages', json=batch)
            (refused if answer.status_code == 503 else kept).extend(batch)
        assert answer.json()['code'] == 'unavailable'
        assert client.get(f'/messages/{kept[-1]["id"]}').status_code == 200
        assert client.get(f'/messages/{refused[0]["id"]}').status_code == 404
        assert wait_for_readiness(program, 503) == {'status': 'unavailable', 'detail': texts.HEALTH_DISK_FULL}
        limit_file_size(program.process_id, resource.RLIM_INFINITY)
        assert {one['outcome'] for one in client.post('/messages', json=refused).json()} == {'created'}
        assert {one['outcome'] for one in client.post('/messages', json=kept[:100]).json()} == {'unchanged'}
        wait_for_readiness(program, 200)
    assert count_messages(sqlite_url) == len(kept) + len(refused)
    assert assert_consistent(sqlite_url)
    assert 'Traceback' not in program.output


def wait_for_readiness(program: Program, status: int) -> Any:
    """Repeat the request, whose result is cached for a second, until it has a status; return the answer."""
    deadline = time.monotonic() + 30
    while (answer := httpx.get(f'{program.url}/readyz')).status_code != status:
        assert time.monotonic() < deadline, answer.text
    return answer.json()


def limit_file_size(process: int, size: int) -> None:
    """Limit the size of the files of a process, in bytes."""
    _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, hard))
