"""Receipts of the providers that files describe: one suite for all, with requests as their documentation has them."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import make_url

from services.database.engine import Database
from services.providers.provider_files import load_providers
from services.providers.registry import PROVIDERS
from services.settings import Settings
from tests.helpers.api_requests import assert_problem
from tests.helpers.receipt_requests import claim, create_message, details

DECLARED = [key for key in load_providers(None) if key not in PROVIDERS]
KEY = 'k-declared-0123456789'
OWN_PROVIDER = """
title = "Наш шлюз"
answer = "accepted"
receipts = "report.items"
ids = "number"
key_header = "X-Gateway-Key"
key_field = "token"
no_error = ["0", "none"]
operator_errors = true

[fields]
id = "msg.id"
status = "state"
error = "reason"
time = "when"
phone = "msisdn"

[time]
format = "%d.%m.%Y %H:%M"
zone = "Asia/Yekaterinburg"

[signature]
header = "X-Signature"
hmac = "sha256"
prefix = "sha256="

[statuses]
OK = { name = "Доставлено на телефон", status = "sent", final = true }
BAD = { name = "Не дошло", status = "failed", final = true }
NEW = { name = "Новое" }

[errors]
E7 = { name = "Ящик полон", advice = "Позвоните." }
"""


@dataclass(frozen=True)
class Sample:
    """A request as a provider sends it, and what the journal then shows."""

    provider: str
    provider_id: str
    request: Mapping[str, Any]
    """Arguments of httpx.request besides the URL."""
    event: tuple[str | None, str, str | None]
    """Status, code and time of the event; None for a time that is not sent."""
    error: tuple[str | None, str | None] = (None, None)
    delivery: str | None = None


def infobip(**changes: object) -> dict[str, Any]:
    report = {
        'bulkId': 'BULK-ID-123-xyz',
        'messageId': 'MESSAGE-ID-123-xyz',
        'to': '79990000001',
        'sentAt': '2026-11-22T09:05:00.000+0000',
        'doneAt': '2026-11-22T09:06:00.000+0000',
        'smsCount': 1,
        'price': {'pricePerMessage': 0.01, 'currency': 'EUR'},
        'status': {'groupId': 3, 'groupName': 'DELIVERED', 'id': 5, 'name': 'DELIVERED_TO_HANDSET'},
        'error': {'groupId': 0, 'groupName': 'Ok', 'id': 0, 'name': 'NO_ERROR', 'permanent': False},
    }
    return {'results': [report | changes]}


VONAGE = {
    'err-code': '0',
    'message-timestamp': '2026-11-22 09:06:00',
    'messageId': '0B00000127FDBC63',
    'msisdn': '79990000001',
    'network-code': '25001',
    'price': '0.03330000',
    'scts': '2611221206',
    'status': 'delivered',
    'to': 'Clinic',
}
TWILIO = {
    'AccountSid': 'AC00000000000000000000000000000000',
    'From': '+15017250604',
    'MessageSid': 'SM1342fe1b2c904d1ab04f0fc7a58abca9',
    'MessageStatus': 'sent',
    'SmsSid': 'SM1342fe1b2c904d1ab04f0fc7a58abca9',
    'SmsStatus': 'sent',
}
EDNA = {
    'requestId': 'test-00135',
    'messageId': 8681748,
    'cascadeId': 11,
    'cascadeStageUUID': '001-test001',
    'subject': 'test_subject',
    'subjectId': 2,
    'status': 'DELIVERED',
    'statusAt': '2026-11-22T09:06:00Z',
    'error': None,
    'comment': None,
    'paymentData': {'@type': 'Sms', 'chargeable': True},
}
SMPP = 'id:917615ac sub:001 dlvrd:001 submit date:2611220905 done date:2611220906 stat:DELIVRD err:000 text:stat:X'
AT = '2026-11-22T09:06:00Z'
SAMPLES = [
    Sample('twilio', TWILIO['MessageSid'], {'data': TWILIO}, ('sent', 'sent', None), delivery='handed_over'),
    Sample(
        'twilio',
        TWILIO['MessageSid'],
        {'data': TWILIO | {'MessageStatus': 'undelivered', 'ErrorCode': '30003', 'RawDlrDoneDate': '2611221206'}},
        ('failed', 'undelivered', None),
        ('30003', 'Не доставлено'),
    ),
    Sample('vonage', VONAGE['messageId'], {'params': VONAGE}, ('sent', 'delivered', AT), delivery='delivered'),
    Sample('vonage', VONAGE['messageId'], {'data': VONAGE}, ('sent', 'delivered', AT), delivery='delivered'),
    Sample(
        'vonage',
        VONAGE['messageId'],
        {'json': VONAGE | {'status': 'failed', 'err-code': '3'}},
        ('failed', 'failed', AT),
        ('3', 'Номер больше не обслуживается'),
    ),
    Sample(
        'infobip', 'MESSAGE-ID-123-xyz', {'json': infobip()}, ('sent', 'DELIVERED_TO_HANDSET', AT), delivery='delivered'
    ),
    Sample(
        'infobip',
        'MESSAGE-ID-123-xyz',
        {'json': infobip(status={'groupId': 3, 'groupName': 'DELIVERED', 'id': 2, 'name': 'DELIVERED_TO_OPERATOR'})},
        ('sent', 'DELIVERED_TO_OPERATOR', AT),
        delivery='handed_over',
    ),
    Sample(
        'infobip',
        'MESSAGE-ID-123-xyz',
        {
            'json': infobip(
                status={'groupId': 2, 'groupName': 'UNDELIVERABLE', 'id': 9, 'name': 'UNDELIVERABLE_NOT_DELIVERED'},
                error={'groupId': 1, 'groupName': 'HANDSET_ERRORS', 'id': 27, 'name': 'EC_ABSENT_SUBSCRIBER'},
            )
        },
        ('failed', 'UNDELIVERABLE_NOT_DELIVERED', AT),
        ('27', 'Не доставлено'),
    ),
    Sample('edna', 'test-00135', {'json': EDNA}, ('sent', 'DELIVERED', AT), delivery='delivered'),
    Sample(
        'edna',
        'test-00135',
        {'json': EDNA | {'status': 'EXPIRED'}},
        ('failed', 'EXPIRED', AT),
        ('EXPIRED', 'Просрочено'),
    ),
    Sample(
        'edna',
        'test-00135',
        {
            'json': EDNA
            | {'status': 'FAILED', 'error': 'a description that is longer than any code of an error could be'}
        },
        ('failed', 'FAILED', AT),
        ('FAILED', 'Не отправлено из-за сбоя'),
    ),
    Sample('smpp', '917615ac', {'data': {'text': SMPP}}, ('sent', 'DELIVRD', AT), delivery='delivered'),
    Sample(
        'smpp',
        '917615ac',
        {
            'json': {
                'text': SMPP.replace('DELIVRD', 'UNDELIV').replace('err:000', 'err:012').replace('0906', '090600'),
            }
        },
        ('failed', 'UNDELIV', AT),
        ('012', 'Не доставлено'),
    ),
    Sample(
        'smpp',
        '917615ac',
        {'params': {'receipted_message_id': '917615ac', 'message_state': '8', 'network_error_code': '03000b'}},
        ('failed', 'REJECTD', None),
        ('11', 'Отклонено оператором'),
    ),
]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One engine is enough: the receipts of a file are stored as those of any provider."""
    return sqlite_url


