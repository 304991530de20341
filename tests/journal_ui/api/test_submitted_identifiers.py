"""What a message itself says about its sending: the provider, its identifier, and the time of the last attempt."""

import httpx

from tests.helpers.api_requests import assert_problem, message_json
from tests.helpers.receipt_requests import HANDED_OVER_AT, codes, create_message, details, smsc, smsru

SENT_AT = '2026-11-22T10:00:05+03:00'
SMSRU = {'provider': 'smsru', 'provider_id': '202611-17'}


async def test_a_receipt_finds_the_message_by_the_identifier_that_it_names(client: httpx.AsyncClient) -> None:
    id = await create_message(client, status='sent', sent_at=SENT_AT, **SMSRU)
    await smsru(client, '202611-17', '103', HANDED_OVER_AT)
    message = await details(client, id)
    assert (message['status'], message['delivery'], message['sent_at']) == ('sent', 'delivered', '2026-11-22T07:00:05Z')
    assert [event['provider'] for event in message['history']] == [None, 'smsru', 'smsru'], 'queued, sent, delivered'


async def test_a_receipt_that_was_first_waits_for_the_identifier(client: httpx.AsyncClient) -> None:
    await smsru(client, '202611-17', '104', HANDED_OVER_AT)
    id = await create_message(client, **SMSRU)
    assert await codes(client, id) == ['104']
    assert (await details(client, id))['status'] == 'failed'


async def test_the_identifier_is_named_when_the_message_is_submitted_again(client: httpx.AsyncClient) -> None:
    message = message_json()
    named = {**message, **SMSRU}
    outcomes = [(await client.post('/messages', json=body)).json()['outcome'] for body in (message, named, named)]
    assert outcomes == ['created', 'updated', 'unchanged']
    await smsru(client, '202611-17', '103', HANDED_OVER_AT)
    assert await codes(client, str(message['id'])) == ['103']


async def test_the_identifier_of_another_message_is_refused(client: httpx.AsyncClient) -> None:
    await create_message(client, **SMSRU)
    other = message_json(**SMSRU)
    assert assert_problem(await client.post('/messages', json=other), 409, 'provider_id_taken', 'provider_id')
    assert (await client.get(f'/messages/{other["id"]}')).status_code == 404
    first, second = message_json(), message_json()
    batch = [
        {**first, 'provider': 'kannel', 'provider_id': second['id']},
        second,
        message_json(provider='kannel', provider_id='77'),
        message_json(provider='kannel', provider_id='77'),
        message_json(provider='kannel', provider_id=f'{second["id"]}-1'),
    ]
    results = (await client.post('/messages', json=batch)).json()
    assert [result['outcome'] for result in results] == ['refused', 'created', 'created', 'refused', 'refused']
    assert {result.get('code') for result in results} == {None, 'provider_id_taken'}


async def test_a_list_of_phones_shares_an_identifier(client: httpx.AsyncClient) -> None:
    phones = ('+79990000001', '+79990000002')
    batch = [message_json(phone=phone, provider='smsc', provider_id='0500') for phone in phones]
    assert [each['outcome'] for each in (await client.post('/messages', json=batch)).json()] == ['created', 'created']
    await smsc(client, '500', phones[1], '1')
    assert [await codes(client, message['id']) for message in batch] == [[], ['1']]


async def test_half_an_identifier_is_refused(client: httpx.AsyncClient) -> None:
    for changes, field in (
        ({'provider': 'smsru'}, 'provider_id'),
        ({'provider_id': '1'}, 'provider_id'),
        ({'provider_account': 'a'}, 'provider_account'),
    ):
        response = await client.post('/messages', json=message_json(**changes))
        assert response.status_code == 422
        assert response.json()['field'] == field


async def test_the_time_of_the_attempt_is_that_of_the_failure(client: httpx.AsyncClient) -> None:
    attempted_at = '2026-11-22T10:20:00+03:00'
    id = await create_message(client, status='failed', error_code='6', attempted_at=attempted_at)
    message = await details(client, id)
    assert message['attempted_at'] == message['history'][1]['at'] == '2026-11-22T07:20:00Z'
    early = message_json(status='failed', attempted_at='2026-11-22T09:00:00+03:00')
    assert assert_problem(await client.post('/messages', json=early), 422, 'before_queued', 'attempted_at')


async def test_a_message_that_waits_after_an_attempt_was_queued_before_it(client: httpx.AsyncClient) -> None:
    id = await create_message(client, attempted_at='2026-11-22T10:30:00+03:00')
    message = await details(client, id)
    assert (message['queued_at'], message['attempted_at']) == ('2026-11-22T07:00:00Z', '2026-11-22T07:30:00Z')
    status = {'status': 'sent', 'at': '2026-11-22T10:05:00+03:00'}
    assert (await client.post(f'/messages/{id}/status', json=status)).json()['outcome'] == 'updated'
