"""The journal through PgBouncer in transaction mode, set up as `deploy/README.md` describes it."""

import asyncio
import csv
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url, text
from sqlmodel import Session

from services import texts
from services.database.change_listener import ChangeListener
from services.database.engine import Database, Work
from services.errors import QueryTimeoutError
from services.export.export_jobs import ExportFormat, ExportJobs
from services.messages.message_query import MessageQuery
from services.settings import PROJECT_ROOT
from tests.helpers.api_requests import message_json
from tests.helpers.factories import message_cells, write_csv
from tests.helpers.journal_operator import CLERK_NAME, PASSWORD
from tests.helpers.page_requests import HTML_HEADERS
from tests.helpers.page_socket import PageSocket
from tests.helpers.pgbouncer import BINARY, PgBouncer
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.program import Program
from tests.helpers.sample_data import EVERYBODY, ZONE, fill_journal, sample_messages

pytestmark = pytest.mark.skipif(BINARY is None, reason='PgBouncer is not installed: run .ci/server pgbouncer')

DATABASE = 'journal_through_pgbouncer'
SERVER_CONNECTIONS = 3
"""Less than a node opens, so that its connections must share those of PgBouncer."""
WAIT_SECONDS = 10
FAILURE = {'status': 'failed', 'at': '2026-11-22T10:00:05+03:00'}
STATEMENTS = re.compile(r'^ +ALTER DATABASE journal SET (.+);$', re.MULTILINE)
PROGRAM_LISTENS = """
    SELECT count(*) FROM pg_stat_activity WHERE application_name = 'direct' AND query = 'LISTEN journal'
"""


def executing(statement: str) -> Work[Any]:
    """Return work that executes a statement, and returns the first value of its result if it has one."""

    def work(session: Session) -> Any:
        result = session.connection().exec_driver_sql(statement)
        return result.scalar() if result.returns_rows else None

    return work


@pytest.fixture(scope='module')
def direct_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty database, with the settings that README.md gives it."""
    url = postgres.create(DATABASE)
    settings = STATEMENTS.findall((PROJECT_ROOT / 'deploy' / 'README.md').read_text())
    assert len(settings) == 3
    with closing(Database(url)) as database:
        for setting in settings:
            database.write_sync(executing(f'ALTER DATABASE {DATABASE} SET {setting}'))
    yield f'{url}&application_name=direct'
    postgres.drop(DATABASE)


@pytest.fixture(scope='module')
def pooled_url(direct_url: str) -> Iterator[str]:
    """The URL of the database through PgBouncer."""
    with PgBouncer(direct_url, SERVER_CONNECTIONS) as running:
        yield running.url


@pytest.fixture(scope='module')
def journal(pooled_url: str, direct_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A node, which has created the tables by its first start."""
    environment = {'JOURNAL_DIRECT_DATABASE_URL': direct_url}
    with Program(tmp_path_factory.mktemp('node'), pooled_url, **environment) as running:
        fill_journal(pooled_url, sample_messages())
        yield running


@pytest.fixture
def database(journal: Program, pooled_url: str, direct_url: str) -> Iterator[Database]:
    """The tables of the node through PgBouncer."""
    with closing(Database(pooled_url, direct_url)) as opened:
        yield opened


def backend(session: Session) -> int:
    """Return the process of PostgreSQL that answers, after a time in which others must answer other threads."""
    return int(session.execute(text('SELECT pg_backend_pid() FROM pg_sleep(0.05)')).scalar_one())


def wait_for_all(page: PageSocket, *marks: str) -> None:
    """Wait until each text was in a frame, in any order."""
    missing = set(marks)
    while missing:
        frame = page.receive()
        missing -= {mark for mark in missing if mark in frame}


def session_settings(database: Database) -> list[object]:
    names = ('timezone', 'max_parallel_workers_per_gather', 'idle_in_transaction_session_timeout')
    return [database.write_sync(executing(f'SHOW {name}')) for name in names]


