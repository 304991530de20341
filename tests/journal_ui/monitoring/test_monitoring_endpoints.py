"""Liveness, readiness and metrics of the running program, and its log."""

import asyncio
import json
import math
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import socketio  # type: ignore[import-untyped]
from sqlalchemy import text
from starlette.types import Scope

from journal_ui.monitoring.health_endpoints import may_read_metrics
from services.accounts.accounts import Accounts
from services.accounts.api_tokens import ApiTokens
from services.backup.backup_audit import record_backup
from services.database.engine import Database
from services.ingest.ingest_queue import IngestQueue
from services.ingest.message_ingest import Receipt
from services.ingest.status_history import StatusEvent
from tests.helpers.api_requests import message_json
from tests.helpers.factories import incoming_message
from tests.helpers.journal_operator import PASSWORD
from tests.helpers.page_requests import HTML_HEADERS, nicegui_client_id, socket_parameters
from tests.helpers.program import Program
from tests.helpers.reference_messages import MOSCOW, NOON

TOKEN = 'a-token-for-figures'
SECRETS = ('Щукарёв', 'shchukarev', '5550147', PASSWORD, TOKEN)


@pytest.fixture(scope='module')
def program(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Program]:
    """A running journal with the most detailed log, as JSON."""
    folder = tmp_path_factory.mktemp('operation')
    path = folder / 'journal.db'
    path.write_bytes(sqlite_template.read_bytes())
    settings = {'JOURNAL_METRICS_TOKEN': TOKEN, 'JOURNAL_LOG_LEVEL': 'info', 'JOURNAL_LOG_JSON': 'true'}
    with Program(folder, f'sqlite:///{path}', **settings) as running:
        yield running


@pytest.fixture
def database(program: Program) -> Iterator[Database]:
    """The running program's own database."""
    opened = Database(program.environment['JOURNAL_DATABASE_URL'])
    yield opened
    opened.close()


def log_lines(program: Program) -> list[dict[str, str]]:
    """Parse the log, each line of which must be JSON."""
    return [json.loads(line) for line in program.output.splitlines() if line.startswith('{')]


