"""Users sign in at a certified provider, and the journal knows who they are and what they may do."""

import time
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from models import AuditEvent
from services import texts
from services.database.engine import Database
from services.database.tables import ACCESS_RECORD_TABLE
from tests.helpers.journal_operator import PASSWORD
from tests.helpers.oidc_provider import CLIENT_SECRET, OidcProvider, finish_sign_in, new_browser, sign_in
from tests.helpers.program import Program

LABEL = 'ИЭМК'


def test_a_user_signs_in(journal: str, browser: httpx.Client) -> None:
    page = sign_in(browser, journal, 'anna', '?redirect_to=/users')
    assert (page.status_code, page.url.path) == (200, '/journal/users')
    assert 'anna' in page.text
    assert not page.url.query


def test_without_a_role_nobody_enters(journal: str, browser: httpx.Client) -> None:
    page = sign_in(browser, journal, 'clara')
    assert page.url.path == '/journal/login'
    assert texts.OIDC_NO_ROLE.format(label=LABEL) in page.text
    assert browser.get(f'{journal}/messages').status_code == 303


def test_the_sign_in_page_offers_the_provider_first(journal: str, browser: httpx.Client) -> None:
    page = browser.get(f'{journal}/login?redirect_to=/users').text
    button = page.index(texts.OIDC_SIGN_IN.format(label=LABEL))
    assert button < page.index(texts.USER_NAME)
    assert 'href="/journal/login/oidc?redirect_to=/users"' in page
    assert '<script' not in page


def test_another_site_cannot_begin_a_sign_in(journal: str, browser: httpx.Client) -> None:
    for site in ('cross-site', 'same-site'):
        response = browser.get(f'{journal}/login/oidc', headers={'sec-fetch-site': site})
        assert response.headers['location'] == '/journal/login'


def test_a_local_account_still_enters_by_its_password(journal: str, browser: httpx.Client) -> None:
    wrong = browser.post(f'{journal}/login', data={'name': 'chief', 'password': 'wrong'})
    page = finish_sign_in(browser, wrong, '').text
    assert texts.SIGN_IN_REFUSED in page
    assert (
        browser.post(f'{journal}/login', data={'name': 'chief', 'password': PASSWORD}).headers['location']
        == '/journal/'
    )


def test_an_account_of_the_provider_has_no_password_actions(journal: str, browser: httpx.Client) -> None:
    sign_in(browser, journal, 'anna')
    page = browser.get(f'{journal}/account').text
    assert texts.ACCOUNT_IS_EXTERNAL.format(label=LABEL) in page
    assert texts.PASSWORD_CHANGE not in page
    assert texts.FACTOR_SET_UP not in page
    for path in ('/account/password', '/account/factor'):
        assert browser.get(journal + path).headers['location'] == '/journal/account'
    users = browser.get(f'{journal}/users').text
    assert texts.USER_EXTERNAL.format(label=LABEL) in users


def test_a_user_who_cancels_reads_a_plain_sentence(journal: str, browser: httpx.Client) -> None:
    page = sign_in(browser, journal, 'nobody')
    assert texts.OIDC_CANCELLED.format(label=LABEL) in page.text
    assert 'raw text' not in page.text
    assert 'raw text' not in str(page.url)


@pytest.mark.parametrize(
    'target',
    [
        'https://evil.test/',
        '//evil.test',
        '/\\evil.test',
        '/login/oidc',
        '/logout',
        'javascript:alert(1)',
        '/%0d%0aX: y',
    ],
)
def test_a_sign_in_leads_to_no_other_site(target: str, journal: str, browser: httpx.Client) -> None:
    response = browser.get(f'{journal}/login/oidc', params={'redirect_to': target})
    page = finish_sign_in(browser, response, 'anna')
    assert str(page.url) == f'{journal}/' or page.url.path == '/journal/%0d%0aX:%20y'


