"""Bodies that are not what they seem: each is refused with the name of what is wrong, and takes a short time."""

import gc
import json
import time
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest

from journal_ui.api.json_body import MAX_ITEM_LENGTH, MAX_QUOTED_LENGTH, InvalidJsonError, json_decoder, parse_json
from journal_ui.api.request_limits import MAX_BATCH_SIZE, MAX_BODY_BYTES
from services import texts
from tests.helpers.api_requests import assert_problem, message_json

LONE = '\ud800'
JSON_HEADERS = {'Content-Type': 'application/json'}
MAX_SECONDS = 0.15
"""Of processor time for a hostile body of the allowed size, in a thread that lets others run."""


def document_json(**changes: object) -> dict[str, Any]:
    return {
        'id': str(uuid4()),
        'at': '2026-11-22T10:00:00+03:00',
        'organization': 'ГБУЗ',
        'patient_name': 'Королёв Иван',
        'kind': 'Протокол',
        'operation': 'registration',
        'status': 'registered',
        **changes,
    }


def status_json(**changes: object) -> dict[str, Any]:
    return {'status': 'sent', 'at': '2026-11-22T10:00:05+03:00', **changes}


ITEMS = {'messages': message_json, 'documents': document_json}


def content(*pairs: tuple[str, object]) -> bytes:
    """Write an object with the pairs, of which several may have one name."""
    return ('{' + ','.join(f'{json.dumps(name)}:{json.dumps(value)}' for name, value in pairs) + '}').encode()


async def post(client: httpx.AsyncClient, path: str, body: object) -> httpx.Response:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.post(path, content=text, headers=JSON_HEADERS)


@pytest.mark.parametrize('path', ITEMS)
async def test_half_a_surrogate_pair_is_refused_at_its_field(client: httpx.AsyncClient, path: str) -> None:
    for field, value in ITEMS[path]().items():
        if isinstance(value, str):
            item = ITEMS[path](**{field: f'{value}{LONE}'})
            assert_problem(await post(client, f'/{path}', item), 422, 'unreadable', field)
    response = await post(client, f'/{path}', ITEMS[path](**{f'x{LONE}': 1}))
    assert_problem(response, 422, 'unreadable', 'x\N{REPLACEMENT CHARACTER}')
    # As raw bytes instead of an escape sequence, it is not even UTF-8.
    assert_problem(await post(client, f'/{path}', b'{"id": "\xed\xa0\x80"}'), 400, 'broken_json')


@pytest.mark.parametrize('path', ITEMS)
async def test_the_good_item_beside_a_hostile_one_is_stored(client: httpx.AsyncClient, path: str) -> None:
    good = ITEMS[path]()
    batch = [ITEMS[path](id=LONE), good, ITEMS[path](**{LONE: LONE}), ITEMS[path](id='x' * 5_000)]
    response = await post(client, f'/{path}', batch)
    assert response.status_code == 200
    results = response.json()
    assert [result['outcome'] for result in results] == ['refused', 'created', 'refused', 'refused']
    assert [result.get('field') for result in results] == ['id', None, '\N{REPLACEMENT CHARACTER}', 'id']
    assert results[0]['id'] is None
    assert len(results[3]['id']) == MAX_QUOTED_LENGTH
    assert (await client.get(f'/{path}/{good["id"]}')).status_code == 200


async def test_a_status_with_half_a_surrogate_pair_is_refused_at_its_field(client: httpx.AsyncClient) -> None:
    message = message_json()
    assert (await post(client, '/messages', message)).status_code == 200
    path = f'/messages/{message["id"]}/status'
    named = {'provider': 'smsc', 'provider_id': '1', 'provider_account': 'a'}
    for field in ('status', 'at', 'error_code', 'error_name', *named):
        assert_problem(await post(client, path, status_json(**{**named, field: LONE})), 422, 'unreadable', field)
    assert_problem(await post(client, path, status_json(**{LONE: 1})), 422, 'unreadable', '\N{REPLACEMENT CHARACTER}')


