"""The guard of an open page's socket: what the page may send, how much, and only while its session is active.

It stands before NiceGUI's server, as an ASGI channel. A page whose session has ended receives nothing more, except
where to navigate.
"""

import asyncio
import re
import time
from collections.abc import MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs

import orjson
from nicegui import Client
from starlette.types import Message, Receive, Send

from journal_ui.security import browser_sessions
from journal_ui.security.socket_frames import MAX_FRAME_BYTES, Frame, parse_frame
from services.accounts.sessions import ActiveSession, Sessions

RECHECK_INTERVAL: Final = 0.25
"""Seconds for which a session is known to be active; one that this process ends is known at once."""
FRAME_UNIT: Final = 512
"""Characters of a frame that count as one frame."""
FRAMES_PER_SECOND: Final = 100.0
FRAME_BURST: Final = 500.0
"""Frames that a page may send at once; further ones wait, and with them whoever sends them."""
CONNECT_TIMEOUT: Final = 10
"""Seconds within which a new socket must say what it wants."""
MAX_PARAMETERS: Final = 20
POLICY_VIOLATION: Final = 1008
"""The WebSocket status of a socket that is closed because of what it sent."""
QUERY_PATTERNS: Final = {
    'client_id': re.compile(r'[0-9a-f-]{36}'),
    'tab_id': re.compile(r'[\w-]{1,100}', re.ASCII),
    'document_id': re.compile(r'[\w-]{1,100}', re.ASCII),
    'next_message_id': re.compile(r'\d{1,15}', re.ASCII),
    'implicit_handshake': re.compile('true|false'),
}
"""What the URL of a page's socket must contain; NiceGUI raises an exception for anything else."""
REFUSED_PAGE: Final = '44' + orjson.dumps({'message': 'Implicit handshake failed'}).decode()
"""What makes nicegui.js reload a page that this server does not know."""


def parse_socket_query(scope: MutableMapping[str, Any]) -> dict[str, str] | None:
    """Return the parameters of the URL of a socket; None if a page would not open it."""
    try:
        query = parse_qs(scope['query_string'].decode('ascii'), max_num_fields=MAX_PARAMETERS)
    except ValueError:
        return None
    values = {name: query.get(name, [''])[0] for name in QUERY_PATTERNS}
    is_valid = all(pattern.fullmatch(values[name]) for name, pattern in QUERY_PATTERNS.items())
    return values if is_valid else None


async def refuse_unknown_page(receive: Receive, send: Send) -> None:
    """Answer the socket of a page that this server does not know, so that the page reloads; then close it."""
    await receive()
    await send({'type': 'websocket.accept'})
    opening = {'sid': '-', 'upgrades': [], 'pingInterval': 25_000, 'pingTimeout': 20_000, 'maxPayload': MAX_FRAME_BYTES}
    await send({'type': 'websocket.send', 'text': f'0{orjson.dumps(opening).decode()}'})
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            message = await receive()
    except TimeoutError:
        message = {'type': 'websocket.receive'}
    if message['type'] == 'websocket.receive':
        await send({'type': 'websocket.send', 'text': REFUSED_PAGE})
        await send({'type': 'websocket.close', 'code': 1000})


class GuardedSocket:
    """The two channels of a page's socket."""

    def __init__(self, client: Client, session: ActiveSession, sessions: Sessions, receive: Receive, send: Send):
        self._client = client
        self._session = session
        self._sessions = sessions
        self._receive = receive
        self._send = send
        self._is_connected = False
        self._may_handshake = True
        self._revision = -1
        self._checked_at = 0.0
        self._allowance = FRAME_BURST
        self._allowed_at = time.monotonic()

    async def receive(self) -> Message:
        """Return the next message that the page may send; close the socket after one that it may not send."""
        while True:
            message = await self._receive_in_time()
            if message['type'] != 'websocket.receive':
                return message
            text = message.get('text')
            frame = parse_frame(text, self._client.id) if text else None
            if frame is None or not self._is_expected(frame):
                await self._send({'type': 'websocket.close', 'code': POLICY_VIOLATION})
                return {'type': 'websocket.disconnect', 'code': POLICY_VIOLATION}
            await self._throttle(len(text or ''))
            if frame is Frame.LOG:
                continue
            if frame is Frame.USER_EVENT:
                if not await self._is_session_active():
                    continue
                self._sessions.watcher.record_activity(self._session.key)
            return message

    async def send(self, message: Message) -> None:
        """Send a message to the page, unless its session has ended."""
        text = message.get('text') or ''
        if not text.startswith('42') or not self._has_ended or browser_sessions.is_farewell(text):
            await self._send(message)

    @property
    def _has_ended(self) -> bool:
        return browser_sessions.has_ended(self._client)

    async def _receive_in_time(self) -> Message:
        if self._is_connected:
            return await self._receive()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                return await self._receive()
        except TimeoutError:
            await self._send({'type': 'websocket.close', 'code': POLICY_VIOLATION})
            return {'type': 'websocket.disconnect', 'code': POLICY_VIOLATION}

    def _is_expected(self, frame: Frame) -> bool:
        """Return whether the page may send such a frame now."""
        if frame is Frame.CONNECT:
            is_first, self._is_connected = not self._is_connected, True
            return is_first
        if frame is Frame.HANDSHAKE:
            is_first, self._may_handshake = self._may_handshake, False
            return is_first and self._is_connected
        return frame is Frame.HEARTBEAT or self._is_connected

    async def _throttle(self, length: int) -> None:
        """Wait until the page may send a frame of this length; meanwhile nothing more is read from it."""
        now = time.monotonic()
        self._allowance = min(FRAME_BURST, self._allowance + (now - self._allowed_at) * FRAMES_PER_SECOND)
        self._allowed_at = now
        self._allowance -= 1 + length // FRAME_UNIT
        if self._allowance < 0:
            await asyncio.sleep(-self._allowance / FRAMES_PER_SECOND)

    async def _is_session_active(self) -> bool:
        """Return whether the session has not ended, as known RECHECK_INTERVAL seconds ago or later."""
        if self._has_ended:
            return False
        watcher = self._sessions.watcher
        if self._revision != watcher.revision or time.monotonic() - self._checked_at > RECHECK_INTERVAL:
            revision = watcher.revision
            if not await watcher.is_active(self._session.key):
                return False
            self._revision, self._checked_at = revision, time.monotonic()
        return not self._has_ended
