"""Receipts as each provider sends them are parsed, explained, applied and acknowledged."""

import hashlib
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.providers.provider_files import load_providers
from services.providers.registry import PROVIDERS
from services.receipts.delivery_report import InvalidReceiptError
from services.receipts.provider_codes import ProviderCodes
from services.settings import PROJECT_ROOT
from tests.helpers.api_requests import assert_problem, message_json

RECEIVED_AT = 1795334460
"""Unix timestamp of 22.11.2026 11:01:00 in Moscow."""
CODES = ProviderCodes.load(PROJECT_ROOT / 'data' / 'provider_codes.csv')


def smsru_form(*lines: str) -> dict[str, str]:
    data = '\n'.join(lines)
    return {'data[0]': data, 'hash': hashlib.sha256(f'k-smsru-0123456789{data}'.encode()).hexdigest()}


def displayed_status(details: dict[str, Any]) -> tuple[str, str | None]:
    return details['status'], details['error_name']


async def _create_message(client: httpx.AsyncClient) -> str:
    message = message_json()
    await client.post('/messages', json=message)
    return str(message['id'])


async def test_smsc(client: httpx.AsyncClient) -> None:
    id = await _create_message(client)
    form = {'id': id, 'phone': '79990000001', 'status': '20', 'err': '6', 'time': '22.11.2026 10:01:00'}
    response = await client.post('/receipts/smsc?key=k-smsc-0123456789', data=form)
    assert (response.status_code, response.text) == (200, 'OK')
    details = (await client.get(f'/messages/{id}')).json()
    assert displayed_status(details) == ('failed', 'Абонент не в сети')
    assert details['history'][-1]['at'] == '2026-11-22T07:01:00Z'


async def test_smsc_signed(client: httpx.AsyncClient) -> None:
    id = await _create_message(client)
    form = {'id': id, 'phone': '79990000001', 'status': '1', 'ts': str(RECEIVED_AT)}
    signature = hashlib.md5(f'{id}:79990000001:1:k-smsc-0123456789'.encode(), usedforsecurity=False).hexdigest()
    assert (await client.post('/receipts/smsc', data={**form, 'md5': signature})).status_code == 200
    assert assert_problem(await client.post('/receipts/smsc', data={**form, 'md5': 'f' * 32}), 403, 'no_key')
    assert assert_problem(await client.post('/receipts/smsc', data=form), 403, 'no_key')


async def test_smsru_gets_100_for_every_event(client: httpx.AsyncClient) -> None:
    id = await _create_message(client)
    for lines in (('sms_status', id, '103', str(RECEIVED_AT)), ('callcheck_status', '1', '401'), ('test',)):
        response = await client.post('/receipts/smsru', data=smsru_form(*lines))
        assert (response.status_code, response.text) == (200, '100')
    assert displayed_status((await client.get(f'/messages/{id}')).json()) == ('sent', None)


async def test_kannel_uses_get(client: httpx.AsyncClient) -> None:
    id = await _create_message(client)
    for status, reply, stamp in (
        ('8', 'ACK/', RECEIVED_AT),
        ('2', 'id:1 stat:UNDELIV err:012 text:', RECEIVED_AT + 60),
    ):
        query = urlencode({'key': 'k-kannel-0123456789', 'id': id, 'status': status, 'reply': reply, 'ts': stamp})
        assert (await client.get(f'/receipts/kannel?{query}')).status_code == 200
    details = (await client.get(f'/messages/{id}')).json()
    assert (details['status'], details['error_code']) == ('failed', '012')


async def test_no_key_no_receipts(client: httpx.AsyncClient) -> None:
    assert assert_problem(await client.post('/receipts/smsaero?key=', data={'id': '1', 'status': '1'}), 403, 'no_key')
    assert assert_problem(await client.post('/receipts/other?key=k'), 422, 'wrong_type', 'provider')


async def test_an_invalid_receipt_names_its_field(client: httpx.AsyncClient) -> None:
    response = await client.post(
        '/receipts/smsc?key=k-smsc-0123456789', data={'id': '1', 'status': '1', 'time': 'noon'}
    )
    assert assert_problem(response, 422, 'unreadable', 'time')


async def test_openapi_describes_the_fields_of_every_provider(client: httpx.AsyncClient) -> None:
    operations = (await client.get('/openapi.json')).json()['paths']['/receipts/{provider}']
    described, in_body = (
        {
            field
            for provider in ALL_PROVIDERS.values()
            if method in provider.methods
            for field in provider.receipt_fields
        }
        for method in ('GET', 'POST')
    )
    parameters = {each['name']: each for each in operations['get']['parameters']}
    assert set(parameters) == {'provider', 'account', 'key', *described}
    assert all(each['description'] for name, each in parameters.items() if name != 'provider')
    assert {each['name'] for each in operations['post']['parameters']} == {'provider', 'account', 'key'}
    content = operations['post']['requestBody']['content']
    assert set(content) == {'application/x-www-form-urlencoded', 'multipart/form-data', 'application/json'}
    assert set(content['multipart/form-data']['schema']['properties']) == in_body


ALL_PROVIDERS = load_providers(None)
FIELDS = (
    *(
        'id',
        'status',
        'time',
        'ts',
        'err',
        'phone',
        'reply',
        'data[0]',
        'data[7]',
        'hash',
        'dateSend',
        'status.groupName',
    ),
    *sorted({name for provider in ALL_PROVIDERS.values() for name in provider.receipt_fields}),
)
TEXT = st.one_of(st.text(max_size=80), st.sampled_from(['sms_status\n1\n103\n99999999999999999999', '²', '1' * 30]))


@given(st.sampled_from(list(ALL_PROVIDERS)), st.lists(st.dictionaries(st.sampled_from(FIELDS), TEXT), max_size=2))
def test_an_invalid_receipt_raises_no_other_error(provider: str, forms: list[dict[str, str]]) -> None:
    with suppress(InvalidReceiptError):
        ALL_PROVIDERS[provider].parse_receipts(forms)


def test_every_code_is_explained() -> None:
    assert {provider for provider, _, _ in CODES.by_code} == set(PROVIDERS)
    for key, code in CODES.by_code.items():
        assert code.name, key
        assert code.advice.endswith('.'), key


@pytest.mark.parametrize(
    ('name', 'begins'),
    [('Абонент не существует', 'Номер не обслуживается'), ('абонент НЕ существует', 'Номер не'), ('?', '')],
)
def test_advice_is_found_by_the_name_of_an_error(name: str, begins: str) -> None:
    assert (CODES.advice(name) or '').startswith(begins)