@pytest.mark.parametrize('path', ITEMS)
async def test_a_doubled_field_is_refused(client: httpx.AsyncClient, path: str) -> None:
    item = ITEMS[path]()
    doubled = content(*item.items(), ('organization', 'another'))
    assert_problem(await post(client, f'/{path}', doubled), 422, 'doubled_field', 'organization')
    good = ITEMS[path]()
    response = await post(client, f'/{path}', b'[' + doubled + b',' + json.dumps(good).encode() + b']')
    assert [result['outcome'] for result in response.json()] == ['refused', 'created']
    assert response.json()[0]['field'] == 'organization'
    doubled_status = content(('status', 'sent'), ('at', '2026-11-22T10:00:05+03:00'), ('status', 'failed'))
    response = await post(client, f'/messages/{uuid4()}/status', doubled_status)
    assert_problem(response, 422, 'doubled_field', 'status')


BROKEN_BODIES = (
    (b'', 'cut_json'),
    (b'[', 'cut_json'),
    (b'[{}', 'cut_json'),
    (b'[{},', 'cut_json'),
    (b'{"id": "abc', 'cut_json'),
    (b'{"id": "abc"', 'cut_json'),
    (b'{"id": "\\ud8', 'cut_json'),
    (b'{"id": 1}}', 'broken_json'),
    (b'[] []', 'broken_json'),
    (b'[{}{}]', 'broken_json'),
    (b'{"cost": 1' + b'0' * 5_000 + b'}', 'broken_json'),
    (b'{"cost": 1.' + b'0' * 5_000 + b'}', 'broken_json'),
    (b'[' * 50_000, 'broken_json'),
    (b'{"id": "\xff"}', 'not_unicode'),
    ('{"text": "Ждём"}'.encode('windows-1251'), 'not_unicode'),
    (b"{'id': 1}", 'broken_json'),
)


async def test_what_is_no_json_is_refused(client: httpx.AsyncClient) -> None:
    for body, code in BROKEN_BODIES:
        for path in ('/messages', '/documents', f'/messages/{uuid4()}/status'):
            response = await post(client, path, body)
            assert_problem(response, 400, 'broken_json')
            assert response.json()['detail'] == texts.API_PROBLEMS[code]


async def test_no_number_is_a_cost(client: httpx.AsyncClient) -> None:
    for number in (b'NaN', b'Infinity', b'1e400', b'[]', b'{"a": 1}'):
        body = content(*message_json(cost='x').items()).replace(b'"x"', number)
        assert (await post(client, '/messages', body)).json()['field'] == 'cost'


async def test_a_list_is_parsed_as_before(client: httpx.AsyncClient) -> None:
    batch = [message_json() for _ in range(3)]
    spaced = json.dumps(batch, indent=3).replace('\n', '\r\n\t').encode()
    for body in (spaced, b'\xef\xbb\xbf' + spaced, json.dumps(batch, ensure_ascii=False).encode('utf-16')):
        response = await post(client, '/messages', body)
        assert [result['id'] for result in response.json()] == [item['id'] for item in batch]
    assert_problem(await post(client, '/messages', b' [ ] '), 422, 'batch')
    assert_problem(await post(client, '/messages', [{}] * (MAX_BATCH_SIZE + 1)), 422, 'batch')
    assert_problem(await post(client, '/messages', [{'id': 'x' * MAX_ITEM_LENGTH}]), 413, 'item_too_large')
    assert_problem(await post(client, '/messages', {'id': 'x' * MAX_ITEM_LENGTH}), 413, 'item_too_large')


