"""A client for one open page that uses the socket of NiceGUI as a browser does, at a small part of its cost."""

import asyncio
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import aiohttp
from sqlmodel import col, delete

from journal_ui.layout.user_preferences import DEFAULT_PREFERENCES
from models import Account
from services import texts
from services.accounts.accounts import Accounts
from services.database.engine import Database
from services.messages.message_query import MessageQuery

ANSWER_TIMEOUT_SECONDS = 30
"""Seconds after which a response counts as lost."""
ELEMENTS = re.compile(r'parseElements\(String\.raw`(.*?)`\)', re.DOTALL)
CLIENT = re.compile(r"'client_id': '([^']+)'")
HTML_ESCAPES = {'&#36;': '$', '&#96;': '`', '&gt;': '>', '&lt;': '<', '&amp;': '&'}
"""The escapes in a page, as `parseElements` of NiceGUI decodes them."""
MESSAGE_NUMBER = re.compile(r'"_id":(\d+)\}\]$')
ACKNOWLEDGE_SECONDS = float(os.environ.get('ACKNOWLEDGE') or 3)
"""Seconds between two acknowledgements, as in a browser; the program holds what it sent until it is acknowledged."""
ROW_KEY = re.compile(r'\\?"key\\?":\s*\\?"([0-9a-f-]{36})\\?"')

FULL_PAGE_ROWS: int = DEFAULT_PREFERENCES['page_size']
"""Rows of a full page, after which there may be more."""
ROWS, TOTALS, DETAILS = '"setRows"', texts.RESULT_SUM.partition(' {')[0], '/details'
"""Marks in the messages of the server: rows of a page, totals of a search, details of a row."""


class ConnectionLostError(Exception):
    """The page or its socket was refused, the socket closed, or a response did not arrive."""


@contextmanager
def temporary_account(database: Database) -> Iterator[tuple[str, str]]:
    """Create an account for the duration of the block, and return its name and password."""
    name, password = f'benchmark-{secrets.token_hex(4)}', secrets.token_urlsafe()
    Accounts(database).add(name, 'WebAdmin', password, must_change=False)
    try:
        yield name, password
    finally:
        database.write_sync(lambda session: session.exec(delete(Account).where(col(Account.name) == name)))


async def sign_in(http: aiohttp.ClientSession, base_url: str, name: str, password: str) -> None:
    """Sign in through the sign-in page; `http` stores the cookie of the session."""
    await http.get(f'{base_url}/login')
    async with http.post(f'{base_url}/login', data={'name': name, 'password': password}) as answer:
        if answer.url.path == '/login':
            raise ConnectionLostError('not signed in')


