"""Connections, forms and host names: slow and endless requests, large forms, names of other sites."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from journal_ui.security.form_bodies import MAX_FORM_BYTES
from journal_ui.security.http_protocol import HEAD_TIMEOUT, MAX_HEAD_BYTES
from services import texts
from tests.helpers.attacked_program import SignIn, temporary_files
from tests.helpers.page_requests import HTML_HEADERS
from tests.helpers.page_socket import PageSocket, open_socket
from tests.helpers.program import Program
from tests.helpers.raw_http import connection_to, exchange, read_until_closed, seconds_until_closed

FORM_PATHS = (
    '/login', '/login/code', '/logout', '/account/password', '/account/factor', '/account/factor/remove',
    '/account/sessions', '/export/x', '/nope',
)  # fmt: skip
GET = b'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n'
SLOW_CLIENTS = {
    'silent': (b'', b''),
    'a header now and then': (GET, b'X-A: b\r\n'),
    'an empty line now and then': (b'', b'\r\n'),
    'a byte of the first line now and then': (b'G', b'E'),
    'an empty line after a request': (GET + b'\r\n', b'\r\n'),
    'half a second request': (GET + b'\r\n' + GET, b'X-A: b\r\n'),
    'a socket without a frame': (GET.replace(b'/healthz', b'/_nicegui_ws/socket.io/'), b'X-A: b\r\n'),
}


def resident_bytes(program: Program) -> int:
    """Return the memory of a program."""
    return int(Path(f'/proc/{program.process_id}/statm').read_text().split()[1]) * 4096


def test_slow_clients_lose_their_connection(journal: Program) -> None:
    with ThreadPoolExecutor(len(SLOW_CLIENTS)) as threads:
        limit = HEAD_TIMEOUT + 10
        times = threads.map(
            lambda each: seconds_until_closed(journal, each[0], each[1], 0.5, limit), SLOW_CLIENTS.values()
        )
        assert {
            name: seconds for name, seconds in zip(SLOW_CLIENTS, times, strict=True) if seconds > HEAD_TIMEOUT + 5
        } == {}


def test_an_endless_head_is_refused_early(journal: Program) -> None:
    before, memory = journal.output, resident_bytes(journal)
    filler = b'a' * 1_000_000
    for start in (b'', b'GET /', GET, GET + b'X-A: ', GET + b'Cookie: a=', b'POST /login HTTP/1.1\r\n'):
        response = exchange(journal, start, *[filler] * 200)
        assert response[:12] in (b'', b'HTTP/1.1 400', b'HTTP/1.1 431'), start
    many = b''.join(b'X-%d: y\r\n' % number for number in range(10_000))
    assert exchange(journal, GET, many, b'\r\n')[:12] in (b'', b'HTTP/1.1 400', b'HTTP/1.1 431')
    chunked = b'POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n'
    assert exchange(journal, chunked, many * 20)[:12] in (b'', b'HTTP/1.1 400', b'HTTP/1.1 431')
    assert resident_bytes(journal) - memory < 50_000_000
    assert journal.output == before
    assert exchange(journal, GET, b'Connection: close\r\n\r\n').startswith(b'HTTP/1.1 200')
    assert MAX_HEAD_BYTES < 100_000


@pytest.mark.parametrize('path', FORM_PATHS)
@pytest.mark.parametrize('chunked', [False, True])
def test_a_large_form_is_refused_before_it_is_stored(
    sign_in: SignIn, stranger: httpx.Client, journal: Program, path: str, chunked: bool
) -> None:
    client = stranger if path == '/login' else sign_in('clerk')
    memory = resident_bytes(journal)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    size = 40_000_000

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(size // 1_000_000):
            yield b'a' * 1_000_000

    headers = {'Content-Type': 'multipart/form-data; boundary=x'}
    if not chunked:
        headers['Content-Length'] = str(len(head) + size)
    response = client.post(path, content=body(), headers=headers)
    assert response.status_code == 413
    assert response.text == texts.FORM_TOO_LARGE.format(limit=MAX_FORM_BYTES >> 10)
    assert response.headers['x-content-type-options'] == 'nosniff'
    assert not temporary_files(journal)
    assert resident_bytes(journal) - memory < 20_000_000


def test_a_form_in_another_notation_or_with_many_fields_is_refused(stranger: httpx.Client) -> None:
    assert stranger.post('/login', files={'name': (None, 'clerk')}).status_code == 415
    assert stranger.post('/login', content='&' * 10_000, headers={'Content-Type': 'x/y'}).status_code == 415
    assert stranger.post('/login', data={f'x{number}': '' for number in range(100)}).status_code == 415
    assert stranger.post('/login', data={'name': 'x' * 10_000, 'password': 'y'}).status_code == 303


def test_a_body_that_is_cut_leaves_no_trace_in_the_log(journal: Program) -> None:
    before = journal.output
    for path in (b'/login', b'/api/v1/messages', b'/api/v1/receipts/smsc?key=a%20key%20of%20sixteen'):
        with connection_to(journal) as connection:
            connection.sendall(
                b'POST ' + path + b' HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n'
                b'Content-Length: 100\r\n\r\n{"id": '
            )
    with connection_to(journal) as connection:
        connection.sendall(GET + b'Connection: close\r\n\r\n')
        assert b'200 OK' in read_until_closed(connection)
    assert journal.output == before


# Host names


@pytest.mark.parametrize(
    'host', ['evil.example', 'evil.example:8080', '', 'localhost.evil.example', '[::2]', '127.0.0.2']
)
def test_another_host_is_refused(journal: Program, host: str) -> None:
    for path in ('/login', '/healthz', '/metrics', '/api/v1/docs', '/nope'):
        response = httpx.get(f'{journal.url}{path}', headers={**HTML_HEADERS, 'Host': host})
        assert (response.status_code, response.text) == (400, texts.UNKNOWN_HOST)


def test_the_own_names_are_allowed(journal: Program) -> None:
    for host in ('127.0.0.1', f'127.0.0.1:{journal.port}', 'localhost', 'LocalHost:1', '[::1]:8080'):
        assert httpx.get(f'{journal.url}/login', headers={'Host': host}).status_code == 200
    for lines in (b'', b'Host: localhost\r\nHost: localhost\r\n'):
        request = b'GET /login HTTP/1.1\r\nConnection: close\r\n' + lines + b'\r\n'
        assert exchange(journal, request).startswith(b'HTTP/1.1 400')


def test_a_socket_of_another_host_is_refused(sign_in: SignIn, journal: Program) -> None:
    page = PageSocket(sign_in('clerk'))
    cookie = page.client.cookies['journal_session']
    request = (
        f'GET /_nicegui_ws/socket.io/?EIO=4&transport=websocket&client_id={page.id} HTTP/1.1\r\nHost: evil.example\r\n'
        'Origin: http://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
        f'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCookie: journal_session={cookie}\r\n\r\n'
    )
    assert exchange(journal, request.encode()).startswith(b'HTTP/1.1 403')
    open_socket(page.client, page.id).close()