async def test_a_body_of_another_type_is_refused(client: httpx.AsyncClient) -> None:
    for media_type in ('', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'):
        for path in ('/messages', '/documents', f'/messages/{uuid4()}/status'):
            response = await client.post(path, content=b'{}', headers={'Content-Type': media_type})
            assert_problem(response, 415, 'not_json')


@pytest.mark.parametrize('unit', [b'1,', b'{},', b'[],', b'1.5,', b'"a":1,', b'"\\n",', b'[', b'{"a":', b' ', b'9'])
def test_a_hostile_body_is_parsed_in_a_short_time(unit: bytes) -> None:
    for start in (b'', b'[', b'{', b'[[', b'[{'):
        body = (start + unit * (MAX_BODY_BYTES // len(unit)))[:MAX_BODY_BYTES]
        gc.disable()  # a collection would examine all objects of the tests
        began = time.thread_time()
        with suppress(InvalidJsonError):
            parse_json(body, json_decoder())
        seconds = time.thread_time() - began
        gc.enable()
        assert seconds < MAX_SECONDS, (start, unit)


# Receipts


@pytest.mark.parametrize(
    ('provider', 'key', 'fields'),
    [
        (
            'smsc',
            'k-smsc-0123456789',
            {'id': '1', 'status': '1', 'phone': '79990000001', 'err': '1', 'ts': '1795341660'},
        ),
        ('smsaero', 'k-aero-0123456789', {'id': '1', 'status': '1', 'dateAnswer': '1795341660'}),
        ('kannel', 'k-kannel-0123456789', {'id': '1', 'status': '1', 'reply': 'x', 'ts': '1795341660', 'smsc': 'a'}),
    ],
)
async def test_a_receipt_with_half_a_surrogate_pair_is_refused_or_ignored(
    client: httpx.AsyncClient, provider: str, key: str, fields: dict[str, str]
) -> None:
    path = f'/receipts/{provider}?key={key}'
    for field in (*fields, f'x{LONE}'):
        response = await post(client, path, {**fields, field: LONE})
        if field in ('id', 'status', 'ts', 'err', 'dateAnswer', 'smsc'):
            assert_problem(response, 422, 'unreadable', field)
        else:
            assert response.status_code == 200
    for field in ('id', 'status'):
        assert_problem(await post(client, path, content(*fields.items(), (field, '2'))), 422, 'unreadable', field)
    assert (await post(client, path, [{**fields, 'id': LONE}, fields])).status_code == 200


async def test_a_receipt_of_a_stranger_is_refused_unread(client: httpx.AsyncClient) -> None:
    async def body() -> Any:
        raise AssertionError('the body was read')
        yield b''

    for path in ('/receipts/kannel', '/receipts/kannel?key=wrong', '/receipts/smsaero?key='):
        assert_problem(await client.post(path, content=body(), headers=JSON_HEADERS), 403, 'no_key')


@pytest.mark.parametrize('charset', ['punycode', 'idna', 'unicode_escape', 'utf-7', 'zlib'])
async def test_a_multipart_receipt_in_another_character_set_is_refused(client: httpx.AsyncClient, charset: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n' + b'a' * 100_000 + b'\r\n--x--\r\n'
    for header in ('charset=punycode', 'charset=idna', 'charset=unicode_escape', 'charset*0=puny; charset*1=code'):
        headers = {'Content-Type': f'multipart/form-data; boundary=x; {header}'}
        response = await client.post('/receipts/smsc?key=k-smsc-0123456789', content=body, headers=headers)
        assert response.status_code == 422
    headers = {'Content-Type': 'multipart/form-data; boundary=x; charset=windows-1251'}
    part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n1\r\n'
    form = f'{part.format("id")}{part.format("status")}--x--\r\n'
    response = await client.post('/receipts/smsc?key=k-smsc-0123456789', content=form.encode('cp1251'), headers=headers)
    assert response.status_code == 200


async def test_too_large_bodies_are_refused_unread(client: httpx.AsyncClient) -> None:
    headers = {**JSON_HEADERS, 'Content-Length': str(MAX_BODY_BYTES + 1)}

    async def body() -> Any:
        raise AssertionError('the body was read')
        yield b''

    for path in ('/messages', '/documents', '/receipts/kannel?key=k-kannel-0123456789'):
        assert_problem(await client.post(path, content=body(), headers=headers), 413, 'too_large')
