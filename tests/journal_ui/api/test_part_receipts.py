"""Receipts of single parts: half a text is no delivery, whatever the order in which the parts are reported."""

from itertools import permutations
from uuid import UUID, uuid4

import httpx
import pytest

from models import MessageStatus
from services.call_list.call_list_service import CallListService
from services.composition import compose
from services.database.engine import Database
from services.messages.message_query import MessageQuery
from services.settings import Settings
from services.verification.check_runner import verify
from tests.helpers.api_requests import NOW, message_json
from tests.helpers.receipt_requests import HANDED_OVER_AT, claim, create_message, details, kannel, timestamp
from tests.helpers.totals_recount import recounted_totals, stored_totals

T = HANDED_OVER_AT
TWO_PARTS = 'я' * 90
UNDELIVERED = {'reply': 'id:1 stat:UNDELIV err:012 text:'}
PARTIAL = ('failed', '012', 'Доставлено частично: 1 из 2')


async def outcome(client: httpx.AsyncClient, id: str) -> tuple[str, str | None, str | None]:
    """Return the status and the error of a message."""
    message = await details(client, id)
    return message['status'], message['error_code'], message['error_name']


async def test_half_a_text_of_one_identifier(client: httpx.AsyncClient, database: Database, settings: Settings) -> None:
    id = await create_message(client, text=TWO_PARTS, cost='3.10')
    await kannel(client, id, '8', T - 5)
    await kannel(client, id, '2', T, **UNDELIVERED)
    await kannel(client, id, '1', T + 2)
    message = await details(client, id)
    assert (message['status'], message['error_code'], message['error_name']) == PARTIAL
    assert (message['cost'], message['parts']) == ('3.10', 2)
    assert [event['code'] for event in message['history']] == [None, '8', '2', '1']
    services = compose(settings, database, now=lambda: NOW)
    page = await services.messages.page(MessageQuery(statuses=frozenset({MessageStatus.FAILED})), number=1, size=20)
    assert [row.code for row in page.rows] == [UUID(id)]
    stored = await services.messages.details(UUID(id))
    assert stored is not None
    assert stored.message.attempted_at is not None
    assert int(stored.message.attempted_at.timestamp()) == T - 5, 'the time of sending stays'
    call_list = CallListService(database, settings.zone, services.provider_codes, now=lambda: NOW)
    (call,) = (await call_list.pending_calls(call_list.default_query(), 20)).calls
    assert [undelivered.id for undelivered in call.messages] == [UUID(id)]
    assert 'только часть текста' in (call.messages[0].advice or '')
    assert not [result for result in verify(database, settings.zone) if result.count]
    assert stored_totals(database) == recounted_totals(database)


@pytest.mark.parametrize('is_early', [False, True])
async def test_every_order_of_arrival_of_numbered_parts(client: httpx.AsyncClient, is_early: bool) -> None:
    for number, order in enumerate(permutations((1, 2, 3))):
        message = message_json(text='я' * 180)
        if not is_early:
            await client.post('/messages', json=message)
            await claim(client, message['id'], 'kannel', f'x{number}')
        for part in order:
            failed = {'status': '2', **UNDELIVERED} if part == 2 else {'status': '1'}
            await kannel(client, f'x{number}-{part}', timestamp=T + part, **failed)
        if is_early:
            await client.post('/messages', json=message)
            await claim(client, message['id'], 'kannel', f'x{number}')
        assert await outcome(client, message['id']) == ('failed', '012', 'Доставлено частично: 2 из 3')
        history = (await details(client, message['id']))['history']
        assert [event['part'] for event in history if event['code']] == [1, 2, 3]


async def test_the_number_follows_the_own_id_of_the_message_in_any_notation(client: httpx.AsyncClient) -> None:
    early = message_json(id=str(uuid4()), text=TWO_PARTS)
    await kannel(client, f'{early["id"].upper()}-2', '2', T, **UNDELIVERED)
    await client.post('/messages', json=early)
    await kannel(client, f'{early["id"].replace("-", "")}-1', '1', T)
    assert await outcome(client, early['id']) == PARTIAL


async def test_a_part_of_a_short_text_is_the_whole(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    await kannel(client, f'{id}-1', '2', T, **UNDELIVERED)
    await kannel(client, f'{id}-1', '1', T + 60)
    assert (await outcome(client, id))[0] == 'sent'


async def test_an_identifier_that_ends_in_a_number_is_not_taken_for_a_part(client: httpx.AsyncClient) -> None:
    first, second = await create_message(client, text=TWO_PARTS), await create_message(client, text=TWO_PARTS)
    await claim(client, first, 'kannel', '202611')
    await claim(client, second, 'kannel', '202611-2')
    await kannel(client, '202611-2', '2', T, **UNDELIVERED)
    assert (await outcome(client, first))[0] == 'sent'
    assert (await outcome(client, second))[0] == 'failed'
    assert [event['part'] for event in (await details(client, second))['history']] == [None, None, None]


async def test_a_repeated_receipt_is_no_further_part(client: httpx.AsyncClient) -> None:
    id = await create_message(client, text=TWO_PARTS)
    for _ in range(3):
        await kannel(client, id, '2', T, **UNDELIVERED)
        await kannel(client, id, '1', T + 2)
    assert await outcome(client, id) == PARTIAL
    assert len((await details(client, id))['history']) == 3


async def test_parts_that_are_delivered_in_the_same_second_are_not_one_receipt(client: httpx.AsyncClient) -> None:
    id = await create_message(client, text='я' * 180)
    for part, status in ((1, '1'), (2, '1'), (3, '2'), (2, '1')):
        await kannel(client, f'{id}-{part}', status, T)
    assert (await outcome(client, id))[2] == 'Доставлено частично: 2 из 3'
    assert [event['part'] for event in (await details(client, id))['history']] == [None, 1, 2, 3]


async def test_the_status_follows_a_number_of_parts_that_is_known_later(
    client: httpx.AsyncClient, database: Database, settings: Settings
) -> None:
    message = message_json()
    await client.post('/messages', json=message)
    await kannel(client, message['id'], '2', T, **UNDELIVERED)
    await kannel(client, message['id'], '1', T + 2)
    assert (await outcome(client, message['id']))[0] == 'sent'
    await client.post('/messages', json={**message, 'parts': 2})
    assert await outcome(client, message['id']) == PARTIAL
    await client.post('/messages', json={**message, 'parts': 1})
    assert await outcome(client, message['id']) == ('sent', None, None)
    assert timestamp((await details(client, message['id']))['sent_at']) == T + 2
    await client.post('/messages', json={**message, 'text': TWO_PARTS, 'replace': True})
    assert await outcome(client, message['id']) == PARTIAL
    assert not [result for result in verify(database, settings.zone) if result.count]