class PageClient:
    """A page of the journal with its socket."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str) -> None:
        """Prepare a page that is not open; `http` must have signed in."""
        self._http = http
        self._base_url = base_url
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._client = ''
        self._elements: dict[str, dict[str, Any]] = {}
        self._pending: dict[str, asyncio.Future[float]] = {}
        self._edit_numbers = count(1)
        self._listening: asyncio.Task[None] | None = None
        self._next_message_id = 0
        self.rows: list[str] = []
        """The keys of the rows on the page."""
        self.busy = False
        self.has_many_pages = True
        """Whether the results have several pages."""
        self.payloads: list[str] | None = None
        """The page and everything that the program has sent to its socket, if a test sets this to a list."""

    async def open(self, path: str = '/messages') -> None:
        """Load the page and connect its socket."""
        await self.load(path)
        await self.connect()

    async def load(self, path: str) -> None:
        """Load the page without its socket."""
        async with self._http.get(f'{self._base_url}{path}') as answer:
            page = await answer.text()
        if self.payloads is not None:
            self.payloads.append(page)
        if answer.status != 200 or not (elements := ELEMENTS.search(page)):
            raise ConnectionLostError(f'status {answer.status}')
        escaped = elements[1]
        for mark, character in HTML_ESCAPES.items():
            escaped = escaped.replace(mark, character)
        # Only elements that react to input are needed.
        self._elements = {id: one for id, one in json.loads(escaped).items() if one.get('events')}
        client = CLIENT.search(page)
        assert client is not None
        self._client = client[1]

    async def connect(self) -> None:
        """Connect the socket of the loaded page."""
        query = {
            'client_id': self._client,
            'next_message_id': '0',
            'implicit_handshake': 'true',
            'document_id': f'document-{self._client}',
            'tab_id': f'tab-{self._client}',
            'EIO': '4',
            'transport': 'websocket',
        }
        socket_url = f'{self._base_url}/_nicegui_ws/socket.io/'
        # Browsers offer compression; the server decides whether to use it.
        socket = await self._http.ws_connect(
            socket_url, params=query, origin=self._base_url, max_msg_size=0, compress=15
        )
        self._socket = socket
        await socket.receive_str()
        await socket.send_str('40')
        if not (await socket.receive_str()).startswith('40'):
            raise ConnectionLostError('the socket was refused')
        self._listening = asyncio.create_task(self._listen(socket))

    async def close(self) -> None:
        """Close the page."""
        if self._socket:
            await self._socket.close()
        if self._listening:
            await self._listening

    @property
    def connected(self) -> bool:
        """Whether the socket is open."""
        return self._socket is not None and not self._socket.closed

    async def fill(self, query: MessageQuery) -> None:
        """Set every field of the filter panel, and the order of the list, to those of a query."""
        await self._type(query.name, query.phone)
        for day, side in ((query.period.since, texts.PERIOD_SINCE), (query.period.until, texts.PERIOD_UNTIL)):
            await self._enter(self._element_id(name=f'{texts.PERIOD} {side}'), day.isoformat() if day else '')
        for status, words in texts.STATUSES.items():
            await self._enter(self._element_id(label=words), status in query.statuses)
        organization = self._element_id(label=texts.ORGANIZATION_FILTER)
        await self._send(organization, 'filter', '')
        await self._send(organization, 'update:modelValue', None)
        for each in query.organizations:
            await self._send(organization, 'update:modelValue', {'value': str(each.id)})
        order = query.order and (query.order.column, 'desc' if query.order.descending else 'asc')
        await self._send(self._element_id(name=texts.JOURNAL_TITLE), 'sortChanged', *(order or (None, None)))

    async def search(self, *, name: str = '', phone: str = '') -> tuple[float, float | None]:
        """Type, and click «Найти»; return the seconds to the rows, and to the totals if anything was found."""
        await self._type(name, phone)
        return await self.press_find()

    async def press_find(self) -> tuple[float, float | None]:
        """Click «Найти» without a change of the filter panel; see `search`."""
        rows, totals = self._expect(ROWS), self._expect(TOTALS)
        pressed_at = time.perf_counter()
        await self._send(self._element_id(label=texts.FIND), 'click')
        rows_seconds = await self._wait_for(rows) - pressed_at
        if len(self.rows) < FULL_PAGE_ROWS:
            # The totals of the only page arrive before its rows, and not at all if they have not changed.
            self._pending.pop(TOTALS, None)
            return rows_seconds, rows_seconds if self.rows else None
        return rows_seconds, await self._wait_for(totals) - pressed_at

    async def click(self, label: str) -> None:
        """Click a button, without waiting for its effect."""
        await self._send(self._element_id(label=label), 'click')

    async def click_named(self, name: str) -> None:
        """Click the button with an accessible name, without waiting for its effect."""
        await self._send(self._element_id(name=name), 'click')

    async def sort(self, column: str, direction: str, list_name: str = texts.JOURNAL_TITLE) -> None:
        """Sort a list, without waiting for its rows."""
        await self._send(self._element_id(name=list_name), 'sortChanged', column, direction)

    async def expand(self, key: str, list_name: str = texts.JOURNAL_TITLE) -> None:
        """Expand a row, without waiting for its details."""
        await self._send(self._element_id(name=list_name), 'cellClicked', key)

    async def turn_page(self, button: str = texts.NEXT_PAGE) -> float:
        """Open another page by one of its buttons; return the seconds to its rows."""
        rows = self._expect(ROWS)
        pressed_at = time.perf_counter()
        await self._send(self._element_id(name=button), 'click')
        return await self._wait_for(rows) - pressed_at

    async def toggle_first_row(self) -> float:
        """Expand or collapse the first row; return the seconds to its details."""
        details = self._expect(DETAILS)
        pressed_at = time.perf_counter()
        await self._send(self._element_id(name=texts.JOURNAL_TITLE), 'cellClicked', self.rows[0])
        return await self._wait_for(details) - pressed_at

    async def _type(self, name: str, phone: str) -> None:
        await self._enter(self._element_id(label=texts.RECIPIENT), name)
        await self._enter(self._element_id(label=texts.PHONE), phone)

    async def _enter(self, id: str, value: object) -> None:
        await self._send(id, 'edit', value, next(self._edit_numbers))

    def _element_id(self, *, label: str = '', name: str = '') -> str:
        for id, element in self._elements.items():
            props = element.get('props', {})
            if (label and label in (props.get('label'), element.get('text'))) or (
                name and props.get('aria-label') == name
            ):
                return id
        raise ConnectionLostError(f'the page has no {label or name}')

    async def _send(self, id: str, event: str, *args: object) -> None:
        listener = next(one['listener_id'] for one in self._elements[id]['events'] if one['type'] == event)
        payload = {
            'id': int(id),
            'client_id': self._client,
            'listener_id': listener,
            'args': list(map(json.dumps, args)),
        }
        assert self._socket is not None
        await self._socket.send_str(f'42{json.dumps(["event", payload])}')

    def _expect(self, mark: str) -> asyncio.Future[float]:
        self._pending[mark] = asyncio.get_running_loop().create_future()
        return self._pending[mark]

    async def _wait_for(self, future: asyncio.Future[float]) -> float:
        try:
            return await asyncio.wait_for(future, ANSWER_TIMEOUT_SECONDS)
        except TimeoutError:
            raise ConnectionLostError('no answer') from None

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        acknowledging = asyncio.create_task(self._acknowledge(socket))
        async for message in socket:
            payload = message.data
            if payload == '2':
                await socket.send_str('3')
                continue
            arrived = time.perf_counter()
            if self.payloads is not None:
                self.payloads.append(payload)
            if number := MESSAGE_NUMBER.search(payload):
                self._next_message_id = int(number[1]) + 1
            for mark, future in tuple(self._pending.items()):
                if mark in payload or mark.replace('"', r'\"') in payload:
                    if mark == ROWS:
                        self.rows = ROW_KEY.findall(payload)
                    del self._pending[mark]
                    if not future.done():
                        future.set_result(arrived)
        acknowledging.cancel()
        for future in self._pending.values():
            if not future.done():
                future.set_exception(ConnectionLostError('the socket closed'))

    async def _acknowledge(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        acknowledged = 0
        while True:
            await asyncio.sleep(ACKNOWLEDGE_SECONDS)
            if acknowledged < self._next_message_id:
                acknowledged = self._next_message_id
                await socket.send_str(
                    f'42{json.dumps(["ack", {"client_id": self._client, "next_message_id": acknowledged}])}'
                )
