"""One operator's open page, speaking the socket of NiceGUI as a browser does, at a small part of a browser's cost."""

import asyncio
import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
from sqlmodel import col, delete

from journal_ui.layout.user_preferences import DEFAULTS
from models import Account
from services import texts
from services.accounts.accounts import Accounts
from services.database.engine import Database
from services.messages.message_query import MessageQuery

PATIENCE = 30
"""Seconds after which an answer counts as lost."""
ELEMENTS = re.compile(r'parseElements\(String\.raw`(.*?)`\)', re.DOTALL)
CLIENT = re.compile(r"'client_id': '([^']+)'")
ESCAPED = {'&#36;': '$', '&#96;': '`', '&gt;': '>', '&lt;': '<', '&amp;': '&'}
"""How the page writes what HTML would take for its own; see `parseElements` of NiceGUI."""
NUMBER = re.compile(r'"_id":(\d+)\}\]$')
ACKNOWLEDGED = 3
"""Seconds after which a browser says what has come; until then the program keeps what it has sent, to send it again."""
KEY = re.compile(r'\\?"key\\?":\s*\\?"([0-9a-f-]{36})\\?"')

FULL: int = DEFAULTS['page_size']
"""Rows of a page that is full: there may be more."""
ROWS, TOTALS, DETAILS = '"fill"', texts.FOUND_SUM.partition(' {')[0], '/details'
"""By what the messages of the server are told apart: rows of a page, what was found in all, what opens under a row."""


class Lost(Exception):
    """The page was refused, its socket closed, or an answer never came."""


@contextmanager
def somebody(database: Database) -> Iterator[tuple[str, str]]:
    """Give the name and password of a person who may sign in, for as long as this lasts."""
    name, password = f'benchmark-{secrets.token_hex(4)}', secrets.token_urlsafe()
    Accounts(database).add(name, 'WebAdmin', password, must_change=False)
    try:
        yield name, password
    finally:
        database.write_now(lambda session: session.exec(delete(Account).where(col(Account.name) == name)))


async def sign_in(http: aiohttp.ClientSession, address: str, name: str, password: str) -> None:
    """Sign in as a person does; the session's cookie is kept in `http`."""
    await http.get(f'{address}/login')
    async with http.post(f'{address}/login', data={'name': name, 'password': password}) as answer:
        if answer.url.path == '/login':
            raise Lost('not signed in')