def test_a_response_works_in_its_own_browser_only(journal: str, provider: OidcProvider, browser: httpx.Client) -> None:
    """Another browser cannot be signed in with a response that an attacker obtained, nor the response be used twice."""
    response = browser.get(f'{journal}/login/oidc')
    while not response.headers.get('location', '').startswith(journal):
        if response.is_redirect:
            url = httpx.URL(provider.issuer).join(response.headers['location'])
            response = browser.get(url)
        else:
            response = browser.post(response.url, data={'login': 'anna'})
    callback = response.headers['location']
    assert 'iss=' in callback
    with new_browser() as victim:
        victim.get(f'{journal}/login/oidc')
        assert refusal(victim, callback) == texts.OIDC_NOT_BEGUN
        assert victim.get(f'{journal}/').headers['location'] == '/journal/login'
    query = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
    cookies = list(browser.cookies.jar)
    assert browser.get(callback).headers['location'] == '/journal/'
    with new_browser() as replay:
        for cookie in cookies:
            replay.cookies.jar.set_cookie(cookie)
        assert refusal(replay, callback) == texts.OIDC_NOT_BEGUN
        changed = httpx.URL(callback, params={**query, 'iss': 'https://evil.test'})
        assert refusal(replay, str(changed)) == texts.OIDC_NOT_BEGUN


def refusal(browser: httpx.Client, callback: str) -> str:
    """Return why a response is refused."""
    page = finish_sign_in(browser, browser.get(callback), '').text
    return next(text for text in (texts.OIDC_NOT_BEGUN, texts.OIDC_INVALID, texts.OIDC_UNAVAILABLE) if text in page)


def test_rotated_keys_are_read_again(journal: str, provider: OidcProvider, program: Program) -> None:
    """The provider replaces all its keys; the journal reads them again when it meets the unknown one."""
    program.stop()
    provider.rotate_keys()
    program.start()
    with new_browser() as browser:
        assert sign_in(browser, journal, 'anna').url.path == '/journal/'


def test_another_role_at_the_next_sign_in(journal: str, provider: OidcProvider, browser: httpx.Client) -> None:
    sign_in(browser, journal, 'boris')
    assert browser.get(f'{journal}/users').status_code == 403
    provider.change_user('boris', claims={'preferred_username': 'boris', 'roles': ['Admin', 'WebAdmin']})
    with new_browser() as other:
        sign_in(other, journal, 'boris')
        assert other.get(f'{journal}/users').status_code == 200
    assert browser.get(f'{journal}/').headers['location'] == '/journal/login'


def test_without_the_provider_the_journal_starts_and_says_so(
    journal: str, provider: OidcProvider, program: Program, browser: httpx.Client
) -> None:
    program.stop()
    provider.stop()
    program.start()
    page = sign_in(browser, journal, 'anna')
    assert texts.OIDC_UNAVAILABLE.format(label=LABEL) in page.text
    assert (
        browser.post(f'{journal}/login', data={'name': 'chief', 'password': PASSWORD}).headers['location']
        == '/journal/'
    )
    provider.start()
    deadline = time.monotonic() + 30
    with new_browser() as later:
        while (page := sign_in(later, journal, 'anna')).url.path != '/journal/':
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_a_provider_that_vanishes_during_a_sign_in(journal: str, provider: OidcProvider, browser: httpx.Client) -> None:
    location = browser.get(f'{journal}/login/oidc').headers['location']
    state = parse_qs(urlsplit(location).query)['state'][0]
    provider.stop()
    try:
        response = browser.get(
            f'{journal}/login/oidc/callback', params={'code': 'c', 'state': state, 'iss': provider.issuer}
        )
        page = finish_sign_in(browser, response, '').text
    finally:
        provider.start()
    assert texts.OIDC_UNAVAILABLE.format(label=LABEL) in page


def test_no_token_is_in_the_log(journal: str, program: Program) -> None:
    assert 'eyJ' not in program.output
    assert CLIENT_SECRET not in program.output
    assert 'Traceback' not in program.output


def test_each_sign_in_is_on_record(journal: str, program: Program) -> None:
    for login in ('anna', 'clara'):
        with new_browser() as browser:
            sign_in(browser, journal, login)
    with closing(Database(program.environment['JOURNAL_DATABASE_URL'])) as database:
        statement = select(ACCESS_RECORD_TABLE.c.act, ACCESS_RECORD_TABLE.c.name, ACCESS_RECORD_TABLE.c.what)
        records = database.read_sync(lambda session: {tuple(row) for row in session.execute(statement)})
    assert (AuditEvent.SIGNED_IN, 'anna', 'через ИЭМК') in records
    assert (AuditEvent.OIDC_SIGN_IN_REFUSED, 'clara', texts.ACCESS_OIDC_NO_ROLE) in records
