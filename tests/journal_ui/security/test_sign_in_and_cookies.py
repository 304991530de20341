"""Signing in over HTTP: required steps before any page opens, throttling, and cookies."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from services.accounts.accounts import Accounts
from services.database.engine import Database
from tests.helpers.program import Program

PASSWORD = 'correct horse battery'
NEW_PASSWORD = 'another horse battery'
HTML_HEADERS = {'accept': 'text/html,application/xhtml+xml'}
NAMES = ('novice', 'careful', 'slow', 'quick')


@pytest.fixture(scope='module')
def url(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> str:
    """The URL of a database with some accounts, one of which has an initial password."""
    path = tmp_path_factory.mktemp('way') / 'journal.db'
    path.write_bytes(sqlite_template.read_bytes())
    with closing(Database(f'sqlite:///{path}')) as database:
        for name in NAMES:
            Accounts(database).add(name, 'WebAdmin', PASSWORD, must_change=name == 'novice')
    return f'sqlite:///{path}'


@pytest.fixture(scope='module')
def program(tmp_path_factory: pytest.TempPathFactory, url: str) -> Iterator[Program]:
    """A running journal."""
    with Program(tmp_path_factory.mktemp('program'), url) as running:
        yield running


def anonymous_client(program: Program, **more: Any) -> httpx.Client:
    """Return an HTTP client that follows no redirects."""
    return httpx.Client(base_url=program.url, headers=HTML_HEADERS, **more)


def sign_in(client: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    """Submit the sign-in form."""
    return client.post('/login', data={'name': name, 'password': password})


def session_identifier(client: httpx.Client) -> str:
    """Return the part of the cookie that identifies the session."""
    return client.cookies['journal_session'].split('.')[0]


def test_an_initial_password_only_allows_its_change(program: Program) -> None:
    client = anonymous_client(program)
    assert sign_in(client, 'novice').headers['location'] == '/'
    for path in ('/', '/messages', '/account', '/account/factor', '/users', '/nope', '/login/code'):
        answer = client.get(path)
        assert answer.status_code == 303, path
        assert httpx.URL(answer.headers['location']).path == '/account/password'
    assert client.get('/messages', headers={'accept': '*/*'}).status_code == 401
    page = client.get('/account/password').text
    assert 'Ваш пароль знает не только вы' in page
    assert 'href=\\"/messages' not in page
    before = session_identifier(client)
    sent = {'present': PASSWORD, 'wanted': NEW_PASSWORD, 'repeated': NEW_PASSWORD}
    refused = client.post('/account/password', data={**sent, 'repeated': 'something else'})
    assert 'Пароли не совпали' in client.get(refused.headers['location']).text
    assert client.get('/messages').status_code == 303
    kept = client.cookies['journal_session']
    done = client.post('/account/password?redirect_to=/messages', data=sent)
    assert (done.status_code, done.headers['location']) == (303, '/messages')
    assert session_identifier(client) != before, 'the identifier changes with the password'
    assert client.get('/messages').status_code == 200
    assert anonymous_client(program, cookies={'journal_session': kept}).get('/messages').status_code == 303


def test_a_password_alone_is_not_enough_with_a_second_factor(program: Program) -> None:
    client = anonymous_client(program)
    sign_in(client, 'careful')
    page = client.get('/account/factor').text
    telephone = pyotp.TOTP(re.findall(r'((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})', page)[0].replace(' ', ''))
    for password, code in (('a wrong password', telephone.now()), (PASSWORD, 'x')):
        client.post('/account/factor', data={'password': password, 'code': code})
        assert telephone.secret[:4] in client.get('/account/factor').text, 'nothing has been switched on'
    used_code = telephone.now()
    shown = client.post('/account/factor', data={'password': PASSWORD, 'code': used_code})
    assert shown.status_code == 200
    codes = re.findall(r'(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}', shown.text)
    assert len(codes) == 10
    after = client.get('/account/factor').text + client.get('/account').text
    assert telephone.secret[:4] not in after
    assert codes[0] not in after

    other = anonymous_client(program)
    answer = sign_in(other, 'careful')
    half, cookie = session_identifier(other), other.cookies['journal_session']
    assert 'journal_device' not in answer.cookies
    for path in ('/', '/messages', '/account', '/account/factor', '/nope'):
        assert httpx.URL(other.get(path).headers['location']).path == '/login/code', path
    assert 'careful' not in other.get('/login/code').text
    other.post('/login/code', data={'code': used_code})
    assert 'Код не подходит' in other.get('/login/code').text, 'the code of the set-up worked again'
    done = other.post('/login/code?redirect_to=/messages', data={'code': codes[0]})
    assert (done.status_code, done.headers['location']) == (303, '/messages')
    assert other.get('/messages').status_code == 200
    assert session_identifier(other) != half
    assert anonymous_client(program, cookies={'journal_session': cookie}).get('/messages').status_code == 303
    other.post('/account/factor/remove', data={'password': PASSWORD, 'code': codes[1]})
    assert sign_in(fresh := anonymous_client(program), 'careful').headers['location'] == '/'
    assert fresh.get('/messages').status_code == 200


def test_failed_attempts_are_throttled_and_the_wait_is_shown(program: Program) -> None:
    known = anonymous_client(program)
    sign_in(known, 'slow')
    stranger = anonymous_client(program)
    for _ in range(12):  # on a slow machine the first waits are over before the next attempt
        sign_in(stranger, 'slow', 'a wrong password')
        if 'Попробуйте ещё раз через' in stranger.get('/login').text:
            break
    else:
        pytest.fail('no attempt had to wait')
    known.post('/logout')
    sign_in(known, 'slow')
    assert known.get('/messages').status_code == 200, 'a stranger held up the owner'


def test_other_sessions_are_listed_and_can_be_ended(program: Program) -> None:
    first, second = anonymous_client(program), anonymous_client(program)
    sign_in(first, 'quick')
    sign_in(second, 'quick')
    assert 'Завершить остальные' in second.get('/account').text
    assert second.post('/account/sessions').headers['location'] == '/account'
    assert first.get('/account').status_code == 303
    page = second.get('/account').text
    assert 'Остальные сеансы завершены' in page
    assert 'Завершить остальные' not in page


def test_the_command_line_ends_the_sessions_of_a_user(program: Program) -> None:
    client = anonymous_client(program)
    sign_in(client, 'quick')
    assert client.get('/messages').status_code == 200
    assert program.run('user', 'block', 'QUICK').stdout == 'Пользователь quick заблокирован.\n'
    assert client.get('/messages').status_code == 303
    sign_in(client, 'quick')
    assert 'Учётная запись заблокирована' in client.get('/login').text
    assert program.run('user', 'unblock', 'quick').returncode == 0
    sign_in(client, 'quick')
    assert client.get('/messages').status_code == 200


def test_behind_a_tls_proxy_cookies_are_secure_and_the_client_ip_is_forwarded(url: str, tmp_path: Path) -> None:
    trusted = Program(tmp_path, url, JOURNAL_TLS='true', JOURNAL_TRUSTED_PROXY='127.0.0.1', JOURNAL_SESSION_HOURS='1')
    with trusted, anonymous_client(trusted) as client:
        forwarded = {'x-forwarded-for': '203.0.113.9, 198.51.100.7', 'x-forwarded-proto': 'https'}
        answer = client.post('/login', data={'name': 'slow', 'password': PASSWORD}, headers=forwarded)
        cookies = {cookie.partition('=')[0]: cookie.lower() for cookie in answer.headers.get_list('set-cookie')}
        assert set(cookies) == {'__Host-journal_session', '__Host-journal_device'}
        for cookie in cookies.values():
            for part in ('secure', 'httponly', 'samesite=lax', 'path=/'):
                assert part in cookie
        assert 'max-age=3600' in cookies['__Host-journal_session']
        kept = answer.headers.get_list('set-cookie')
        session = next(cookie.partition(';')[0] for cookie in kept if cookie.startswith('__Host-journal_session'))
        page = client.get('/account', headers={'cookie': session})
        assert '198.51.100.7' in page.text, 'the last address is what the proxy saw, those before anybody can write'
        assert '203.0.113.9' not in page.text


def test_forwarded_headers_of_other_clients_are_ignored(program: Program) -> None:
    with anonymous_client(program) as client:
        client.post('/login', data={'name': 'slow', 'password': PASSWORD}, headers={'x-forwarded-for': '203.0.113.9'})
        page = client.get('/account').text
        assert '127.0.0.1' in page
        assert '203.0.113.9' not in page
