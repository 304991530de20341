"""Request bodies compressed by gzip: read within the limit of every body, refused with the reason otherwise."""

import gzip
import json
import zlib

import httpx
import pytest

from journal_ui.api import request_limits
from journal_ui.api.request_limits import MAX_BODY_BYTES
from tests.helpers.api_requests import assert_problem, message_json
from tests.helpers.receipt_requests import codes, create_message

JSON_HEADERS = {'Content-Type': 'application/json', 'Content-Encoding': 'gzip'}


async def post(client: httpx.AsyncClient, content: bytes, encoding: str = 'gzip') -> httpx.Response:
    return await client.post('/messages', content=content, headers={**JSON_HEADERS, 'Content-Encoding': encoding})


async def test_a_compressed_batch_is_recorded(client: httpx.AsyncClient) -> None:
    for encoding in ('gzip', 'GZIP', 'x-gzip'):
        batch = [message_json(), message_json()]
        response = await post(client, gzip.compress(json.dumps(batch).encode()), encoding)
        assert [(each['id'], each['outcome']) for each in response.json()] == [
            (each['id'], 'created') for each in batch
        ]
    assert (await post(client, json.dumps(message_json()).encode(), 'identity')).json()['outcome'] == 'created'


async def test_a_receipt_may_be_compressed(client: httpx.AsyncClient) -> None:
    id = await create_message(client)
    body = gzip.compress(json.dumps({'id': id, 'status': '1', 'ts': '1795330860'}).encode())
    assert (
        await client.post('/receipts/kannel?key=k-kannel-0123456789', content=body, headers=JSON_HEADERS)
    ).is_success
    assert await codes(client, id) == ['1']


async def test_the_limit_is_that_of_the_decompressed_body(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps(message_json()).encode()
    monkeypatch.setattr(request_limits, 'MAX_BODY_BYTES', len(body))
    assert (await post(client, gzip.compress(body))).json()['outcome'] == 'created'
    monkeypatch.setattr(request_limits, 'MAX_BODY_BYTES', len(body) - 1)
    assert assert_problem(await post(client, gzip.compress(body)), 413, 'too_large')


async def test_a_bomb_is_refused_before_it_is_decompressed(client: httpx.AsyncClient) -> None:
    bomb = gzip.compress(bytes(4 * MAX_BODY_BYTES))
    # Its end is missing, which would be noticed first if all of it was decompressed.
    assert assert_problem(await post(client, bomb[: len(bomb) // 2]), 413, 'too_large')


async def test_a_body_that_is_not_one_gzip_stream_is_refused(client: httpx.AsyncClient) -> None:
    body = gzip.compress(json.dumps(message_json()).encode())
    for content in (
        b'',
        b'{}',
        body[:-1],
        body[:20],
        body + b'x',
        body + body,
        body[:-8] + bytes(8),
        zlib.compress(b'{}'),
    ):
        assert assert_problem(await post(client, content), 400, 'broken_gzip')


async def test_another_encoding_is_refused_with_the_known_one(client: httpx.AsyncClient) -> None:
    for encoding in ('br', 'deflate', 'zstd', 'gzip, gzip', 'identity, gzip', 'nonsense'):
        response = await post(client, gzip.compress(b'{}'), encoding)
        assert assert_problem(response, 415, 'unknown_encoding')
        assert response.headers['accept-encoding'] == 'gzip'