def log_line_of_request(program: Program, number: str) -> dict[str, str]:
    """Return the log line of a request, which is written just after its response was sent."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = [line for line in log_lines(program) if line['request'] == number]
        if found:
            return found[0]
        time.sleep(0.02)
    pytest.fail(f'no line of {number}')


def metric_values(program: Program) -> dict[str, float]:
    answer = httpx.get(f'{program.url}/metrics')
    assert answer.status_code == 200, answer.text
    found = re.findall(r'^([a-z_]+(?:\{.*\})?) (\S+)$', answer.text, re.MULTILINE)
    return {name: float(value) for name, value in found}


def test_liveness_and_readiness_need_no_session(program: Program) -> None:
    for path in ('/healthz', '/readyz'):
        answer = httpx.get(f'{program.url}{path}')
        assert (answer.status_code, answer.json()) == (200, {'status': 'ok'})
        assert answer.headers['cache-control'] == 'no-store'
        assert 'set-cookie' not in answer.headers
        assert httpx.head(f'{program.url}{path}').status_code == 200
        assert httpx.post(f'{program.url}{path}').status_code == 405
    assert httpx.get(f'{program.url}/healthz/x', headers=HTML_HEADERS).status_code == 303


def test_a_database_without_migrations_is_not_ready(program: Program, database: Database) -> None:
    def version(number: str, derived: str) -> None:
        change = f"UPDATE alembic_version SET version_num = '{number}'", f'UPDATE journal_state SET derived = {derived}'
        database.write_sync(lambda session: [session.execute(text(each)) for each in change] and None)

    known, derived = database.read_sync(
        lambda session: session.execute(text('SELECT version_num, derived FROM alembic_version, journal_state')).one()
    )
    for number, state, said in (('0001', derived, 'миграции'), (known, 'NULL', 'загружают')):
        version(number, str(state))
        answer = wait_for_status(program, 503)
        assert said in answer.json()['detail']
        assert httpx.get(f'{program.url}/healthz').status_code == 200
        version(known, str(derived))
        wait_for_status(program, 200)


def wait_for_status(program: Program, status: int) -> httpx.Response:
    """Repeat the request until its response is no longer the cached one."""
    for _ in range(1000):
        answer = httpx.get(f'{program.url}/readyz')
        if answer.status_code == status:
            return answer
    pytest.fail(f'never {status}')


def test_metrics_are_for_the_local_machine_and_for_holders_of_the_token(program: Program) -> None:
    figured = f'{program.url}/metrics'
    assert httpx.get(figured).status_code == 200
    for name in ('X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via'):
        answer = httpx.get(figured, headers={name: '127.0.0.1'})
        assert (answer.status_code, answer.json()['status']) == (403, 'refused'), name
        assert httpx.get(figured, headers={name: '127.0.0.1', 'Authorization': f'Bearer {TOKEN}'}).status_code == 200
        assert httpx.get(figured, headers={name: '::1', 'Authorization': f'Bearer {TOKEN}x'}).status_code == 403


@pytest.mark.parametrize(
    ('client', 'authorization', 'token', 'expected'),
    [
        (('127.0.0.1', 1), '', '', True),
        (('::1', 1), '', 't', True),
        (('192.0.2.1', 1), '', 't', False),
        (('192.0.2.1', 1), 'Bearer t', 't', True),
        (('192.0.2.1', 1), 'bearer  t', 't', True),
        (('192.0.2.1', 1), 'Basic t', 't', False),
        (('192.0.2.1', 1), 'Bearer ', '', False),
        (None, '', '', False),
        (('', 0), '', '', False),
    ],
)
def test_access_to_metrics(client: tuple[str, int] | None, authorization: str, token: str, expected: bool) -> None:
    scope: Scope = {'type': 'http', 'client': client, 'headers': [(b'authorization', authorization.encode())]}
    assert may_read_metrics(scope, token) is expected


def test_metrics_count_ingested_messages_and_receipts(program: Program, database: Database) -> None:
    headers = {'Authorization': f'Bearer {ApiTokens(database).add("counted")}'}
    before = metric_values(program)
    known, told = message_json(), {'status': 'failed', 'at': '2026-11-22T10:05:00+03:00'}
    with httpx.Client(base_url=f'{program.url}/api/v1', headers=headers) as client:
        client.post('/messages', json=[known, message_json(), message_json(phone='1')])
        client.post('/messages', json=known)
        client.post(f'/messages/{known["id"]}/status', json=told)
        client.get('/Щукарёв')
        client.request('ANYTHING', '/messages')
    after = metric_values(program)

    def more(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert more('journal_api_messages_total{outcome="created"}') == 2
    assert more('journal_api_messages_total{outcome="unchanged"}') == 1
    assert more('journal_api_statuses_total{outcome="updated"}') == 1
    assert more('journal_api_requests_total{address="/messages",method="POST",status="200"}') == 2
    assert more('journal_api_requests_total{address="/messages/{id}/status",method="POST",status="200"}') == 1
    assert more('journal_api_requests_total{address="*",method="GET",status="404"}') == 1
    assert more('journal_messages{status="waiting"}') == 1
    assert more('journal_messages{status="failed"}') == 1
    assert after['journal_database_up'] == 1
    assert after['process_resident_memory_bytes'] > 1e6
    assert 'counted' not in str(after)


def test_receipts_without_a_message_are_counted_by_provider(program: Program, database: Database) -> None:
    assert metric_values(program)['journal_unmatched_receipts{provider="smsru"}'] == 0
    receipts = [Receipt('smsru', id, StatusEvent(NOON, 'smsru', None, provider='smsru')) for id in ('1', '2')]
    asyncio.run(IngestQueue(database, MOSCOW).add_receipts(receipts))
    values = metric_values(program)
    assert values['journal_unmatched_receipts{provider="smsru"}'] == 2
    assert values['journal_unmatched_receipts{provider="kannel"}'] == 0
    for name in ('last_receipt', 'oldest_unmatched_receipt'):
        assert values[f'journal_{name}_timestamp_seconds{{provider="smsru"}}'] > 0
        assert f'journal_{name}_timestamp_seconds{{provider="twilio"}}' not in values


def test_the_last_backup_is_a_metric(program: Program, tmp_path: Path) -> None:
    assert math.isnan(metric_values(program)['journal_last_backup_timestamp_seconds'])
    url, began = program.environment['JOURNAL_DATABASE_URL'], time.time()
    record_backup(url, tmp_path / 'begun')
    assert math.isnan(metric_values(program)['journal_last_backup_timestamp_seconds'])
    record_backup(url, tmp_path / 'checked', is_checked=True)
    assert metric_values(program)['journal_last_backup_timestamp_seconds'] > began - 2  # the log has whole seconds


async def test_open_pages_are_counted(program: Program, database: Database) -> None:
    Accounts(database).add('opener', 'WebAdmin', PASSWORD, must_change=False)
    with httpx.Client(base_url=program.url, headers=HTML_HEADERS) as client:
        client.get('/login')
        client.post('/login', data={'name': 'opener', 'password': PASSWORD})
        page, cookie = nicegui_client_id(client.get('/messages').text), client.cookies['journal_session']
    before = metric_values(program)
    socket = socketio.AsyncClient(reconnection=False)
    await socket.connect(**socket_parameters(program, page, cookie))
    after = await asyncio.to_thread(metric_values, program)
    await socket.disconnect()
    assert after['journal_sockets'] == before['journal_sockets'] + 1
    assert after['journal_pages'] >= after['journal_sockets']


def test_a_request_id_is_in_response_and_log_without_the_content_of_the_request(
    program: Program, database: Database
) -> None:
    Accounts(database).add('watcher', 'WebAdmin', PASSWORD, must_change=False)
    with httpx.Client(base_url=program.url, headers=HTML_HEADERS) as client:
        client.get('/login')
        client.post('/login', data={'name': 'watcher', 'password': PASSWORD})
        page = client.get('/messages', params={'name': 'Щукарёв'}, headers={'X-Request-Id': 'mine'})
        nothing = client.get('/щукарёв/+79995550147')
    assert (page.status_code, nothing.status_code) == (200, 404)
    token = ApiTokens(database).add('numbered')
    looked = httpx.get(
        f'{program.url}/api/v1/messages/{incoming_message().id}', headers={'Authorization': f'Bearer {token}'}
    )
    for answer, logged in (
        (page, 'GET /messages 200, '),
        (nothing, 'GET * 404, '),
        (looked, 'GET /messages/{id} 404, '),
    ):
        number = answer.headers['x-request-id']
        assert re.fullmatch('[0-9a-f]{16}', number)
        line = log_line_of_request(program, number)
        assert line['message'].startswith(logged), line
        assert line['logger'] == 'journal_ui.monitoring.request_logging'
    httpx.get(f'{program.url}/healthz')
    assert not [line for line in log_lines(program) if 'healthz' in line['message']]
    assert not [secret for secret in SECRETS if secret in program.output.replace('\\', '')]
