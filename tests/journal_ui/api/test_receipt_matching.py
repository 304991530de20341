"""Whose receipt it is: identifiers that several messages share, the phone, the account, and the notation of ids."""

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from services.accounts.api_tokens import ApiTokens
from services.call_list.call_list_service import CallListService
from services.composition import compose
from services.database.engine import Database
from services.settings import Settings
from tests.helpers.api_requests import NOW, ORGANIZATION, assert_problem, message_json
from tests.helpers.receipt_requests import claim, codes, create_message, details, kannel, smsc

FIRST_PHONE, SECOND_PHONE = '+79160000001', '+79160000002'


@pytest.fixture
def call_list(database: Database, settings: Settings) -> CallListService:
    """The call list of the journal, on the day of the requests."""
    provider_codes = compose(settings, database).provider_codes
    return CallListService(database, settings.zone, provider_codes, now=lambda: NOW)


@pytest.mark.parametrize('early', [False, True])
async def test_the_phones_of_a_list_share_one_id_of_smsc(
    client: httpx.AsyncClient, call_list: CallListService, early: bool
) -> None:
    first, second = await create_message(client, phone=FIRST_PHONE), await create_message(client, phone=SECOND_PHONE)

    async def send_receipts() -> None:
        await smsc(client, '5001', FIRST_PHONE, '1')
        await smsc(client, '5001', SECOND_PHONE, '20', err='1')

    if early:
        await send_receipts()
    for id in (first, second):
        assert (await claim(client, id, 'smsc', '5001')).json()['outcome'] == 'updated'
    if not early:
        await send_receipts()
    assert (await details(client, first))['status'] == 'sent'
    assert await codes(client, first) == ['1']
    failed = await details(client, second)
    assert (failed['status'], failed['error_name']) == ('failed', 'Абонент не существует')
    calls = (await call_list.pending_calls(call_list.default_query(), 20)).calls
    assert [message.id for call in calls for message in call.messages] == [UUID(second)]


async def test_a_receipt_for_another_phone_of_the_list_waits_for_its_message(client: httpx.AsyncClient) -> None:
    first = await create_message(client, phone=FIRST_PHONE)
    await claim(client, first, 'smsc', '5001')
    await smsc(client, '5001', SECOND_PHONE, '20', err='1')
    assert await codes(client, first) == []
    second = await create_message(client, phone=SECOND_PHONE)
    await claim(client, second, 'smsc', '5001')
    assert await codes(client, first) == []
    assert await codes(client, second) == ['20']


async def test_a_list_that_has_the_id_of_one_of_its_messages(client: httpx.AsyncClient) -> None:
    """The sender passes the id of the first message to SMSC.ru together with the phones of both."""
    first, second = await create_message(client, phone=FIRST_PHONE), await create_message(client, phone=SECOND_PHONE)
    assert (await claim(client, second, 'smsc', first)).json()['outcome'] == 'updated'
    await smsc(client, first, SECOND_PHONE, '20', err='1')
    await smsc(client, first, FIRST_PHONE, '1')
    assert await codes(client, first) == ['1']
    assert await codes(client, second) == ['20']


async def test_a_receipt_without_its_phone_is_applied_if_only_one_message_can_be_meant(
    client: httpx.AsyncClient,
) -> None:
    first, second = await create_message(client, phone=FIRST_PHONE), await create_message(client, phone=SECOND_PHONE)
    await claim(client, first, 'smsc', '5001')
    await smsc(client, '5001', '', '0')
    assert await codes(client, first) == ['0']
    await claim(client, second, 'smsc', '5001')
    await smsc(client, '5001', '', '1')
    assert (await codes(client, first), await codes(client, second)) == (['0'], [])


@pytest.mark.parametrize('account', ['', 'clinic'])
async def test_a_second_message_with_the_id_of_kannel_is_refused(client: httpx.AsyncClient, account: str) -> None:
    first, second = await create_message(client, phone=FIRST_PHONE), await create_message(client, phone=SECOND_PHONE)
    await claim(client, first, 'kannel', 'x1')
    before = await details(client, first), await details(client, second)
    response = await claim(client, second, 'kannel', 'x1', **({'provider_account': account} if account else {}))
    assert assert_problem(response, 409, 'provider_id_taken', 'provider_id')
    assert '«x1» провайдера kannel принадлежит другому сообщению' in response.json()['detail']
    assert (await details(client, first), await details(client, second)) == before
    await kannel(client, 'x1', '2')
    assert await codes(client, first) == ['2']
    assert await codes(client, second) == []
    assert (await claim(client, first, 'kannel', 'x1')).json()['outcome'] == 'unchanged'


@pytest.mark.parametrize('phone', ['123', '71234567', 'unknown', '+'])
async def test_a_receipt_whose_phone_cannot_exist_is_like_one_without_a_phone(
    client: httpx.AsyncClient, phone: str
) -> None:
    id = await create_message(client, phone=FIRST_PHONE)
    await claim(client, id, 'smsc', '5001')
    await smsc(client, '5001', phone, '1')
    assert await codes(client, id) == ['1']


async def test_a_second_message_with_the_same_phone_is_refused(client: httpx.AsyncClient) -> None:
    first, second = await create_message(client), await create_message(client)
    await claim(client, first, 'smsc', '5001')
    assert assert_problem(await claim(client, second, 'smsc', '5001'), 409, 'provider_id_taken', 'provider_id')


