"""Authorisation of the running program, tested by plain HTTP requests without a browser."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
import socketio  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from journal_ui.security.auth_middleware import safe_redirect_path
from services import texts
from services.accounts.accounts import Accounts
from services.database.engine import Database
from services.database.tables import WEBHOOK_DELIVERY_TABLE, WEBHOOK_TABLE
from tests.helpers.journal_operator import PASSWORD
from tests.helpers.page_requests import HTML_HEADERS, nicegui_client_id, socket_parameters
from tests.helpers.program import Program
from tests.helpers.reference_messages import NOON
from tests.helpers.sample_data import ROLES

SignInAs = Callable[..., httpx.Client]


@pytest.fixture(scope='module')
def program(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Program]:
    """A running journal with an account of each role."""
    folder = tmp_path_factory.mktemp('guard')
    path = folder / 'journal.db'
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f'sqlite:///{path}')
    for name, role in ROLES.items():
        Accounts(database).add(name, role, PASSWORD, must_change=False)
    database.close()
    with Program(folder, f'sqlite:///{path}') as running:
        yield running


@pytest.fixture
def visitor(program: Program) -> Iterator[httpx.Client]:
    """An HTTP client that follows no redirects and is not signed in."""
    with httpx.Client(base_url=program.url, headers=HTML_HEADERS) as client:
        yield client


@pytest.fixture
def sign_in(visitor: httpx.Client) -> SignInAs:
    """Sign in, as the form does."""

    def enter(name: str, query: str = '', **headers: str) -> httpx.Client:
        visitor.get('/login')
        visitor.post(f'/login{query}', data={'name': name, 'password': PASSWORD}, headers=headers)
        return visitor

    return enter


# Where signing in may lead


@pytest.mark.parametrize(
    'text', ['/', '/messages', '/messages?a=b&c=%2F', '/iemk#row', '/журнал', '/a//b', '/login-help', '/?next=//evil']
)
def test_local_return_urls_are_accepted(text: str) -> None:
    assert safe_redirect_path(text) == text


@pytest.mark.parametrize(
    'text',
    [
        None,
        '',
        'messages',
        'http://evil.example',
        'https:evil.example',
        'javascript:alert(1)',
        '//evil.example',
        '///evil.example',
        '/\\evil.example',
        '\\\\evil.example',
        '/\t/evil.example',
        '/\n/evil.example',
        '/\r\nSet-Cookie: a=b',
        '/\0',
        ' //evil.example',
        ' /messages',
        '/a b',
        '/a\\b',
        '/\N{NO-BREAK SPACE}/evil.example',
        '/\N{ZERO WIDTH SPACE}/evil.example',
        '/login',
        '/login?redirect_to=/login',
        '/login/',
        '/logout',
        '/[',
        '/' + 'a' * 2000,
    ],
)
def test_other_return_urls_lead_to_the_main_page(text: str | None) -> None:
    expected = text if text == '/[' else '/'
    assert safe_redirect_path(text) == expected


@given(st.text(alphabet='/\\:.@?#a\t\n e%', max_size=12))
def test_no_return_url_leads_to_another_site(text: str) -> None:
    assert httpx.URL('http://ours.example/login').join(safe_redirect_path(text)).host == 'ours.example'


# Whoever is not signed in


@pytest.mark.parametrize(
    'path', ['/messages', '/messages?name=x&b', '/iemk', '/nope', '/messages/1', '/docs', '/login/']
)
def test_a_page_redirects_to_the_sign_in_page_and_back(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 303
    location = httpx.URL(answer.headers['location'])
    assert location.path == '/login'
    if path != '/login/':
        assert location.params['redirect_to'] == path
    assert not answer.content


@pytest.mark.parametrize(
    'path', ['/', '/messages', '/openapi.json', '/docs', '/redoc', '/nope', '/_nicegui/nope', '/_nicegui/auto/static/x']
)
@pytest.mark.parametrize('method', ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])
def test_a_script_without_a_session_is_refused_at_every_url(visitor: httpx.Client, path: str, method: str) -> None:
    answer = visitor.request(method, path, headers={'accept': '*/*'})
    assert answer.status_code == 401
    if method != 'HEAD':
        assert answer.text == 'Сначала войдите в систему.'


def test_files_of_the_sign_in_page_need_no_session(visitor: httpx.Client) -> None:
    page = visitor.get('/login')
    assert page.status_code == 200
    assets = set(re.findall(r'(?:src|href)="(/[^"]+)"', page.text))
    assert len(assets) > 1
    for asset in assets:
        assert visitor.get(asset).status_code == 200, asset
    assert visitor.get('/favicon.ico').status_code == 200


@pytest.mark.parametrize('name', ['chief', 'nobody', '', "' OR 1=1 --", 'x' * 10_000, '\0'])
def test_a_wrong_password_is_refused(visitor: httpx.Client, name: str) -> None:
    visitor.get('/login')
    answer = visitor.post('/login', data={'name': name, 'password': 'a wrong password'})
    assert answer.status_code == 303
    assert answer.headers['location'].endswith('/login')
    assert visitor.get('/messages').status_code == 303


# Whoever is


@pytest.mark.parametrize('name', ['chief', 'clerk'])
@pytest.mark.parametrize(
    'path',
    [
        '/',
        '/messages',
        '/summary',
        '/callbacks',
        '/iemk',
        '/help',
        '/account',
        '/account/password',
        '/account/factor',
    ],
)
def test_administrators_may_open_every_section(sign_in: SignInAs, name: str, path: str) -> None:
    assert sign_in(name).get(path).status_code == 200


def test_another_role_sees_why_it_may_not_open_a_journal(sign_in: SignInAs) -> None:
    client = sign_in('guest')
    assert client.get('/').status_code == 200
    for path in ('/messages', '/summary', '/callbacks', '/iemk'):
        answer = client.get(path)
        assert answer.status_code == 403
        assert 'Этот раздел открыт ролям Admin и WebAdmin' in answer.text
        assert 'ФИО получателя' not in answer.text
    assert 'ФИО получателя' in sign_in('clerk').get('/messages').text


@pytest.mark.parametrize(
    ('path', 'hidden', 'content'), [('/users', 'chief', 'guest'), ('/dictionaries', 'ДС', 'Напоминание ДС')]
)
def test_only_admins_may_open_users_and_dictionaries(sign_in: SignInAs, path: str, hidden: str, content: str) -> None:
    for name in ('clerk', 'guest'):
        answer = sign_in(name).get(path)
        assert answer.status_code == 403
        assert 'Этот раздел открыт роли Admin' in answer.text
        assert hidden not in answer.text
        assert f'href="{path}"' not in sign_in(name).get('/').text
    assert content in sign_in('chief').get(path).text


def test_error_codes_are_for_admins_alone(sign_in: SignInAs) -> None:
    for name in ('clerk', 'guest'):
        answer = sign_in(name).get('/error-codes')
        assert answer.status_code == 403
        assert 'Этот раздел открыт роли Admin' in answer.text
        assert 'href="/error-codes"' not in sign_in(name).get('/').text
    assert 'Отчёты без сообщения' in sign_in('chief').get('/error-codes').text


def test_administrators_see_the_webhooks_and_what_was_given_up(program: Program, sign_in: SignInAs) -> None:
    assert texts.WEBHOOKS_TITLE not in sign_in('chief').get('/error-codes').text
    added = program.run('webhook', 'add', 'mailer', 'http://127.0.0.1:9/hook')
    assert 'whsec_' in added.stdout, added.stderr
    with closing(Database(program.environment['JOURNAL_DATABASE_URL'])) as database:
        webhook_id = select(WEBHOOK_TABLE.c.id).scalar_subquery()
        values = {'webhook_id': webhook_id, 'event_id': 'msg_1', 'body': '{}', 'queued_at': NOON, 'attempts': 9}
        given_up = insert(WEBHOOK_DELIVERY_TABLE).values(**values, failure='status 500')
        database.write_sync(lambda session: session.execute(given_up))
    page = sign_in('chief').get('/error-codes').text
    for shown in (texts.WEBHOOKS_TITLE, texts.WEBHOOK_STATE_OK, 'mailer', 'msg_1', 'status 500'):
        assert shown in page
    assert '/hook' not in page
    listed = program.run('webhook', 'list').stdout
    assert 'оставлено неотправленных: 1' in listed
    assert 'whsec_' not in listed
    assert program.run('webhook', 'remove', 'mailer').returncode == 0
    assert program.run('webhook', 'list').stdout.strip() == texts.NO_WEBHOOKS


def test_an_unknown_url_is_404_for_signed_in_users(sign_in: SignInAs) -> None:
    client = sign_in('clerk')
    for path in ('/nope', '/messages/1', '/docs', '/openapi.json', '/redoc'):
        assert client.get(path).status_code == 404, path


def test_a_permanent_link_is_for_those_who_may_read_messages(visitor: httpx.Client, sign_in: SignInAs) -> None:
    path = '/messages/550e8400-e29b-41d4-a716-446655440000'
    assert visitor.get(path).headers['location'] == f'/login?redirect_to={path}'
    assert sign_in('guest').get(path).status_code == 403
    answer = sign_in('clerk').get(path.replace('-', '').upper().replace('/MESSAGES', '/messages'))
    url = urlsplit(answer.headers['location'])
    params = dict(parse_qsl(url.query))
    assert (answer.status_code, url.path, set(params)) == (303, '/messages', {'code', 'from', 'to', 'open'})
    assert params['code'] == params['open'] == path.removeprefix('/messages/')


@pytest.mark.parametrize(
    ('wanted', 'got'), [('/messages', '/messages'), ('//evil.example', '/'), ('https://evil.example', '/'), ('', '/')]
)
def test_signing_in_leads_to_the_requested_page(visitor: httpx.Client, wanted: str, got: str) -> None:
    visitor.get('/login')
    query = urlencode({'redirect_to': wanted})
    answer = visitor.post(f'/login?{query}', data={'name': 'clerk', 'password': PASSWORD})
    assert (answer.status_code, answer.headers['location']) == (303, got)
    assert visitor.get(f'/login?{query}').headers['location'] == got, 'the signed-in have nothing to do here'


def test_signing_in_replaces_the_session_identifier(visitor: httpx.Client) -> None:
    visitor.get('/login')
    planted = visitor.cookies['journal_session']
    visitor.post('/login', data={'name': 'clerk', 'password': PASSWORD})
    assert visitor.cookies['journal_session'].split('.')[0] != planted.split('.')[0]
    assert visitor.get('/messages').status_code == 200
    assert get_with_cookie(visitor, planted).status_code == 303


def test_signing_out_ends_the_session_on_the_server(sign_in: SignInAs) -> None:
    client = sign_in('clerk')
    kept = client.cookies['journal_session']
    assert get_with_cookie(client, kept).status_code == 200
    answer = client.post('/logout')
    assert (answer.status_code, answer.headers['location']) == (303, '/login')
    assert client.get('/messages').status_code == 303
    assert get_with_cookie(client, kept).status_code == 303, 'a cookie that somebody kept goes on working'


def test_a_forged_cookie_opens_no_session(sign_in: SignInAs) -> None:
    client = sign_in('clerk')
    payload, time, signature = client.cookies['journal_session'].split('.')
    for forged in (
        f'{payload}.{time}.{signature[::-1]}',
        f'{payload[:-4]}AAAA.{time}.{signature}',
        payload,
        '',
        'x' * 4000,
    ):
        assert get_with_cookie(client, forged).status_code == 303


@pytest.mark.parametrize(
    'headers',
    [
        {'sec-fetch-site': 'cross-site'},
        {'sec-fetch-site': 'same-site'},
        {'origin': 'https://evil.example'},
        {'origin': 'null'},
    ],
)
def test_a_form_of_another_site_is_refused(sign_in: SignInAs, headers: dict[str, str]) -> None:
    client = sign_in('clerk')
    for path in ('/logout', '/login'):
        assert client.post(path, headers=headers).status_code == 403
    assert client.get('/messages').status_code == 200


def test_pages_are_not_cached_or_framed(sign_in: SignInAs) -> None:
    client = sign_in('clerk')
    for path in ('/', '/login', '/messages', '/nope'):
        headers = client.get(path).headers
        assert headers['cache-control'] == 'no-store'
        assert headers['x-content-type-options'] == 'nosniff'
        assert headers['x-frame-options'] == 'DENY'
        assert "frame-ancestors 'none'" in headers['content-security-policy']
        assert headers['referrer-policy'] == 'same-origin'


def test_the_cookie_is_http_only_and_same_site(visitor: httpx.Client) -> None:
    answer = visitor.post('/login', data={'name': 'clerk', 'password': PASSWORD})
    cookies = {cookie.partition('=')[0]: cookie.lower() for cookie in answer.headers.get_list('set-cookie')}
    assert set(cookies) == {'journal_session', 'journal_device'}
    for cookie in cookies.values():
        for part in ('httponly', 'samesite=lax', 'path=/'):
            assert part in cookie
        assert 'secure' not in cookie
    assert 'max-age=43200' in cookies['journal_session']


def test_a_changed_role_or_password_applies_to_the_next_page(sign_in: SignInAs, program: Program) -> None:
    database = Database(program.environment['JOURNAL_DATABASE_URL'])
    Accounts(database).add('passing', 'WebAdmin', PASSWORD, must_change=False)
    client = sign_in('passing')
    assert client.get('/messages').status_code == 200
    database.write_sync(execute_statement("UPDATE account SET role = 'User' WHERE name = 'passing'"))
    assert client.get('/messages').status_code == 403
    database.write_sync(execute_statement("UPDATE account SET role = 'Admin' WHERE name = 'passing'"))
    assert client.get('/messages').status_code == 200
    assert program.run('user', 'reset', 'passing').returncode == 0
    assert client.get('/messages').status_code == 303
    database.write_sync(execute_statement("DELETE FROM account WHERE name = 'passing'"))
    assert client.get('/messages').status_code == 303
    database.close()


# Sockets


async def test_a_socket_opens_only_for_a_page_of_its_session(sign_in: SignInAs, program: Program) -> None:
    client = sign_in('clerk')
    page = client.get('/messages').text
    own, cookie = nicegui_client_id(page), client.cookies['journal_session']
    assert await socket_connects(program, own, cookie)
    other = httpx.Client(base_url=program.url, headers=HTML_HEADERS)
    other.get('/login')
    assert not await socket_connects(program, own, other.cookies['journal_session']), "a stranger's session"
    assert not await socket_connects(program, own, None), 'no session'
    assert not await socket_connects(program, '', cookie), 'no page'


async def test_a_socket_of_another_sites_page_is_refused(sign_in: SignInAs, program: Program) -> None:
    client = sign_in('clerk')
    page, cookie = nicegui_client_id(client.get('/messages').text), client.cookies['journal_session']
    for origin in ('https://evil.example', 'null', program.url.replace('127.0.0.1', 'localhost'), f'{program.url}0'):
        assert not await socket_connects(program, page, cookie, origin), origin
    assert await socket_connects(program, page, cookie)


@pytest.mark.parametrize('method', ['GET', 'POST'])
def test_there_is_no_long_polling(sign_in: SignInAs, program: Program, method: str) -> None:
    client = sign_in('clerk')
    page = nicegui_client_id(client.get('/messages').text)
    parameters = dict(parse_qsl(urlsplit(socket_parameters(program, page, None)['url']).query))
    parameters |= {'EIO': '4', 'transport': 'polling'}
    answer = client.request(
        method, '/_nicegui_ws/socket.io/', params=parameters, headers={'origin': program.url, 'accept': '*/*'}
    )
    assert answer.status_code == 403


async def test_the_open_pages_of_a_session_end_with_it(sign_in: SignInAs, program: Program) -> None:
    client = sign_in('clerk')
    page, cookie = nicegui_client_id(client.get('/messages').text), client.cookies['journal_session']
    told: asyncio.Queue[Any] = asyncio.Queue()
    async with socketio.AsyncSimpleClient() as socket:
        socket.client = socketio.AsyncClient(reconnection=False)
        socket.client.on('open', told.put)
        await socket.client.connect(**socket_parameters(program, page, cookie))
        await asyncio.to_thread(client.post, '/logout')
        assert (await asyncio.wait_for(told.get(), 5))['path'] == '/login'
        await asyncio.sleep(3)
        await socket.client.disconnect()
    assert not await socket_connects(program, page, cookie)


def get_with_cookie(client: httpx.Client, cookie: str) -> httpx.Response:
    """Request the journal with a given cookie."""
    return httpx.get(f'{client.base_url}/messages', headers={**HTML_HEADERS, 'cookie': f'journal_session={cookie}'})


def execute_statement(statement: str) -> Callable[[Any], None]:
    """Return work that changes the database without the program."""
    return lambda session: session.execute(text(statement)) and None


async def socket_connects(program: Program, page: str, cookie: str | None, origin: str = '') -> bool:
    """Return whether a socket opens."""
    client = socketio.AsyncClient(reconnection=False)
    try:
        await client.connect(**socket_parameters(program, page, cookie, origin))
    except socketio.exceptions.ConnectionError:
        return False
    finally:
        await client.disconnect()
    return True


def test_the_link_to_the_regional_document_journal_depends_on_the_role(program: Program, tmp_path: Path) -> None:
    url = program.environment['JOURNAL_DATABASE_URL']
    with Program(tmp_path, url, JOURNAL_IEMK_URL='https://iemk.example/journal') as running:
        for name, status in (('clerk', 307), ('guest', 403)):
            with httpx.Client(base_url=running.url, headers=HTML_HEADERS) as client:
                client.get('/login')
                client.post('/login', data={'name': name, 'password': PASSWORD})
                answer = client.get('/iemk')
            assert answer.status_code == status
            assert answer.headers.get('location') == ('https://iemk.example/journal' if status == 307 else None)


@pytest.mark.parametrize('path', ['/login/oidc', '/login/oidc/callback?code=c&state=s'])
def test_without_an_identity_provider_nobody_signs_in_there(visitor: httpx.Client, path: str) -> None:
    assert visitor.get(path).status_code == 404
    assert visitor.post('/login/oidc/backchannel', data={'logout_token': 't'}).status_code in (404, 405)
    assert visitor.get('/').headers['location'] == '/login'
