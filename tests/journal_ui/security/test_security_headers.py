"""Headers of every response: no caching, no framing, no foreign scripts; and error pages without details."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from journal_ui.api import problem_details
from journal_ui.api.api_app import ApiDispatcher
from journal_ui.security import security_headers
from services.monitoring.metrics import Metrics
from tests.helpers import sample_data
from tests.helpers.journal_operator import CLERK_NAME, session_cookies
from tests.helpers.program import Program

SECRET = 'Тайнова Секрета Скрытовна'
PAGES = (
    '/',
    '/login',
    '/messages',
    '/iemk',
    '/summary',
    '/callbacks',
    '/access',
    '/dictionaries',
    '/export/x',
    '/nope',
    '/logout',
)
API = ('/api/v1/docs', '/api/v1/openapi.json', '/api/v1/nope', '/api/v1/messages/1')
POLICY = {
    'default-src': "'none'",
    'img-src': "'self' data:",
    'font-src': "'self' data:",
    'connect-src': "'self'",
    'form-action': "'self'",
    'base-uri': "'none'",
    'frame-ancestors': "'none'",
}


@pytest.fixture(scope='module')
def program(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Program]:
    """A running journal over the sample."""
    folder = tmp_path_factory.mktemp('wire')
    path = folder / 'journal.db'
    path.write_bytes(sqlite_template.read_bytes())
    with Program(folder, sample_data.fill_journal(f'sqlite:///{path}', sample_data.sample_messages())) as running:
        yield running


@pytest.fixture(scope='module')
def client(program: Program) -> Iterator[httpx.Client]:
    """An HTTP client that is signed in as a WebAdmin."""
    cookies = {cookie['name']: cookie['value'] for cookie in session_cookies(program.url, CLERK_NAME)}
    with httpx.Client(base_url=program.url, cookies=cookies, headers={'accept': 'text/html'}) as opened:
        yield opened


def policy(answer: httpx.Response) -> dict[str, str]:
    parts = (part.strip().partition(' ') for part in answer.headers['content-security-policy'].split(';'))
    return {name: values for name, _, values in parts}


@pytest.mark.parametrize('path', [*PAGES, *API])
def test_responses_are_not_cached_framed_or_sniffed(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.headers['cache-control'] == 'no-store'
    assert answer.headers['x-content-type-options'] == 'nosniff'
    assert answer.headers['x-frame-options'] == 'DENY'
    assert answer.headers['referrer-policy'] == 'same-origin'
    assert answer.headers['cross-origin-opener-policy'] == 'same-origin'
    assert answer.headers['cross-origin-resource-policy'] == 'same-origin'
    assert 'camera=()' in answer.headers['permissions-policy']
    assert 'strict-transport-security' not in answer.headers, 'Over plain HTTP it says nothing'
    assert 'server' not in answer.headers
    found = policy(answer)
    assert {name: found[name] for name in POLICY} == POLICY
    assert "'unsafe-inline'" not in found['script-src']
    assert not re.search(r'\*|https?:', ' '.join(found.values()))


def test_each_response_has_a_new_nonce_on_every_script(client: httpx.Client) -> None:
    nonces = set()
    for _ in range(2):
        answer = client.get('/messages')
        nonce = policy(answer)['script-src'].partition("'nonce-")[2].removesuffix("'")
        assert len(nonce) > 20
        assert set(re.findall(r'<script(?: nonce="([^"]*)")?', answer.text)) == {nonce}
        nonces.add(nonce)
    assert len(nonces) == 2


def test_the_api_documentation_runs_one_script_by_its_hash(client: httpx.Client) -> None:
    scripts = policy(client.get('/api/v1/docs'))['script-src']
    assert re.fullmatch(r"'self' 'sha256-[\w+/]{43}='", scripts)


def test_static_files_are_cached_by_browsers(client: httpx.Client) -> None:
    (asset, *_) = re.findall(r'src="(/_nicegui/[^"]+)"', client.get('/messages').text)
    headers = client.get(asset).headers
    assert 'no-store' not in headers['cache-control']
    assert headers['x-content-type-options'] == 'nosniff'
    assert "frame-ancestors 'none'" in headers['content-security-policy']


async def test_strict_transport_security_over_tls() -> None:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        send = security_headers.with_security_headers(scope, send)
        await send({'type': 'http.response.start', 'status': 200, 'headers': []})
        await send({'type': 'http.response.body', 'body': b''})

    transport = httpx.ASGITransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url='https://journal') as client:
        headers = (await client.get('/')).headers
    assert headers['strict-transport-security'] == 'max-age=31536000; includeSubDomains'


def test_no_url_and_no_log_line_contains_patient_data(client: httpx.Client, program: Program) -> None:
    for path in ('/messages', '/access', f'/messages/{SECRET}', f'/messages?name={SECRET}'):
        answer = client.get(path)
        assert SECRET not in answer.text
    assert SECRET not in program.output
    assert 'Тайнова' not in program.output


async def test_an_api_error_page_contains_only_the_request_id() -> None:
    failing = FastAPI()
    problem_details.install(failing)

    @failing.get('/fail')
    async def fail() -> None:
        raise RuntimeError(SECRET)

    transport = httpx.ASGITransport(ApiDispatcher(failing, failing, Metrics()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url='http://journal') as client:
        answer = await client.get('/api/v1/fail')
    assert answer.status_code == 500
    assert answer.headers['cache-control'] == 'no-store'
    found = re.fullmatch(r'Ошибка в программе. Сообщите администратору номер ([0-9A-F]{6}).', answer.json()['detail'])
    assert found
    assert SECRET not in answer.text


def test_no_other_site_may_read_a_response(client: httpx.Client) -> None:
    for path in (*PAGES, *API):
        headers = client.get(path, headers={'origin': 'https://evil.example'}).headers
        assert not [name for name in headers if name.startswith('access-control-')], path


def test_trace_is_refused(client: httpx.Client) -> None:
    for path in ('/messages', '/login', '/api/v1/messages'):
        answer = client.request('TRACE', path, headers={'x-told': SECRET.encode('utf-8').hex()})
        assert answer.status_code in {403, 404, 405}, path
        assert 'x-told' not in answer.text
