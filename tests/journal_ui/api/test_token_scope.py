"""A token of several organisations reads of each endpoint what a token of all reads of these, and nothing else."""

import itertools
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from services import texts
from services.accounts.api_tokens import ApiTokens
from services.composition import Services
from services.database.engine import Database
from services.database.tables import ORGANIZATION_TABLE
from services.dictionaries.dictionary_editor import DictionaryEditor
from tests.helpers.api_requests import assert_problem, document_json, message_json

OWN: Final = ('Первая больница', 'Вторая больница')
MERGED: Final = 'Первая городская'
"""Another name of the first one."""
OTHER: Final = 'Третья больница'
NAMES: Final = (*OWN, MERGED, OTHER)


@pytest.fixture
def sent() -> list[dict[str, Any]]:
    """Messages of all organisations to the same persons."""
    statuses = ({'status': 'pending'}, {'status': 'failed', 'error_code': '20', 'attempted_at': '2026-11-22T10:01:00Z'})
    return [
        message_json(
            organization=name, phone=f'+7 999 000-00-0{number}', queued_at=f'2026-11-1{number}T10:00:00Z', **status
        )
        for name, number, status in itertools.product(NAMES, range(3), statuses)
    ]


@pytest_asyncio.fixture
async def bound(
    client: httpx.AsyncClient, services: Services, database: Database, sent: list[dict[str, Any]]
) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose token is for two of the organisations, by spellings of before a merge."""
    results = (await client.post('/messages', json=sent)).json()
    assert {each['outcome'] for each in results} == {'created'}
    editor = DictionaryEditor(database, ORGANIZATION_TABLE, texts.ORGANIZATIONS_TITLE)
    ids = {entry.name: entry.id for entry in await editor.entries()}
    await editor.merge(None, ids[MERGED], ids[OWN[0]])
    token = ApiTokens(database).add('bound', MERGED, OWN[1])
    transport, headers = client._transport, {'Authorization': f'Bearer {token}'}
    async with httpx.AsyncClient(transport=transport, base_url='http://journal', headers=headers) as opened:
        yield opened


def own(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the messages of the own organisations."""
    return [each for each in messages if each['organization'] in OWN]


async def test_lists_searches_and_changes(client: httpx.AsyncClient, bound: httpx.AsyncClient) -> None:
    searches: list[dict[str, Any]] = [
        {}, {'from': '2026-11-11'}, {'status': ['failed']}, {'error': ['20']}, {'kind': ['Напоминание']},
        {'name': 'королёв'}, {'phone': '+7 999 000-00-01'}, {'phone': '000'}, {'name': 'королёв', 'status': ['failed']},
        {'appointment_from': '2026-11-24'}, {'delivery': 'overdue'}, {'organization': [OWN[0].upper()]},
    ]  # fmt: skip
    for conditions in searches:
        body = conditions | {'limit': 1_000}
        everything = (await client.post('/messages/search', json=body)).json()['messages']
        found = (await bound.post('/messages/search', json=body)).json()['messages']
        assert found == own(everything), conditions
        assert found, conditions
        first = (await bound.post('/messages/search', json=conditions | {'limit': 5})).json()
        assert first['messages'] == found[:5]
    changes = (await client.get('/messages/changes', params={'after': _before_everything(), 'limit': 1_000})).json()
    own_changes = (await bound.get('/messages/changes', params={'after': _before_everything(), 'limit': 1_000})).json()
    assert own_changes['messages'] == own(changes['messages'])
    assert len(own_changes['messages']) == 18


def _before_everything() -> str:
    return 'YzA'  # the cursor of change 0


async def test_single_messages_and_documents(
    client: httpx.AsyncClient, bound: httpx.AsyncClient, sent: list[dict[str, Any]]
) -> None:
    for message in sent:
        is_own = message['organization'] != OTHER
        response = await bound.get(f'/messages/{message["id"]}')
        listed = (await bound.get('/messages', params={'id': message['id']})).json()['messages']
        if is_own:
            assert response.json() == (await client.get(f'/messages/{message["id"]}')).json()
            assert [each['id'] for each in listed] == [message['id']]
        else:
            assert assert_problem(response, 404, 'no_such_message')
            assert listed == []
            assert (await bound.get('/messages', params={'id': message['id'][:9]})).json()['messages'] == []
    documents = [document_json(organization=name) for name in NAMES]
    await client.post('/documents', json=documents)
    statuses = [(await bound.get(f'/documents/{each["id"]}')).status_code for each in documents]
    assert statuses == [200, 200, 200, 404]
    overdue = (await client.get('/messages/overdue')).json()['messages']
    own_ids = {each['id'] for each in sent if each['organization'] != OTHER}
    assert (await bound.get('/messages/overdue')).json()['messages'] == [
        each for each in overdue if each['id'] in own_ids
    ]


async def test_totals_and_dictionaries(client: httpx.AsyncClient, bound: httpx.AsyncClient) -> None:
    listed = (await bound.get('/organizations')).json()['organizations']
    assert [each['name'] for each in listed] == sorted(OWN)
    by_organization = (await client.get('/stats', params={'by': 'organization'})).json()['counts']
    assert (await bound.get('/stats', params={'by': 'organization'})).json()['counts'] == own(by_organization)
    for grouping in ('day', 'kind', 'organization'):
        every = (await client.get('/stats', params={'by': grouping, 'organization': list(OWN)})).json()
        assert (await bound.get('/stats', params={'by': grouping})).json() == every


async def test_another_organization_is_refused_as_an_unknown_one(bound: httpx.AsyncClient) -> None:
    for name in (OTHER, 'Нет такой'):
        for response in (
            await bound.get('/messages', params={'organization': name}),
            await bound.get('/stats', params={'organization': [OWN[0], name]}),
            await bound.post('/messages', json=message_json(organization=name)),
            await bound.post('/documents', json=document_json(organization=name)),
        ):
            assert assert_problem(response, 422, 'foreign', 'organization')
    sent = await bound.post('/messages', json=[message_json(organization=name) for name in (*OWN, MERGED)])
    assert [each['outcome'] for each in sent.json()] == ['created'] * 3


async def test_a_token_of_unknown_organizations_is_not_created(database: Database) -> None:
    with pytest.raises(Exception, match='Организации «Нет такой» в журнале нет'):
        ApiTokens(database).add('clinic', 'Нет такой')
    assert ApiTokens(database).list_all() == []
