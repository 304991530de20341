"""The same attacks through nginx with the shipped configuration, and what still has to work through it."""

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import httpx
import pytest

from services import texts
from tests.helpers.journal_operator import PASSWORD
from tests.helpers.nginx import Nginx
from tests.helpers.page_requests import HTML_HEADERS
from tests.helpers.page_socket import PageSocket
from tests.helpers.program import Program
from tests.helpers.sample_data import fill_journal, sample_messages


@pytest.fixture(scope='module')
def node(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Program]:
    """A node that knows the host name of its users, as `deploy/` describes it."""
    folder = tmp_path_factory.mktemp('node')
    (folder / 'journal.db').write_bytes(sqlite_template.read_bytes())
    settings = {
        'JOURNAL_STORAGE_SECRET': token_hex(32),
        'JOURNAL_TLS': 'true',
        'JOURNAL_TRUSTED_PROXY': '127.0.0.1',
        'JOURNAL_ALLOWED_HOSTS': 'journal.example.ru, 127.0.0.1',
    }
    with Program(folder, fill_journal(f'sqlite:///{folder}/journal.db', sample_messages()), **settings) as running:
        yield running


@pytest.fixture(scope='module')
def nginx(node: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx in front of the node."""
    with Nginx(tmp_path_factory.mktemp('nginx'), (node.port, node.port)) as running:
        yield running


@pytest.fixture
def client(nginx: Nginx) -> Iterator[httpx.Client]:
    """A client of nginx that has signed in."""
    with httpx.Client(base_url=nginx.url, headers=HTML_HEADERS, verify=False, timeout=30) as opened:
        opened.get('/login')
        assert opened.post('/login', data={'name': 'clerk', 'password': PASSWORD}).headers['location'] == '/'
        yield opened


def test_a_page_works_and_its_socket_is_guarded(client: httpx.Client, node: Program) -> None:
    with PageSocket(client) as socket:
        socket.emit('log', level='error', message='x\ny')
        socket.send(socket.event_frame(texts.FIND, 'click'))
        socket.wait_for('setRows')
        socket.send('42["event",{}]')
        assert socket.close_code() == 1008
    with PageSocket(client) as socket:
        socket.send(socket.event_frame(texts.ORGANIZATION_FILTER, 'filter', 'x' * 240_000))
        # nginx resets the connection if it still has a part of the frame to pass on when the program closes.
        assert socket.close_code() in (1009, 1006)
    assert 'ERROR' not in node.output


@pytest.mark.parametrize('size', [100_000, 10_000_000])
def test_a_large_form_is_refused_with_a_sentence(client: httpx.Client, size: int) -> None:
    response = client.post('/login', files={'file': b'a' * size})
    assert response.status_code == 413
    assert response.text.startswith(texts.FORM_TOO_LARGE[:20])


def test_only_the_named_hosts_are_served(client: httpx.Client) -> None:
    assert client.get('/login', headers={'Host': 'journal.example.ru'}).status_code in (200, 303)
    response = client.get('/login', headers={'Host': 'evil.example'})
    assert (response.status_code, response.text) == (400, texts.UNKNOWN_HOST)
