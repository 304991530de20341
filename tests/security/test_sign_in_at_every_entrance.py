"""Sign-in under attack, on each engine and through nginx: floods, guesses, and changes at the same time."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import httpx
from sqlalchemy import text
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.accounts.login_throttle import FREE_FAILURES_PER_HOUR
from services.database.engine import Database
from tests.helpers.attacked_program import Entrance, submit_password
from tests.helpers.journal_operator import PASSWORD
from tests.helpers.page_socket import PageSocket

OTHER_PASSWORD = 'совсем другой пароль'
WAIT = texts.SIGN_IN_WAIT.split('{', maxsplit=1)[0]
FLOOD = 60


def is_checked(client: httpx.Client, name: str) -> bool:
    """Guess a password; return whether it was checked, and not refused by the throttle."""
    submit_password(client, name, 'a wrong password')
    return WAIT not in client.get('/login').text


def test_a_flood_from_one_address_leaves_one_record_a_minute(entrance: Entrance) -> None:
    before, output = len(entrance.events()), entrance.program.output
    stranger = entrance.visitor('127.0.9.1')
    for number in range(FLOOD):
        stranger.headers['X-Forwarded-For'] = f'203.0.113.{number}'
        submit_password(stranger, 'flooded', 'a wrong password')
    assert WAIT in stranger.get('/login').text, 'a claimed address counts as one of its own'
    failed = [each for each in entrance.events()[before:] if each is AuditEvent.SIGN_IN_FAILED]
    assert 1 <= len(failed) <= 2, 'one at once, and one if a minute has passed'
    assert entrance.program.output == output


def test_of_sixty_guesses_from_sixty_addresses_forty_are_checked(entrance: Entrance) -> None:
    checked = sum(is_checked(entrance.visitor(f'127.0.1.{number}'), 'victim') for number in range(1, 61))
    assert FREE_FAILURES_PER_HOUR <= checked <= FREE_FAILURES_PER_HOUR + 2


def test_the_owner_passes_and_sees_the_failed_attempts(entrance: Entrance) -> None:
    first = entrance.sign_in('guest')
    first.post('/logout')
    while is_checked(entrance.visitor('127.0.3.1'), 'guest'):
        pass
    owner = entrance.visitor('127.0.3.1')
    owner.cookies = first.cookies
    assert submit_password(owner, 'guest', PASSWORD) == '/'
    assert '127.0.3.1' in owner.get('/').text
    assert '127.0.3.1' not in owner.get('/').text


def test_cookies_are_bound_to_the_host(entrance: Entrance) -> None:
    client = entrance.person('clerk')
    cookies = [cookie for cookie in client.cookies.jar if cookie.name.endswith(('device', 'session'))]
    assert len(cookies) == 2
    for cookie in cookies:
        assert cookie.has_nonstandard_attr('HttpOnly') or cookie.has_nonstandard_attr('httponly')
        assert cookie.secure == entrance.url.startswith('https')
    assert all(each.name.startswith('__Host-') == each.secure for each in cookies)


@contextmanager
def writes_held(entrance: Entrance) -> Iterator[None]:
    """Make every change of an account wait for the duration of a block."""
    held, release = threading.Event(), threading.Event()
    with closing(Database(entrance.database_url)) as database, ThreadPoolExecutor(1) as thread:

        def hold(session: Session) -> None:
            if database.dialect == 'postgresql':  # on SQLite the transaction alone holds every other writer
                session.execute(text('LOCK TABLE account, account_session IN EXCLUSIVE MODE'))
            held.set()
            release.wait(60)

        holding = thread.submit(database.write_sync, hold)
        held.wait(60)
        try:
            yield
        finally:
            release.set()
            holding.result(60)


def test_a_sign_in_that_waits_behind_a_new_password_fails(entrance: Entrance) -> None:
    owner, thieves = entrance.sign_in('mover'), [entrance.visitor(f'127.0.4.{number}') for number in range(1, 4)]
    change = {'present': PASSWORD, 'wanted': OTHER_PASSWORD, 'repeated': OTHER_PASSWORD}
    with ThreadPoolExecutor(1 + len(thieves)) as threads:
        with writes_held(entrance):
            changing = threads.submit(owner.post, '/account/password', data=change)
            threading.Event().wait(1.0)
            late = [threads.submit(submit_password, thief, 'mover', PASSWORD) for thief in thieves]
            threading.Event().wait(1.0)
        assert changing.result().status_code == 303
        assert [each.result() for each in late] != []
    for thief in thieves:
        assert thief.get('/account').status_code == 303, 'the old password opened a session'
    assert submit_password(entrance.visitor('127.0.4.9'), 'mover', PASSWORD) != '/'
    assert owner.get('/account').status_code == 200


def test_a_session_that_has_ended_gets_nothing_more(entrance: Entrance) -> None:
    client = entrance.sign_in('clerk')
    with PageSocket(client) as page:
        page.send(page.event_frame(texts.FIND, 'click'))
        page.wait_for('setRows')
        client.post('/logout')
        for _ in range(5):
            page.send(page.event_frame(texts.FIND, 'click'))
        assert not [frame for frame in page.frames(1) if 'setRows' in frame]
