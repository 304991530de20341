"""The way in, over the wire: what has to be done before any page opens, how fast one may try, what the cookies are."""

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
NEW = 'another horse battery'
HTML = {'accept': 'text/html,application/xhtml+xml'}
NAMES = ('novice', 'careful', 'slow', 'quick')


@pytest.fixture(scope='module')
def url(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> str:
    """The address of a database with some accounts, one of which has a first password."""
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


def visitor(program: Program, **more: Any) -> httpx.Client:
    """Give a browser of sorts that follows no redirects."""
    return httpx.Client(base_url=program.url, headers=HTML, **more)


def sign_in(client: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    """Send the sign-in form."""
    return client.post('/login', data={'name': name, 'password': password})


def identifier(client: httpx.Client) -> str:
    """Give the part of the cookie that says which session it is."""
    return client.cookies['journal_session'].split('.')[0]


def test_a_first_password_opens_nothing_but_its_change(program: Program) -> None:
    client = visitor(program)
    assert sign_in(client, 'novice').headers['location'] == '/'
    for path in ('/', '/messages', '/account', '/account/factor', '/users', '/nope', '/login/code'):
        answer = client.get(path)
        assert answer.status_code == 303, path
        assert httpx.URL(answer.headers['location']).path == '/account/password'
    assert client.get('/messages', headers={'accept': '*/*'}).status_code == 401
    page = client.get('/account/password').text
    assert 'Ваш пароль знает не только вы' in page
    assert 'href=\\"/messages' not in page
    before = identifier(client)
    sent = {'present': PASSWORD, 'wanted': NEW, 'repeated': NEW}
    refused = client.post('/account/password', data={**sent, 'repeated': 'something else'})
    assert 'Пароли не совпали' in client.get(refused.headers['location']).text
    assert client.get('/messages').status_code == 303
    kept = client.cookies['journal_session']
    done = client.post('/account/password?redirect_to=/messages', data=sent)
    assert (done.status_code, done.headers['location']) == (303, '/messages')
    assert identifier(client) != before, 'the identifier changes with the password'
    assert client.get('/messages').status_code == 200
    assert visitor(program, cookies={'journal_session': kept}).get('/messages').status_code == 303


def test_a_password_alone_opens_nothing_where_a_second_factor_is_set_up(program: Program) -> None:
    client = visitor(program)
    sign_in(client, 'careful')
    page = client.get('/account/factor').text
    telephone = pyotp.TOTP(re.findall(r'((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})', page)[0].replace(' ', ''))
    for password, code in (('a wrong password', telephone.now()), (PASSWORD, 'x')):
        client.post('/account/factor', data={'password': password, 'code': code})
        assert telephone.secret[:4] in client.get('/account/factor').text, 'nothing has been switched on'
    shown = client.post('/account/factor', data={'password': PASSWORD, 'code': telephone.now()})
    assert shown.status_code == 200
    codes = re.findall(r'(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}', shown.text)
    assert len(codes) == 10
    after = client.get('/account/factor').text + client.get('/account').text
    assert telephone.secret[:4] not in after
    assert codes[0] not in after

    other = visitor(program)
    answer = sign_in(other, 'careful')
    half, cookie = identifier(other), other.cookies['journal_session']
    assert 'journal_device' not in answer.cookies
    for path in ('/', '/messages', '/account', '/account/factor', '/nope'):
        assert httpx.URL(other.get(path).headers['location']).path == '/login/code', path
    assert 'careful' not in other.get('/login/code').text
    other.post('/login/code', data={'code': telephone.now()})
    assert 'Код не подходит' in other.get('/login/code').text, 'the code of the set-up worked again'
    done = other.post('/login/code?redirect_to=/messages', data={'code': codes[0]})
    assert (done.status_code, done.headers['location']) == (303, '/messages')
    assert other.get('/messages').status_code == 200
    assert identifier(other) != half
    assert visitor(program, cookies={'journal_session': cookie}).get('/messages').status_code == 303
    other.post('/account/factor/remove', data={'password': PASSWORD})
    assert sign_in(fresh := visitor(program), 'careful').headers['location'] == '/'
    assert fresh.get('/messages').status_code == 200


def test_failures_are_slowed_and_say_how_long(program: Program) -> None:
    known = visitor(program)
    sign_in(known, 'slow')
    stranger = visitor(program)
    for _ in range(4):
        sign_in(stranger, 'slow', 'a wrong password')
    assert 'Попробуйте ещё раз через' in stranger.get('/login').text
    sign_in(stranger, 'slow')
    assert stranger.get('/messages').status_code == 303
    known.post('/logout')
    sign_in(known, 'slow')
    assert known.get('/messages').status_code == 200, 'a stranger held up the owner'


def test_the_other_sessions_are_seen_and_ended(program: Program) -> None:
    first, second = visitor(program), visitor(program)
    sign_in(first, 'quick')
    sign_in(second, 'quick')
    assert 'Завершить остальные' in second.get('/account').text
    assert second.post('/account/sessions').headers['location'] == '/account'
    assert first.get('/account').status_code == 303
    page = second.get('/account').text
    assert 'Остальные сеансы завершены' in page
    assert 'Завершить остальные' not in page


def test_the_command_line_ends_what_a_user_has_open(program: Program) -> None:
    client = visitor(program)
    sign_in(client, 'quick')
    assert client.get('/messages').status_code == 200
    assert program.run('user', 'block', 'QUICK').stdout == 'Пользователь quick заблокирован.\n'
    assert client.get('/messages').status_code == 303
    sign_in(client, 'quick')
    assert 'Учётная запись заблокирована' in client.get('/login').text
    assert program.run('user', 'unblock', 'quick').returncode == 0
    sign_in(client, 'quick')
    assert client.get('/messages').status_code == 200


def test_behind_tls_cookies_are_secure_and_the_proxy_says_who_comes(url: str, tmp_path: Path) -> None:
    trusted = Program(tmp_path, url, JOURNAL_TLS='true', JOURNAL_TRUSTED_PROXY='127.0.0.1', JOURNAL_SESSION_HOURS='1')
    with trusted, visitor(trusted) as client:
        forwarded = {'x-forwarded-for': '203.0.113.9, 198.51.100.7', 'x-forwarded-proto': 'https'}
        answer = client.post('/login', data={'name': 'slow', 'password': PASSWORD}, headers=forwarded)
        cookies = {cookie.partition('=')[0]: cookie.lower() for cookie in answer.headers.get_list('set-cookie')}
        assert set(cookies) == {'__Host-journal_session', 'journal_device'}
        for cookie in cookies.values():
            for part in ('secure', 'httponly', 'samesite=lax', 'path=/'):
                assert part in cookie
        assert 'max-age=3600' in cookies['__Host-journal_session']
        kept = answer.headers.get_list('set-cookie')
        session = next(cookie.partition(';')[0] for cookie in kept if cookie.startswith('__Host-'))
        page = client.get('/account', headers={'cookie': session})
        assert '198.51.100.7' in page.text, 'the last address is what the proxy saw, those before anybody can write'
        assert '203.0.113.9' not in page.text


def test_nobody_else_says_who_comes(program: Program) -> None:
    with visitor(program) as client:
        client.post('/login', data={'name': 'slow', 'password': PASSWORD}, headers={'x-forwarded-for': '203.0.113.9'})
        page = client.get('/account').text
        assert '127.0.0.1' in page
        assert '203.0.113.9' not in page
