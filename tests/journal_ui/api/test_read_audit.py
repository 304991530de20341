"""What a program reads by the API is on the audit record before it is returned."""

import json
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from journal_ui.api import api_app
from models import AuditEvent
from services.accounts.api_tokens import ApiTokens
from services.audit.audit_query import AuditQuery, AuditRow
from services.audit.chain_verification import verify_chain
from services.audit.hash_chain import UnrecordableEventError
from services.composition import Services
from services.database.engine import Database
from services.errors import DatabaseUnavailableError
from tests.helpers.api_requests import NOW, ORGANIZATION, assert_problem, document_json, message_json

WITHOUT_ROWS = {'/receipts/{provider}', '/kinds', '/organizations', '/stats'}
"""Paths of GET requests that return no message and no document."""


async def add_rows(client: httpx.AsyncClient) -> tuple[str, str]:
    """Submit an overdue message and a document; return their ids."""
    message = message_json(queued_at=(NOW - timedelta(days=3)).isoformat())
    document = document_json()
    assert (await client.post('/messages', json=message)).json()['outcome'] == 'created'
    assert (await client.post('/documents', json=document)).json()['outcome'] == 'created'
    return message['id'], document['id']


async def reads_of(services: Services, id: str) -> Sequence[AuditRow]:
    """Return the audit records by which programs have read a row."""
    query = AuditQuery(seen=id, act=AuditEvent.API_READ)
    return (await services.audit_records.page(query, number=1, size=20)).rows


async def test_no_route_returns_a_row_that_is_not_recorded(client: httpx.AsyncClient, services: Services) -> None:
    beginning = (await client.get('/messages/changes')).json()['next_cursor']
    message, document = await add_rows(client)
    paths = (await client.get('/openapi.json')).json()['paths']
    readable = {path for path, methods in paths.items() if 'get' in methods} - WITHOUT_ROWS
    assert len(readable) > 4
    for path in readable:
        counts = {id: len(await reads_of(services, id)) for id in (message, document)}
        params = {'after': beginning} if path.endswith('/changes') else {}
        response = await client.get(path.replace('{id}', document if 'documents' in path else message), params=params)
        assert response.status_code == 200, f'{path}: this test must know how to call it'
        returned = [id for id in (message, document) if id in response.text]
        assert returned, f'{path}: this test must know what it returns'
        for id in returned:
            assert len(await reads_of(services, id)) > counts[id], path


async def test_a_read_is_recorded_with_its_token_and_its_conditions(
    client: httpx.AsyncClient, services: Services, database: Database
) -> None:
    message, document = await add_rows(client)
    client.headers['Authorization'] = f'Bearer {ApiTokens(database).add("clinic", ORGANIZATION)}'
    await client.get(f'/messages/{message}')
    await client.get(f'/documents/{document}')
    await client.get('/messages/overdue')
    overdue, by_code = await reads_of(services, message)
    assert (overdue.name, overdue.address, overdue.section) == ('токен clinic', '127.0.0.1', by_code.section)
    assert ORGANIZATION in overdue.what
    assert 'ждёт слишком долго' in overdue.what
    assert (by_code.what, by_code.found, overdue.found) == (f'по коду {message}', 1, 1)
    assert [row.section for row in await reads_of(services, document)] == ['Журнал ИЭМК']
    details = await services.audit_records.details(overdue.number)
    assert details is not None
    assert details.keys == [UUID(message)]
    assert verify_chain(database, key=services.data_key).is_intact


async def test_a_correction_is_recorded_with_its_token(
    client: httpx.AsyncClient, services: Services, database: Database
) -> None:
    message = message_json()
    other = {**message, 'recipient_name': 'Другая Анна Петровна'}
    corrected = {**other, 'replace': True}
    batch = [message, other, {**message, 'cost': '9.00', 'replace': True}, corrected, corrected]
    results = (await client.post('/messages', json=batch)).json()
    assert [each['outcome'] for each in results] == ['created', 'refused', 'updated', 'updated', 'unchanged']
    query = AuditQuery(seen=str(message['id']), act=AuditEvent.API_CORRECTED)
    (record,) = (await services.audit_records.page(query, number=1, size=20)).rows
    what = 'заменены телефон, получатель или текст, сообщений: 1'
    assert (record.name, record.address, record.what) == ('токен mailer', '127.0.0.1', what)
    assert verify_chain(database, key=services.data_key).is_intact


async def test_what_is_not_returned_is_not_recorded(
    client: httpx.AsyncClient, services: Services, database: Database
) -> None:
    message, document = await add_rows(client)
    tokens = ApiTokens(database)
    await client.post('/messages', json=message_json(organization='Другая больница'))
    client.headers['Authorization'] = f'Bearer {tokens.add("other", "Другая больница")}'
    for path in (f'/messages/{message}', f'/documents/{document}'):
        assert (await client.get(path)).status_code == 404
    assert (await client.get('/messages/overdue')).json()['messages'] == []
    assert not await reads_of(services, message)
    assert not await reads_of(services, document)


@pytest.mark.parametrize('error', [DatabaseUnavailableError(), UnrecordableEventError()])
async def test_without_a_record_there_is_no_answer(
    client: httpx.AsyncClient,
    services: Services,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    beginning = (await client.get('/messages/changes')).json()['next_cursor']
    message, document = await add_rows(client)

    async def fail(*_: object, **__: object) -> int:
        raise error

    monkeypatch.setattr(services.audit_log, 'record', fail)
    transport = httpx.ASGITransport(api_app.build_api(services), raise_app_exceptions=False)
    headers = dict(client.headers)
    changes = f'/messages/changes?after={beginning}'
    async with httpx.AsyncClient(transport=transport, base_url='http://journal', headers=headers) as deaf:
        requests = [
            deaf.get(path)
            for path in (f'/messages/{message}', '/messages/overdue', f'/documents/{document}', '/messages', changes)
        ]
        for request in (*requests, deaf.post('/messages/search', json={'name': 'Королёв'})):
            response = await request
            status, code = (503, 'unavailable') if isinstance(error, DatabaseUnavailableError) else (500, 'fault')
            assert_problem(response, status, code)
            assert 'Королёв' not in response.text
            assert message not in json.dumps(response.json())
