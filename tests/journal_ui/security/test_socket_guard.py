"""The guard of a page's socket: frames, their rate, and the session behind them."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nicegui import Client
from starlette.types import Message

from journal_ui.security import browser_sessions, socket_guard
from journal_ui.security.socket_frames import MAX_FRAME_BYTES, Frame, parse_frame
from journal_ui.security.socket_guard import GuardedSocket
from services.accounts.sessions import ActiveSession, Sessions

PAGE = '01234567-0123-0123-0123-0123456789ab'


def frame(name: str, answer: str = '', **payload: object) -> str:
    return f'42{answer}{orjson.dumps([name, {"client_id": PAGE, **payload}]).decode()}'


CLICK = frame('event', id=5, listener_id='x', args=['"a"', None])


@pytest.mark.parametrize(
    ('text', 'kind'),
    [
        ('3', Frame.HEARTBEAT),
        ('1', Frame.HEARTBEAT),
        ('41', Frame.HEARTBEAT),
        ('40', Frame.CONNECT),
        (CLICK, Frame.USER_EVENT),
        (frame('event', id=5, listener_id='x'), Frame.USER_EVENT),
        (frame('ack', next_message_id=7), Frame.RECEIPT),
        (frame('javascript_response', request_id='r', result={'a': [1]}), Frame.RECEIPT),
        (frame('probe', '12'), Frame.PROBE),
        (frame('handshake', '0', tab_id='t', old_tab_id=None, document_id='d', next_message_id=0), Frame.HANDSHAKE),
        (frame('log', level='warning', message='m'), Frame.LOG),
    ],
)
def test_what_nicegui_sends_is_known(text: str, kind: Frame) -> None:
    assert parse_frame(text, PAGE) is kind
    if text.startswith('42'):
        assert parse_frame(text, PAGE.replace('0', '1')) is None


@given(st.one_of(st.text(), st.text().map('42{}'.format), st.text().map('42["event",{}]'.format)))
def test_anything_else_is_unknown(text: str) -> None:
    assert parse_frame(text, PAGE) in (None, Frame.HEARTBEAT, Frame.CONNECT)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_payload_raises_an_exception(value: object) -> None:
    for name in ('event', 'ack', 'javascript_response', 'handshake', 'log'):
        for payload in (value, {'client_id': PAGE, 'id': value, 'next_message_id': value, 'args': value}):
            parse_frame(f'42{orjson.dumps([name, payload]).decode()}', PAGE)


def test_a_frame_is_parsed_in_a_short_time() -> None:
    for unit in ('[', '{"a":', '"\\\\",', '1,', '\\', 'я', '0'):
        for start in (
            '',
            '42',
            '42["event",',
            '42["event",{"client_id":"' + PAGE + '","id":1,"listener_id":"x","args":[',
        ):
            text = start + unit * ((MAX_FRAME_BYTES - len(start)) // len(unit.encode()))
            began = time.thread_time()
            parse_frame(text, PAGE)
            assert time.thread_time() - began < 0.02


class FakeWatcher:
    """The watcher of sessions, and how often it was asked."""

    def __init__(self) -> None:
        self.revision = self.checks = self.recorded = 0
        self.active = True

    async def is_active(self, key: str) -> bool:
        self.checks += 1
        return self.active

    def record_activity(self, key: str) -> None:
        self.recorded += 1


class FakeSocket:
    """A guarded socket, and the two ends of its channels."""

    def __init__(self) -> None:
        self.watcher = FakeWatcher()
        self.client = SimpleNamespace(id=PAGE, storage={})
        self.arriving: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: list[Message] = []
        self.guard = GuardedSocket(
            cast(Client, self.client),
            cast(ActiveSession, SimpleNamespace(key='key')),
            cast(Sessions, SimpleNamespace(watcher=self.watcher)),
            self.arriving.get,
            self._send,
        )

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    async def receive(self, *texts: str) -> list[Any]:
        """Deliver frames, and return what the guard lets through."""
        for text in texts:
            self.arriving.put_nowait({'type': 'websocket.receive', 'text': text})
        self.arriving.put_nowait({'type': 'websocket.disconnect'})
        found = []
        while (message := await self.guard.receive())['type'] == 'websocket.receive':
            found.append(message['text'])
        return found


async def test_a_session_is_checked_again_after_a_quarter_of_a_second_or_when_one_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    socket = FakeSocket()
    assert await socket.receive('40', CLICK, CLICK) == ['40', CLICK, CLICK]
    assert socket.watcher.checks == 1
    socket.watcher.revision += 1
    await socket.receive(CLICK, CLICK)
    assert socket.watcher.checks == 2
    monkeypatch.setattr(socket_guard, 'RECHECK_INTERVAL', 0.0)
    await socket.receive(CLICK)
    assert (socket.watcher.checks, socket.watcher.recorded) == (3, 5)
    socket.watcher.active = False
    assert await socket.receive(CLICK, '3', CLICK) == ['3']
    assert socket.watcher.recorded == 5


async def test_a_page_whose_session_has_ended_neither_sends_nor_receives() -> None:
    socket = FakeSocket()
    await socket.receive('40')
    socket.client.storage[browser_sessions.SESSION_ENDED_KEY] = True
    assert await socket.receive(CLICK) == []
    for text in ('42["update",{}]', '42["open",{"path":"/login"}]', '2'):
        await socket.guard.send({'type': 'websocket.send', 'text': text})
    assert [message['text'] for message in socket.sent] == ['42["open",{"path":"/login"}]', '2']


async def test_frames_beyond_the_allowance_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, 'sleep', sleep)
    socket = FakeSocket()
    await socket.receive('40', *[CLICK] * 400)
    assert waited == []
    large = frame('event', id=5, listener_id='x', args=[f'"{"x" * 15_000}"'])
    await socket.receive(*[large] * 20)
    assert sum(waited) > 1.0


@pytest.mark.parametrize('texts', [(CLICK,), ('40', '40'), ('40', '42["event",{}]'), ('40', '')])
async def test_a_socket_is_closed_after_what_no_page_sends(texts: tuple[str, ...]) -> None:
    socket = FakeSocket()
    await socket.receive(*texts)
    assert socket.sent == [{'type': 'websocket.close', 'code': 1008}]


async def test_a_silent_socket_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_guard, 'CONNECT_TIMEOUT', 0.01)
    socket = FakeSocket()
    assert (await socket.guard.receive())['type'] == 'websocket.disconnect'
    assert socket.sent == [{'type': 'websocket.close', 'code': 1008}]
