"""Time limits of connections with short times, and the parts of Uvicorn that they depend on."""

import asyncio
import inspect
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from journal_ui.security import http_protocol

LARGE = 20_000_000


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body, unless the path is /early; answer 200, at /large with a long body; accept sockets."""
    if scope['type'] == 'websocket':
        await receive()
        await send({'type': 'websocket.accept'})
        await asyncio.sleep(1.4)
        await send({'type': 'websocket.send', 'text': 'still open'})
        return
    more = scope['path'] != '/early'
    while more:
        message = await receive()
        more = message.get('more_body', False)
        if message['type'] == 'http.disconnect':
            return
    if scope['path'] == '/slow':
        await asyncio.sleep(0.6)
    if scope['path'] == '/late-end':
        await send({'type': 'http.response.start', 'status': 200, 'headers': [(b'content-length', b'2')]})
        await send({'type': 'http.response.body', 'body': b'aa', 'more_body': True})
        await asyncio.sleep(0.1)
        await send({'type': 'http.response.body', 'body': b''})
        return
    await send({'type': 'http.response.start', 'status': 200, 'headers': []})
    await send({'type': 'http.response.body', 'body': b'a' * (LARGE if scope['path'] == '/large' else 2)})


@pytest_asyncio.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """The port of a server whose time limits are short."""
    monkeypatch.setattr(http_protocol, 'HEAD_TIMEOUT', 0.3)
    monkeypatch.setattr(http_protocol, 'BODY_TIMEOUT', 0.5)
    monkeypatch.setattr(http_protocol, 'WRITE_TIMEOUT', 0.5)
    config = uvicorn.Config(
        answer, timeout_keep_alive=1, lifespan='off', log_config=None, **http_protocol.server_options()
    )
    server = uvicorn.Server(config)
    with socket.create_server(('127.0.0.1', 0)) as listening:
        serving = asyncio.create_task(server._serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


async def exchange(port: int, request: bytes, *, trickle: bytes = b'') -> bytes:
    """Send a request and then bytes now and then; return what arrives until the server closes, within 5 s."""
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    writer.write(request)

    async def send_more() -> None:
        while trickle:
            await asyncio.sleep(0.05)
            writer.write(trickle)

    sending = asyncio.create_task(send_more())
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    except ConnectionError:
        return b''
    finally:
        sending.cancel()
        writer.close()


def post(path: str, length: int = 10) -> bytes:
    return f'POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n'.encode()


async def test_a_slow_body_loses_its_connection(port: int) -> None:
    assert await exchange(port, post('/', 1000), trickle=b'a') == b''
    assert b'200 OK' in await exchange(port, post('/early', 1000), trickle=b'a')


async def test_an_answer_may_take_longer_than_the_next_head(port: int) -> None:
    request = post('/slow') + b'a' * 10
    assert (await exchange(port, request)).count(b'200 OK') == 1
    assert (await exchange(port, request * 3)).count(b'200 OK') == 3


async def test_who_does_not_read_an_answer_loses_the_connection(port: int) -> None:
    reader, writer = await asyncio.open_connection('127.0.0.1', port, limit=1)
    writer.write(b'GET /large HTTP/1.1\r\nHost: x\r\n\r\n')
    await asyncio.sleep(1.0)
    received = 0
    with suppress(ConnectionError):
        while part := await reader.read(1 << 20):
            received += len(part)
    assert received < LARGE
    writer.close()


async def test_who_reads_gets_the_whole_answer(port: int) -> None:
    response = await exchange(port, b'GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert response.count(b'a') >= LARGE


def test_uvicorn_has_the_callbacks_that_the_limits_depend_on() -> None:
    source = inspect.getsource(HttpToolsProtocol)
    for name in ('on_message_begin', 'on_header', 'on_headers_complete', 'on_body', 'on_message_complete'):
        assert callable(getattr(HttpToolsProtocol, name))
    assert 'on_response=self.on_response_complete' in source
    assert 'self.handle_websocket_upgrade()' in source
    assert 'httptools.HttpParserError' in source


async def test_a_socket_stays_open_although_the_previous_response_ends_after_its_request(port: int) -> None:
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    async with asyncio.timeout(5):
        writer.write(b'GET /late-end HTTP/1.1\r\nHost: x\r\n\r\n')
        await reader.readuntil(b'aa')
        writer.write(UPGRADE)
        assert b'101' in await reader.readuntil(b'\r\n\r\n')
        assert b'still open' in await reader.read()
    writer.close()


UPGRADE = (
    b'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
    b'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
)