async def test_a_token_cannot_get_the_receipts_of_another_message(
    client: httpx.AsyncClient, database: Database
) -> None:
    theirs = await create_message(client, organization='ГБУЗ МО «Другая больница»')
    mine = await create_message(client)
    bound = {'Authorization': f'Bearer {ApiTokens(database).add("bound", ORGANIZATION)}'}
    client.headers.update(bound)
    for id in (theirs, theirs.upper(), UUID(theirs).hex):
        response = await claim(client, mine, 'kannel', id)
        assert assert_problem(response, 409, 'provider_id_taken', 'provider_id')
    assert assert_problem(await claim(client, theirs, 'kannel', 'x9'), 404, 'no_such_message')
    assert (await claim(client, mine, 'kannel', 'x9')).status_code == 200


@pytest.mark.parametrize('notation', [str.upper, lambda id: UUID(id).hex, lambda id: UUID(id).hex.upper()])
@pytest.mark.parametrize('early', [False, True])
async def test_a_uuid_is_the_same_in_every_notation(
    client: httpx.AsyncClient, notation: Callable[[str], str], early: bool
) -> None:
    message = message_json()
    id = str(message['id'])
    if early:
        await kannel(client, notation(id), '2')
    await client.post('/messages', json=message)
    if not early:
        await kannel(client, notation(id), '2')
    assert (await details(client, id))['status'] == 'failed'


async def test_a_uuid_of_the_provider_is_the_same_in_every_notation(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    await claim(client, id, 'smsaero', '0BADC0DE-0000-4000-8000-00000000000A')
    await claim(client, id, 'kannel', '0badc0de00004000800000000000000A')
    await kannel(client, '0badc0de-0000-4000-8000-00000000000a', '1')
    assert await codes(client, id) == ['1']


async def test_numbers_of_smsc_are_equal_with_leading_zeros(client: httpx.AsyncClient) -> None:
    id = await create_message(client, phone=FIRST_PHONE)
    await claim(client, id, 'smsc', '005001')
    await smsc(client, '5001', FIRST_PHONE, '1')
    assert await codes(client, id) == ['1']
    other = await create_message(client, phone=SECOND_PHONE)
    assert (await claim(client, other, 'smsru', '0202611-17')).status_code == 200
    third = await create_message(client, phone='+79160000003')
    assert (await claim(client, third, 'smsru', '202611-17')).status_code == 200, 'SMS.ru does not send numbers'


async def test_ids_of_two_accounts_overlap(client: httpx.AsyncClient) -> None:
    north, south = await create_message(client, phone=FIRST_PHONE), await create_message(client, phone=FIRST_PHONE)
    await claim(client, north, 'kannel', '7', provider_account='north')
    assert (await claim(client, south, 'kannel', '7', provider_account='south')).json()['outcome'] == 'updated'
    await kannel(client, '7', '2', account='south')
    await kannel(client, '7', '1', account='north')
    assert (await codes(client, north), await codes(client, south)) == (['1'], ['2'])
    await kannel(client, '7', '4')
    assert (await codes(client, north), await codes(client, south)) == (['1'], ['2']), 'either may be meant'


async def test_a_claim_without_an_account_matches_any_account(client: httpx.AsyncClient) -> None:
    id = await create_message(client, phone=FIRST_PHONE)
    await claim(client, id, 'smsc', '5001')
    await smsc(client, '5001', FIRST_PHONE, '1', account='north')
    assert await codes(client, id) == ['1']


async def test_ids_of_two_providers_overlap(client: httpx.AsyncClient) -> None:
    first, second = await create_message(client, phone=FIRST_PHONE), await create_message(client, phone=SECOND_PHONE)
    await claim(client, first, 'kannel', '5001')
    await claim(client, second, 'smsc', '5001')
    await kannel(client, '5001', '1')
    assert (await codes(client, first), await codes(client, second)) == (['1'], [])


@pytest.mark.parametrize('account', ['a' * 65, 'a\x00b'])
async def test_an_unreadable_account_is_refused(client: httpx.AsyncClient, account: str) -> None:
    response = await client.get(
        '/receipts/kannel', params={'key': 'k-kannel-0123456789', 'id': '1', 'status': '1', 'account': account}
    )
    assert assert_problem(response, 422, 'unreadable', 'account')
    id = await create_message(client)
    response = await claim(client, id, 'kannel', '1', provider_account=account)
    assert response.status_code == 422
    assert response.json()['field'] == 'provider_account'


async def test_an_account_belongs_to_a_provider(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    status = {'status': 'sent', 'at': '2026-11-22T10:00:05+03:00', 'provider_account': 'north'}
    response = await client.post(f'/messages/{id}/status', json=status)
    assert assert_problem(response, 422, 'unreadable', 'provider_account')


async def test_the_documentation_names_the_account(client: httpx.AsyncClient) -> None:
    schema = (await client.get('/openapi.json')).json()
    for method in ('get', 'post'):
        parameters = schema['paths']['/receipts/{provider}'][method]['parameters']
        assert 'account' in {parameter['name'] for parameter in parameters}
    assert 'provider_account' in schema['components']['schemas']['StatusIn']['properties']
    assert '409' in schema['paths']['/messages/{id}/status']['post']['responses']
