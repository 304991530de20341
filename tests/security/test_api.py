"""The API over HTTP: what is no character, no JSON or no longer a token is refused, and nothing is a fault."""

import json
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.helpers.api_requests import assert_problem, message_json
from tests.helpers.program import Program
from tests.helpers.raw_http import exchange

LONE = '\ud800'


@pytest.fixture(scope='module')
def token(journal: Program) -> str:
    """A token for all organisations."""
    return journal.run('token', 'add', 'mailer').stdout.split()[-1]


@pytest.fixture
def api(journal: Program, token: str) -> Iterator[httpx.Client]:
    """A client with the token."""
    headers = {'Authorization': f'Bearer {token}', 'Content-Type': 'application/json'}
    with httpx.Client(base_url=f'{journal.url}/api/v1', headers=headers, timeout=30) as client:
        yield client


def test_halves_of_surrogate_pairs_are_refused_by_item(api: httpx.Client, journal: Program) -> None:
    before, good = journal.output, message_json()
    for path in ('/messages', '/documents', f'/messages/{uuid4()}/status'):
        for body in ({'id': LONE}, {LONE: 1}, {'status': LONE, 'at': LONE, 'id': LONE}):
            response = api.post(path, content=json.dumps(body))
            assert response.status_code == 422
            assert response.json()['field']
    batch = [message_json(id=LONE), good, {LONE: LONE}]
    response = api.post('/messages', content=json.dumps(batch))
    assert [each['outcome'] for each in response.json()] == ['refused', 'created', 'refused']
    assert api.get(f'/messages/{good["id"]}').json()['text'] == good['text']
    for body in ({'id': LONE, 'status': '1'}, {'id': '1', 'status': LONE}):
        response = api.post('/receipts/smsc?key=a key of sixteen', content=json.dumps(body))
        assert_problem(response, 422, 'unreadable', next(name for name, value in body.items() if value == LONE))
    assert journal.output.replace(before, '').count('\n') == 2, 'a line for each unreadable receipt'


def test_a_revoked_token_is_refused_at_once(api: httpx.Client, journal: Program) -> None:
    revoked = journal.run('token', 'add', 'passing').stdout.split()[-1]
    headers = {'Authorization': f'Bearer {revoked}'}
    assert api.post('/messages', content=json.dumps(message_json()), headers=headers).status_code == 200
    assert journal.run('token', 'revoke', 'passing').returncode == 0
    assert api.post('/messages', content=json.dumps(message_json()), headers=headers).status_code == 401


def test_a_large_body_of_a_stranger_is_not_read(journal: Program) -> None:
    for path in ('/messages', '/receipts/kannel', '/receipts/kannel?key=guess'):
        head = f'POST /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\nConnection: close\r\n\r\n'
        response = exchange(journal, head.encode())
        assert response.startswith((b'HTTP/1.1 401', b'HTTP/1.1 403')), response[:100]
