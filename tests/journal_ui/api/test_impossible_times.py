"""Times that cannot be are refused, or marked in the history; local times are in the zone of the provider."""

import httpx
import pytest

from journal_ui.api import api_app
from services.accounts.api_tokens import ApiTokens
from services.composition import compose
from services.database.engine import Database
from services.settings import Settings
from tests.helpers.api_requests import NOW, assert_problem, message_json
from tests.helpers.receipt_requests import HANDED_OVER_AT, create_message, details, kannel, smsru, timestamp

NOW_TIMESTAMP = int(NOW.timestamp())
YEAR_2099 = 4070908800


async def test_a_receipt_from_the_future_does_not_block_what_follows(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    await smsru(client, id, '102', YEAR_2099)
    assert timestamp((await details(client, id))['sent_at']) == NOW_TIMESTAMP
    await smsru(client, id, '104', NOW_TIMESTAMP)
    message = await details(client, id)
    assert message['status'] == 'failed'
    claimed = message['history'][1]
    assert (claimed['code'], timestamp(claimed['at'])) == ('102', NOW_TIMESTAMP)
    assert timestamp(claimed['claimed_at']) == YEAR_2099
    assert message['history'][2]['claimed_at'] is None
    await smsru(client, id, '102', YEAR_2099)
    assert len((await details(client, id))['history']) == 3, 'repeated'


@pytest.mark.parametrize(('offset', 'is_possible'), [(86_400, True), (86_401, False)])
async def test_a_clock_may_be_a_day_ahead(client: httpx.AsyncClient, offset: int, is_possible: bool) -> None:
    id = await create_message(client)
    claimed = NOW_TIMESTAMP + offset
    await smsru(client, id, '103', claimed)
    expected = claimed if is_possible else NOW_TIMESTAMP
    assert timestamp((await details(client, id))['sent_at']) == expected


async def test_a_receipt_of_a_clock_that_was_never_set(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    await kannel(client, id, '8', 0)
    message = await details(client, id)
    assert timestamp(message['sent_at']) == NOW_TIMESTAMP
    assert message['history'][1]['claimed_at'] == '1970-01-01T00:00:00Z'


async def test_an_early_receipt_from_the_future(client: httpx.AsyncClient) -> None:
    message = message_json()
    await smsru(client, str(message['id']), '104', YEAR_2099)
    await client.post('/messages', json=message)
    stored = await details(client, str(message['id']))
    assert stored['status'] == 'failed'
    assert timestamp(stored['history'][1]['claimed_at']) == YEAR_2099


IN_2099 = '2099-01-01T10:00:00+03:00'


@pytest.mark.parametrize(
    ('changes', 'code', 'field'),
    [
        ({'queued_at': IN_2099}, 'in_future', 'queued_at'),
        ({'queued_at': '2026-11-23T15:00:01+03:00'}, 'in_future', 'queued_at'),
        ({'status': 'sent', 'sent_at': IN_2099}, 'in_future', 'sent_at'),
        ({'status': 'sent', 'sent_at': '2026-11-22T09:30:00+03:00'}, 'before_queued', 'sent_at'),
        ({'appointment_at': '0001-01-01T10:00:00+03:00'}, 'year_out_of_range', 'appointment_at'),
        ({'appointment_at': '1970-01-01T00:00:00+00:00'}, 'year_out_of_range', 'appointment_at'),
        ({'appointment_at': '9999-12-31T23:59:59+00:00'}, 'year_out_of_range', 'appointment_at'),
    ],
)
async def test_an_impossible_time_is_refused(
    client: httpx.AsyncClient, changes: dict[str, object], code: str, field: str
) -> None:
    message = message_json(**changes)
    response = await client.post('/messages', json=message)
    assert assert_problem(response, 422, code, field)
    assert str(changes[field]) in response.json()['detail']
    assert assert_problem(await client.get(f'/messages/{message["id"]}'), 404, 'no_such_message')


async def test_one_impossible_time_spoils_no_batch(client: httpx.AsyncClient) -> None:
    response = await client.post('/messages', json=[message_json(queued_at=IN_2099), message_json()])
    assert [(result['outcome'], result.get('field')) for result in response.json()] == [
        ('refused', 'queued_at'),
        ('created', None),
    ]


@pytest.mark.parametrize(
    'changes',
    [
        {'queued_at': '2026-11-23T15:00:00+03:00'},
        {'status': 'sent', 'sent_at': '2026-11-22T09:50:00+03:00'},
        {'status': 'sent', 'sent_at': '2026-11-22T09:30:00+03:00', 'queued_at': ...},
        {'appointment_at': '2099-01-01T10:00:00+03:00'},
    ],
)
async def test_clocks_may_differ(client: httpx.AsyncClient, changes: dict[str, object]) -> None:
    assert (await client.post('/messages', json=message_json(**changes))).json()['outcome'] == 'created'


async def test_a_status_from_the_future_is_refused(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    for at in (IN_2099, '2026-11-23T15:00:01+03:00'):
        response = await client.post(f'/messages/{id}/status', json={'status': 'sent', 'at': at})
        assert assert_problem(response, 422, 'in_future', 'at')


async def test_a_status_before_the_message_was_queued_is_refused(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    for at, status in (('2026-11-22T09:49:59+03:00', 422), ('2026-11-22T09:50:00+03:00', 200)):
        response = await client.post(f'/messages/{id}/status', json={'status': 'sent', 'at': at})
        assert response.status_code == status
        assert status == 200 or assert_problem(response, 422, 'before_queued', 'at')


async def test_a_status_before_the_arrival_of_a_message_without_a_time_is_taken(client: httpx.AsyncClient) -> None:
    id = await create_message(client, queued_at=...)
    response = await client.post(f'/messages/{id}/status', json={'status': 'sent', 'at': '2026-11-22T10:00:00+03:00'})
    assert response.json()['outcome'] == 'updated'


# The provider's zone


@pytest.mark.parametrize(
    ('zones', 'fields', 'sent_at'),
    [
        ('', {'time': '22.11.2026 12:01:00'}, '2026-11-22T09:01:00Z'),
        ('smsc=Asia/Yekaterinburg', {'time': '22.11.2026 12:01:00'}, '2026-11-22T07:01:00Z'),
        ('smsc=Asia/Yekaterinburg', {'time': '22.11.2026 12:01:00', 'ts': str(HANDED_OVER_AT)}, '2026-11-22T07:01:00Z'),
        ('kannel=Asia/Omsk', {'time': '22.11.2026 12:01:00'}, '2026-11-22T09:01:00Z'),
    ],
)
async def test_local_times_are_in_the_zone_of_the_provider(
    database: Database, settings: Settings, zones: str, fields: dict[str, str], sent_at: str
) -> None:
    zoned = settings.model_copy(update={'receipt_zones': zones})
    transport = httpx.ASGITransport(api_app.build_api(compose(zoned, database, now=lambda: NOW)))
    headers = {'Authorization': f'Bearer {ApiTokens(database).add("mailer")}'}
    async with httpx.AsyncClient(transport=transport, base_url='http://journal', headers=headers) as client:
        id = await create_message(client)
        form = {'id': id, 'phone': '79990000001', 'status': '1', **fields}
        await client.post('/receipts/smsc?key=k-smsc-0123456789', data=form)
        assert (await details(client, id))['sent_at'] == sent_at


async def test_kannel_with_a_local_time(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    await kannel(client, id, '8', '2026-11-22 07:01:00')
    assert timestamp((await details(client, id))['sent_at']) == HANDED_OVER_AT
