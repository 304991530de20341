"""Requests with receipts: several entries, other events, every encoding, retries, receipts without a message."""

import hashlib
import json
import logging
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx
import pytest

from journal_ui.api.receipt_body import MAX_FORM_FIELDS
from services.composition import Services
from services.receipts.receipt_feeds import ReceiptFeed
from services.receipts.unmatched_receipts import find_unmatched_receipts
from tests.helpers.api_requests import NOW, assert_problem, message_json

SENT_AT = 1795334460
"""Unix timestamp of 22.11.2026 11:01:00 in Moscow."""
MULTIPART_HEADERS = {'Content-Type': 'multipart/form-data; boundary=limit'}


async def add_message(client: httpx.AsyncClient) -> str:
    """Submit a pending message and return its id."""
    message = message_json()
    await client.post('/messages', json=message)
    return str(message['id'])


async def message_of(client: httpx.AsyncClient, id: str) -> dict[str, Any]:
    """Return a message with its history."""
    details: dict[str, Any] = (await client.get(f'/messages/{id}')).json()
    return details


def metric(services: Services, name: str, **labels: str) -> float:
    return services.metrics.registry.get_sample_value(name, labels) or 0.0


def multipart(fields: dict[str, str]) -> bytes:
    parts = (
        f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    return ''.join([*parts, '--limit--\r\n']).encode()


async def test_one_unreadable_entry_of_smsru_spoils_no_other(
    client: httpx.AsyncClient, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, third = [await add_message(client) for _ in range(3)]
    form = {
        'data[0]': f'sms_status\n{first}\n103\n{SENT_AT}',
        'data[1]': f'sms_status\n{second}\n\n{SENT_AT}',
        'data[2]': f'sms_status\n{third}\n104\n{SENT_AT}',
        'data[3]': f'sms_status\n{second}\n{SENT_AT}',
    }
    form['hash'] = hashlib.sha256(f'k-smsru-0123456789{"".join(form.values())}'.encode()).hexdigest()
    with caplog.at_level(logging.WARNING, 'journal_ui.api.receipt_endpoints'):
        response = await client.post('/receipts/smsru', files={name: (None, value) for name, value in form.items()})
    assert (response.status_code, response.text) == (200, '100')
    statuses = [(await message_of(client, id))['status'] for id in (first, second, third)]
    assert statuses == ['sent', 'pending', 'failed']
    assert len((await message_of(client, second))['history']) == 1
    assert metric(services, 'journal_unreadable_receipts_total', provider='smsru') == 2
    assert 'unreadable receipt of smsru: entry data[1], field code' in caplog.text
    assert second not in caplog.text


async def test_smsru_is_acknowledged_even_if_nothing_is_readable(client: httpx.AsyncClient) -> None:
    response = await client.post('/receipts/smsru?key=k-smsru-0123456789', data={'data[0]': 'sms_status\n1'})
    assert (response.status_code, response.text) == (200, '100')


async def test_one_unreadable_receipt_of_a_json_array_spoils_no_other(
    client: httpx.AsyncClient, services: Services
) -> None:
    first, second = await add_message(client), await add_message(client)
    receipts: list[Any] = [
        {'id': first, 'status': 1, 'ts': SENT_AT},
        {'id': second, 'status': 1, 'ts': 'noon'},
        'no object',
        {'id': second, 'status': 20, 'err': 1, 'ts': SENT_AT},
    ]
    assert (await client.post('/receipts/smsc?key=k-smsc-0123456789', json=receipts)).status_code == 200
    assert (await message_of(client, first))['status'] == 'sent'
    assert (await message_of(client, second))['error_name'] == 'Абонент не существует'
    assert metric(services, 'journal_unreadable_receipts_total', provider='smsc') == 2
    assert assert_problem(
        await client.post('/receipts/smsc?key=k-smsc-0123456789', json=receipts[1:2]), 422, 'unreadable', 'ts'
    )


async def test_other_events_of_smsc_are_acknowledged_and_counted(client: httpx.AsyncClient, services: Services) -> None:
    for type, form in {
        'incoming_sms': {'sms_id': '77', 'phone': '79990000001', 'mes': 'Приду', 'to': '79161234567', 'time': '?'},
        'waitcall': {'phone': '79990000001', 'waitcall': '1', 'ts': str(SENT_AT)},
        'hlr': {'id': '9', 'phone': '79990000001', 'status': '1', 'imsi': '250', 'msc': '7916', 'err': '0'},
        'unknown': {'phone': '79990000001', 'something': 'else'},
    }.items():
        response = await client.post('/receipts/smsc?key=k-smsc-0123456789', data=form)
        assert (response.status_code, response.text) == (200, 'OK')
        assert metric(services, 'journal_provider_events_total', provider='smsc', type=type) == 1
    assert (await find_unmatched_receipts(services.database)).total == 0
    assert b'79990000001' not in services.metrics.render()


async def test_other_events_of_smsru_are_counted_by_type(client: httpx.AsyncClient, services: Services) -> None:
    id = await add_message(client)
    form = {'data[0]': 'callcheck_status\n1\n401', 'data[1]': f'sms_status\n{id}\n103', 'data[2]': '+7 999 000-00-01'}
    response = await client.post('/receipts/smsru?key=k-smsru-0123456789', data=form)
    assert (response.status_code, response.text) == (200, '100')
    assert (await message_of(client, id))['status'] == 'sent'
    for type in ('callcheck_status', 'unknown'):
        assert metric(services, 'journal_provider_events_total', provider='smsru', type=type) == 1


async def test_a_url_without_fields_stays_an_error_for_whoever_sets_it_up(client: httpx.AsyncClient) -> None:
    assert assert_problem(await client.get('/receipts/smsc?key=k-smsc-0123456789'), 422, 'unreadable', 'id')
    assert assert_problem(
        await client.get('/receipts/kannel?key=k-kannel-0123456789&status=1'), 422, 'unreadable', 'id'
    )


async def test_every_encoding_is_read_alike(client: httpx.AsyncClient) -> None:
    for encoding in ('urlencoded', 'multipart', 'json', 'json without a type', 'json in an envelope'):
        id = await add_message(client)
        form = {'id': id, 'phone': '79990000001', 'status': '20', 'err': '6', 'ts': str(SENT_AT)}
        signed_text = f'{id}:79990000001:20:k-smsc-0123456789'.encode()
        form['md5'] = hashlib.md5(signed_text, usedforsecurity=False).hexdigest()
        numbers = {**form, 'status': 20, 'err': 6, 'ts': SENT_AT}
        requests: dict[str, dict[str, Any]] = {
            'urlencoded': {'data': form},
            'multipart': {'content': multipart(form), 'headers': MULTIPART_HEADERS},
            'json': {'json': numbers},
            'json without a type': {'content': json.dumps(numbers)},
            'json in an envelope': {'json': {'data': numbers}},
        }
        assert (await client.post('/receipts/smsc', **requests[encoding])).status_code == 200, encoding
        details = await message_of(client, id)
        assert (details['status'], details['error_code'], details['error_name']) == ('failed', '6', 'Абонент не в сети')
        assert details['history'][-1]['at'] == '2026-11-22T08:01:00Z'


async def test_sms_aero_sends_json_or_a_form(client: httpx.AsyncClient, services: Services) -> None:
    bodies: list[dict[str, Any]] = [
        {'json': {'id': 17, 'status': 1, 'dateAnswer': SENT_AT, 'extendStatus': None}},
        {'json': [{'id': 17, 'status': 1, 'dateSend': SENT_AT, 'dateAnswer': 0}]},
        {'data': {'id': '17', 'status': '1', 'dateSend': str(SENT_AT)}},
    ]
    for body in bodies:
        assert (await client.post('/receipts/smsaero?key=k-aero-0123456789', **body)).status_code == 200
    unmatched = await find_unmatched_receipts(services.database)
    assert [(each.provider_id, each.code, int(each.at.timestamp())) for each in unmatched.newest] == [
        ('17', '1', SENT_AT)
    ]


async def test_a_body_that_is_no_form_is_refused(client: httpx.AsyncClient) -> None:
    too_many = {f'a{number}': '' for number in range(MAX_FORM_FIELDS + 1)}
    for media_type, body in (
        ('application/json', b'{"id": '),
        ('application/json', b'[1, 2]'),
        ('application/json', b'[' * 100_000),
        ('multipart/form-data', b'--limit--'),
        ('multipart/form-data; boundary=limit', b'--other\r\n'),
        ('multipart/form-data; boundary=limit', multipart(too_many)),
        ('application/x-www-form-urlencoded', b'a=&' * (MAX_FORM_FIELDS + 1)),
    ):
        headers = {'Content-Type': media_type}
        response = await client.post('/receipts/smsc?key=k-smsc-0123456789', content=body, headers=headers)
        assert assert_problem(response, 422, 'unreadable', 'body')


async def test_a_multipart_form_is_limited_like_every_body(client: httpx.AsyncClient) -> None:
    body = multipart({'id': 'x' * (9 << 20)})
    response = await client.post('/receipts/smsc?key=k-smsc-0123456789', content=body, headers=MULTIPART_HEADERS)
    assert assert_problem(response, 413, 'too_large')


class MutableTime(Protocol):
    """A clock that a test advances."""

    time: datetime


async def receive_later(client: httpx.AsyncClient, clock: MutableTime, url: str) -> None:
    """Receive a receipt of Kannel a minute after the one before."""
    clock.time += timedelta(minutes=1)
    assert (await client.get(f'/receipts/kannel?key=k-kannel-0123456789&{url}')).status_code == 200


async def test_retries_without_a_time_are_one_line_of_the_history(
    client: httpx.AsyncClient, clock: MutableTime
) -> None:
    id = await add_message(client)
    sent, failed, failed_otherwise = (
        'status=8&reply=ACK/',
        'status=2&reply=stat:UNDELIV err:012',
        'status=2&reply=stat:UNDELIV err:013',
    )
    for fields in (sent, failed, failed, sent, failed_otherwise, failed):
        await receive_later(client, clock, f'id={id}&{fields}')
    history = (await message_of(client, id))['history']
    assert [(fact['code'], fact['error_code']) for fact in history[1:]] == [('8', None), ('2', '012'), ('2', '013')]


async def test_retries_with_an_impossible_time_are_one_line_too(client: httpx.AsyncClient, clock: MutableTime) -> None:
    id = await add_message(client)
    for _ in range(3):
        await receive_later(client, clock, f'id={id}&status=1&ts=4070908800')
    assert [fact['code'] for fact in (await message_of(client, id))['history']] == [None, '1']


async def test_a_failure_after_the_sender_tried_again_is_no_retry(
    client: httpx.AsyncClient, clock: MutableTime
) -> None:
    id = await add_message(client)
    failure = f'id={id}&status=2&reply=stat:UNDELIV err:012'
    await receive_later(client, clock, failure)
    clock.time += timedelta(minutes=1)
    await client.post(f'/messages/{id}/status', json={'status': 'pending', 'at': clock.time.isoformat()})
    await receive_later(client, clock, failure)
    assert [fact['code'] for fact in (await message_of(client, id))['history']] == [None, '2', None, '2']


async def test_receipts_without_a_message_are_seen_once(
    client: httpx.AsyncClient, services: Services, clock: MutableTime
) -> None:
    for url in (
        '/receipts/kannel?key=k-kannel-0123456789&id=early&status=2&reply=stat:EXPIRED err:000',
        '/receipts/kannel?key=k-kannel-0123456789&id=b&status=1',
    ):
        for _ in range(3):
            assert (await client.get(url)).status_code == 200
    unmatched = await find_unmatched_receipts(services.database)
    assert unmatched.total == 2
    found = [(each.provider, each.provider_id, each.code, each.error_code) for each in unmatched.newest]
    assert found == [('kannel', 'b', '1', None), ('kannel', 'early', '2', 'EXPIRED')]
    assert await services.health.receipt_feeds(NOW) == {'kannel': ReceiptFeed(NOW, 2, NOW)}
    message = await add_message(client)
    clock.time = NOW + timedelta(minutes=1)
    assert (await client.get(f'/receipts/kannel?key=k-kannel-0123456789&id={message}&status=8')).status_code == 200
    feeds = {'kannel': ReceiptFeed(clock.time, 2, NOW)}
    assert await services.health.receipt_feeds(clock.time) == feeds
