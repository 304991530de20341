"""Many statuses in one request, and the withdrawal of a message that waits."""

from uuid import UUID, uuid4

import httpx
import pytest

from models import MessageStatus
from services.accounts.api_tokens import ApiTokens
from services.composition import Services
from services.database.engine import Database
from services.messages.message_query import MessageQuery
from services.verification.check_runner import verify
from tests.helpers.api_requests import ORGANIZATION, assert_problem, message_json
from tests.helpers.receipt_requests import HANDED_OVER_AT, claim, codes, create_message, details, kannel
from tests.helpers.reference_messages import MOSCOW

SENT_AT = '2026-11-22T10:00:05+03:00'


def status_of(id: object, **changes: object) -> dict[str, object]:
    return {'id': id, 'status': 'sent', 'at': SENT_AT, **changes}


async def test_each_status_of_a_batch_gets_its_own_result(client: httpx.AsyncClient) -> None:
    first, second = await create_message(client), await create_message(client)
    batch = [
        status_of(first, provider='kannel', provider_id='5001'),
        status_of(second, provider='kannel', provider_id='5001'),
        status_of(first, provider='kannel', provider_id='5001'),
        status_of(second, status='failed', error_code='6'),
        status_of(second.upper(), at='2026-11-22T09:00:00+03:00'),
        status_of(str(uuid4())),
        status_of('x'),
        status_of(first, status='read'),
        {'status': 'sent', 'at': SENT_AT},
        5,
    ]
    response = await client.post('/messages/statuses', json=batch)
    assert response.status_code == 200
    assert [(each['outcome'], each.get('field'), each.get('code')) for each in response.json()] == [
        ('updated', None, None),
        ('refused', 'provider_id', 'provider_id_taken'),
        ('unchanged', None, None),
        ('updated', None, None),
        ('refused', 'at', 'before_queued'),
        ('refused', None, 'no_such_message'),
        ('refused', 'id', 'not_uuid'),
        ('refused', 'status', 'unknown_status'),
        ('refused', 'id', 'missing'),
        ('refused', None, 'not_an_object'),
    ]
    assert [each['id'] for each in response.json()[:2]] == [first, second]
    assert ((await details(client, first))['status'], (await details(client, second))['status']) == ('sent', 'failed')
    await kannel(client, '5001', '1')
    assert await codes(client, first) == ['1']


async def test_one_status_is_answered_like_one_message(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    answer = await client.post('/messages/statuses', json=status_of(id))
    assert answer.json() == {'id': id, 'outcome': 'updated', 'field': None, 'code': None, 'detail': None}
    response = await client.post('/messages/statuses', json=status_of(str(uuid4())))
    assert assert_problem(response, 404, 'no_such_message')
    response = await client.post('/messages/statuses', json=status_of(id, at='yesterday'))
    assert assert_problem(response, 422, 'not_moment', 'at')
    other = await create_message(client)
    await claim(client, other, 'kannel', '5001')
    response = await client.post('/messages/statuses', json=status_of(id, provider='kannel', provider_id='5001'))
    assert assert_problem(response, 409, 'provider_id_taken', 'provider_id')


async def test_a_message_of_another_organisation_is_unknown(client: httpx.AsyncClient, database: Database) -> None:
    theirs = await create_message(client, organization='ГБУЗ МО «Другая больница»')
    mine = await create_message(client)
    client.headers['Authorization'] = f'Bearer {ApiTokens(database).add("bound", ORGANIZATION)}'
    response = await client.post('/messages/statuses', json=[status_of(theirs), status_of(mine)])
    assert [each.get('code') for each in response.json()] == ['no_such_message', None]
    assert assert_problem(await client.post(f'/messages/{theirs}/withdrawal'), 404, 'no_such_message')


async def test_a_withdrawn_message_is_not_sent_and_needs_no_call(client: httpx.AsyncClient, services: Services) -> None:
    withdrawn, failed = await create_message(client), await create_message(client)
    await client.post(f'/messages/{failed}/status', json={'status': 'failed', 'at': SENT_AT, 'error_code': '6'})
    outcomes = [(await client.post(f'/messages/{withdrawn}/withdrawal')).json()['outcome'] for _ in range(2)]
    assert outcomes == ['updated', 'unchanged']
    message = await details(client, withdrawn)
    assert (message['status'], message['error_code'], message['error_name']) == (
        'failed',
        'withdrawn',
        'Отозвано до отправки',
    )
    assert (message['sent_at'], message['attempted_at']) == (None, None), 'no attempt was made'
    calls = await services.call_list.pending_calls(services.call_list.default_query(), 20)
    assert [[each.id for each in call.messages] for call in calls.calls] == [[UUID(failed)]]
    page = await services.messages.page(MessageQuery(statuses=frozenset({MessageStatus.FAILED})), number=1, size=20)
    assert {row.code for row in page.rows} == {UUID(withdrawn), UUID(failed)}


async def test_what_does_not_wait_cannot_be_withdrawn(client: httpx.AsyncClient) -> None:
    sent, failed = await create_message(client), await create_message(client)
    await client.post(f'/messages/{sent}/status', json={'status': 'sent', 'at': SENT_AT})
    await client.post(f'/messages/{failed}/status', json={'status': 'failed', 'at': SENT_AT})
    for id in (sent, failed):
        before = await details(client, id)
        assert assert_problem(await client.post(f'/messages/{id}/withdrawal'), 409, 'not_waiting')
        assert await details(client, id) == before
    assert assert_problem(await client.post(f'/messages/{uuid4()}/withdrawal'), 404, 'no_such_message')
    assert assert_problem(await client.post('/messages/5/withdrawal'), 422, 'wrong_type', 'id')


@pytest.mark.parametrize('code', ['8', '1'])
async def test_a_withdrawn_message_that_was_sent_nevertheless_is_sent(
    client: httpx.AsyncClient, database: Database, code: str
) -> None:
    id = await create_message(client)
    await client.post(f'/messages/{id}/withdrawal')
    later = HANDED_OVER_AT + 20_000
    await kannel(client, id, code, later)
    assert (await details(client, id))['status'] == 'sent'
    assert assert_problem(await client.post(f'/messages/{id}/withdrawal'), 409, 'not_waiting')
    assert not [result for result in verify(database, MOSCOW) if result.count]


async def test_a_withdrawn_message_may_be_queued_again(client: httpx.AsyncClient) -> None:
    message = message_json()
    await client.post('/messages', json=message)
    await client.post(f'/messages/{message["id"]}/withdrawal')
    again = {**message, 'queued_at': '2026-11-22T18:00:00+03:00'}
    assert (await client.post('/messages', json=again)).json()['outcome'] == 'updated'
    assert (await details(client, str(message['id'])))['status'] == 'pending'