@pytest.fixture(scope='module')
def own_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a provider of the administrator's own."""
    folder = tmp_path_factory.mktemp('providers')
    (folder / 'own.toml').write_text(OWN_PROVIDER, encoding='utf-8')
    return folder


@pytest.fixture
def settings(database: Database, own_folder: Path) -> Settings:
    """Settings with a key for every provider that a file describes, and for one of the administrator's own."""
    return Settings(
        database_url=make_url(database.url).render_as_string(hide_password=False),
        api_rate=60_000,
        providers_folder=own_folder,
        receipt_keys=dict.fromkeys([*DECLARED, 'own'], KEY),
    )


async def send(client: httpx.AsyncClient, provider: str, request: Mapping[str, Any]) -> httpx.Response:
    """Send a receipt with the key in the URL: by GET if it has no body, otherwise by POST."""
    arguments = {**request, 'params': {'key': KEY, **request.get('params', {})}}
    method = 'POST' if {'data', 'json', 'content'} & arguments.keys() else 'GET'
    return await client.request(method, f'/receipts/{provider}', **arguments)


@pytest.mark.parametrize('sample', SAMPLES, ids=lambda sample: f'{sample.provider}-{sample.event[1]}')
async def test_a_receipt_is_explained_and_applied(client: httpx.AsyncClient, sample: Sample) -> None:
    id = await create_message(client)
    assert (await claim(client, id, sample.provider, sample.provider_id)).status_code == 200
    response = await send(client, sample.provider, sample.request)
    assert (response.status_code, response.text) == (200, load_providers(None)[sample.provider].acknowledgement)
    message = await details(client, id)
    event = message['history'][-1]
    status, code, at = sample.event
    assert (event['status'], event['code']) == (status, code)
    assert event['at'] == (at or '2026-11-22T12:00:00Z')
    assert (message['status'], message['error_code'], message['error_name']) == (status, *sample.error)
    assert message['delivery'] == sample.delivery


def test_every_shipped_provider_has_a_sample_of_success_and_of_failure() -> None:
    assert sorted({(sample.provider, sample.event[0]) for sample in SAMPLES}) == [
        (provider, status) for provider in sorted(DECLARED) for status in ('failed', 'sent')
    ]