class Operator:
    """A page of the journal and its socket."""

    def __init__(self, http: aiohttp.ClientSession, address: str) -> None:
        """Nothing is opened yet; `http` has signed in."""
        self._http = http
        self._address = address
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._client = ''
        self._elements: dict[str, dict[str, Any]] = {}
        self._awaited: dict[str, asyncio.Future[float]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._come = 0
        self.rows: list[str] = []
        """The keys of the rows that are shown."""
        self.busy = False
        self.common = True
        """Whether what was found has many pages."""

    async def open(self) -> None:
        """Load the page and connect its socket."""
        async with self._http.get(f'{self._address}/messages') as answer:
            page = await answer.text()
        if answer.status != 200 or not (found := ELEMENTS.search(page)):
            raise Lost(f'status {answer.status}')
        written = found[1]
        for mark, meant in ESCAPED.items():
            written = written.replace(mark, meant)
        # What is drawn is not needed, only what can be pressed and typed into.
        self._elements = {id: one for id, one in json.loads(written).items() if one.get('events')}
        client = CLIENT.search(page)
        assert client is not None
        self._client = client[1]
        query = {
            'client_id': self._client,
            'next_message_id': '0',
            'implicit_handshake': 'true',
            'document_id': f'document-{self._client}',
            'tab_id': f'tab-{self._client}',
            'EIO': '4',
            'transport': 'websocket',
        }
        address = f'{self._address}/_nicegui_ws/socket.io/'
        # Browsers offer to compress; what comes of it is for the server to say.
        socket = await self._http.ws_connect(address, params=query, origin=self._address, max_msg_size=0, compress=15)
        self._socket = socket
        await socket.receive_str()
        await socket.send_str('40')
        if not (await socket.receive_str()).startswith('40'):
            raise Lost('the socket was refused')
        self._listening = asyncio.create_task(self._listen(socket))

    async def close(self) -> None:
        """Leave the page."""
        if self._socket:
            await self._socket.close()
        if self._listening:
            await self._listening

    @property
    def connected(self) -> bool:
        """Whether the socket is still there."""
        return self._socket is not None and not self._socket.closed

    async def fill(self, query: MessageQuery) -> None:
        """Put every field of the panel to what a query asks, and the list to its order."""
        await self._type(query.name, query.phone)
        for day, side in ((query.period.since, texts.PERIOD_SINCE), (query.period.until, texts.PERIOD_UNTIL)):
            await self._send(self._find(name=f'{texts.PERIOD} {side}'), 'update:value', day.isoformat() if day else '')
        for status, words in texts.STATUSES.items():
            await self._send(self._find(label=words), 'update:modelValue', status in query.statuses)
        organization = self._find(label=texts.ORGANIZATION_FILTER)
        await self._send(organization, 'filter', '')
        chosen = query.organization and {'value': query.organization.id}
        await self._send(organization, 'update:modelValue', chosen)
        order = query.order and (query.order.column, 'desc' if query.order.descending else 'asc')
        await self._send(self._find(name=texts.JOURNAL_TITLE), 'sortChanged', *(order or (None, None)))

    async def search(self, *, name: str = '', phone: str = '') -> tuple[float, float | None]:
        """Type, and press «Найти»; give the seconds to the rows, and to the totals if anything was found."""
        await self._type(name, phone)
        return await self.find()

    async def find(self) -> tuple[float, float | None]:
        """Press «Найти» with the panel as it is; see `search`."""
        rows, totals = self._await(ROWS), self._await(TOTALS)
        pressed = time.perf_counter()
        await self._send(self._find(label=texts.FIND), 'click')
        shown = await self._answer(rows) - pressed
        if len(self.rows) < FULL:  # the totals stood beside the rows before these came, if they are not as they were
            self._awaited.pop(TOTALS, None)
            return shown, shown if self.rows else None
        return shown, await self._answer(totals) - pressed

    async def turn(self, button: str = texts.NEXT_PAGE) -> float:
        """Turn a page by one of its buttons; give the seconds to its rows."""
        rows = self._await(ROWS)
        pressed = time.perf_counter()
        await self._send(self._find(name=button), 'click')
        return await self._answer(rows) - pressed

    async def expand(self) -> float:
        """Open the first row, or shut it; give the seconds to what is under it."""
        details = self._await(DETAILS)
        pressed = time.perf_counter()
        await self._send(self._find(name=texts.JOURNAL_TITLE), 'cellClicked', self.rows[0])
        return await self._answer(details) - pressed

    async def _type(self, name: str, phone: str) -> None:
        await self._send(self._find(label=texts.RECIPIENT), 'update:value', name)
        await self._send(self._find(label=texts.PHONE), 'update:value', phone)

    def _find(self, *, label: str = '', name: str = '') -> str:
        for id, element in self._elements.items():
            props = element.get('props', {})
            if (label and label in (props.get('label'), element.get('text'))) or (
                name and props.get('aria-label') == name
            ):
                return id
        raise Lost(f'the page has no {label or name}')

    async def _send(self, id: str, event: str, *args: object) -> None:
        listener = next(one['listener_id'] for one in self._elements[id]['events'] if one['type'] == event)
        told = {'id': int(id), 'client_id': self._client, 'listener_id': listener, 'args': list(map(json.dumps, args))}
        assert self._socket is not None
        await self._socket.send_str(f'42{json.dumps(["event", told])}')

    def _await(self, mark: str) -> asyncio.Future[float]:
        self._awaited[mark] = asyncio.get_running_loop().create_future()
        return self._awaited[mark]

    async def _answer(self, awaited: asyncio.Future[float]) -> float:
        try:
            return await asyncio.wait_for(awaited, PATIENCE)
        except TimeoutError:
            raise Lost('no answer') from None

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        acknowledging = asyncio.create_task(self._acknowledge(socket))
        async for message in socket:
            told = message.data
            if told == '2':
                await socket.send_str('3')
                continue
            arrived = time.perf_counter()
            if number := NUMBER.search(told):
                self._come = int(number[1]) + 1
            for mark, awaited in tuple(self._awaited.items()):
                if mark in told or mark.replace('"', r'\"') in told:
                    if mark == ROWS:
                        self.rows = KEY.findall(told)
                    del self._awaited[mark]
                    if not awaited.done():
                        awaited.set_result(arrived)
        acknowledging.cancel()
        for awaited in self._awaited.values():
            if not awaited.done():
                awaited.set_exception(Lost('the socket closed'))

    async def _acknowledge(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        said = 0
        while True:
            await asyncio.sleep(ACKNOWLEDGED)
            if said < self._come:
                said = self._come
                await socket.send_str(f'42{json.dumps(["ack", {"client_id": self._client, "next_message_id": said}])}')
