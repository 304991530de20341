"""What the attacks on the running program share."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx
from sqlalchemy import select

from models import AuditEvent
from services import texts
from services.database.engine import Database
from services.database.tables import ACCESS_RECORD_TABLE
from tests.helpers.journal_operator import PASSWORD
from tests.helpers.page_requests import HTML_HEADERS
from tests.helpers.page_socket import PageSocket
from tests.helpers.program import Program

_claimed_addresses = count()

SignIn = Callable[[str], httpx.Client]
"""Signs a person of the sample in, and returns their client."""


def temporary_files(journal: Program) -> list[Path]:
    """Return the files that the program has written to its folder of temporary files."""
    return list((journal.folder / 'temporary').rglob('*'))


@dataclass
class Entrance:
    """How an attacker reaches a running journal: directly, or through nginx."""

    program: Program
    database_url: str
    url: str
    clients: ExitStack
    people: dict[str, httpx.Client] = field(default_factory=dict)

    def visitor(self, address: str = '127.0.0.1') -> httpx.Client:
        """Return a client at a loopback address, who claims to come from elsewhere."""
        transport = httpx.HTTPTransport(verify=False, local_address=address)
        headers = {**HTML_HEADERS, 'X-Forwarded-For': f'198.51.100.{next(_claimed_addresses) % 250}'}
        client = httpx.Client(base_url=self.url, headers=headers, transport=transport, timeout=30)
        return self.clients.enter_context(client)

    def sign_in(self, name: str, address: str = '127.0.0.1') -> httpx.Client:
        """Return the client of a person who has signed in."""
        client = self.visitor(address)
        assert submit_password(client, name, PASSWORD) == '/'
        return client

    def person(self, name: str) -> httpx.Client:
        """Return the client of a person who signs in once."""
        if name not in self.people:
            self.people[name] = self.sign_in(name)
        return self.people[name]

    def events(self) -> list[AuditEvent]:
        """Return the events on record, the oldest first."""
        with closing(Database(self.database_url)) as database:
            statement = select(ACCESS_RECORD_TABLE.c.act).order_by(ACCESS_RECORD_TABLE.c.number)
            return list(database.read_sync(lambda session: session.scalars(statement).all()))


def submit_password(client: httpx.Client, name: str, password: str) -> str:
    """Submit the form of the sign-in page, and return where it leads."""
    return client.post('/login', data={'name': name, 'password': password}).headers['location']


def search(client: httpx.Client, path: str, **typed: str) -> str:
    """Open a list, type into the fields with the labels of these names, search, and return the frame with the rows."""
    with PageSocket(client, path) as page:
        for label, text in typed.items():
            page.send(page.edit_frame(getattr(texts, label), text))
        page.send(page.event_frame(texts.FIND, 'click'))
        return page.wait_for('setRows')
