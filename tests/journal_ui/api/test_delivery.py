"""What mailing systems and providers report about delivery, through the API: cases 34 and 35, and overdue messages."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.accounts.api_tokens import ApiTokens
from services.composition import Services, compose
from services.database.engine import Database
from services.database.tables import ORGANIZATION_TABLE
from services.dictionaries.dictionary_editor import DictionaryEditor
from services.settings import Settings
from tests.helpers.api_requests import NOW, ORGANIZATION, assert_problem, message_json
from tests.helpers.receipt_requests import create_message, details, kannel, smsru

HOUR = timedelta(hours=1)


@pytest.fixture
def services(database: Database, settings: Settings) -> Services:
    """The services of the pages, over the database of the API."""
    return compose(settings, database, now=lambda: NOW)


def from_now(difference: timedelta) -> str:
    """Return a time relative to now as the API expects it."""
    return (NOW + difference).isoformat()


def from_now_in_seconds(difference: timedelta) -> int:
    """Return a time relative to now as a Unix timestamp."""
    return int((NOW + difference).timestamp())


async def names_on_call_list(services: Services) -> list[str]:
    calls = await services.call_list.pending_calls(services.call_list.default_query(), 20)
    return [call.name for call in calls.calls]


async def test_the_state_of_delivery_follows_the_receipts(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    assert (await details(client, id))['delivery'] is None
    await smsru(client, id, '102', from_now_in_seconds(-2 * HOUR))
    assert (await details(client, id))['delivery'] == 'handed_over'
    await smsru(client, id, '103', from_now_in_seconds(-HOUR))
    found = await details(client, id)
    assert (found['status'], found['delivery']) == ('sent', 'delivered')


async def test_a_sender_cannot_report_the_delivery(client: httpx.AsyncClient) -> None:
    response = await client.post('/messages', json=message_json(delivery='delivered'))
    assert assert_problem(response, 422, 'unknown_field', 'delivery')
    id = await create_message(client)
    status = {'status': 'sent', 'at': from_now(-HOUR)}
    assert (await client.post(f'/messages/{id}/status', json=status)).status_code == 200
    found = await details(client, id)
    assert (found['status'], found['delivery']) == ('sent', None)


async def test_34_who_got_the_repeat_of_a_failed_message_is_not_called(
    client: httpx.AsyncClient, services: Services
) -> None:
    appointment = from_now(20 * HOUR)
    first = await create_message(client, queued_at=from_now(-5 * HOUR), appointment_at=appointment)
    await kannel(client, first, '2', from_now_in_seconds(-4 * HOUR))
    assert await names_on_call_list(services) == ['Королёв Иван Петрович']
    second = await create_message(client, queued_at=from_now(-3 * HOUR), appointment_at=appointment)
    assert await names_on_call_list(services) == ['Королёв Иван Петрович']
    await kannel(client, second, '8', from_now_in_seconds(-3 * HOUR))
    await kannel(client, second, '1', from_now_in_seconds(-2 * HOUR))
    assert await names_on_call_list(services) == []
    one, other = [await services.messages.details(UUID(id)) for id in (first, second)]
    assert one
    assert other
    assert [str(each.id) for each in one.related.resent_as] == [second]
    assert [str(each.id) for each in other.related.resend_of] == [first]


async def test_35_who_waits_for_a_message_while_the_appointment_is_near_is_called(
    client: httpx.AsyncClient, services: Services
) -> None:
    await create_message(client, queued_at=from_now(-30 * HOUR), appointment_at=from_now(HOUR))
    assert await names_on_call_list(services) == ['Королёв Иван Петрович']


# Overdue messages


@pytest.fixture
async def overdue_ids(client: httpx.AsyncClient) -> list[str]:
    """The ids of three overdue messages, in their order, among others that are not overdue."""
    long_ago, soon = {'queued_at': from_now(-30 * HOUR)}, {'appointment_at': from_now(HOUR)}
    await create_message(client, queued_at=from_now(-HOUR), **soon)
    await create_message(client, status='failed', **long_ago, **soon)
    await create_message(client, status='sent', sent_at=from_now(-29 * HOUR), **long_ago, **soon)
    return [
        await create_message(client, queued_at=from_now(-31 * HOUR), appointment_at=from_now(-HOUR)),
        await create_message(client, **long_ago, **soon),
        await create_message(client, queued_at=from_now(-2 * HOUR), appointment_at=from_now(-HOUR)),
    ]


async def overdue(client: httpx.AsyncClient, **params: object) -> dict[str, Any]:
    response = await client.get('/messages/overdue', params={name: str(value) for name, value in params.items()})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_overdue_messages_are_listed_with_the_reason(client: httpx.AsyncClient, overdue_ids: list[str]) -> None:
    body = await overdue(client)
    assert body['next'] is None
    assert [(each['id'], each['status'], each['reason']) for each in body['messages']] == [
        (overdue_ids[0], 'pending', 'appointment_passed'),
        (overdue_ids[1], 'pending', 'waiting_too_long'),
        (overdue_ids[2], 'pending', 'appointment_passed'),
    ]
    assert set(body['messages'][0]) == {'id', 'status', 'queued_at', 'appointment_at', 'reason'}


async def test_overdue_messages_are_paged(client: httpx.AsyncClient, overdue_ids: list[str]) -> None:
    listed: list[str] = []
    after, pages = '0', 0
    while after is not None:
        body = await overdue(client, limit=2, after=after)
        listed += [each['id'] for each in body['messages']]
        after, pages = body['next'], pages + 1
    assert (listed, pages) == (overdue_ids, 2)
    assert await overdue(client, limit=3) == {'messages': (await overdue(client))['messages'], 'next': None}


async def test_a_token_of_one_organisation_lists_only_its_overdue_messages(
    client: httpx.AsyncClient, database: Database, overdue_ids: list[str]
) -> None:
    theirs = await create_message(client, organization='ГБУЗ МО «Другая больница»', queued_at=from_now(-30 * HOUR))
    tokens = ApiTokens(database)
    for name, organization, expected in (
        ('own', ORGANIZATION, overdue_ids),
        ('other', 'ГБУЗ МО «Другая больница»', [theirs]),
    ):
        client.headers['Authorization'] = f'Bearer {tokens.add(name, organization)}'
        assert [each['id'] for each in (await overdue(client))['messages']] == expected


async def test_a_token_lists_the_overdue_messages_of_all_spellings_of_its_organisation(
    client: httpx.AsyncClient, database: Database, overdue_ids: list[str]
) -> None:
    clinic = await create_message(client, organization='Химкинская клиника', queued_at=from_now(-25 * HOUR))
    token = ApiTokens(database).add('clinic', 'Химкинская клиника')
    organizations = DictionaryEditor(database, ORGANIZATION_TABLE, '')
    ids = {entry.name: entry.id for entry in await organizations.entries()}
    await organizations.merge(None, ids['Химкинская клиника'], ids[ORGANIZATION])
    client.headers['Authorization'] = f'Bearer {token}'
    listed = {each['id'] for each in (await overdue(client))['messages']}
    assert listed == {*overdue_ids, clinic}


@pytest.mark.parametrize(
    ('params', 'field'),
    [
        ({'limit': '0'}, 'limit'),
        ({'limit': '1001'}, 'limit'),
        ({'after': '-1'}, 'after'),
        ({'after': 'x'}, 'after'),
        ({'after': '9' * 30}, 'after'),
    ],
)
async def test_wrong_parameters_are_refused(client: httpx.AsyncClient, params: dict[str, str], field: str) -> None:
    assert assert_problem(await client.get('/messages/overdue', params=params), 422, 'wrong_type', field)


async def test_overdue_messages_need_a_token(client: httpx.AsyncClient) -> None:
    response = await client.get('/messages/overdue', headers={'Authorization': ''})
    assert assert_problem(response, 401, 'no_token')


async def test_the_waiting_time_is_a_setting(
    client: httpx.AsyncClient, database: Database, settings: Settings, overdue_ids: list[str]
) -> None:
    patient = compose(settings.model_copy(update={'pending_timeout_hours': 48}), database, lambda: NOW)
    page = await patient.messages.overdue(after=0, size=100)
    assert [str(each.id) for each in page.messages] == [overdue_ids[0], overdue_ids[2]]