def test_each_transaction_has_another_session_with_the_settings_of_the_program(
    database: Database, direct_url: str
) -> None:
    with closing(Database(direct_url)) as direct:
        assert session_settings(database) == session_settings(direct) == ['UTC', '0', '2min']

    async def use_every_thread() -> set[int]:
        calls = [database.read, database.read, database.read_priority, database.write, database.write_priority]
        return set(await asyncio.gather(*(call(backend) for call in calls for _ in range(4))))

    assert 1 < len(asyncio.run(use_every_thread())) <= SERVER_CONNECTIONS


def test_a_page_a_program_and_a_command_work_and_see_each_other(journal: Program, tmp_path: Path) -> None:
    token = journal.run('token', 'add', 'mailing').stdout.split()[-1]
    api = httpx.Client(
        base_url=f'{journal.url}/api/v1', headers={'Authorization': f'Bearer {token}'}, timeout=WAIT_SECONDS
    )
    with api, httpx.Client(base_url=journal.url, headers=HTML_HEADERS, timeout=WAIT_SECONDS) as browser:
        browser.get('/login')
        sign_in = browser.post('/login', data={'name': CLERK_NAME, 'password': PASSWORD})
        assert sign_in.headers['location'] == '/'
        with PageSocket(browser) as page:
            page.send(page.event_frame(texts.FIND, 'click'))
            wait_for_all(page, 'setRows', '12,40')  # the rows, and the sum of what was found
            message = message_json()
            created = api.post('/messages', json=[message]).json()[0]
            assert created.get('outcome') == 'created', created
            page.wait_for(texts.NEW_ROWS.format(count=1))
            write_csv(tmp_path / 'new.csv', [message_cells({})])
            assert journal.run('import', str(tmp_path / 'new.csv')).returncode == 0
            page.wait_for(texts.NEW_ROWS.format(count=2))
        status = api.post(f'/messages/{message["id"]}/status', json=FAILURE)
        assert status.json().get('outcome') == 'updated', status.text
        assert api.get(f'/messages/{message["id"]}').json()['status'] == 'failed'
        assert httpx.get(f'{journal.url}/readyz').status_code == 200
    verified = journal.run('verify')
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert 'ERROR' not in journal.output


async def test_an_export_reads_through_a_cursor_of_the_server(
    database: Database, pooled_url: str, tmp_path: Path
) -> None:
    exports = ExportJobs(pooled_url, ZONE, tmp_path / 'exports')
    exports.clear()
    file = await exports.make(MessageQuery(), ExportFormat.CSV, account_id=1, progress=lambda rows: None)
    with file.path.open(encoding='utf-8-sig', newline='') as stream:
        exported = [row[texts.RECIPIENT] for row in csv.DictReader(stream, delimiter=';')]
    assert len(exported) == file.rows
    assert set(EVERYBODY) <= set(exported)


async def test_a_deadline_ends_the_query_in_the_server(database: Database) -> None:
    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(77)'"
    with pytest.raises(QueryTimeoutError):
        await database.read_with_timeout(0.3, lambda session: session.execute(text('SELECT pg_sleep(77)')).all())
    deadline = time.monotonic() + WAIT_SECONDS
    while await database.read(lambda session: session.execute(text(running)).scalar_one()):
        assert time.monotonic() < deadline
    assert await database.read(backend)


async def test_commits_through_pgbouncer_are_notified_past_it(database: Database, direct_url: str) -> None:
    with closing(Database(direct_url)) as direct:
        assert direct.read_sync(lambda session: session.execute(text(PROGRAM_LISTENS)).scalar_one()) == 1
    assert database.direct_url == make_url(direct_url)
    changes = ChangeListener(database.direct_url)
    changes.start()
    try:
        assert await changes.wait(WAIT_SECONDS)  # what the listener reports at its start
        await database.write(backend)
        assert await changes.wait(WAIT_SECONDS)
    finally:
        changes.stop()


def test_a_copy_is_made_past_pgbouncer(journal: Program, postgres: PostgresServer, tmp_path: Path) -> None:
    journal.environment['PATH'] = f'{postgres.binaries}:{journal.environment["PATH"]}'
    done = journal.run('backup', str(tmp_path / 'journal.copy'))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / 'journal.copy').stat().st_size > 0