@pytest.mark.parametrize('provider', DECLARED)
async def test_every_provider_needs_its_key_and_names_the_field_that_is_missing(
    client: httpx.AsyncClient, provider: str
) -> None:
    assert assert_problem(await client.post(f'/receipts/{provider}?key={KEY}1', data={'a': 'b'}), 403, 'no_key')
    declared = load_providers(None)[provider]
    field = {'infobip': 'messageId', 'smpp': 'text'}.get(provider) or next(iter(declared.receipt_fields))
    response = await client.post(f'/receipts/{provider}?key={KEY}', json={'unknown': '1'})
    assert assert_problem(response, 422, 'unreadable', field)


async def test_a_method_that_the_provider_does_not_use_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.get('/receipts/edna', params={'key': KEY, 'requestId': '1', 'status': 'SENT'})
    assert assert_problem(response, 405, 'no_such_method')
    assert response.headers['allow'] == 'POST'


async def test_twilio_signs_the_url_and_the_sorted_form(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    await claim(client, id, 'twilio', TWILIO['MessageSid'])
    url = 'http://journal/receipts/twilio'
    content = url + ''.join(name + value for name, value in sorted(TWILIO.items()))
    signature = base64.b64encode(hmac.digest(KEY.encode(), content.encode(), 'sha1')).decode()
    for wrong in ('', 'A' * 28, 'ё'.encode().hex()):
        response = await client.post(url, data=TWILIO, headers={'X-Twilio-Signature': wrong})
        assert assert_problem(response, 403, 'no_key')
    changed = TWILIO | {'MessageStatus': 'failed'}
    assert (await client.post(url, data=changed, headers={'X-Twilio-Signature': signature})).status_code == 403
    assert (await client.post(url, data=TWILIO, headers={'X-Twilio-Signature': signature})).status_code == 200
    assert (await details(client, id))['delivery'] == 'handed_over'


def own_report(*items: Mapping[str, object]) -> dict[str, object]:
    return {'version': 2, 'report': {'items': list(items)}}


async def test_a_provider_of_the_administrator_needs_no_code(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    assert (await claim(client, id, 'own', '0042')).status_code == 200
    bad = {'msg': {'id': 42}, 'state': 'bad', 'reason': 'e7', 'when': '22.11.2026 14:06'}
    body = own_report(bad, {'msg': {'id': 43}, 'state': 'ok', 'when': 'noon'})
    response = await client.post('/receipts/own', json=body, headers={'X-Gateway-Key': f'Bearer {KEY}'})
    assert (response.status_code, response.text) == (200, 'accepted')
    message = await details(client, id)
    assert (message['status'], message['error_code'], message['error_name']) == ('failed', 'e7', 'Ящик полон')
    assert message['history'][-1]['at'] == AT
    response = await send(client, 'own', {'json': own_report({'msg': {'id': '42'}, 'state': 'OK', 'reason': 'none'})})
    assert response.status_code == 200
    assert (await details(client, id))['delivery'] == 'delivered'


async def test_the_phone_tells_apart_messages_with_one_identifier(client: httpx.AsyncClient) -> None:
    ids = [await create_message(client, phone=phone) for phone in ('+79990000001', '+79990000002')]
    for id in ids:
        assert (await claim(client, id, 'own', '7')).status_code == 200
    item = {'msg': {'id': 7}, 'state': 'OK', 'msisdn': '79990000002'}
    assert (await send(client, 'own', {'json': own_report(item)})).status_code == 200
    assert [(await details(client, id))['delivery'] for id in ids] == [None, 'delivered']


@pytest.mark.parametrize(
    ('headers', 'token', 'status'),
    [
        ({}, None, 403),
        ({'X-Gateway-Key': 'other'}, None, 403),
        ({'X-Signature': 'sha256=00'}, 'other', 403),
        ({}, KEY, 200),
        ({'X-Signature': 'signed'}, None, 200),
    ],
)
async def test_the_key_may_stand_in_a_header_in_a_field_or_sign_the_body(
    client: httpx.AsyncClient, headers: dict[str, str], token: str | None, status: int
) -> None:
    item = {'msg.id': '42', 'state': 'OK'} | ({'token': token} if token else {})
    request = client.build_request('POST', '/receipts/own', json=item, headers=headers)
    if headers.get('X-Signature') == 'signed':
        request.headers['X-Signature'] = 'sha256=' + hmac.new(KEY.encode(), request.content, hashlib.sha256).hexdigest()
    assert (await client.send(request)).status_code == status


async def test_openapi_has_every_provider(client: httpx.AsyncClient) -> None:
    operations = (await client.get('/openapi.json')).json()['paths']['/receipts/{provider}']
    receiving = [key for key, provider in PROVIDERS.items() if provider.methods]
    (path,) = [each for each in operations['post']['parameters'] if each['name'] == 'provider']
    assert path['schema']['enum'] == [*receiving, *DECLARED, 'own']
    assert 'MessageSid' not in {each['name'] for each in operations['get']['parameters']}


async def test_an_unknown_provider_of_a_status_report_is_refused(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    assert assert_problem(await claim(client, id, 'nobody', '1'), 422, 'wrong_type', 'provider')
