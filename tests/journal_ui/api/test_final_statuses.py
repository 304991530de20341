"""A final status stays, and being queued loses to any fact."""

from uuid import UUID

import httpx
import pytest

from journal_ui.api import api_app
from services.accounts.api_tokens import ApiTokens
from services.call_list.call_list_service import CallListService
from services.composition import compose
from services.database.engine import Database
from services.settings import Settings
from services.verification.check_runner import verify
from tests.helpers.api_requests import NOW, message_json
from tests.helpers.receipt_requests import HANDED_OVER_AT, create_message, details, kannel, smsru, timestamp

T = HANDED_OVER_AT
QUEUED_AT = T - 60


async def called_ids(database: Database, settings: Settings) -> list[UUID]:
    """Return the ids of the messages on the call list."""
    codes = compose(settings, database).provider_codes
    call_list = CallListService(database, settings.zone, codes, now=lambda: NOW)
    calls = (await call_list.pending_calls(call_list.default_query(), 20)).calls
    return [message.id for call in calls for message in call.messages]


async def test_smsru_reports_the_queue_after_the_delivery(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    await smsru(client, id, '103', T)
    await smsru(client, id, '100', T + 5)
    message = await details(client, id)
    assert (message['status'], timestamp(message['sent_at'])) == ('sent', T)
    assert [event['code'] for event in message['history']] == [None, '103', '100']


async def test_kannel_reports_the_hand_over_hours_after_the_failure(
    client: httpx.AsyncClient, database: Database, settings: Settings
) -> None:
    id = await create_message(client)
    await kannel(client, id, '2', T, reply='id:1 stat:UNDELIV err:012 text:')
    await kannel(client, id, '8', T + 7200)
    message = await details(client, id)
    assert (message['status'], message['sent_at'], message['error_code']) == ('failed', None, '012')
    assert await called_ids(database, settings) == [UUID(id)]
    assert not [result for result in verify(database, settings.zone) if result.count]


async def test_sms_aero_reports_without_times_in_the_order_of_arrival(database: Database, settings: Settings) -> None:
    settings = settings.model_copy(update={'receipt_keys': {'smsaero': 'k'}})
    transport = httpx.ASGITransport(api_app.build_api(compose(settings, database, now=lambda: NOW)))
    headers = {'Authorization': f'Bearer {ApiTokens(database).add("mailer")}'}
    async with httpx.AsyncClient(transport=transport, base_url='http://journal', headers=headers) as client:
        outcomes = {}
        for codes in ('23', '21', '12', '32', '01'):
            id = await create_message(client)
            for code in codes:
                response = await client.post('/receipts/smsaero?key=k', json={'id': id, 'status': int(code)})
                assert response.status_code == 200
            outcomes[codes] = (await details(client, id))['status']
    assert outcomes == {'23': 'failed', '21': 'sent', '12': 'failed', '32': 'failed', '01': 'sent'}


async def test_accepted_after_handed_over_is_not_a_step_back(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    await kannel(client, id, '8', T)
    await kannel(client, id, '4', T + 1)
    message = await details(client, id)
    assert (message['status'], timestamp(message['sent_at'])) == ('sent', T)


async def test_a_receipt_from_a_clock_that_is_behind(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    await kannel(client, id, '2', QUEUED_AT - 1)
    message = await details(client, id)
    assert message['status'] == 'failed'
    assert [event['status'] for event in message['history']] == ['pending', 'failed']


async def test_a_receipt_before_its_message(client: httpx.AsyncClient) -> None:
    message = message_json(queued_at=...)
    id = str(message['id'])
    await kannel(client, id, '2', T)
    await client.post('/messages', json=message)
    stored = await details(client, id)
    assert stored['status'] == 'failed'
    assert [(event['status'], event['told_by']) for event in stored['history']] == [
        ('pending', 'mailer'),
        ('failed', 'kannel'),
    ]


async def test_a_message_that_was_submitted_as_sent_begins_with_being_queued_by_its_sender(
    client: httpx.AsyncClient,
) -> None:
    id = await create_message(client, status='sent', sent_at='2026-11-22T10:01:00+03:00')
    await kannel(client, id, '4', QUEUED_AT - 5)
    history = (await details(client, id))['history']
    assert [(event['status'], event['told_by']) for event in history] == [
        ('pending', 'mailer'),
        ('pending', 'kannel'),
        ('sent', 'mailer'),
    ]


@pytest.mark.parametrize('by_message', [False, True])
async def test_the_sender_queues_a_failed_message_again(client: httpx.AsyncClient, by_message: bool) -> None:
    message = message_json()
    id = str(message['id'])
    await client.post('/messages', json=message)
    await kannel(client, id, '2', T)
    assert (await client.post('/messages', json=message)).json()['outcome'] == 'unchanged'
    assert (await details(client, id))['status'] == 'failed'
    again = '2026-11-22T11:00:00+03:00'
    if by_message:
        response = await client.post('/messages', json={**message, 'queued_at': again})
    else:
        response = await client.post(f'/messages/{id}/status', json={'status': 'pending', 'at': again})
    assert response.json()['outcome'] == 'updated'
    assert (await details(client, id))['status'] == 'pending'
    await kannel(client, id, '8', T + 3600)
    stored = await details(client, id)
    assert (stored['status'], timestamp(stored['sent_at'])) == ('sent', T + 3600)


async def test_a_second_identifier_begins_an_attempt_and_late_receipts_of_the_first_do_not(
    client: httpx.AsyncClient,
) -> None:
    id = await create_message(client)

    async def name(provider_id: str, at: str) -> None:
        status = {'status': 'sent', 'at': at, 'provider': 'smsru', 'provider_id': provider_id}
        assert (await client.post(f'/messages/{id}/status', json=status)).json()['outcome'] == 'updated'

    await name('1', '2026-11-22T10:00:10+03:00')
    await smsru(client, '1', '104', T)
    assert (await details(client, id))['status'] == 'failed'
    await name('2', '2026-11-22T11:00:00+03:00')
    assert (await details(client, id))['status'] == 'sent'
    await smsru(client, '2', '105', T + 3700)
    await smsru(client, '1', '102', T + 3800)
    stored = await details(client, id)
    assert (stored['status'], stored['error_code']) == ('failed', '105')
