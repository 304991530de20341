"""`GET /messages/changes`: a program keeps in step with the journal, within the bounds of its token."""

from typing import Any

import httpx

from services.accounts.api_tokens import ApiTokens
from services.database.engine import Database
from tests.helpers.api_requests import NOW, ORGANIZATION, assert_problem, message_json

OTHER = 'ГБУЗ МО «Другая больница»'


async def changes(client: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    """Return the answer to a request for changes."""
    response = await client.get('/messages/changes', params=params)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def statuses(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the ids and the statuses of an answer."""
    return [(message['id'], message['status']) for message in answer['messages']]


async def test_a_program_keeps_in_step(client: httpx.AsyncClient) -> None:
    old, first, second = (message_json() for _ in range(3))
    await client.post('/messages', json=old)
    beginning = await changes(client)
    assert (beginning['messages'], beginning['has_more']) == ([], False)
    cursor = beginning['next_cursor']
    assert (await changes(client, after=cursor)) == beginning, 'nothing has changed'
    await client.post('/messages', json=[first, second])
    await client.post(f'/messages/{old["id"]}/status', json={'status': 'failed', 'at': NOW.isoformat()})
    page = await changes(client, after=cursor, limit=2)
    assert (statuses(page), page['has_more']) == ([(first['id'], 'pending'), (second['id'], 'pending')], True)
    page = await changes(client, after=page['next_cursor'], limit=2)
    assert (statuses(page), page['has_more']) == ([(old['id'], 'failed')], False)
    assert page['messages'] == (await client.get('/messages', params={'status': 'failed'})).json()['messages']
    await client.post('/messages', json=first)
    assert (await changes(client, after=page['next_cursor']))['messages'] == [], 'a repeated message is no change'


async def test_a_token_follows_only_its_organisation(client: httpx.AsyncClient, database: Database) -> None:
    cursor = (await changes(client))['next_cursor']
    own, other = message_json(), message_json(organization=OTHER)
    await client.post('/messages', json=[other, own])
    client.headers['Authorization'] = f'Bearer {ApiTokens(database).add("clinic", ORGANIZATION)}'
    assert statuses(await changes(client, after=cursor)) == [(own['id'], 'pending')]


async def test_a_wrong_cursor_is_refused(client: httpx.AsyncClient) -> None:
    await client.post('/messages', json=[message_json(), message_json()])
    of_list = (await client.get('/messages', params={'limit': 1})).json()['next_cursor']
    for wrong in (of_list, 'xyz', ''):
        response = await client.get('/messages/changes', params={'after': wrong})
        assert assert_problem(response, 422, 'wrong_cursor', 'after')


async def test_a_cursor_of_another_database_is_gone(client: httpx.AsyncClient) -> None:
    response = await client.get('/messages/changes', params={'after': 'Yzk5OTk'})
    assert assert_problem(response, 410, 'changes_not_kept', 'after')
